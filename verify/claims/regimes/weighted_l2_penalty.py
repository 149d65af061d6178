"""The lazy penalties: ℓ2 weighted by 1/|β_PT| in regime II, unweighted in III (Section 5.1).

For every scale, (β²/4c_FT)(1 − z²/12) < q < β²/(4c_FT); in II c_FT → (1+r)|β_PT|, in III c_FT loses
β_PT: c_FT/c → 2(1+r) as c → ∞ and c_FT/γ² → 1 as γ → ∞.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regimes import (
    ABSOLUTE,
    BETA_PT,
    GAMMA,
    RATIO,
    H,
    finetune_scale,
    half_angle,
    normalised_penalty,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, decide_on_half_line
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Quadratic:
    """q ≈ β²/(`divisor`·c_FT), from below up to the factor 1 − `correction`·z².

    `dependent`, `by_absolute`, `by_reinit` are the limits of c_FT, c_FT/c and c_FT/γ².
    """

    divisor: Any
    correction: Any
    dependent: Any
    by_absolute: Any
    by_reinit: Any


STATED = Quadratic(
    divisor=sp.Integer(4),
    correction=sp.Rational(1, 12),
    dependent=(1 + RATIO) * BETA_PT,
    by_absolute=2 * (1 + RATIO),
    by_reinit=sp.Integer(1),
)


def decide(stated: Quadratic) -> Evidence:
    """Bound the derived φ = 2q/c_FT for all z, and take the limits of the derived c_FT."""
    phi, z = half_angle(normalised_penalty()), sp.sinh(2 * H)
    quadratic = 2 * z**2 / stated.divisor
    scale = finetune_scale()
    return prove_all(
        (
            (
                f"q < β²/({stated.divisor}c_FT) for all β ≠ 0",
                decide_on_half_line("upper bound", quadratic - phi, H),
            ),
            (
                f"q > β²/({stated.divisor}c_FT)·(1 − {stated.correction}z²) for all β ≠ 0",
                decide_on_half_line(
                    "lower bound", phi - quadratic * (1 - stated.correction * z**2), H
                ),
            ),
            (
                f"II: c_FT → {stated.dependent} as c → 0, γ → 0",
                decide_equal(sp.limit(scale.subs(GAMMA, 0), ABSOLUTE, 0, "+"), stated.dependent),
            ),
            (
                f"III: c_FT/c → {stated.by_absolute} as c → ∞",
                decide_equal(
                    sp.limit(sp.expand(scale / ABSOLUTE), ABSOLUTE, sp.oo), stated.by_absolute
                ),
            ),
            (
                f"III: c_FT/γ² → {stated.by_reinit} as γ → ∞",
                decide_equal(sp.limit(sp.expand(scale / GAMMA**2), GAMMA, sp.oo), stated.by_reinit),
            ),
        ),
        summary="the penalty is ℓ2 with weight 1/c_FT up to a factor 1 − z²/12",
    )


register(
    Claim(
        id="regimes.weighted-l2-penalty",
        title="The lazy penalties are weighted and unweighted ℓ2",
        sentence="(β²/4c_FT)(1 − z²/12) < q < β²/(4c_FT) for every β ≠ 0; c_FT tends to "
        "(1+λ/c)|β_PT| as c → 0, γ → 0, so in regime II the penalty is Σβ_FT²/(4(1+λ/c)|β_PT|), "
        "while in regime III c_FT/c → 2(1+λ/c) or c_FT/γ² → 1: Σβ_FT² with equal weights.",
        latex=r"\frac{\beta^2}{4c_{FT}}\left(1-\frac{z^2}{12}\right)<q<\frac{\beta^2}{4c_{FT}},"
        r"\qquad\lim_{c,\gamma\to 0}c_{FT}=(1+\lambda/c)\,|\beta_{PT}|",
        source="Section 5.1, regimes II and III",
        assumptions=(
            "c_FT > 0",
            "β ≠ 0",
            "λ/c fixed above −1 in the limits of c",
            "regime II: |β_FT| ≪ (1+λ/c)|β_PT| in every coordinate, as z → 0 needs",
        ),
        checks=(
            Check(
                "bounds for all z, limits of the scale",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("β²/(2c_FT)", replace(STATED, divisor=sp.Integer(2))),
                    Control("β²/(8c_FT)", replace(STATED, divisor=sp.Integer(8))),
                    Control("1 − z²/24", replace(STATED, correction=sp.Rational(1, 24))),
                    Control("weight 1/|β_PT| without 1+λ/c", replace(STATED, dependent=BETA_PT)),
                    Control("c_FT/c → 1+λ/c", replace(STATED, by_absolute=1 + RATIO)),
                    Control("c_FT/γ² → 1/2", replace(STATED, by_reinit=sp.Rational(1, 2))),
                ),
            ),
        ),
    )
)
