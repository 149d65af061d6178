"""Flow of the effective weight (Section 3.1, eq. (1)).

β moves against ∂L/∂β at a speed that is the sum of the squares of the four weights: large weights
learn fast, whichever layer they are in.
"""

import sympy as sp

from theory.network import effective_weight, gradient_flow, weights
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.methods.along import TIME, moving
from verify.methods.formula import Formula
from verify.methods.identity import equal
from verify.methods.notation import named
from verify.registry import state


def velocity(w, g):
    return -squared_norm(w) * g


BETA = sp.Function(r"\beta")
(SLOPE,) = named(r"\frac{\partial L}{\partial\beta}")
STATED = Formula(sp.Derivative(BETA(TIME), TIME), (SHOWN, SLOPE), velocity)
CONTROLS = (
    STATED.but(
        "the negative pathway slows β down",
        lambda w, g: -(w.w_plus**2 + w.v_plus**2 - w.w_minus**2 - w.v_minus**2) * g,
    ),
    STATED.but("half the speed", lambda w, g: velocity(w, g) / 2),
)


def decide(stated):
    """Differentiate β along the flow."""
    now, g = weights(), sp.Symbol("g", real=True)
    (velocities,) = gradient_flow([now], [g])
    along = {BETA: moving(effective_weight, now, velocities), TIME: 0}
    return equal(stated({SHOWN: now, SLOPE: g}), stated.left(along))


state(
    "network.effective-flow",
    __doc__,
    (Check("derivative along the flow", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("the loss is differentiable",),
    requires=("network.flow",),
)
