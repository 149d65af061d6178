"""Regime III: (ℓ, PD) → (2, 0) as c → ∞ (λ/c held above −1) or γ → ∞ (Section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regime_bounds import ALL_NETWORKS
from theory.regimes import (
    ABSOLUTE,
    BETA_PT,
    GAMMA,
    RATIO,
    G,
    H,
    S,
    canonical,
    finetune_scale,
    l_order_half_angle,
    regime_point,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_half_line, decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Rates:
    """Constants of the bounds; `any_ratio` also claims c_FT → ∞ as c → ∞ at λ = −c."""

    order: Any
    by_absolute: Any
    by_reinit: Any
    any_ratio: bool = False


STATED = Rates(sp.Rational(1, 6), sp.Rational(1, 2), sp.Integer(1))


def decide(rates: Rates) -> Evidence:
    """Prove c_FT ≥ 2(1+r)c + γ² and the bounds of 2 − ℓ and κ, all over every network."""
    point = regime_point()
    order, z = l_order_half_angle(), sp.sinh(2 * H)
    squared = canonical(BETA_PT**2)
    ratio = RATIO if not rates.any_ratio else sp.Integer(-1)
    at_large = finetune_scale().subs(RATIO, ratio)
    grows = sp.limit(at_large.subs(RATIO, sp.Rational(-9, 10)), ABSOLUTE, sp.oo)
    return prove_all(
        (
            (
                "c_FT ≥ 2(1+r)c + γ²",
                decide_on_networks(
                    "scale", point.scale - 2 * S * ABSOLUTE - G, ALL_NETWORKS, strict=False
                ),
            ),
            ("hence c_FT → ∞ as c → ∞", grows == sp.oo),
            ("and c_FT → ∞ as γ → ∞", sp.limit(finetune_scale(), GAMMA, sp.oo) == sp.oo),
            (
                f"2 − ℓ < {rates.order}·z²",
                decide_on_half_line("order", rates.order * z**2 - (2 - order), H),
            ),
            (
                f"κ ≤ {rates.by_absolute}·β_PT²/c²",
                decide_on_networks(
                    "transfer by c",
                    rates.by_absolute * squared / ABSOLUTE**2 - point.transfer,
                    ALL_NETWORKS,
                    strict=False,
                ),
            ),
            (
                f"κ·γ² ≤ {rates.by_reinit}·(1+r)|β_PT|",
                decide_on_networks(
                    "transfer by γ",
                    rates.by_reinit**2 * S**2 * squared - (point.transfer * G) ** 2,
                    ALL_NETWORKS,
                    strict=False,
                ),
            ),
            (
                "|PD| ≤ κ",
                decide_on_networks(
                    "dependence",
                    point.transfer + point.pretraining_dependence,
                    ALL_NETWORKS,
                    strict=False,
                ),
            ),
        ),
        summary="both distances vanish as c → ∞ or γ → ∞",
    )


register(
    Claim(
        id="regimes.lazy-independent-corner",
        title="Regime III is the limit of large scales",
        sentence="2 − ℓ < β_FT²/(6c_FT²) with c_FT ≥ 2(1+λ/c)c + γ², and "
        "|PD| ≤ κ ≤ min(β_PT²/(2c²), (1+λ/c)|β_PT|/γ²); so (ℓ, PD) → (2, 0) as γ → ∞, and as "
        "c → ∞ with λ/c fixed above −1.",
        latex=r"2-\ell<\frac{\beta_{FT}^2}{6\,c_{FT}^2},\quad "
        r"c_{FT}\ge 2(1+\lambda/c)\,c+\gamma^2,\quad "
        r"|\mathrm{PD}|\le\kappa\le\min\left(\frac{\beta_{PT}^2}{2c^2},"
        r"\frac{(1+\lambda/c)|\beta_{PT}|}{\gamma^2}\right)",
        source="Section 5.1, regime III",
        assumptions=(
            "c > 0, |λ| ≤ c, γ ≥ 0",
            "β_FT ≠ 0",
            "for c → ∞: λ/c held fixed above −1 (at λ = −c, c_FT = γ² does not grow with c)",
        ),
        requires=("regimes.pd-closed-form", "regimes.lorder-small-argument"),
        checks=(
            Check(
                "bounds over all networks",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("c → ∞ at λ = −c too", replace(STATED, any_ratio=True)),
                    Control("κ ≤ β_PT²/(4c²)", replace(STATED, by_absolute=sp.Rational(1, 4))),
                    Control("κγ² ≤ ½(1+r)|β_PT|", replace(STATED, by_reinit=sp.Rational(1, 2))),
                    Control("2 − ℓ < z²/8", replace(STATED, order=sp.Rational(1, 8))),
                ),
            ),
        ),
    )
)
