"""The ℓ-order in closed form (Proposition B.1, first formula; Appendix B.2).

With z = β_FT/c_FT,  ℓ = ∂log q/∂log|β_FT| = z·asinh z / (1 − √(1+z²) + z·asinh z).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

from numerics import multiprecision, regimes
from theory import implicit_bias
from theory.regimes import BETA_FT, SCALE, Z, in_argument, l_order, penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, exact_value
from verify.methods.numeric import compare
from verify.methods.symbolic import prove_all
from verify.registry import register

Formula = Callable[[Any], Any]


def order(z: Any) -> Any:
    """ℓ as stated."""
    return z * sp.asinh(z) / (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


def half_argument(z: Any) -> Any:
    """ℓ at half its argument: what another normalisation of q gives."""
    return order(z / 2)


def wrong_sign(z: Any) -> Any:
    """ℓ with the root added."""
    return z * sp.asinh(z) / (1 + sp.sqrt(1 + z**2) + z * sp.asinh(z))


def decide_symbolically(formula: Formula) -> Evidence:
    """Compare with the logarithmic derivative of the penalty that the flow's metric gives."""
    return prove_all(
        (
            (
                "q = ½β·asinh(β/c_FT) − ½(√(c_FT²+β²) − c_FT) from the conserved quantities, where "
                "w₊+w₋ ≠ 0, is that of the trajectory, which has λ = −c too",
                decide_equal(penalty(), implicit_bias.penalty(BETA_FT, SCALE)),
            ),
            (
                "β·q′/q depends on β/c_FT only, and is ℓ",
                decide_equal(in_argument(l_order()), formula(Z)),
            ),
        ),
        summary="both sides agree symbolically",
    )


def decide_by_differences(formula: Formula) -> Evidence:
    """Compare with central differences of log q at 120 digits."""

    def difference(z: str) -> Any:
        with mpmath.workdps(120):
            step = mpmath.mpf(10) ** -25
            up, down = (
                mpmath.log(multiprecision.penalty(mpmath.mpf(z) * mpmath.exp(s), 1, digits=110))
                for s in (step, -step)
            )
            return (up - down) / (2 * step)

    points = [(z,) for z in ("1e-6", "0.01", "0.5", "1", "3", "40", "1e6", "1e30")]
    return compare(exact_value(formula), difference, points, names=("z",))


def decide_by_kernel(formula: Formula) -> Evidence:
    """Compare the float64 kernel with the formula at 50 digits."""
    points = [(sign * 10.0**k,) for k in range(-7, 41, 3) for sign in (1, -1)]
    return compare(lambda z: regimes.l_order(z, 1.0), exact_value(formula), points, names=("z",))


CONTROLS = (
    Control("the argument z/2 for z (another normalisation of q)", half_argument),
    Control("+√(1+z²) for −√(1+z²)", wrong_sign),
)

register(
    Claim(
        id="regimes.lorder-closed-form",
        title="The ℓ-order in closed form",
        sentence="The ℓ-order of the penalty that fine-tuning minimises is "
        "ℓ = z·asinh z / (1 − √(1+z²) + z·asinh z) with z = β_FT/c_FT.",
        latex=r"\ell=\frac{\partial\log q}{\partial\log|\beta_{FT}|}"
        r"=\frac{z\,\operatorname{asinh}z}{1-\sqrt{1+z^2}+z\,\operatorname{asinh}z},"
        r"\quad z=\frac{\beta_{FT}}{c_{FT}}",
        source="Proposition B.1, Appendix B.2",
        assumptions=("c_FT > 0", "β_FT ≠ 0"),
        requires=("implicit-bias.minimiser",),
        checks=(
            Check(
                "differentiate the derived penalty",
                Method.SYMBOLIC,
                decide_symbolically,
                order,
                CONTROLS,
            ),
            Check(
                "differences of log q, 110 digits",
                Method.MULTIPRECISION,
                decide_by_differences,
                order,
                CONTROLS,
                tolerance=1e-40,
                reason="a step of 1e-25 leaves a truncation error of about 1e-50",
            ),
            Check(
                "float64 kernel",
                Method.FLOAT64,
                decide_by_kernel,
                order,
                CONTROLS,
                tolerance=4e-16,
                reason="two roundings of a number between 1 and 2",
            ),
        ),
    )
)
