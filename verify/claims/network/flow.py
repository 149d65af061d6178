"""Flow of the weights (Sections 3.1-3.2, eq. (1)).

Under gradient flow on any differentiable loss each weight moves by the other layer's weight of its
pathway times ∂L/∂β, with opposite signs in the two pathways.

The network is f(x) = βᵀx with β = w₊∘v₊ − w₋∘v₋, and g = ∂L/∂β of the coordinate.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import Weights, gradient_flow, weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN, equations
from verify.methods.formula import written
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import state


def velocities(w, g):
    return Weights(
        w_plus=-w.v_plus * g, v_plus=-w.w_plus * g, w_minus=w.v_minus * g, v_minus=w.w_minus * g
    )


def gradient(transposed, X, beta, y):
    return transposed * (X * beta - y)


class Flow(NamedTuple):
    """Velocities of the weights, and gradient of the squared loss ½‖Xβ − y‖²."""

    velocities: Any
    gradient: Any

    def latex(self):
        matrices = sp.symbols(r"X^{\top} X beta y", commutative=False)
        moving = equations(r"\dot W", self.velocities, SHOWN, sp.Symbol("g"))
        return rf"{moving} \\ g = \nabla L(\beta) = {written(self.gradient, *matrices)}"


STATED = Flow(velocities, gradient)
CONTROLS = (
    Control(
        "the negative pathway moves with the sign of the positive one",
        Flow(
            lambda w, g: velocities(w._replace(w_minus=-w.w_minus, v_minus=-w.v_minus), g), gradient
        ),
    ),
    Control(
        "each weight moves by itself, not by the other layer's",
        Flow(lambda w, g: Weights(-w.w_plus * g, -w.v_plus * g, w.w_minus * g, w.v_minus * g), gradient),
    ),
    Control("g = 2Xᵀ(Xβ − y)", Flow(velocities, lambda *matrices: 2 * gradient(*matrices))),
)


def decide(flow):
    """Differentiate an undefined loss of two coordinates, then the squared loss of three."""
    coordinates, slopes = [weights("_1"), weights("_2")], sp.symbols("g_1 g_2", real=True)
    derived = gradient_flow(coordinates, slopes)
    X, y = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True)), sp.Matrix(sp.symbols("y_1:3", real=True))
    beta = sp.Matrix(sp.symbols("beta_1:4", real=True))
    residual = X * beta - y
    loss = (residual.T * residual)[0] / 2
    return prove_all(
        [
            *(
                (
                    f"velocities of coordinate {i + 1} of a network with two",
                    equal(
                        sp.Matrix(flow.velocities(coordinates[i], slopes[i])), sp.Matrix(derived[i])
                    ),
                )
                for i in range(2)
            ),
            (
                "gradient of the squared loss, two examples of three coordinates",
                equal(flow.gradient(X.T, X, beta, y), sp.Matrix([sp.diff(loss, b) for b in beta])),
            ),
        ]
    )


state(
    "network.flow",
    __doc__,
    (Check("chain rule on an undefined loss", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("the loss is differentiable",),
)
