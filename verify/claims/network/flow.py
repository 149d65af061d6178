"""Gradient flow of the four weights of a coordinate (Sections 3.1-3.2, eq. 1).

With f(x) = βᵀx, β = w₊∘v₊ − w₋∘v₋ and any differentiable loss, g = ∂L/∂β of the coordinate,

    ẇ₊ = −v₊ g,  v̇₊ = −w₊ g,  ẇ₋ = v₋ g,  v̇₋ = w₋ g,

and for the squared loss ½‖Xβ − y‖² the gradient is g = Xᵀ(Xβ − y).
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import Weights, gradient_flow, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Velocities of the weights, and gradient of the squared loss."""

    velocities: Any
    gradient: Any


def velocities(w: Weights, g: Any) -> Weights:
    """Return the velocities of a coordinate, as stated."""
    return Weights(
        w_plus=-w.v_plus * g, v_plus=-w.w_plus * g, w_minus=w.v_minus * g, v_minus=w.w_minus * g
    )


def gradient(X: Any, beta: Any, y: Any) -> Any:
    """Return the gradient of the squared loss, as stated."""
    return X.T * (X * beta - y)


def decide(statement: Statement) -> Evidence:
    """Differentiate an undefined loss of two coordinates, then the squared loss of three."""
    states, slopes = [weights("_1"), weights("_2")], sp.symbols("g_1 g_2", real=True)
    derived = gradient_flow(states, slopes)
    X = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True))
    y, beta = sp.Matrix(sp.symbols("y_1:3", real=True)), sp.symbols("beta_1:4", real=True)
    residual = X * sp.Matrix(beta) - y
    loss = (residual.T * residual)[0] / 2
    return prove_all(
        [
            *(
                (
                    f"velocities of coordinate {i + 1} of a network with two",
                    equal(
                        sp.Matrix(statement.velocities(states[i], slopes[i])), sp.Matrix(derived[i])
                    ),
                )
                for i in range(2)
            ),
            (
                "gradient of the squared loss, two examples of three coordinates",
                equal(
                    statement.gradient(X, sp.Matrix(beta), y),
                    sp.Matrix([sp.diff(loss, b) for b in beta]),
                ),
            ),
        ]
    )


register(
    Claim(
        id="network.flow",
        title="Flow of the weights",
        sentence="Under gradient flow on any differentiable loss each weight moves by the other "
        "layer's weight of its pathway times ∂L/∂β, with opposite signs in the two pathways.",
        latex=r"\dot w_{\pm} = \mp v_{\pm}\, g \\ \dot v_{\pm} = \mp w_{\pm}\, g \\ "
        r"g = \nabla L(\beta) = X^{\top}(X\beta - y)",
        source="Sections 3.1-3.2, eq. (1)",
        checks=(
            Check(
                "chain rule on an undefined loss",
                Method.SYMBOLIC,
                decide,
                Statement(velocities, gradient),
                (
                    Control(
                        "the negative pathway moves with the sign of the positive one",
                        Statement(
                            lambda w, g: velocities(w, g)._replace(
                                w_minus=-w.v_minus * g, v_minus=-w.w_minus * g
                            ),
                            gradient,
                        ),
                    ),
                    Control(
                        "each weight moves by itself, not by the other layer's",
                        Statement(
                            lambda w, g: Weights(
                                -w.w_plus * g, -w.v_plus * g, w.w_minus * g, w.v_minus * g
                            ),
                            gradient,
                        ),
                    ),
                    Control(
                        "g = 2Xᵀ(Xβ − y)",
                        Statement(velocities, lambda X, b, y: 2 * gradient(X, b, y)),
                    ),
                ),
            ),
        ),
        assumptions=("the loss is differentiable",),
    )
)
