"""Pretraining dependence in closed form (Proposition B.1; Appendix B.2, eqs. 21–25).

PD = ∂log q/∂log|β_PT| = −(ℓ − 1)·κ: how steep the penalty is times how much pretraining moves it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import mpmath
import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory.regimes import (
    ABSOLUTE,
    BETA_PT,
    GAMMA,
    RATIO,
    Z,
    canonical,
    half_angle,
    in_exponential,
    pretraining_dependence,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.regimes.lorder_closed_form import order
from verify.claims.regimes.transfer_closed_form import kappa
from verify.methods.inequality import decide_equal, exact_value
from verify.methods.numeric import compare
from verify.registry import register

# PD as a function of ℓ and κ.
Formula = Callable[[Any, Any], Any]
NAMES = ("beta_PT", "beta_FT", "c", "lambda", "gamma")


def dependence(l_order: Any, transfer: Any) -> Any:
    """PD as stated."""
    return -(l_order - 1) * transfer


def wrong_sign(l_order: Any, transfer: Any) -> Any:
    """PD positive: pretrained features would cost more."""
    return (l_order - 1) * transfer


def whole_order(l_order: Any, transfer: Any) -> Any:
    """PD without the derivative of the prefactor c_FT of q."""
    return -l_order * transfer


def of_network(formula: Formula) -> Callable[..., Any]:
    """PD of a network, with ℓ, κ and c_FT inserted."""

    def value(beta_pt: Any, beta_ft: Any, c: Any, lam: Any, gamma: Any) -> Any:
        scale = (c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2
        return formula(order(beta_ft / scale), kappa(beta_pt, c, lam, gamma))

    return value


def decide_symbolically(formula: Formula) -> Evidence:
    """Compare with the derivative of the whole of log q(β_FT; c_FT(β_PT))."""
    derived = pretraining_dependence()
    stated = formula(order(Z), canonical(kappa(BETA_PT, ABSOLUTE, RATIO * ABSOLUTE, GAMMA)))
    derived, stated = (in_exponential(half_angle(side)) for side in (derived, stated))
    return decide_equal(
        derived,
        stated,
        steps=(
            "β_PT enters q through c_FT only, whose elasticity is κ",
            "both sides written in h = ½ asinh z and e = √(c²+β_PT²) − c",
        ),
    )


def decide_by_differences(formula: Formula) -> Evidence:
    """Compare with central differences of log q(β_FT; c_FT(β_PT)) at 120 digits."""

    def difference(beta_pt: str, beta_ft: str, c: str, lam: str, gamma: str) -> Any:
        with mpmath.workdps(120):
            step = mpmath.mpf(10) ** -25
            logs = []
            for s in (step, -step):
                moved = mpmath.mpf(beta_pt) * mpmath.exp(s)
                scale = multiprecision.finetune_scale(moved, c, lam, gamma, digits=115)
                logs.append(mpmath.log(multiprecision.penalty(beta_ft, scale, digits=110)))
            return (logs[0] - logs[1]) / (2 * step)

    points = [
        (beta_pt, beta_ft, c, str(sp.Rational(r) * sp.Rational(c)), gamma)
        for beta_pt, beta_ft, c, r, gamma in product(
            ("0.01", "3"), ("0.001", "20"), ("0.00001", "2"), ("-9/10", "1"), ("0.3",)
        )
    ]
    return compare(exact_value(of_network(formula)), difference, points, names=NAMES)


def decide_by_kernel(formula: Formula) -> Evidence:
    """Compare the float64 kernel with the formula at 50 digits."""
    points = [
        (beta_pt, beta_ft, c, r * c, gamma)
        for beta_pt, beta_ft, c, r, gamma in product(
            (0.25, 1e4), (1e-6, 1e6), (2.0**-30, 1.0), (-0.75, 1.0), (0.0, 0.5)
        )
    ]

    def kernel(beta_pt: float, beta_ft: float, c: float, lam: float, gamma: float) -> Any:
        return regimes.pretraining_dependence(beta_pt, beta_ft, Initialization(c, lam, gamma))

    return compare(kernel, exact_value(of_network(formula)), points, names=NAMES)


CONTROLS = (
    Control("+(ℓ−1)κ", wrong_sign),
    Control("−ℓκ (the factor c_FT of q not differentiated)", whole_order),
)

register(
    Claim(
        id="regimes.pd-closed-form",
        title="Pretraining dependence in closed form",
        sentence="The pretraining dependence is PD = −(ℓ − 1)·κ.",
        latex=r"\mathrm{PD}=\frac{\partial\log q}{\partial\log|\beta_{PT}|}=-(\ell-1)\,\kappa",
        source="Proposition B.1, Appendix B.2",
        assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
        requires=("regimes.lorder-closed-form", "regimes.transfer-closed-form"),
        checks=(
            Check(
                "differentiate the composed penalty",
                Method.SYMBOLIC,
                decide_symbolically,
                dependence,
                CONTROLS,
            ),
            Check(
                "differences of log q, 110 digits",
                Method.MULTIPRECISION,
                decide_by_differences,
                dependence,
                CONTROLS,
                tolerance=1e-30,
                reason="a step of 1e-25 leaves a truncation error of about 1e-50 of a PD that may "
                "be 1e-5",
            ),
            Check(
                "float64 kernel",
                Method.FLOAT64,
                decide_by_kernel,
                dependence,
                CONTROLS,
                tolerance=5e-15,
                reason="some twenty roundings; c_FT's own error enters ℓ with a factor below 1",
            ),
        ),
    )
)
