"""Stability of the replica-symmetric solution (Proposition 4.2; Appendix C.1).

De Almeida and Thouless's condition E[η′²] < α holds at every fixed point: the margin 1 − E[η′²]/α
is ϱ/τ + E[η′(1 − η′)]/α, and 0 < η′ < 1.
"""

from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Method
from verify.claims.replica._signs import positive
from verify.claims.replica.degrees_of_freedom import STATED as MEAN_RESPONSE
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.registry import state

R, TAU, SPREAD, RIDGE, ALPHA = named(
    r"\sqrt{k + 4 \hat\beta^2}", r"\tau", r"E[\eta' - \eta'^2]", r"\varrho", r"\alpha"
)
STATED = Formulas(
    margin=Formula(
        r"1 - \frac{E[\eta'^2]}{\alpha}",
        (RIDGE, TAU, SPREAD, ALPHA),
        lambda ridge, tau, spread, alpha: ridge / tau + spread / alpha,
        " > 0",
    ),
    spread=Formula(
        r"\eta' - \eta'^2", (R, TAU), lambda root, tau: root * tau / (root + tau) ** 2, " > 0"
    ),
)
CONTROLS = (
    STATED.but("E[η′ − η′²] for its quotient by α", margin=lambda r, t, spread, a: r / t + spread),
    STATED.but("reversed sign", margin=lambda r, t, spread, a: -r / t - spread / a),
    STATED.but("1.01 E[η′ − η′²]", margin=lambda r, t, spread, a: r / t + 1.01 * spread / a),
    STATED.but("ϱ/τ left out", margin=lambda r, t, spread, a: 0 * r / t + spread / a),
)
SQUARED = STATED.but(
    "R/(R + τ)² for Rτ/(R + τ)²", spread=lambda root, tau: root / (root + tau) ** 2
)


def decide(stated):
    """Insert E[η′] at the fixed point; both terms are positive."""
    return prove_all(steps(stated), summary="the margin is a sum of positive terms")


def steps(stated):
    radius, spread = sp.symbols("R S", positive=True)
    ridge, tau = sp.Symbol("varrho", nonnegative=True), replica.tau
    response = ESTIMATOR.response(radius, tau)
    yield (
        "η′ − η′² as stated, at every z; R = √(k + 4β̂²)",
        equal(response - response**2, stated.spread(radius, tau)),
    )
    yield "η′ − η′² > 0", positive("η′ − η′² > 0", stated.spread(radius, tau))
    squared = MEAN_RESPONSE(replica.alpha, ridge, tau) - spread
    yield (
        "E[η′] = α(1 − ϱ/τ), and so the margin is as stated, with S = E[η′ − η′²]",
        equal(1 - squared / replica.alpha, stated.margin(ridge, tau, spread, replica.alpha)),
    )
    yield (
        "it is positive for ϱ ≥ 0 and S > 0",
        positive("margin > 0", stated.margin(ridge, tau, spread, replica.alpha)),
    )


INITS = ((1e-9, -0.9999, 0.0), (1e-3, 0.0, 0.0), (1.0, 0.5, 0.0), (1.0, 0.0, 30.0))
RIDGES = (1e-3, 0.1)


def evaluate(stated):
    """Hold the solver's margins along curves of all regimes to the stated ones."""
    alpha = np.concatenate([np.linspace(0.01, 0.99, 25), [1.5, 20.0]])
    worst = Worst()
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab)
        for (c, ratio, gamma), ridge in product(INITS, RIDGES):
            init = Initialization(c, ratio * c, gamma)
            curve = solve_replica(task, init, alpha, noise_variance=0.1, ridge=ridge)
            squared = curve.alpha * (1.0 - curve.stability_margin)
            spread = curve.degrees_of_freedom - squared
            claimed = stated.margin(ridge, curve.tau, spread, curve.alpha)
            # What is not positive is no margin, however near.
            gap = np.where(claimed > 0, np.abs(claimed / curve.stability_margin - 1), np.inf)
            worst.at(gap, alpha=alpha, slab=slab, c=c, ratio=ratio, gamma=gamma, ridge=ridge)
    return worst.measured("positive margins as stated to {worst} at {count} points")


ALONG, ROUNDING = (
    "margins along curves",
    "rounding, where margins are differences of numbers near 1",
)
state(
    "replica.stability",
    __doc__,
    (
        Check("inequality at every z", Method.SYMBOLIC, decide, STATED, (*CONTROLS, SQUARED)),
        Check(ALONG, Method.FLOAT64, evaluate, STATED, CONTROLS, 1e-9, ROUNDING),
    ),
    assumptions=("c_FT > 0, τ > 0, ϱ ≥ 0",),
    requires=("replica.estimator-derivative", "replica.degrees-of-freedom"),
)
