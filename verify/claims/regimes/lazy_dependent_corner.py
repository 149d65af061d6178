"""Regime II: (ℓ, PD) → (2, −1) as c → 0, γ → 0 and |β_FT|/((1+λ/c)|β_PT|) → 0 (Section 5.1).

The third condition is needed: c → 0 and γ → 0 alone leave z = |β_FT|/c_FT finite. The bounds below
hold for every network, so the limits may be taken jointly and in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regime_bounds import ALL_NETWORKS, COUPLED
from theory.regimes import ABSOLUTE, E, G, H, S, canonical, l_order_half_angle, regime_point
from theory.regimes import BETA_PT as MAGNITUDE
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_half_line, decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Rates:
    """Constants of: 2 − ℓ < order·z², 1 − κ ≤ absolute·c/R + reinit·γ²/c_FT, c_FT > scale·(1+r)|β|.

    R = √(c²+β_PT²).
    """

    order: Any
    absolute: Any
    reinit: Any
    scale: Any


STATED = Rates(sp.Rational(1, 6), sp.Integer(1), sp.Integer(1), sp.Integer(1))


def decide(rates: Rates) -> Evidence:
    """Prove the four inequalities that together bound the distance to the corner."""
    point = regime_point()
    order, z = l_order_half_angle(), sp.sinh(2 * H)
    squared = canonical(MAGNITUDE**2)
    return prove_all(
        (
            (
                f"2 − ℓ < {rates.order}·z², z = |β_FT|/c_FT",
                decide_on_half_line("order", rates.order * z**2 - (2 - order), H),
            ),
            (
                f"1 − κ ≤ {rates.absolute}·c/R + {rates.reinit}·γ²/c_FT",
                decide_on_networks(
                    "transfer",
                    rates.absolute * ABSOLUTE / (ABSOLUTE + E)
                    + rates.reinit * G / point.scale
                    - (1 - point.transfer),
                    ALL_NETWORKS,
                    strict=False,
                ),
            ),
            (
                f"c_FT > {rates.scale}·(1+r)|β_PT|, so z < |β_FT|/((1+r)|β_PT|)",
                decide_on_networks(
                    "scale squared", point.scale**2 - rates.scale**2 * S**2 * squared, COUPLED
                ),
            ),
            (
                "1 + PD ≤ (2 − ℓ) + (1 − κ): the distance to the corner",
                decide_on_networks(
                    "dependence",
                    (2 - point.l_order) + (1 - point.transfer) - (1 + point.pretraining_dependence),
                    ALL_NETWORKS,
                    strict=False,
                ),
            ),
        ),
        summary="an explicit bound of the distance, which vanishes under the three conditions",
    )


register(
    Claim(
        id="regimes.lazy-dependent-corner",
        title="Regime II, with the condition that it needs",
        sentence="With z₀ = |β_FT|/((1+λ/c)|β_PT|): 2 − ℓ < z₀²/6 and "
        "1 + PD < z₀²/6 + c/|β_PT| + γ²/((1+λ/c)|β_PT|); so (ℓ, PD) → (2, −1) as c → 0, γ → 0 "
        "and |β_FT| ≪ (1+λ/c)|β_PT|.",
        latex=r"2-\ell<\frac{z_0^2}{6},\qquad "
        r"1+\mathrm{PD}<\frac{z_0^2}{6}+\frac{c}{|\beta_{PT}|}"
        r"+\frac{\gamma^2}{(1+\lambda/c)|\beta_{PT}|},\qquad "
        r"z_0=\frac{|\beta_{FT}|}{(1+\lambda/c)\,|\beta_{PT}|}",
        source="Section 5.1, regime II",
        assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
        requires=("regimes.pd-closed-form", "regimes.lorder-small-argument"),
        checks=(
            Check(
                "four inequalities over all networks",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("z²/8 for z²/6", replace(STATED, order=sp.Rational(1, 8))),
                    Control("c/(2R) for c/R", replace(STATED, absolute=sp.Rational(1, 2))),
                    Control("γ²/(2c_FT)", replace(STATED, reinit=sp.Rational(1, 2))),
                    Control("c_FT > √2·(1+r)|β_PT|", replace(STATED, scale=sp.sqrt(2))),
                ),
            ),
        ),
    )
)
