"""h coth h increases from 1 to ∞ (used for Proposition B.1 (bounds of the ℓ-order)).

On h > 0 the function h coth h increases strictly, from the limit 1 at 0 to ∞.

So h ↦ y = h coth h − 1 maps (0, ∞) onto itself one to one, and y > 0 may serve as a coordinate in
place of z.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.regimes import H
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import same_limit
from verify.methods.formula import shown
from verify.methods.identity import prove_all
from verify.methods.inequality import decide_on_half_line
from verify.registry import state


class Increasing(NamedTuple):
    """A function of h said to increase from `start` to `end` on (0, ∞)."""

    function: Any
    start: Any
    end: Any

    def latex(self):
        f = shown(self.function)
        return (
            rf"\frac{{d}}{{dh}} \left({f}\right) > 0 \quad (h > 0), \qquad "
            rf"\lim_{{h \to 0}} {f} = {shown(self.start)}, \qquad "
            rf"\lim_{{h \to \infty}} {f} = {shown(self.end)}"
        )


STATED = Increasing(H * sp.coth(H), sp.Integer(1), sp.oo)
CONTROLS = (
    Control("coth h / h in its place", STATED._replace(function=sp.coth(H) / H)),
    Control("start 99/100", STATED._replace(start=sp.Rational(99, 100))),
    Control("end 2", STATED._replace(end=sp.Integer(2))),
    Control(
        "2 tanh h in its place: a bounded function", STATED._replace(function=1 + 2 * sp.tanh(H))
    ),
)


def decide(statement):
    """Prove the sign of the derivative by its Taylor coefficients, and take both limits."""
    return prove_all(steps(statement), summary=f"{statement.function} increases between the two")


def steps(statement):
    f = statement.function
    slope = sp.diff(f, H)
    yield f"d/dh ({f}) = {slope} > 0", decide_on_half_line(f"{slope} > 0", slope, H)
    for name, there, limit in ((0, 0, statement.start), ("∞", sp.oo, statement.end)):
        found = sp.limit(statement.function, H, there, "+")
        yield f"limit {limit} as h → {name}", same_limit(found, sp.sympify(limit))


state(
    "regimes.h-coth-h-increasing",
    __doc__,
    (Check("sign of the derivative, limits", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("h > 0",),
)
