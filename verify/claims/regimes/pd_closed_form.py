"""Pretraining dependence in closed form (Proposition B.1, eq. 25; Appendix B.2).

The pretraining dependence ∂log q/∂log|β_PT| is PD = −(ℓ − 1)·κ.

That is, how steep the penalty is times how much pretraining moves it (eqs. 21-25).
"""

from itertools import product

import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory import regimes as derived
from theory.network import finetune_scale
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, Z
from verify.claim import Check, Method
from verify.claims.regimes._differences import logarithmic_slope
from verify.claims.regimes._language import ELL, KAPPA
from verify.claims.regimes.lorder_closed_form import order
from verify.claims.regimes.transfer_closed_form import kappa
from verify.methods.formula import DIGITS, Formula
from verify.methods.inequality import equal_on_networks
from verify.methods.numeric import compare
from verify.registry import state

STATED = Formula(r"\mathrm{PD}", (ELL, KAPPA), lambda ell, kappa: -(ell - 1) * kappa)
CONTROLS = (
    STATED.but("+(ℓ−1)κ", lambda ell, kappa: (ell - 1) * kappa),
    STATED.but("−ℓκ (the factor c_FT of q not differentiated)", lambda ell, kappa: -ell * kappa),
)


def decide(formula):
    """Compare with the derivative of the whole of log q(β_FT; c_FT(β_PT))."""
    of_scale = derived.canonical(kappa(BETA_PT, ABSOLUTE, RATIO * ABSOLUTE, GAMMA))
    stated = formula({ELL: order(Z), KAPPA: of_scale})
    left, right = (
        derived.in_exponential(derived.half_angle(side))
        for side in (derived.pretraining_dependence(), stated)
    )
    steps = (
        "β_PT enters q through c_FT only, whose elasticity is κ",
        "both sides written in h = ½ asinh z and e = √(c²+β_PT²) − c",
    )
    return equal_on_networks(left, right, steps=steps)


NAMES = ("beta_PT", "beta_FT", "c", "lambda", "gamma")


def of_network(formula):
    """Insert ℓ, κ and c_FT of a network, its numbers taken as exact."""

    def dependence(*network):
        beta_pt, beta_ft, *start = map(sp.Rational, network)
        z = beta_ft / finetune_scale(beta_pt, *start)
        found = formula({ELL: order(z), KAPPA: kappa(beta_pt, *start)})
        return str(sp.N(found, DIGITS))

    return dependence


def decide_by_differences(formula):
    """Compare with central differences of log q(β_FT; c_FT(β_PT))."""

    def difference(beta_pt, beta_ft, c, lam, gamma):
        def penalty(moved):
            scale = multiprecision.finetune_scale(moved, c, lam, gamma, digits=115)
            return multiprecision.penalty(beta_ft, scale, digits=110)

        return logarithmic_slope(penalty, beta_pt)

    points = [
        (beta_pt, beta_ft, c, str(sp.Rational(r) * sp.Rational(c)), gamma)
        for beta_pt, beta_ft, c, r, gamma in product(
            ("0.01", "3"), ("0.001", "20"), ("0.00001", "2"), ("-9/10", "1"), ("0.3",)
        )
    ]
    return compare(of_network(formula), difference, points, names=NAMES)


def decide_by_kernel(formula):
    def kernel(beta_pt, beta_ft, c, lam, gamma):
        return regimes.pretraining_dependence(beta_pt, beta_ft, Initialization(c, lam, gamma))

    points = [
        (beta_pt, beta_ft, c, r * c, gamma)
        for beta_pt, beta_ft, c, r, gamma in product(
            (0.25, 1e4), (1e-6, 1e6), (2.0**-30, 1.0), (-0.75, 1.0), (0.0, 0.5)
        )
    ]
    return compare(kernel, of_network(formula), points, names=NAMES)


state(
    "regimes.pd-closed-form",
    __doc__,
    (
        Check("differentiate the composed penalty", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "differences of log q, 110 digits",
            Method.MULTIPRECISION,
            decide_by_differences,
            STATED,
            CONTROLS,
            tolerance=1e-30,
            reason="a step of 1e-25 leaves a truncation error of about 1e-50 of a PD that may be "
            "1e-5",
        ),
        Check(
            "float64 kernel",
            Method.FLOAT64,
            decide_by_kernel,
            STATED,
            CONTROLS,
            tolerance=5e-15,
            reason="some twenty roundings; c_FT's own error enters ℓ with a factor below 1",
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.lorder-closed-form", "regimes.transfer-closed-form"),
)
