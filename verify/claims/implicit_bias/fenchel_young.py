"""Fenchel-Young inequality (Theorem 4.1).

q(β) + q*(m) ≥ mβ for every weight and multiplier, with equality exactly if β = c sinh 2m.

The gap says how far a multiplier m is from certifying a weight β = c sinh 2h.
"""

import sympy as sp

from theory.implicit_bias import conjugate, penalty
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import as_written
from verify.methods.orthant import by_exponential, decide_on_orthant
from verify.methods.relations import NONNEGATIVE
from verify.registry import state

m, h, beta = sp.symbols("m h beta", real=True)
c = sp.Symbol("c", positive=True)
q, dual = sp.Function("q"), sp.Function("q^*")
with as_written():
    GAP = q(beta) + dual(m) - m * beta


def gap(m, h, c):
    return c / 2 * (sp.cosh(2 * m) - sp.cosh(2 * h) - 2 * (m - h) * sp.sinh(2 * h))


STATED = Formulas(
    gap=Formula(GAP, (m, h, c), gap, bounds=(NONNEGATIVE,)),
    beta=Formula(beta, (h, c), lambda h, c: c * sp.sinh(2 * h)),
)
CONTROLS = (
    STATED.but(
        "(m − h) sinh 2h without the 2",
        gap=lambda m, h, c: c / 2 * (sp.cosh(2 * m) - sp.cosh(2 * h) - (m - h) * sp.sinh(2 * h)),
    ),
    STATED.but("h and m exchanged", gap=lambda m, h, c: gap(h, m, c)),
    STATED.but("β = c sinh h", beta=lambda h, c: c * sp.sinh(h)),
)


def decide(stated):
    """Insert β = c sinh 2h; the gap is strictly convex in m and flat, at zero, at m = h."""
    return prove_all(steps(stated))


def steps(stated):
    gap, weight = stated.gap(), defined(stated.beta, beta)
    derived = stated.gap.left({q: lambda beta: penalty(beta, c), dual: lambda m: conjugate(m, c)})
    # √(c² + β²) = c cosh 2h and asinh(β/c) = 2h, for every real h.
    by_h = {sp.sqrt(c**2 + beta**2): c * sp.cosh(2 * h), sp.asinh(beta / c): 2 * h}
    yield "h parametrises the weights", equal(weight, c * sp.sinh(2 * h))
    yield "gap by m and h", equal(gap, derived.subs(by_h).subs(beta, weight))
    for bound in stated.gap.bounds:
        margin = bound.margin(gap)
        text = "it is not below its bound at m = h"
        yield text, decide_on_orthant(text, margin.subs(m, h), strict=bound.strict)
        yield "which it reaches there", zero(margin.subs(m, h))
        yield "with slope zero in m", zero(sp.diff(margin, m).subs(m, h))
        yield (
            "its curvature in m is positive, so it is above the bound at m ≠ h",
            decide_on_orthant("∂²/∂m² > 0", by_exponential(margin.diff(m, 2), m)),
        )


state(
    "implicit-bias.fenchel-young",
    __doc__,
    (Check("gap, its zero and its curvature", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.conjugate",),
)
