"""λ does not influence what pretraining learns (Section 4.1, “λ in pretraining”).

The flow of β during pretraining, and so what is learned, depends on c but not on λ, anywhere in
[−c, c]; the scale c_FT with which fine-tuning starts grows with λ, at least twice as fast.
"""

import numpy as np
import sympy as sp

from theory.implicit_bias import mirror_speed
from theory.network import finetune_scale
from verify.claim import Check, Method
from verify.methods import flow
from verify.methods.along import TIME, itself, moving
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import named
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.orthant import decide_on_orthant, on_line
from verify.methods.relations import Bound, Relation
from verify.registry import state

beta, beta_pt, lam = sp.symbols("beta beta_PT lambda", real=True)
c, gamma = sp.Symbol("c", positive=True), sp.Symbol("gamma", nonnegative=True)
c_ft, BETA = sp.Function("c_{FT}"), sp.Function(r"\beta")
(g,) = named(r"\frac{\partial L}{\partial \beta}")


def velocity(beta, c, g):
    return -2 * sp.sqrt(c**2 + beta**2) * g


FLOW = Formulas(velocity=Formula(sp.Derivative(BETA(TIME), TIME), (beta, c, g), velocity))
STATED = Formulas(
    velocity=FLOW.velocity,
    growth=Formula(
        sp.Derivative(c_ft(beta_pt, c, lam, gamma), lam),
        (beta_pt, c),
        lambda beta_pt, c: 1 + sp.sqrt(1 + (beta_pt / c) ** 2),
        bounds=(Bound(Relation.AT_LEAST, 2),),
    ),
)


def controls(stated):
    return (
        stated.but(
            "√(c² − λ²/2) for c",
            velocity=lambda beta, c, g: velocity(beta, sp.sqrt(c**2 - lam**2 / 2), g),
        ),
        stated.but(
            "c + λ/100 for c",
            velocity=lambda beta, c, g: velocity(beta, c + lam / 100, g),
        ),
    )


CONTROLS = (
    *controls(STATED),
    STATED.but("c_FT without λ", growth=lambda beta_pt, c: sp.Integer(0)),
)


def moved_at(speed):
    """Return what is inserted where β moves at this speed, against ∂L/∂β."""
    return {BETA: moving(itself, beta, -speed * g), TIME: 0}


def scale_at(*place):
    """Return the derived scale of fine-tuning, as a function of β_PT, c, λ and γ."""
    if place != (beta_pt, c, lam, gamma):
        raise ValueError(f"c_FT is a function of β_PT, c, λ and γ, got {place}")
    return finetune_scale(*place)


def decide(stated):
    """Compare with the derived speed for all λ, and with the derived scale of fine-tuning."""
    return prove_all(steps(stated))


def steps(stated):
    along = moved_at(mirror_speed(beta, c, lam))
    yield "velocity of β, at every λ", equal(stated.velocity(), stated.velocity.left(along))
    growth = stated.growth()
    yield "growth of c_FT with λ", equal(growth, stated.growth.left({c_ft: scale_at}))
    for bound in stated.growth.bounds:
        margin, text = bound.margin(growth), "it is not below the bound, whatever was learned"
        at = sp.factor(on_line(margin, beta_pt, c))
        yield text, decide_on_orthant(text, at, strict=bound.strict)
        yield "which is reached at β_PT = 0", zero(margin.subs(beta_pt, 0))


SEED = 61


def integrate(stated):
    """Train from several λ; hold the speed to the weights, its mirror map to the row space."""
    X, y = flow.random_task(np.random.default_rng(SEED), 3, 5)
    metric = function_of(-2 / stated.velocity({g: 2}), beta, c, lam)
    n = sp.Symbol("n")
    measured = function_of(stated.velocity.left(moved_at(n)).subs(g, 2), n)
    nodes, shares = np.polynomial.legendre.leggauss(40)
    worst, learned, scale = Worst(), [], 0.8
    for ratio in (-1.0, -0.6, 0.0, 0.8, 1.0):
        end = flow.train(flow.initial_state(scale, ratio * scale, 5), X, y)
        half = end.beta[:, None] / 2
        mirror = (half * shares * metric(half * (1 + nodes), scale, ratio * scale)).sum(axis=1)
        worst.at(flow.outside_row_space(mirror, X), of="mirror map", ratio=ratio)
        speed = sum(weight**2 for weight in end)
        off = np.abs(measured(speed) * metric(end.beta, scale, ratio * scale) / -2 - 1)
        worst.at(off, of="speed, the sum of the squared weights", ratio=ratio)
        residual = np.linalg.norm(X @ end.beta - y) / np.linalg.norm(y)
        worst.at(residual, of="Xβ = y", ratio=ratio)
        learned.append(end.beta)
    worst.at(np.ptp(learned, axis=0), of="spread of β over λ", coordinate=np.arange(5))
    return worst.measured(
        "five λ learn the same β with Xβ = y, its mirror map in the row space, within {worst}"
    )


WHY = "trainings end at a residual of 1e-8; the local tolerance is 1e-10"

state(
    "implicit-bias.pretraining-lambda-free",
    __doc__,
    (
        Check("derived speed and scale", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("integration", Method.FLOW, integrate, FLOW, controls(FLOW), 1e-7, WHY, seed=SEED),
    ),
    assumptions=("c > 0, |λ| ≤ c",),
    requires=("implicit-bias.mirror-flow", "network.finetune-scale"),
)
