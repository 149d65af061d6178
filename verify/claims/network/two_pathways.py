"""Two pathways start at β = 0 without a saddle (Section 3.1, “two pathways”).

With two pathways every c > 0 and |λ| ≤ c has a start at β = 0, and none is a saddle: the gradient
by the weights has |∇L₂|² = 2√(c² + β²)(∂L/∂β)² at every β, which is 2c(∂L/∂β)² there. With one,
β = wv, it is |∇L₁|² = √(λ² + 4β²)(∂L/∂β)², so that at β = 0 it vanishes where the layers balance,
λ = 0.

With one pathway, β = 0 needs a layer of zeros: w² + v² = |λ|. The balanced start is w = v = 0,
where the loss has curvatures of both signs.
"""

from dataclasses import replace

import sympy as sp

from theory.network import (
    effective_weight,
    gradient_flow,
    initial_weights,
    trajectory,
    weights,
)
from verify.claim import Check, Control, Fault, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.registry import state

g = sp.Symbol("g", positive=True)
(G,) = named(r"\frac{\partial L}{\partial\beta}")
# The gradients by the weights, by how many pathways there are.
GRADIENTS = {pathways: named(rf"\nabla L_{pathways}")[0] for pathways in (1, 2)}
ONE, TWO = GRADIENTS[1], GRADIENTS[2]
C, LAM, BETA = sp.symbols("c lambda beta")


def one(lam, beta, g):
    return g**2 * sp.sqrt(lam**2 + 4 * beta**2)


def two(c, beta, g):
    return 2 * g**2 * sp.sqrt(c**2 + beta**2)


STATED = Formulas(
    weights=Formula(sp.Abs(TWO) ** 2, (SHOWN, G), lambda w, g: g**2 * squared_norm(w)),
    two=Formula(sp.Abs(TWO) ** 2, (C, BETA, G), two),
    one=Formula(sp.Abs(ONE) ** 2, (LAM, BETA, G), one),
)
CONTROLS = (
    STATED.but("c for 2c at β = 0", two=lambda c, beta, g: two(c, beta, g) / 2),
    STATED.but("2.02 c for 2c at β = 0", two=lambda c, beta, g: two(c, beta, g) * 101 / 100),
    STATED.but("4β² for β²", two=lambda c, beta, g: two(c, 2 * beta, g)),
    STATED.but("β² for 4β²", one=lambda lam, beta, g: one(lam, beta / 2, g)),
    STATED.but(
        "the pathways' difference",
        weights=lambda w, g: g**2 * (w.w_plus**2 + w.v_plus**2 - w.w_minus**2 - w.v_minus**2),
    ),
)


def gradient(now):
    """∇L by the weights, as the flow has it, for a symbolic ∂L/∂β = g."""
    (velocities,) = gradient_flow([now], [g])
    return -sp.Matrix(velocities)


def sizes(w):
    """Return the size of the gradient by its name: with one pathway where the other is at zero."""
    here = gradient(weights()).subs(dict(zip(weights(), w, strict=True)), simultaneous=True)
    size = sp.sqrt(sum(entry**2 for entry in here))
    moving = 2 - ((w.w_minus, w.v_minus) == (0, 0))
    known = {one: size if n == moving else sp.nan for n, one in GRADIENTS.items()}

    def size_of(gradient):
        if gradient not in known:
            raise ValueError(f"the gradients must be among {[*known]}, got {gradient}")
        return known[gradient]

    return {sp.Abs: size_of}


def decide(stated):
    """Square the gradient; follow it from the initialisation; leave one pathway out."""
    return prove_all(steps(stated))


def steps(stated):
    now = weights()
    slope = gradient(now)
    yield (
        "two pathways",
        equal(stated.weights({SHOWN: now, G: g}), stated.weights.left(sizes(now))),
    )
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)  # cover every |λ| ≤ c
    c = w0**2 + v0**2
    start = initial_weights(c, w0**2 - v0**2)
    yield "the initialisation has β = 0", equal(effective_weight(start), sp.Integer(0))
    p = sp.Symbol("p", positive=True)
    later = trajectory(start, sp.log(p))
    beta = sp.factor(sp.expand(effective_weight(later)))
    yield (
        "from there on the gradient has the size stated at every β, whatever λ",
        equal(
            stated.two({C: c, BETA: beta, G: g}),
            sp.expand(stated.two.left(sizes(later))),
        ),
    )
    alone = now._replace(w_minus=sp.Integer(0), v_minus=sp.Integer(0))
    without = dict(zip(now, alone, strict=True))
    yield (
        "one pathway: the other, at zero, has no gradient",
        equal(slope.subs(without)[2:, :], sp.zeros(2, 1)),
    )
    lam, beta = alone.w_plus**2 - alone.v_plus**2, effective_weight(alone)
    yield (
        "its own has this size",
        equal(stated.one({LAM: lam, BETA: beta, G: g}), stated.one.left(sizes(alone))),
    )
    rest = {alone.w_plus: 0, alone.v_plus: 0}
    t, bend = sp.symbols("t L''", real=True)
    moving = -sp.Matrix(gradient_flow([now], [g + bend * effective_weight(now)])[0])
    hessian = moving.subs(without)[:2, :].jacobian(alone[:2]).subs(rest)
    yield (
        "at β = λ = 0 it vanishes, and the loss has the curvatures ±∂L/∂β: a saddle",
        equal(
            sp.Matrix([stated.one({LAM: 0, BETA: 0, G: g}), (t * sp.eye(2) - hessian).det()]),
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

ALWAYS = Formula(sp.Abs(ONE) ** 2, (LAM, G), lambda lam, g: 0 * g)
TRUTH = Control("|λ|(∂L/∂β)²", replace(ALWAYS, body=lambda lam, g: abs(lam) * g**2), True)


def decide_alone(stated):
    """Take one layer of a single pathway to zero, then the other."""
    w, v = sp.symbols("w v", real=True)
    return prove_all(
        (
            f"{name} = 0",
            equal(
                stated({LAM: start.w_plus**2 - start.v_plus**2, G: g}),
                stated.left(sizes(start)),
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

    With one pathway, β = wv, every start at β = 0 is a saddle: whatever λ = w² − v², the gradient
    of its loss L₁ by the weights vanishes there.
    """,
    (Check("one layer at zero", Method.SYMBOLIC, decide_alone, ALWAYS, TRUTH),),
    twin="network.two-pathways",
    fault=Fault.READ,
)
