"""c_FT is all that fine-tuning knows of its start (Theorem 4.1; Appendix B.1).

At all times, not only at its end, what fine-tuning has learned depends on c, λ, γ and β_PT through
c_FT alone: β̇ = −2√(c_FT² + β²) ∂L/∂β from β = 0.

The weights themselves do depend on more: w±² − v±² stays at λ_FT = (w₊ + w₋)² − γ².
"""

import sympy as sp

from theory.network import (
    Weights,
    absolute_scale,
    effective_weight,
    gradient_flow,
    rate,
    rebalanced,
    squared_norm,
    trajectory,
    weights,
)
from verify.claim import Check, Control, Fault, Method
from verify.methods.along import TIME, itself, moving
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.registry import state

# The hidden weights that were learned.
plus, minus, beta = sp.symbols("w_+ w_- beta", real=True)
gamma, p = sp.Symbol("gamma", nonnegative=True), sp.Symbol("p", positive=True)
c, lam = sp.Symbol("c_FT", positive=True), sp.Symbol("lambda_FT", real=True)
(G,), BETA = named(r"\frac{\partial L}{\partial\beta}"), sp.Function(r"\beta")


def velocity(beta, c, g):
    return -2 * sp.sqrt(c**2 + beta**2) * g


STATED = Formulas(
    velocity=Formula(sp.Derivative(BETA(TIME), TIME), (beta, c, G), velocity),
    scale=Formula(
        c,
        (plus, minus, gamma),
        lambda plus, minus, gamma: (plus + minus) ** 2 + gamma**2,
    ),
)
CONTROLS = (
    STATED.but("without the 2", velocity=lambda beta, c, g: velocity(beta, c, g) / 2),
    STATED.but("√(c_FT² − β²)", velocity=lambda beta, c, g: -2 * sp.sqrt(c**2 - beta**2) * g),
    STATED.but("γ²/2 for γ²", scale=lambda p, m, gamma: (p + m) ** 2 + gamma**2 / 2),
    STATED.but("1.01 γ²", scale=lambda p, m, gamma: (p + m) ** 2 + gamma**2 * 101 / 100),
    STATED.but("w₊ − w₋ for w₊ + w₋", scale=lambda p, m, gamma: (p - m) ** 2 + gamma**2),
    STATED.but("λ_FT for c_FT", scale=lambda p, m, gamma: (p + m) ** 2 - gamma**2),
)


def at(start):
    """Return the weights when e^x is p, from `start`; x takes every real value."""
    x = sp.Symbol("x", real=True)
    return Weights(*(weight.subs(x, sp.log(p)) for weight in trajectory(start, x)))


def decide(stated):
    """Follow the flow from the re-balanced weights."""
    return prove_all(steps(stated))


def steps(stated):
    g, hidden = sp.symbols("g w", real=True)
    start = rebalanced(Weights(plus, 0, minus, 0), gamma)
    yield "it starts at β = 0", equal(effective_weight(start), sp.Integer(0))
    yield "with the scale c_FT", equal(defined(stated.scale, c), absolute_scale(start))
    now = weights()
    speed = rate(effective_weight(now), [now], gradient_flow([now], [g]))
    yield "and moves against ∂L/∂β by the squared norm", equal(speed, -g * squared_norm(now))
    # w is what w₊ + w₋ may be.
    later = at(Weights(hidden, gamma, hidden, gamma))
    learned = sp.factor(effective_weight(later))
    scale = sp.expand(defined(stated.scale, c, {plus: hidden - minus}))
    given = stated.velocity({beta: learned, c: scale, G: g})
    along = {BETA: moving(itself, learned, -g * squared_norm(later)), TIME: 0}
    roots = {root: sp.factor(root.base) ** root.exp for root in given.atoms(sp.Pow)}
    yield (
        "which is 2√(c_FT² + β²) at all times, whatever w₊ + w₋ and γ make up c_FT",
        equal(given.subs(roots), stated.velocity.left(along)),
    )


state(
    "implicit-bias.scale-suffices",
    __doc__,
    (Check("flow from the re-balanced weights", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("gradient flow on any differentiable loss of β",),
    requires=("network.rebalance-zero", "network.effective-flow", "network.trajectory"),
)

# A false twin: two networks of one c_FT learn the same β in different weights.

W = sp.Function("w_+")


def square(lam, c, beta):
    radius, tilt = sp.sqrt(c**2 + beta**2), sp.sqrt(1 - (lam / c) ** 2) * beta
    return (lam + radius + tilt) / 2


EQUAL = Formula(W(TIME) ** 2, (c, beta), lambda c, beta: (sp.sqrt(c**2 + beta**2) + beta) / 2)
TRUTH = Control("with λ_FT = (w₊ + w₋)² − γ²", Formula(W(TIME) ** 2, (lam, c, beta), square), True)


def decide_weights(stated):
    """Square the hidden weight that the flow has from the re-balanced weights."""
    w0 = sp.Symbol("w", nonnegative=True)
    later = at(Weights(w0, gamma, w0, gamma))
    learned = sp.factor(effective_weight(later))
    given = stated({lam: w0**2 - gamma**2, c: w0**2 + gamma**2, beta: learned})
    roots = {root: sp.factor(root.base) ** root.exp for root in given.atoms(sp.Pow)}

    def whenever(time):
        if time != TIME:
            raise ValueError(f"the weight must be that at any time {TIME}, got at {time}")
        return later.w_plus

    return equal(given.subs(roots), stated.left({W: whenever}))


state(
    "implicit-bias.scale-determines-weights",
    """c_FT determines the fine-tuned weights (false) (A reading of Theorem 4.1).

    The weights of a fine-tuned network depend on c, λ, γ and β_PT through c_FT alone.
    """,
    (Check("flow from the re-balanced weights", Method.SYMBOLIC, decide_weights, EQUAL, TRUTH),),
    twin="implicit-bias.scale-suffices",
    fault=Fault.READ,
)
