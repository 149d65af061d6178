"""Every interior point of the triangle, and of its edge PD = 0, is attained (Section 5.2, Fig. 2a).

Explicit inverse: for a target with 1 < ℓ < 2 and κ = −PD/(ℓ−1) ∈ [0, 1), any c > 0, any −c < λ ≤ c
and γ = 0 serve, with |β_PT| = c√(κ(2−κ))/(1−κ), c_FT = (1+r)·c·(2−κ)/(1−κ), |β_FT| = c_FT·sinh 2h
and h coth h = ℓ/(2(ℓ−1)): h exists and is unique, h coth h increasing from 1 to ∞.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import sympy as sp

from numerics import Initialization, regimes
from theory.positivity import Orthant
from theory.regime_bounds import sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, E, G, Y, finetune_scale, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.methods.symbolic import prove_all
from verify.registry import register

# v = κ/(1−κ) ∈ (0, ∞) parametrises κ ∈ (0, 1).
ODDS = sp.Symbol("v", positive=True)
KAPPA = ODDS / (1 + ODDS)


@dataclass(frozen=True)
class Inverse:
    """A network for a target: |β_PT|/c and c_FT/((1+r)c) from κ, and h coth h from ℓ."""

    magnitude: Callable[[Any], Any]
    scale: Callable[[Any], Any]
    h_coth_h: Callable[[Any], Any]


STATED = Inverse(
    magnitude=lambda kappa: sp.sqrt(kappa * (2 - kappa)) / (1 - kappa),
    scale=lambda kappa: (2 - kappa) / (1 - kappa),
    h_coth_h=lambda order: order / (2 * (order - 1)),
)


def decide(inverse: Inverse) -> Evidence:
    """Insert the network in the derived κ, c_FT and ℓ; its quantities must be admissible."""
    squared = sp.cancel(sp.together(inverse.magnitude(KAPPA) ** 2))
    excess = sp.sqrt(sp.factor(1 + squared)) - 1
    point = regime_point()
    kappa = point.transfer.subs(G, 0).subs(E, ABSOLUTE * excess)
    order = 1 + Y
    half = sp.cancel(sp.together(inverse.h_coth_h(order)))
    # ℓ = 1 + u with 0 < u < 1, i.e. u = 1/(1+w) with w > 0.
    w = sp.Symbol("w", positive=True)
    positive = (Orthant(frozenset({ODDS, w})),)
    recovered = point.l_order.subs(Y, half - 1)
    scale = finetune_scale().subs(GAMMA, 0).subs(BETA_PT, ABSOLUTE * sp.sqrt(squared))
    stated_scale = (1 + RATIO) * ABSOLUTE * inverse.scale(KAPPA)
    sample = {ODDS: sp.Rational(3, 2), ABSOLUTE: sp.Integer(2), RATIO: sp.Rational(1, 3)}
    return prove_all(
        (
            ("κ of the network is the target's κ", _equal(kappa, KAPPA, sample)),
            ("c_FT is (1+r)c(2−κ)/(1−κ)", _equal(scale, stated_scale, sample)),
            ("ℓ of h is the target's ℓ", _equal(recovered, order, {Y: sp.Rational(1, 3)})),
            (
                "h coth h > 1 exactly as needed: 1/(ℓ−1) > 1",
                sign_on(half.subs(Y, 1 / (1 + w)) - 1, positive) is not None or None,
            ),
            ("|β_PT| is real for every 0 < κ < 1", sign_on(squared, positive) is not None or None),
            ("κ = 0 is attained at β_PT = 0", inverse.magnitude(sp.Integer(0)) == 0),
        ),
        summary="the network attains the target, whatever it is",
    )


def _equal(derived: Any, stated: Any, sample: dict[sp.Symbol, Any]) -> Evidence:
    # Perfect squares under the roots: 1 + |β_PT|²/c² = 1/(1−κ)².
    plain = sp.sympify(derived).replace(
        lambda f: f.is_Pow and f.exp == sp.S.Half, lambda f: sp.sqrt(sp.factor(f.base))
    )
    difference = sp.cancel(sp.together(plain - stated))
    if difference == 0:
        return Evidence(True, "equal")
    values = {
        name: str(sp.N(side.subs(sample), 17))
        for name, side in (("derived", derived), ("stated", sp.sympify(stated)))
    }
    if values["derived"] == values["stated"]:
        return Evidence(None, f"not reduced: {difference}")
    return Evidence(False, "differs", counterexample={**_texts(sample), **values})


def _texts(point: dict[sp.Symbol, Any]) -> dict[str, str]:
    return {str(symbol): str(value) for symbol, value in point.items()}


def decide_by_kernel(inverse: Inverse) -> Evidence:
    """Build networks for a grid of targets and read (ℓ, PD) off the float64 kernels."""
    worst, where = 0.0, {}
    for i in range(1, 12):
        for j in range(12):
            order, kappa = 1 + i / 12, j / 12
            target = (order, -(order - 1) * kappa)
            half = float(inverse.h_coth_h(sp.Rational(12 + i, 12)))
            h = float(mpmath.findroot(lambda x, y=half: x * mpmath.coth(x) - y, max(half, 1.0)))
            init = Initialization(0.5, 0.25)
            beta_pt = 0.5 * float(inverse.magnitude(sp.Rational(j, 12)))
            scale = 0.75 * float(inverse.scale(sp.Rational(j, 12)))
            beta_ft = float(mpmath.sinh(2 * h)) * scale
            found = (
                float(regimes.l_order(beta_ft, init.finetune_scale(beta_pt))),
                float(regimes.pretraining_dependence(beta_pt, beta_ft, init)),
            )
            gap = largest(*(abs(a - b) for a, b in zip(target, found, strict=True)))
            if gap > worst:
                worst, where = gap, {"target": str(target), "attained": str(found)}
    return Evidence(
        worst <= 1e-13,
        f"largest distance from 132 targets: {worst:.3g}",
        figure=worst,
        counterexample=None if worst <= 1e-13 else where,
    )


CONTROLS = (
    Control("|β_PT| = c√κ/(1−κ)", replace(STATED, magnitude=lambda k: sp.sqrt(k) / (1 - k))),
    Control("h coth h = ℓ/(ℓ−1)", replace(STATED, h_coth_h=lambda order: order / (order - 1))),
    Control("c_FT = (1+r)c/(1−κ)", replace(STATED, scale=lambda k: 1 / (1 - k))),
)

register(
    Claim(
        id="regimes.triangle-filled",
        title="The triangle is filled",
        sentence="Every pair with 1 < ℓ < 2 and −(ℓ−1) < PD ≤ 0 is attained: with κ = −PD/(ℓ−1), "
        "any c > 0, −c < λ ≤ c, γ = 0, |β_PT| = c√(κ(2−κ))/(1−κ) and |β_FT| = c_FT·sinh 2h, where "
        "h coth h = ℓ/(2(ℓ−1)) and c_FT = (c+λ)(2−κ)/(1−κ).",
        latex=r"\frac{|\beta_{PT}|}{c}=\frac{\sqrt{\kappa(2-\kappa)}}{1-\kappa},\quad"
        r"\frac{|\beta_{FT}|}{c_{FT}}=\sinh 2h,\quad h\coth h=\frac{\ell}{2(\ell-1)},"
        r"\quad c_{FT}=(c+\lambda)\frac{2-\kappa}{1-\kappa},"
        r"\quad\kappa=-\frac{\mathrm{PD}}{\ell-1}",
        source="Section 5.2, Fig. 2: the set of possible pairs is a triangle",
        assumptions=("|β_FT| and |β_PT| are free",),
        requires=("regimes.triangle", "regimes.h-coth-h-increasing"),
        checks=(
            Check("insert the inverse", Method.SYMBOLIC, decide, STATED, CONTROLS),
            Check(
                "132 targets in float64",
                Method.FLOAT64,
                decide_by_kernel,
                STATED,
                CONTROLS,
                tolerance=1e-13,
                reason="the root h is found to 1e-15; ℓ and PD do not magnify it by more than 10",
            ),
        ),
    )
)
