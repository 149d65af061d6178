"""Weights in closed form (Appendix B.1, “weights after pretraining”).

In the time x = −∫ ∂L/∂β dt the weights are w± = w₀ cosh x ± v₀ sinh x and
v± = v₀ cosh x ± w₀ sinh x, so that β = (w₀² + v₀²) sinh 2x, whatever the loss.
"""

import sympy as sp

from theory.network import Weights, effective_weight, gradient_flow, trajectory
from verify.claim import Check, Method
from verify.claims.network._weights import WEIGHT, OfWeights
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.registry import state

w0, v0, x = place = sp.symbols("w_0 v_0 x", real=True)
BETA = sp.Symbol("beta")


def moving(w0, v0, x):
    return {
        "w_plus": w0 * sp.cosh(x) + v0 * sp.sinh(x),
        "v_plus": v0 * sp.cosh(x) + w0 * sp.sinh(x),
        "w_minus": w0 * sp.cosh(x) - v0 * sp.sinh(x),
        "v_minus": v0 * sp.cosh(x) - w0 * sp.sinh(x),
    }


def beta(w0, v0, x):
    return (w0**2 + v0**2) * sp.sinh(2 * x)


STATED = Formulas(moving=OfWeights(WEIGHT, place, moving), beta=Formula(BETA, place, beta))
CONTROLS = (
    STATED.but(
        "both pathways grow",
        moving=lambda *at: (
            moving(*at) | {"w_minus": moving(*at)["w_plus"], "v_minus": moving(*at)["v_plus"]}
        ),
    ),
    STATED.but("the layers exchanged", moving=lambda w0, v0, x: moving(v0, w0, x)),
    STATED.but("β = (w₀² + v₀²) sinh x", beta=lambda w0, v0, x: beta(w0, v0, x / 2)),
)


def decide(stated):
    """Insert the stated weights into the flow; compare them with the exponential of its matrix."""
    start, later = Weights(w0, v0, w0, v0), stated.moving()
    # dx = −g dt: in the time x the velocities are those of g = −1.
    now = Weights(*sp.symbols("a:4"))
    (velocities,) = gradient_flow([now], [sp.Integer(-1)])
    at_later = sp.Matrix(velocities).subs(dict(zip(now, later, strict=True)), simultaneous=True)
    exact = [stated.moving.left({WEIGHT: weight}) for weight in trajectory(start, x)]
    exponentials = Weights(*(weight.rewrite(sp.exp) for weight in later))
    moved = {BETA: effective_weight(exponentials)}
    return prove_all(
        [
            ("they start as initialised", equal(sp.Matrix(later).subs(x, 0), sp.Matrix(start))),
            ("they move as the flow demands", equal(sp.Matrix(later).diff(x), at_later)),
            (
                "they are the exponential of the flow's generator",
                equal(sp.Matrix(exponentials), sp.Matrix(exact)),
            ),
            (
                "β is their product",
                equal(stated.beta().rewrite(sp.exp), stated.beta.left(moved)),
            ),
        ]
    )


state(
    "network.trajectory",
    __doc__,
    (Check("insertion into the flow", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("w± = w₀ and v± = v₀ at the start",),
    requires=("network.flow",),
)
