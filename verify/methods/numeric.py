"""Decide by comparing two independent numbers at many points; the worst point is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import mpmath

from verify.claim import Comparison, Evidence

DIGITS = 60

FLOAT64 = "replica equations, float64"
MULTIPRECISION = "replica equations, many digits"
MONTE_CARLO = "replica equations, sampled"
CLOSED_FORM = "closed form"


def compare(
    computed: Callable[..., Any],
    reference: Callable[..., Any],
    points: Iterable[Sequence[Any]],
    tolerance: float,
    *,
    names: Sequence[str] = (),
    floor: float = 0.0,
) -> Evidence:
    """Hold `computed(*point)` to `reference(*point)` in relative error at every point.

    Parameters
    ----------
    computed, reference
        Functions of a point's coordinates that return a real number (float, mpf or decimal text).
    points
        The points, each a sequence of arguments.
    tolerance
        Largest relative error that is accepted, inclusive.
    names
        Names of the coordinates, for the counterexample.
    floor
        Magnitude below which the error is measured relative to `floor` instead; 0 for none.

    Returns
    -------
    Evidence that holds if no point exceeds the tolerance; a NaN on either side counts as
    an infinite error. Without points nothing is decided.
    """
    worst = mpmath.mpf(-1)
    worst_point: Mapping[str, str] = {}
    count = 0
    with mpmath.workdps(DIGITS):
        for point in points:
            count += 1
            raw = computed(*point)
            got, wanted = _number(raw), _number(reference(*point))
            error = relative_error(got, wanted, floor)
            if error > worst:
                worst = error
                labels = list(names) or [f"argument {i + 1}" for i in range(len(point))]
                worst_point = {
                    **{label: _exact(value) for label, value in zip(labels, point, strict=True)},
                    # Twenty digits of a float would be digits of its rounding.
                    "computed": mpmath.nstr(got, 20) if raw is got else _exact(raw),
                    "reference": mpmath.nstr(wanted, 20),
                }
        if count == 0:
            return Evidence(None, "no point to compare at")
        figure = float(worst)
    holds = figure <= tolerance
    return Evidence(
        holds=holds,
        summary=f"worst relative error {figure:.3g} over {count} points",
        figure=figure,
        counterexample=None if holds else worst_point,
        data={"points": count, "worst_point": dict(worst_point)},
    )


def largest(*gaps: Any) -> float:
    """Return the largest of the gaps: infinite if one of them is no number.

    Neither `max` nor a running maximum can be trusted with NaN: whether it is kept depends on what
    comes after it.
    """
    return max(math.inf if math.isnan(gap) else float(gap) for gap in gaps)


def relative_error(computed: Any, reference: Any, floor: float = 0.0) -> Any:
    """Return |computed − reference| / max(|reference|, floor): 0 for equals, inf for NaN."""
    if mpmath.isnan(computed) or mpmath.isnan(reference):
        return mpmath.inf
    if computed == reference:
        return mpmath.mpf(0)
    size = max(abs(reference), mpmath.mpf(floor))
    return abs(computed - reference) / size if size else mpmath.inf


def _number(value: Any) -> Any:
    return value if isinstance(value, mpmath.mpf) else mpmath.mpf(_plain(value))


def _plain(value: Any) -> Any:
    """Strip NumPy's scalar types; text and Python numbers pass unchanged."""
    return value.item() if hasattr(value, "item") else value


def _exact(value: Any) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else repr(plain)


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
