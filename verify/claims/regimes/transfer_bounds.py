"""The transfer lies in [0, 1) (Proposition B.1): c_FT grows more slowly than |β_PT|.

0 is attained exactly at β_PT = 0 or λ = −c; 1 is approached as c → 0 and γ → 0 only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import sympy as sp

from numerics import Initialization, regimes
from theory.regime_bounds import COUPLED, sign_on
from theory.regimes import ABSOLUTE, E, G, S, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Bounds:
    """`low` ≤ κ < `high`; `positive_everywhere` for the false variant with low < κ."""

    low: Any
    high: Any
    positive_everywhere: bool = False


STATED = Bounds(sp.Integer(0), sp.Integer(1))


def decide(bounds: Bounds) -> Evidence:
    """Prove both signs on the orthant of (c, e, s, g); then where equality holds."""
    kappa = regime_point().transfer
    lower = f"κ {'>' if bounds.positive_everywhere else '≥'} {bounds.low}"
    everywhere = decide_on_networks(lower, kappa - bounds.low, strict=bounds.positive_everywhere)
    return prove_all(
        (
            (f"{lower} for every network", everywhere),
            (
                f"κ < {bounds.high} for every network",
                decide_on_networks(f"κ < {bounds.high}", bounds.high - kappa),
            ),
            ("κ = 0 at β_PT = 0", kappa.subs(E, 0) == bounds.low),
            ("κ = 0 at λ = −c, γ > 0", kappa.subs(S, 0) == bounds.low),
            ("κ > 0 otherwise", sign_on(kappa, COUPLED) is not None or None),
            (
                "κ → 1 as c → 0 at γ = 0: the bound cannot be improved",
                sp.limit(kappa.subs(G, 0), ABSOLUTE, 0, "+") == bounds.high,
            ),
        ),
        summary=f"{bounds.low} ≤ κ < {bounds.high}",
    )


def decide_by_kernel(bounds: Bounds) -> Evidence:
    """Evaluate κ and 1 − κ in float64 over fourteen decades of every parameter."""
    decades = [10.0**k for k in range(-7, 8, 2)]
    lowest, closest = float("inf"), float("inf")
    for c, gamma, r in product(decades, (0.0, *decades), (-0.999, 0.0, 1.0)):
        init = Initialization(c, r * c, gamma)
        kappa = regimes.transfer([0.0, *decades], init) - float(bounds.low)
        gap = regimes.one_minus_transfer([0.0, *decades], init) - float(1 - bounds.high)
        lowest, closest = min(lowest, kappa.min()), min(closest, gap.min())
    holds = bool(closest > 0 and (lowest > 0 if bounds.positive_everywhere else lowest >= 0))
    return Evidence(
        holds,
        f"smallest κ − {bounds.low}: {lowest:.3g}; smallest {bounds.high} − κ: {closest:.3g}",
        counterexample=None if holds else {"low gap": repr(lowest), "high gap": repr(closest)},
    )


CONTROLS = (
    Control("κ < 9/10", replace(STATED, high=sp.Rational(9, 10))),
    Control("κ > 0 for every network", replace(STATED, positive_everywhere=True)),
    Control("κ ≥ 1/100", replace(STATED, low=sp.Rational(1, 100))),
)

CLAIM = register(
    Claim(
        id="regimes.transfer-bounds",
        title="The transfer lies in [0, 1)",
        sentence="For every network 0 ≤ κ < 1; κ = 0 exactly where β_PT = 0 or λ = −c, and κ = 1 "
        "is approached as c → 0 and γ → 0 but never attained.",
        latex=r"0\le\kappa<1,\qquad\kappa=0\iff\beta_{PT}=0\ \text{or}\ \lambda=-c",
        source="Proposition B.1, eq. 27",
        assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0"),
        requires=("regimes.transfer-closed-form",),
        checks=(
            Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),
            Check(
                "float64 kernel on a grid",
                Method.FLOAT64,
                decide_by_kernel,
                STATED,
                CONTROLS,
                needs=("numerics.regimes",),
            ),
        ),
    )
)
