"""Zero at zero, even, strictly convex (Theorem 4.1; Appendix E.2.1).

q vanishes at β = 0 with its slope, is even and strictly convex, so it is positive elsewhere and the
interpolating minimiser is unique.
"""

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Method
from verify.methods.formula import POSITIVE, Formula, Formulas, named
from verify.methods.identity import equal, prove_all, zero
from verify.methods.orthant import decide_on_orthant, on_line
from verify.registry import state

beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
(Q,) = named(r"q(\beta)")


def value(beta, c):
    return (c - sp.sqrt(c**2 + beta**2) + beta * sp.asinh(beta / c)) / 2


def curvature(beta, c):
    return 1 / (2 * sp.sqrt(c**2 + beta**2))


STATED = Formulas(
    value=Formula(r"q(\beta)", (beta, c), value),
    value_at_zero=Formula("q(0)", (), lambda: 0),
    slope_at_zero=Formula("q'(0)", (), lambda: 0),
    reflected=Formula(r"q(-\beta)", (Q,), lambda q: q),
    curvature=Formula(r"q''(\beta)", (beta, c), curvature, bounds=(POSITIVE,)),
)
CONTROLS = (
    STATED.but("without the constant c/2", value=lambda beta, c: value(beta, c) - c / 2),
    STATED.but("with a linear term", value=lambda beta, c: value(beta, c) + beta / 8),
    STATED.but("half the curvature", curvature=lambda beta, c: curvature(beta, c) / 2),
    STATED.but("odd", reflected=lambda q: -q),
    STATED.but("with the opposite sign", value=lambda beta, c: -value(beta, c)),
)


def decide(stated):
    """Differentiate."""
    return prove_all(steps(stated))


def steps(stated):
    q, slope, bend = stated.value(), sp.diff(stated.value(), beta), stated.curvature()
    yield "it is the potential of the flow", equal(q, penalty(beta, c))
    yield "q(0) = 0", equal(q.subs(beta, 0), stated.value_at_zero())
    yield "q′(0) = 0", equal(slope.subs(beta, 0), stated.slope_at_zero())
    yield "q is even", equal(q.subs(beta, -beta), stated.reflected({Q: q}))
    yield "q″ is as stated", equal(bend, sp.simplify(sp.diff(slope, beta)))
    for bound in stated.curvature.bounds:
        margin = bound.margin(bend)
        text = "and positive for every real β = (c/2)(u − 1/u) and c > 0"
        at = sp.factor(on_line(margin, beta, c))
        yield text, decide_on_orthant(text, at, strict=bound.strict)
        yield "it approaches the bound as |β| grows", zero(sp.limit(margin, beta, sp.oo))


state(
    "implicit-bias.penalty-zero-and-convex",
    __doc__,
    (Check("derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.penalty",),
)
