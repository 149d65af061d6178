"""Flow of the effective weight (Section 3.1, eq. (1)).

β moves against ∂L/∂β at a speed that is the sum of the squares of the four weights: large weights
learn fast, whichever layer they are in.
"""

import sympy as sp

from theory.network import effective_weight, gradient_flow, rate, weights
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.methods.formula import Formula
from verify.methods.identity import equal
from verify.methods.notation import named
from verify.registry import state


def velocity(w, g):
    return -squared_norm(w) * g


(SLOPE,) = named(r"\frac{\partial L}{\partial\beta}")
STATED = Formula(r"\dot\beta", (SHOWN, SLOPE), velocity)
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
    moving = rate(effective_weight(now), [now], gradient_flow([now], [g]))
    return equal(stated({SHOWN: now, SLOPE: g}), moving)


state(
    "network.effective-flow",
    __doc__,
    (Check("derivative along the flow", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("the loss is differentiable",),
    requires=("network.flow",),
)
