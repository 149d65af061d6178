"""Zero at zero, even, strictly convex (Theorem 4.1; Appendix E.2.1).

q vanishes at β = 0 with its slope, is even and strictly convex, so it is positive elsewhere and the
interpolating minimiser is unique.
"""

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.orthant import decide_on_orthant, on_line
from verify.methods.relations import POSITIVE
from verify.registry import state

beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
q = sp.Function("q")


def value(beta, c):
    return (c - sp.sqrt(c**2 + beta**2) + beta * sp.asinh(beta / c)) / 2


def curvature(beta, c):
    return 1 / (2 * sp.sqrt(c**2 + beta**2))


STATED = Formulas(
    value=Formula(q(beta), (beta, c), value),
    value_at_zero=Formula(q(0), (), lambda: 0),
    slope_at_zero=Formula(sp.Subs(sp.Derivative(q(beta), beta), beta, 0), (), lambda: 0),
    reflected=Formula(q(-beta), (q(beta),), lambda q: q),
    curvature=Formula(sp.Derivative(q(beta), (beta, 2)), (beta, c), curvature, bounds=(POSITIVE,)),
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
    derived = {q: lambda beta: penalty(beta, c)}
    for text, form in (
        ("it is the potential of the flow", stated.value),
        ("q(0) = 0", stated.value_at_zero),
        ("q′(0) = 0", stated.slope_at_zero),
        ("q is even", stated.reflected),
        ("q″ is as stated", stated.curvature),
    ):
        yield text, equal(form.left(derived), form(derived))
    for bound in stated.curvature.bounds:
        margin = bound.margin(stated.curvature())
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
