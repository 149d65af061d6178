"""The transfer κ in closed form (Appendix B.2, eq. 23; Proposition B.1).

κ = ∂log c_FT/∂log|β_PT| = (1+r)·β_PT²/R / [(1+r)(c+R) + γ²],  R = √(c²+β_PT²), r = λ/c.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import mpmath
import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory import network
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, finetune_scale, transfer
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, exact_value
from verify.methods.numeric import compare
from verify.methods.symbolic import prove_all
from verify.registry import register

Formula = Callable[[Any, Any, Any, Any], Any]
NAMES = ("beta_PT", "c", "lambda", "gamma")


def kappa(beta: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """κ as stated."""
    root = sp.sqrt(c**2 + beta**2)
    return (1 + lam / c) * beta**2 / root / ((1 + lam / c) * (c + root) + gamma**2)


def half_gamma(beta: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """κ of the re-initialisation v = γ/√2."""
    return kappa(beta, c, lam, gamma / sp.sqrt(2))


def negative_lambda(beta: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """κ with the layers exchanged."""
    return kappa(beta, c, -lam, gamma)


def linear_numerator(beta: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """κ without the slope of the root, as if c_FT were proportional to |β_PT|."""
    root = sp.sqrt(c**2 + beta**2)
    return (1 + lam / c) * beta / ((1 + lam / c) * (c + root) + gamma**2)


def decide_symbolically(formula: Formula) -> Evidence:
    """Compare with the logarithmic derivative of the derived c_FT."""
    network_scale = network.finetune_scale(BETA_PT, ABSOLUTE, RATIO * ABSOLUTE, GAMMA)
    stated = formula(BETA_PT, ABSOLUTE, RATIO * ABSOLUTE, GAMMA)
    return prove_all(
        (
            (
                "c_FT = (w₊+w₋)² + γ² from the conserved quantities, where w₊+w₋ ≠ 0, is that of "
                "the trajectory, which has λ = −c too",
                decide_equal(finetune_scale(), network_scale),
            ),
            ("κ is its logarithmic derivative", decide_equal(transfer(), stated)),
        ),
        summary="both sides agree symbolically",
    )


def decide_by_differences(formula: Formula) -> Evidence:
    """Compare with central differences of log c_FT at 120 digits."""

    def difference(beta: str, c: str, lam: str, gamma: str) -> Any:
        with mpmath.workdps(120):
            step = mpmath.mpf(10) ** -25
            up, down = (
                mpmath.log(
                    multiprecision.finetune_scale(
                        mpmath.mpf(beta) * mpmath.exp(s), c, lam, gamma, digits=110
                    )
                )
                for s in (step, -step)
            )
            return (up - down) / (2 * step)

    points = [
        (beta, c, str(sp.Rational(r) * sp.Rational(c)), gamma)
        for beta, c, r, gamma in product(
            ("0.001", "1", "50"), ("0.00001", "2"), ("-9/10", "0", "1"), ("0", "0.3")
        )
    ]
    return compare(exact_value(formula), difference, points, names=NAMES)


def decide_by_kernel(formula: Formula) -> Evidence:
    """Compare the float64 kernel with the formula at 50 digits."""
    points = [
        (beta, c, r * c, gamma)
        for beta, c, r, gamma in product(
            (1e-8, 0.25, 1.0, 1e6), (2.0**-40, 1.0, 2.0**20), (-0.75, 0.0, 1.0), (0.0, 0.5, 1e4)
        )
    ]

    def kernel(beta: float, c: float, lam: float, gamma: float) -> Any:
        return regimes.transfer(beta, Initialization(c, lam, gamma))

    return compare(kernel, exact_value(formula), points, names=NAMES)


CONTROLS = (
    Control("γ²/2 for γ² (the re-initialisation v = γ/√2)", half_gamma),
    Control("1 − λ/c for 1 + λ/c", negative_lambda),
    Control("|β_PT| for β_PT²/√(c²+β_PT²)", linear_numerator),
)

register(
    Claim(
        id="regimes.transfer-closed-form",
        title="The transfer κ in closed form",
        sentence="The elasticity of the fine-tuning scale in the pretrained coefficient is "
        "κ = (1+λ/c)·β_PT²/R / [(1+λ/c)(c+R) + γ²] with R = √(c²+β_PT²).",
        latex=r"\kappa=\frac{\partial\log c_{FT}}{\partial\log|\beta_{PT}|}"
        r"=\frac{(1+\lambda/c)\,\beta_{PT}^2/R}{(1+\lambda/c)(c+R)+\gamma^2},"
        r"\quad R=\sqrt{c^2+\beta_{PT}^2}",
        source="Appendix B.2, Proposition B.1",
        assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_PT ≠ 0"),
        requires=("network.finetune-scale",),
        checks=(
            Check(
                "differentiate the derived scale",
                Method.SYMBOLIC,
                decide_symbolically,
                kappa,
                CONTROLS,
            ),
            Check(
                "differences of log c_FT, 110 digits",
                Method.MULTIPRECISION,
                decide_by_differences,
                kappa,
                CONTROLS,
                tolerance=1e-30,
                reason="a step of 1e-25 leaves a truncation error of about 1e-50 of a κ that may "
                "be 1e-7",
            ),
            Check(
                "float64 kernel",
                Method.FLOAT64,
                decide_by_kernel,
                kappa,
                CONTROLS,
                tolerance=3e-15,
                reason="some ten roundings of positive terms without cancellation",
            ),
        ),
    )
)
