"""Flow of the weights (Sections 3.1-3.2, eq. (1)).

Under gradient flow on any differentiable loss each weight moves by the other layer's weight of its
pathway times g = ∂L/∂β, with opposite signs in the two pathways; for ½‖Xβ − y‖² the gradient ∇L
by β is Xᵀ(Xβ − y).

The network is f(x) = βᵀx with β = w₊∘v₊ − w₋∘v₋, for any number of examples and coordinates: the
velocities of a coordinate are derived beside a second one, which stands for all others.
"""

import sympy as sp

from theory.network import gradient_flow, weights
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, OfWeights
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.registry import state


def velocities(w, g):
    return {
        "w_plus": -w.v_plus * g,
        "v_plus": -w.w_plus * g,
        "w_minus": w.v_minus * g,
        "v_minus": w.w_minus * g,
    }


def gradient(X, beta, y):
    return sp.transpose(X) * (X * beta - y)


G = sp.Symbol("g")
# Symbols that do not commute stand for matrices of any size.
X, beta, y = sp.symbols("X beta y", commutative=False)
STATED = Formulas(
    velocities=OfWeights(r"\dot W", (SHOWN, G), velocities),
    gradient=Formula(r"\nabla L(\beta)", (X, beta, y), gradient),
)
CONTROLS = (
    STATED.but(
        "the negative pathway moves with the sign of the positive one",
        velocities=lambda w, g: velocities(w._replace(w_minus=-w.w_minus, v_minus=-w.v_minus), g),
    ),
    STATED.but(
        "each weight moves by itself, not by the other layer's",
        velocities=lambda w, g: {
            "w_plus": -w.w_plus * g,
            "v_plus": -w.v_plus * g,
            "w_minus": w.w_minus * g,
            "v_minus": w.v_minus * g,
        },
    ),
    STATED.but("g = 2Xᵀ(Xβ − y)", gradient=lambda *matrices: 2 * gradient(*matrices)),
)


def decide(stated):
    """Differentiate an undefined loss, then the squared loss along any direction."""
    return prove_all(steps(stated))


def steps(stated):
    own, others = weights("_1"), weights("_2")
    g, h, t = sp.symbols("g_1 g_2 t", real=True)
    derived, _ = gradient_flow([own, others], [g, h])
    yield (
        "velocities of a coordinate, whatever the others do",
        equal(sp.Matrix(stated.velocities({SHOWN: own, G: g})), sp.Matrix(derived)),
    )
    along = sp.Symbol("u", commutative=False)
    residual = sp.expand(X * (beta + t * along) - y)
    rate = sp.diff(sp.expand(sp.transpose(residual) * residual), t).subs(t, 0) / 2
    slope = sp.transpose(along) * stated.gradient()
    yield (
        "the squared loss changes along any u at the rate uᵀg, which is its own transpose",
        equal(sp.expand(rate), sp.expand((slope + sp.transpose(sp.expand(slope))) / 2)),
    )


state(
    "network.flow",
    __doc__,
    (Check("chain rule on an undefined loss", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("the loss is differentiable",),
)
