"""1 < ℓ + PD < 2 (Propositions 5.1 and B.1, eq. 28): both bounds hold strictly.

A sparse bias (ℓ near 1) and a strong pretraining dependence (PD near −1) exclude each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.regimes import ABSOLUTE, E, G, Y, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Bounds:
    """`low` < ℓ + PD < `high`, said to be the best constants."""

    low: Any
    high: Any


def decide(bounds: Bounds) -> Evidence:
    """Prove both signs in canonical coordinates, and that each bound is approached."""
    point = regime_point()
    total = point.l_order + point.pretraining_dependence
    return prove_all(
        (
            (
                f"ℓ + PD > {bounds.low} for every network",
                decide_on_networks(f"ℓ + PD > {bounds.low}", total - bounds.low),
            ),
            (
                f"ℓ + PD < {bounds.high} for every network",
                decide_on_networks(f"ℓ + PD < {bounds.high}", bounds.high - total),
            ),
            (
                "the lower bound is approached for every ℓ: γ = 0, c → 0",
                sp.limit(total.subs(G, 0), ABSOLUTE, 0, "+") == bounds.low,
            ),
            (
                "the upper bound is approached: β_PT = 0, z → 0",
                sp.limit(total.subs(E, 0), Y, 0, "+") == bounds.high,
            ),
        ),
        summary=f"{bounds.low} < ℓ + PD < {bounds.high}",
    )


register(
    Claim(
        id="regimes.sum-bounds",
        title="ℓ + PD lies between 1 and 2",
        sentence="For every network and every β_FT ≠ 0, 1 < ℓ + PD < 2: both bounds of the "
        "paper's 1 ≤ ℓ + PD ≤ 2 hold strictly, and neither can be improved.",
        latex=r"1<\ell+\mathrm{PD}<2",
        source="Propositions 5.1 and B.1, eq. 28",
        assumptions=(
            "c > 0, |λ| ≤ c, γ ≥ 0",
            "not both λ = −c and γ = 0",
            "β_FT ≠ 0",
        ),
        requires=("regimes.sum-identity", "regimes.h-coth-h-increasing"),
        checks=(
            Check(
                "coefficients of one sign",
                Method.SYMBOLIC,
                decide,
                Bounds(sp.Integer(1), sp.Integer(2)),
                (
                    Control("ℓ + PD > 11/10", Bounds(sp.Rational(11, 10), sp.Integer(2))),
                    Control("ℓ + PD < 19/10", Bounds(sp.Integer(1), sp.Rational(19, 10))),
                ),
            ),
        ),
    )
)
