"""Legendre transform of the penalty (Theorem 4.1).

The Legendre transform q*(m) of q, the maximum of mβ − q(β) over β, is (c/2)(cosh 2m − 1), reached
at β* = c sinh 2m only.

q is strictly convex (implicit-bias.penalty-zero-and-convex), so the one stationary point of
mβ − q(β) is its maximum.
"""

import sympy as sp

from theory.implicit_bias import conjugate, penalty_slope, stationary_weight
from verify.claim import Check, Method
from verify.claims.implicit_bias._symbols import undone
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.registry import state

m = sp.Symbol("m", real=True)
c = sp.Symbol("c", positive=True)


def value(m, c):
    return c / 2 * (sp.cosh(2 * m) - 1)


def best(m, c):
    return c * sp.sinh(2 * m)


STATED = Formulas(
    value=Formula("q^*(m)", (m, c), value),
    best=Formula(r"\beta^*", (m, c), best),
)
CONTROLS = (
    STATED.but("cosh m for cosh 2m", value=lambda m, c: value(m / 2, c)),
    STATED.but("β = c sinh m", best=lambda m, c: best(m / 2, c)),
    STATED.but("c for c/2", value=lambda m, c: 2 * value(m, c)),
)


def decide(stated):
    """Solve for the stationary point, and insert it."""
    return prove_all(steps(stated))


def steps(stated):
    best = stated.best()
    yield "the only stationary point of mβ − q(β)", equal(best, stationary_weight(m, c))
    yield "the slope of q there is m", zero(m - undone(penalty_slope(best, c)))
    value = stated.value()
    yield "value there", equal(value, conjugate(m, c))
    yield "the slope of q* is the maximising β", equal(sp.diff(value, m), best)


state(
    "implicit-bias.conjugate",
    __doc__,
    (Check("stationary point inserted", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.penalty-zero-and-convex",),
)
