"""Legendre transform of the penalty (Theorem 4.1).

The Legendre transform of q is (c/2)(cosh 2m − 1), reached at β = c sinh 2m.
"""

import sympy as sp

from theory.implicit_bias import conjugate, penalty_curvature, penalty_slope, stationary_weight
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.registry import state

m, beta = sp.symbols("m beta", real=True)
c = sp.Symbol("c", positive=True)


def value(m, c):
    return c / 2 * (sp.cosh(2 * m) - 1)


def best(m, c):
    return c * sp.sinh(2 * m)


STATED = Formulas(
    value=Formula(r"q^*(m) = \max_{\beta}\left(m\beta - q(\beta)\right)", (m, c), value),
    best=Formula(r"\text{reached at }\beta", (m, c), best),
)
CONTROLS = (
    STATED.but("cosh m for cosh 2m", value=lambda m, c: value(m / 2, c)),
    STATED.but("β = c sinh m", best=lambda m, c: best(m / 2, c)),
    STATED.but("c for c/2", value=lambda m, c: 2 * value(m, c)),
)


def decide(stated):
    """Solve for the stationary point, insert it; its curvature makes it the maximum."""
    value, best = stated.value(m, c), stated.best(m, c)
    stationary = m - penalty_slope(best, c)
    return prove_all(
        [
            ("stationary point", equal(best, stationary_weight(m, c))),
            ("the slope there is m", zero(stationary.replace(sp.asinh, asinh))),
            ("it is a maximum: q is convex", penalty_curvature(beta, c).is_positive),
            ("value there", equal(value, conjugate(m, c))),
            ("the slope of q* is the maximising β", equal(sp.diff(value, m), best)),
        ]
    )


def asinh(argument):
    return argument.args[0] if isinstance(argument, sp.sinh) else sp.asinh(argument)


state(
    "implicit-bias.conjugate",
    __doc__,
    (Check("stationary point inserted", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.penalty",),
)
