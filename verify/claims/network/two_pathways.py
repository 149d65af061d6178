"""Two pathways start at β = 0 without a saddle (Section 3.1, “two pathways”).

With two pathways every c > 0 and |λ| ≤ c has a start at β = 0, and none is a saddle:
|∇L|² = 2c(∂L/∂β)². With one, β = wv, it is √(λ² + 4β²)(∂L/∂β)², so that at β = 0 it vanishes where
the layers balance, λ = 0.

∇L is the gradient by the weights. With one pathway, β = 0 needs a layer of zeros: w² + v² = |λ|.
The balanced start is w = v = 0, where the loss has curvatures of both signs.
"""

import sympy as sp

from theory.network import (
    effective_weight,
    gradient_flow,
    initial_weights,
    weights,
)
from verify.claim import Check, Control, Fault, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.registry import state

c, g = sp.symbols("c g", positive=True)
(G,) = named(r"\frac{\partial L}{\partial\beta}")
LAM, BETA = sp.symbols("lambda beta")


def one(lam, beta, g):
    return g**2 * sp.sqrt(lam**2 + 4 * beta**2)


STATED = Formulas(
    two=Formula(
        r"\beta = w_+v_+ - w_-v_-:\quad |\nabla L|^2",
        (SHOWN, G),
        lambda w, g: g**2 * squared_norm(w),
    ),
    start=Formula(r"\text{at } \beta = 0:\quad |\nabla L|^2", (c, G), lambda c, g: 2 * c * g**2),
    one=Formula(r"\beta = wv:\quad |\nabla L|^2", (LAM, BETA, G), one),
)


CONTROLS = (
    STATED.but("c for 2c", start=lambda c, g: c * g**2),
    STATED.but("2.02 c for 2c", start=lambda c, g: sp.Rational(202, 100) * c * g**2),
    STATED.but("β² for 4β²", one=lambda lam, beta, g: one(lam, beta / 2, g)),
    STATED.but(
        "the pathways' difference",
        two=lambda w, g: g**2 * (w.w_plus**2 + w.v_plus**2 - w.w_minus**2 - w.v_minus**2),
    ),
)


def gradient(now):
    """∇L by the weights, as the flow has it, for a symbolic ∂L/∂β = g."""
    (velocities,) = gradient_flow([now], [g])
    return -sp.Matrix(velocities)


def decide(stated):
    """Square the gradient; insert the initialisation; leave one pathway out."""
    return prove_all(steps(stated))


def steps(stated):
    now = weights()
    slope = gradient(now)
    yield "two pathways", equal(stated.two(now, g), sp.expand((slope.T * slope)[0]))
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)  # cover every |λ| ≤ c
    start = initial_weights(w0**2 + v0**2, w0**2 - v0**2)
    yield "the initialisation has β = 0", equal(effective_weight(start), sp.Integer(0))
    yield (
        "and a gradient of that size, whatever λ",
        equal(stated.start(w0**2 + v0**2, g), stated.two(start, g)),
    )
    alone = now._replace(w_minus=sp.Integer(0), v_minus=sp.Integer(0))
    without = dict(zip(now, alone, strict=True))
    yield (
        "one pathway: the other, at zero, has no gradient",
        equal(slope.subs(without)[2:, :], sp.zeros(2, 1)),
    )
    lam, beta = alone.w_plus**2 - alone.v_plus**2, effective_weight(alone)
    yield "its own has this size", equal(stated.one(lam, beta, g), stated.two(alone, g))
    rest = {alone.w_plus: 0, alone.v_plus: 0}
    t, bend = sp.symbols("t L''", real=True)
    moving = -sp.Matrix(gradient_flow([now], [g + bend * effective_weight(now)])[0])
    hessian = moving.subs(without)[:2, :].jacobian(alone[:2]).subs(rest)
    yield (
        "at β = λ = 0 it vanishes, and the loss has the curvatures ±∂L/∂β: a saddle",
        equal(
            sp.Matrix([stated.one(0, 0, g), (t * sp.eye(2) - hessian).det()]),
            sp.Matrix([0, t**2 - g**2]),
        ),
    )


state(
    "network.two-pathways",
    __doc__,
    (Check("gradient by the weights", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("∂L/∂β ≠ 0 at β = 0",),
    requires=("network.flow",),
)

# A false twin: with one layer at zero and the other not, one pathway has no saddle at β = 0 either.

ALWAYS = Formula(
    r"\beta = wv = 0,\ \lambda = w^2 - v^2:\quad |\nabla L|^2", (LAM, G), lambda lam, g: 0 * g
)
TRUTH = Control("|λ|(∂L/∂β)²", Formula(ALWAYS.name, (LAM, G), lambda lam, g: abs(lam) * g**2), True)


def decide_alone(stated):
    """Take one layer of a single pathway to zero, then the other."""
    w, v = sp.symbols("w v", real=True)
    return prove_all(
        (
            f"{name} = 0",
            equal(
                stated(start.w_plus**2 - start.v_plus**2, g),
                g**2 * squared_norm(start),
                thorough=True,
            ),
        )
        for name, start in (
            ("v", weights()._replace(w_plus=w, v_plus=0, w_minus=0, v_minus=0)),
            ("w", weights()._replace(w_plus=0, v_plus=v, w_minus=0, v_minus=0)),
        )
    )


state(
    "network.one-pathway-saddle",
    """One pathway has a saddle wherever β = 0 (false) (A reading of Section 3.1).

    With one pathway, β = wv, every start at β = 0 is a saddle: the weights' gradient vanishes.
    """,
    (Check("one layer at zero", Method.SYMBOLIC, decide_alone, ALWAYS, TRUTH),),
    twin="network.two-pathways",
    fault=Fault.READ,
)
