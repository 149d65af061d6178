"""Stability of the replica-symmetric solution (Proposition 4.2; Appendix C.1).

De Almeida and Thouless's condition E[η′²] < α holds at every fixed point, as 0 < η′ < 1 and
E[η′] ≤ α.
"""

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Method
from verify.methods.formula import Formula, named
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.registry import state

MEANS = named(r"E[\eta']", r"E[\eta'^2]", r"\alpha")
STATED = Formula("", MEANS, lambda mean, squared, alpha: 1 - squared / alpha, " > 0", relation="")
CONTROLS = (
    STATED.but("2E[η′²]/α for E[η′²]/α", lambda mean, squared, alpha: 1 - 2 * squared / alpha),
    STATED.but("reversed sign", lambda mean, squared, alpha: squared / alpha - 1),
)


def decide(margin):
    """Bound η′² by η′ at every z, and E[η′] by the first equation of the fixed point."""
    radius, pull, share = sp.symbols("R t x", positive=True)
    response = radius / (radius + pull)
    # E[η′] = α(1 − ϱ/τ) = α·x with x = (τ − ϱ)/τ ∈ (0, 1]; E[η′²] = E[η′] − slack, slack > 0.
    slack, rest = sp.Symbol("E[eta'(1-eta')]", positive=True), sp.Symbol("y", nonnegative=True)
    mean = replica.alpha * share
    left = margin(mean, mean - slack, replica.alpha).subs(share, 1 / (1 + rest))
    return prove_all(
        (
            (
                "η′ − η′² = R t/(R + t)² > 0 at every z, with R = √(c² + β̂²), t = τ/2",
                equal(response - response**2, radius * pull / (radius + pull) ** 2),
            ),
            (
                "E[η′] = αx with x = 1 − ϱ/τ ≤ 1 (replica.degrees-of-freedom), so 1 − E[η′²]/α = "
                "1 − x + E[η′(1−η′)]/α: positive",
                equal(left, rest / (1 + rest) + slack / replica.alpha),
            ),
        ),
        summary="the margin is at least E[η′(1 − η′)]/α > 0",
    )


INITS = ((1e-9, -0.9999, 0.0), (1e-3, 0.0, 0.0), (1.0, 0.5, 0.0), (1.0, 0.0, 30.0))


def evaluate(stated):
    """Evaluate the margin along curves of all regimes; the smallest must be positive."""
    alpha = np.concatenate([np.linspace(0.01, 0.99, 25), [1.5, 20.0]])
    smallest = Worst(smallest=True)
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab)
        for c, ratio, gamma in INITS:
            init = Initialization(c, ratio * c, gamma)
            curve = solve_replica(task, init, alpha, noise_variance=0.1, ridge=1e-3)
            squared = curve.alpha * (1.0 - curve.stability_margin)
            margin = stated(curve.degrees_of_freedom, squared, curve.alpha)
            smallest.at(margin, alpha=alpha, slab=slab, c=c, ratio=ratio, gamma=gamma)
    return smallest.measured("smallest margin {worst} at {count} points")


ALONG, STRICT = "margin along curves", "a strict inequality"
state(
    "replica.stability",
    __doc__,
    (
        Check("inequality at every z", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(ALONG, Method.FLOAT64, evaluate, STATED, CONTROLS, above=0.0, reason=STRICT),
    ),
    assumptions=("c_FT > 0, τ > 0",),
    requires=("replica.estimator-derivative", "replica.degrees-of-freedom"),
)
