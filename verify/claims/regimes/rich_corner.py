"""Regime I: (ℓ, PD) → (1, 0) as c_FT → 0, with a logarithmic rate (Section 5.1).

c_FT → 0 happens as λ → −c with γ → 0, or on inactive dimensions as c → 0 with γ → 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regime_bounds import (
    T,
    decay_certificate,
    inverse_excess,
    logarithm_of_double_argument,
)
from theory.regimes import (
    ABSOLUTE,
    BETA_PT,
    GAMMA,
    RATIO,
    E,
    H,
    finetune_scale,
    l_order_half_angle,
    regime_point,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_half_line, decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Corner:
    """(ℓ, PD) tends to (`order`, `dependence`), with 1/(ℓ−1) > log 2z − `shift`."""

    order: Any
    dependence: Any
    shift: Any


STATED = Corner(sp.Integer(1), sp.Integer(0), sp.Integer(1))


def decide(corner: Corner) -> Evidence:
    """Take the limits of c_FT; bound the distance to the corner by ℓ − 1, and that by its rate."""
    point = regime_point()
    order = sp.limit(l_order_half_angle(), H, sp.oo)
    excess = point.l_order - 1
    gap = sp.expand(inverse_excess() - logarithm_of_double_argument() + corner.shift)
    scale = finetune_scale()
    return prove_all(
        (
            (
                "c_FT → 0 as λ → −c, γ → 0",
                sp.limit(scale.subs(GAMMA, 0), RATIO, -1, "+") == 0,
            ),
            (
                "c_FT → 0 on inactive dimensions as c → 0, γ → 0",
                sp.limit(scale.subs({BETA_PT: 0, GAMMA: 0}), ABSOLUTE, 0, "+") == 0,
            ),
            (
                "not so on active ones: c_FT → (1+r)|β_PT|",
                sp.expand(sp.limit(scale.subs(GAMMA, 0), ABSOLUTE, 0, "+") - (1 + RATIO) * BETA_PT)
                == 0,
            ),
            (f"ℓ → {corner.order} as z → ∞", order == corner.order),
            (
                f"|PD − {corner.dependence}| ≤ ℓ − 1, so PD tends to {corner.dependence} with it",
                decide_on_networks(
                    "PD + (ℓ−1) > 0",
                    excess + point.pretraining_dependence - corner.dependence,
                ),
            ),
            (
                f"1/(ℓ−1) > log 2z − {corner.shift}: the rate",
                decide_on_half_line("rate", gap, T, decay_certificate),
            ),
            ("PD = 0 throughout at β_PT = 0", point.pretraining_dependence.subs(E, 0) == 0),
        ),
        summary="the corner is the limit, approached like 1/log(1/c_FT)",
    )


register(
    Claim(
        id="regimes.rich-corner",
        title="Regime I is the limit c_FT → 0",
        sentence="As c_FT → 0 at fixed β_FT ≠ 0 (λ → −c and γ → 0; or, where β_PT = 0, c → 0 and "
        "γ → 0) the pair (ℓ, PD) tends to (1, 0), with ℓ − 1 < 1/(log(2|β_FT|/c_FT) − 1) and "
        "|PD| < ℓ − 1.",
        latex=r"(\ell,\mathrm{PD})\to(1,0)\ \ (c_{FT}\to 0),\qquad"
        r"|\mathrm{PD}|<\ell-1<\frac{1}{\log(2|\beta_{FT}|/c_{FT})-1}",
        source="Section 5.1, regime I",
        assumptions=("β_FT ≠ 0 fixed", "the rate holds where 2|β_FT| > e·c_FT"),
        requires=("regimes.lorder-large-argument", "regimes.pd-bounds"),
        checks=(
            Check(
                "limits and rate",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("ℓ → 11/10", replace(STATED, order=sp.Rational(11, 10))),
                    Control("PD → 1", replace(STATED, dependence=sp.Integer(1))),
                    Control("ℓ − 1 < 1/log 2z", replace(STATED, shift=sp.Integer(0))),
                ),
            ),
        ),
    )
)
