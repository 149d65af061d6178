"""Orbits are curves that β parametrises (Sections 3.1-3.2; Appendix B.1).

The states that a coordinate can pass through form a curve along which β increases steadily and
takes every real value (c > 0): training only decides how far along it the weights go.

The curve's parameter is x = −∫ ∂L/∂β dt. β takes every real value on it unless c = 0 and λ₊ = λ₋.
"""

import sympy as sp

from theory.network import (
    Weights,
    absolute_scale,
    effective_weight,
    relative_scale,
    trajectory,
    weights,
)
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.registry import state


def beta(beta_0, norm_0, x):
    return beta_0 * sp.cosh(2 * x) + norm_0 * sp.sinh(2 * x) / 2


def gap(c, lam_plus, lam_minus):
    return 4 * c**2 + (lam_plus - lam_minus) ** 2


STATED = Formulas(
    beta=Formula(r"\beta(x)", named(r"\beta(0)", "N(0)", "x"), beta),
    norm=Formula(r"\frac{d\beta}{dx} = N", (SHOWN,), squared_norm),
    gap=Formula(r"N^2 - 4\beta^2", named("c", r"\lambda_+", r"\lambda_-"), gap),
)
CONTROLS = (
    STATED.but("N(0) sinh 2x without the half", beta=lambda b, n, x: beta(b, 2 * n, x)),
    STATED.but("λ₊ + λ₋ in place of the difference", gap=lambda c, lp, lm: gap(c, lp, -lm)),
)


def decide(stated):
    """Follow the flow from a symbolic state."""
    start, x, rest = weights(), sp.Symbol("x", real=True), Weights(0, 0, 0, 0)
    later, beta_0, norm_0 = trajectory(start, x), effective_weight(start), stated.norm(start)
    beta, norm = effective_weight(later), stated.norm(later)
    of_invariants = stated.gap(absolute_scale(start), *relative_scale(start))
    speed = sum((sp.diff(w, x) ** 2 for w in later), sp.Integer(0))
    return prove_all(
        [
            ("β along the orbit", equal(stated.beta(beta_0, norm_0, x).rewrite(sp.exp), beta)),
            (
                "dβ/dx is the squared norm N, positive unless all weights vanish",
                equal(sp.diff(beta, x), norm),
            ),
            (
                "the state moves with squared velocity N, so only the zero state rests",
                equal(speed, norm),
            ),
            ("the zero state rests", tuple(trajectory(rest, x)) == tuple(rest)),
            (
                "N² − 4β² in terms of the invariants: e^{2x} and e^{−2x} both enter β where it "
                "is positive",
                equal(of_invariants, norm_0**2 - 4 * beta_0**2),
            ),
        ]
    )


state(
    "network.orbits",
    __doc__,
    (Check("closed form from a symbolic state", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.flow",),
)
