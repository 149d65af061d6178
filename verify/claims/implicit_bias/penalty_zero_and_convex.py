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
from verify.registry import state

beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
PROPERTIES = r" \\ q(0) = q'(0) = 0,\quad q(-\beta) = q(\beta)"


def value(beta, c):
    return (c - sp.sqrt(c**2 + beta**2) + beta * sp.asinh(beta / c)) / 2


def curvature(beta, c):
    return 1 / (2 * sp.sqrt(c**2 + beta**2))


STATED = Formulas(
    value=Formula(r"q(\beta)", (beta, c), value, PROPERTIES),
    curvature=Formula(r"q''(\beta)", (beta, c), curvature, " > 0"),
)
CONTROLS = (
    STATED.but("without the constant c/2", value=lambda beta, c: value(beta, c) - c / 2),
    STATED.but("with a linear term", value=lambda beta, c: value(beta, c) + beta / 8),
    STATED.but("half the curvature", curvature=lambda beta, c: curvature(beta, c) / 2),
    STATED.but("with the opposite sign", value=lambda beta, c: -value(beta, c)),
)


def decide(stated):
    """Differentiate."""
    return prove_all(steps(stated))


def steps(stated):
    q, bend = stated.value(beta, c), stated.curvature(beta, c)
    yield "it is the potential of the flow", equal(q, penalty(beta, c))
    yield "q(0) = 0", zero(q.subs(beta, 0))
    yield "q′(0) = 0", zero(sp.diff(q, beta).subs(beta, 0))
    yield "q is even", equal(q, q.subs(beta, -beta))
    yield "q″ is as stated", equal(bend, sp.simplify(sp.diff(q, beta, 2)))
    yield (
        "and positive for every real β and c > 0",
        decide_on_orthant("q″ > 0 at β = (c/2)(u − 1/u)", sp.factor(on_line(bend, beta, c))),
    )


state(
    "implicit-bias.penalty-zero-and-convex",
    __doc__,
    (Check("derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.penalty",),
)
