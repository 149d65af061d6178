"""Flow of the weights (Sections 3.1-3.2, eq. (1)).

Under gradient flow on any differentiable loss each weight moves by the other layer's weight of its
pathway times g = ∂L/∂β, with opposite signs in the two pathways; for ½‖Xβ − y‖² the gradient ∇L
by β is Xᵀ(Xβ − y).

The network is f(x) = βᵀx with β = w₊∘v₊ − w₋∘v₋, for any number of examples and coordinates: the
velocities of a coordinate are derived beside a second one, which stands for all others.
"""

from operator import attrgetter

import sympy as sp
from sympy.core.function import AppliedUndef

from theory.network import Weights, gradient_flow, weights
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, WEIGHT_AT, OfWeights
from verify.methods.along import TIME, moving
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


def loss(X, beta, y):
    return sp.transpose(X * beta - y) * (X * beta - y) / 2


def gradient(X, beta, y):
    return sp.transpose(X) * (X * beta - y)


# Symbols that do not commute stand for matrices of any size.
X, beta, y = sp.symbols("X beta y", commutative=False)


def rate(value, along):
    """Return the rate at which a function of β changes along a direction."""
    t = sp.Symbol("t", real=True)
    return sp.expand(sp.expand(value.subs(beta, beta + t * along)).diff(t).subs(t, 0))


class Gradient(sp.Function):  # type: ignore[misc]
    """The gradient by β of a quadratic form: its rate along u is ½(uᵀg + gᵀu)."""

    def doit(self, **hints):
        (value,) = self.args
        if value.has(AppliedUndef):
            return self
        u = sp.Symbol("u", commutative=False)
        first = rate(value, u).replace(
            lambda term: term == sp.transpose(u), lambda _: sp.Integer(1)
        )
        return sp.expand(2 * first.subs(u, 0))

    def _latex(self, printer):
        return rf"\nabla {printer.doprint(self.args[0])}"


G, LOSS = sp.Symbol("g"), sp.Function("L")
STATED = Formulas(
    velocities=OfWeights(sp.Derivative(WEIGHT_AT(TIME), TIME), (SHOWN, G), velocities),
    loss=Formula(LOSS(beta), (X, beta, y), loss),
    gradient=Formula(Gradient(LOSS(beta)), (X, beta, y), gradient),
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
    STATED.but("L = ‖Xβ − y‖²", loss=lambda *matrices: 2 * loss(*matrices)),
    STATED.but("g = 2Xᵀ(Xβ − y)", gradient=lambda *matrices: 2 * gradient(*matrices)),
)


def decide(stated):
    """Differentiate an undefined loss, then the squared loss along any direction."""
    return prove_all(steps(stated))


def steps(stated):
    own, others = weights("_1"), weights("_2")
    g, h = sp.symbols("g_1 g_2", real=True)
    derived, _ = gradient_flow([own, others], [g, h])
    moved = [
        stated.velocities.left({WEIGHT_AT: moving(attrgetter(name), own, derived), TIME: 0})
        for name in Weights._fields
    ]
    yield (
        "velocities of a coordinate, whatever the others do",
        equal(sp.Matrix(stated.velocities({SHOWN: own, G: g})), sp.Matrix(moved)),
    )
    residual = X * beta - y
    squared = {LOSS: lambda place: (sp.transpose(residual) * residual).subs(beta, place) / 2}
    yield (
        "the loss is half of the squared residual",
        equal(sp.expand(stated.loss()), sp.expand(stated.loss.left(squared))),
    )
    along = sp.Symbol("u", commutative=False)
    slope = sp.expand(sp.transpose(along) * stated.gradient())
    yield (
        "along any u it changes at the rate uᵀ∇L, which is its own transpose",
        equal(rate(stated.loss(), along), sp.expand(slope + sp.transpose(slope)) / 2),
    )
    yield "and ∇L is as stated", equal(sp.expand(stated.gradient()), stated.gradient.left(squared))


state(
    "network.flow",
    __doc__,
    (Check("chain rule on an undefined loss", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("the loss is differentiable",),
)
