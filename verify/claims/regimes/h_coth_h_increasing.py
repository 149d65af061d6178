"""h coth h increases from 1 to ∞ (used for Proposition B.1 (bounds of the ℓ-order)).

On h > 0 the function h coth h increases strictly, from the limit 1 at 0 to ∞.

So h ↦ y = h coth h − 1 maps (0, ∞) onto itself one to one, and y > 0 may serve as a coordinate in
place of z.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.regimes import H
from verify.claim import Check, Control, Method
from verify.claims.regimes._slopes import Direction
from verify.claims.regimes._statements import same_limit
from verify.methods.formula import Limit, shown
from verify.methods.identity import prove_all, zero
from verify.methods.inequality import decide_on_half_line
from verify.registry import state


class End(NamedTuple):
    """The value of a limit."""

    limit: Limit
    value: Any


class Monotone(NamedTuple):
    """A function of h said to move in one direction on (0, ∞), and its limits at the ends."""

    function: Any
    direction: Direction
    limits: tuple[End, ...]

    def latex(self):
        f = shown(self.function)
        ends = (rf"{limit.latex()} {f} = {shown(value)}" for limit, value in self.limits)
        slope = rf"\frac{{d}}{{dh}} \left({f}\right) {self.direction.latex} \quad (h > 0)"
        return r", \qquad ".join((slope, *ends))


STATED = Monotone(
    H * sp.coth(H), Direction.RISES, (End(Limit(H, 0), sp.Integer(1)), End(Limit(H, sp.oo), sp.oo))
)
START, END = STATED.limits
CONTROLS = (
    Control("coth h / h in its place", STATED._replace(function=sp.coth(H) / H)),
    Control("falling", STATED._replace(direction=Direction.FALLS)),
    Control(
        "start 99/100", STATED._replace(limits=(START._replace(value=sp.Rational(99, 100)), END))
    ),
    Control("end 2", STATED._replace(limits=(START, END._replace(value=sp.Integer(2))))),
    Control(
        "ends exchanged",
        STATED._replace(limits=(START._replace(value=sp.oo), END._replace(value=1))),
    ),
    Control(
        "2 tanh h in its place: a bounded function", STATED._replace(function=1 + 2 * sp.tanh(H))
    ),
)


def decide(statement):
    """Prove the sign of the derivative by its Taylor coefficients, and take both limits."""
    return prove_all(steps(statement), summary=f"{statement.function} moves between its limits")


def steps(statement):
    f, direction = statement.function, statement.direction
    text = f"{f} {direction.words} h"
    yield (
        text,
        direction.decide(sp.diff(f, H), lambda slope: decide_on_half_line(text, slope, H), zero),
    )
    for limit, value in statement.limits:
        found = limit.of(statement.function)
        yield f"limit {value} as h → {limit.to}", same_limit(found, sp.sympify(value))


state(
    "regimes.h-coth-h-increasing",
    __doc__,
    (Check("sign of the derivative, limits", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("h > 0",),
)
