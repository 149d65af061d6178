"""ℓ = 2 − z²/6 + O(z⁴) as z → 0 (rate of Section 5.1's lazy limits), with a two-sided bound.

2 − z²/6 < ℓ < 2 − z²/6 + (31/360)z⁴ for every z ≠ 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from numerics import regimes
from theory.regime_bounds import l_order_series
from theory.regimes import H, Z, l_order_half_angle
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, decide_on_half_line, exact_value
from verify.methods.numeric import compare
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Expansion:
    """ℓ = 2 − a·z² + b·z⁴ − …, with ℓ between the first two partial sums."""

    quadratic: Any
    quartic: Any


STATED = Expansion(sp.Rational(1, 6), sp.Rational(31, 360))


def decide(expansion: Expansion) -> Evidence:
    """Compare with the Taylor series, and prove both bounds for all z through t = 2h = asinh z."""
    order, z = l_order_half_angle(), sp.sinh(2 * H)
    lower = 2 - expansion.quadratic * z**2
    return prove_all(
        (
            (
                "Taylor coefficients of ℓ at z = 0 up to z⁴",
                decide_equal(
                    l_order_series(6), 2 - expansion.quadratic * Z**2 + expansion.quartic * Z**4
                ),
            ),
            (
                f"ℓ > 2 − {expansion.quadratic}·z² for all z ≠ 0",
                decide_on_half_line("lower bound", order - lower, H),
            ),
            (
                f"ℓ < 2 − {expansion.quadratic}·z² + {expansion.quartic}·z⁴ for all z ≠ 0",
                decide_on_half_line("upper bound", lower + expansion.quartic * z**4 - order, H),
            ),
        ),
        summary="the series, and both bounds on the whole line",
    )


def decide_by_kernel(expansion: Expansion) -> Evidence:
    """Compare the float64 kernel of 2 − ℓ with both terms at small z."""
    points = [(10.0**k,) for k in range(-150, -3, 7)]

    def stated(z: Any) -> Any:
        return expansion.quadratic * z**2 - expansion.quartic * z**4

    return compare(
        lambda z: regimes.two_minus_l_order(z, 1.0),
        exact_value(stated),
        points,
        names=("z",),
    )


register(
    Claim(
        id="regimes.lorder-small-argument",
        title="The ℓ-order near its lazy end",
        sentence="For every z = β_FT/c_FT ≠ 0, 2 − z²/6 < ℓ < 2 − z²/6 + 31z⁴/360.",
        latex=r"2-\frac{z^2}{6}<\ell<2-\frac{z^2}{6}+\frac{31\,z^4}{360}",
        source="rate of the limits in Section 5.1",
        assumptions=("c_FT > 0", "β_FT ≠ 0"),
        requires=("regimes.lorder-closed-form",),
        checks=(
            Check(
                "Taylor series and remainder",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("z²/3 for z²/6", replace(STATED, quadratic=sp.Rational(1, 3))),
                    Control("z²/12 for z²/6", replace(STATED, quadratic=sp.Rational(1, 12))),
                    Control("−31/360 z⁴", replace(STATED, quartic=-STATED.quartic)),
                ),
            ),
            Check(
                "float64 kernel for z from 1e-150 to 1e-4",
                Method.FLOAT64,
                decide_by_kernel,
                STATED,
                Control("z²/3 for z²/6", replace(STATED, quadratic=sp.Rational(1, 3))),
                tolerance=1e-14,
                reason="beside rounding, the next term: (841/15120)z⁶ of z²/6, below 1e-16",
            ),
        ),
    )
)
