"""Name the two roads whose agreement a check has measured, for the report's cross-checks."""

from __future__ import annotations

from dataclasses import replace

from verify.claim import Comparison, Evidence

FLOAT64 = "replica equations, float64"
MULTIPRECISION = "replica equations, many digits"
MONTE_CARLO = "replica equations, sampled"
CLOSED_FORM = "closed form"


def compared(
    evidence: Evidence, quantity: str, roads: tuple[str, str], measure: str = "relative"
) -> Evidence:
    """Return `evidence` with its figure as the worst disagreement of the two roads, if it holds."""
    if not evidence.holds or evidence.figure is None:
        return evidence
    return replace(
        evidence,
        comparisons=(*evidence.comparisons, Comparison(quantity, roads, evidence.figure, measure)),
    )
