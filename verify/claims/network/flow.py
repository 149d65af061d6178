"""Flow of the weights (Sections 3.1-3.2, eq. (1)).

Under gradient flow on any differentiable loss each weight moves by the other layer's weight of its
pathway times ∂L/∂β, with opposite signs in the two pathways.

The network is f(x) = βᵀx with β = w₊∘v₊ − w₋∘v₋; the squared loss is ½‖Xβ − y‖².
"""

import sympy as sp

from theory.network import Weights, gradient_flow, weights
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, OfWeights
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.registry import state


def velocities(w, g):
    return Weights(
        w_plus=-w.v_plus * g, v_plus=-w.w_plus * g, w_minus=w.v_minus * g, v_minus=w.w_minus * g
    )


def gradient(transposed, X, beta, y):
    return transposed * (X * beta - y)


MATRICES = sp.symbols(r"X^{\top} X beta y", commutative=False)
STATED = Formulas(
    velocities=OfWeights(r"\dot W", (SHOWN, sp.Symbol("g")), velocities),
    gradient=Formula(r"g = \nabla L(\beta)", MATRICES, gradient),
)
CONTROLS = (
    STATED.but(
        "the negative pathway moves with the sign of the positive one",
        velocities=lambda w, g: velocities(w._replace(w_minus=-w.w_minus, v_minus=-w.v_minus), g),
    ),
    STATED.but(
        "each weight moves by itself, not by the other layer's",
        velocities=lambda w, g: Weights(-w.w_plus * g, -w.v_plus * g, w.w_minus * g, w.v_minus * g),
    ),
    STATED.but("g = 2Xᵀ(Xβ − y)", gradient=lambda *matrices: 2 * gradient(*matrices)),
)


def decide(stated):
    """Differentiate an undefined loss of two coordinates, then the squared loss of three."""
    now, slopes = [weights("_1"), weights("_2")], sp.symbols("g_1 g_2", real=True)
    derived = gradient_flow(now, slopes)
    X = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True))
    y, beta = (sp.Matrix(sp.symbols(name, real=True)) for name in ("y_1:3", "beta_1:4"))
    loss = ((X * beta - y).T * (X * beta - y))[0] / 2
    velocities = [stated.velocities(w, g) for w, g in zip(now, slopes, strict=True)]
    return prove_all(
        [
            *(
                (f"velocities of coordinate {i + 1} of two", equal(*map(sp.Matrix, both)))
                for i, both in enumerate(zip(velocities, derived, strict=True))
            ),
            (
                "gradient of the squared loss, two examples of three coordinates",
                equal(stated.gradient(X.T, X, beta, y), sp.Matrix([loss.diff(b) for b in beta])),
            ),
        ]
    )


state(
    "network.flow",
    __doc__,
    (Check("chain rule on an undefined loss", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("the loss is differentiable",),
)
