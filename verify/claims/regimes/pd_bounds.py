"""Pretraining dependence lies in (−1, 0] (Propositions 5.1 and B.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regime_bounds import COUPLED, sign_on
from theory.regimes import ABSOLUTE, E, G, S, Y, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Bounds:
    """`low` < PD ≤ `high`; `strict_high` for the false variant with PD < high."""

    low: Any
    high: Any
    strict_high: bool = False


STATED = Bounds(sp.Integer(-1), sp.Integer(0))


def decide(bounds: Bounds) -> Evidence:
    """Prove both signs in canonical coordinates; then where equality holds."""
    dependence = regime_point().pretraining_dependence
    corner = sp.limit(dependence.subs({G: 0, Y: 0}), ABSOLUTE, 0, "+")
    upper = f"PD {'<' if bounds.strict_high else '≤'} {bounds.high}"
    return prove_all(
        (
            (
                f"PD − ({bounds.low}) > 0 for every network",
                decide_on_networks(f"PD > {bounds.low}", dependence - bounds.low),
            ),
            (
                f"{upper} for every network",
                decide_on_networks(upper, bounds.high - dependence, strict=bounds.strict_high),
            ),
            ("PD = 0 at β_PT = 0", dependence.subs(E, 0) == bounds.high),
            ("PD = 0 at λ = −c, γ > 0", dependence.subs(S, 0) == bounds.high),
            ("PD < 0 otherwise", sign_on(-dependence, COUPLED) is not None or None),
            ("PD → −1 as z → 0, γ = 0, c → 0: the best constant", corner == bounds.low),
        ),
        summary=f"{bounds.low} < PD ≤ {bounds.high}",
    )


register(
    Claim(
        id="regimes.pd-bounds",
        title="Pretraining dependence lies in (−1, 0]",
        sentence="For every network and every β_FT ≠ 0, −1 < PD ≤ 0; PD = 0 exactly where "
        "β_PT = 0 or λ = −c, and −1 is approached but never attained.",
        latex=r"-1<\mathrm{PD}\le 0,\qquad"
        r"\mathrm{PD}=0\iff\beta_{PT}=0\ \text{or}\ \lambda=-c",
        source="Propositions 5.1 and B.1, eq. 27",
        assumptions=(
            "c > 0, |λ| ≤ c, γ ≥ 0",
            "not both λ = −c and γ = 0",
            "β_FT ≠ 0",
        ),
        requires=("regimes.pd-closed-form", "regimes.h-coth-h-increasing"),
        checks=(
            Check(
                "coefficients of one sign",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("PD > −9/10", replace(STATED, low=sp.Rational(-9, 10))),
                    Control("PD < 0 for every network", replace(STATED, strict_high=True)),
                    Control("PD ≤ −1/100", replace(STATED, high=sp.Rational(-1, 100))),
                ),
            ),
        ),
    )
)
