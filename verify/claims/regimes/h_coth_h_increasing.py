"""h coth h increases from 1 to ∞ (used for Proposition B.1 (bounds of the ℓ-order)).

On h > 0 the function f(h) = h coth h increases strictly, from the limit 1 at 0 to ∞.

So h ↦ y = h coth h − 1 maps (0, ∞) onto itself one to one, and y > 0 may serve as a coordinate in
place of z.
"""

from dataclasses import replace

import sympy as sp

from theory.regimes import H
from verify.claim import Check, Method
from verify.claims.regimes._language import SIGNS
from verify.claims.regimes._statements import same_limit
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.relations import Limit, Relation, Side
from verify.registry import state

F = sp.Function("f")
STATED = Formulas(
    function=Formula(F(H), (H,), lambda h: h * sp.coth(h)),
    slope=Formula(sp.Derivative(F(H), H), (), lambda: 0, Relation.ABOVE),
    start=Formula(F(H), (), lambda: 1, limit=Limit(H, 0, Side.ABOVE)),
    end=Formula(F(H), (), lambda: sp.oo, limit=Limit(H, sp.oo)),
)
CONTROLS = (
    STATED.but("coth h / h in its place", function=lambda h: sp.coth(h) / h),
    STATED.but("falling", slope=replace(STATED.slope, relation=Relation.BELOW)),
    STATED.but("start 99/100", start=lambda: sp.Rational(99, 100)),
    STATED.but("end 2", end=lambda: 2),
    STATED.but("ends exchanged", start=STATED.end.body, end=STATED.start.body),
    STATED.but(
        "1 + 2 tanh h in its place: a bounded function", function=lambda h: 1 + 2 * sp.tanh(h)
    ),
)


def decide(stated):
    """Prove the sign of the derivative by its Taylor coefficients, and take both limits."""
    return prove_all(steps(stated), summary=f"{stated.function()} increases between its limits")


def steps(stated):
    if stated.function.name != F(H):
        raise ValueError(f"f(h) must be defined, got {stated.function.name}")
    own, slope = {F: lambda h: stated.function({H: h})}, stated.slope
    text = f"f′ {SIGNS[slope.relation]} {slope.side()}"
    yield text, decide_on_half_line(text, slope.margin(own), H)
    # Of the hyperbolic form SymPy's limit is wrong.
    least = stated.start.towards.of(sp.cancel(sp.together(slope.left(own).rewrite(sp.exp))))
    yield "no better bound: f′ comes to it", equal(least, sp.sympify(slope.side()))
    for form in (stated.start, stated.end):
        to = form.towards.to
        if to < 0:
            raise ValueError(f"h > 0 tends to no negative number, got {to}")
        found = form.towards.of(form.left(own))
        yield f"f → {form()} as h → {to}", same_limit(found, sp.sympify(form()))


state(
    "regimes.h-coth-h-increasing",
    __doc__,
    (Check("sign of the derivative, limits", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("h > 0",),
)
