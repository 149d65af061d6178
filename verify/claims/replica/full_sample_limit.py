"""Limit of full samples (Proposition 4.2, expanded at τ → 0).

Without noise the error vanishes linearly as α → 1⁻: p/(1 − α) tends to E[q′(β*)²]/E[q″(β*)]².

For α → 1⁻ without noise τ → 0: then 1 − α = E[1 − η′] ≈ τE[q″(β*)] and E[(β̂ − z)²] ≈ τ²E[q′(β*)²],
so that the second equation, in the form E[(β̂ − z)²] = θ²E[1 − η′], gives p/(1 − α).
"""

import numpy as np
from scipy.integrate import quad

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.penalty import penalty_curvature, penalty_derivative
from theory.replica import alpha
from verify.claim import Check, Method
from verify.claims.replica._limits import near
from verify.methods.formula import Formula, Limit, named
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.registry import state

MEANS = named(r"E[q'(\beta^*)^2]", r"E[q''(\beta^*)]")
STATED = Formula(
    r"\frac{p}{1 - \alpha}",
    MEANS,
    lambda slope_squared, curvature: slope_squared / curvature**2,
    limit=Limit(alpha, 1, "-"),
)
CONTROLS = (
    STATED.but("E[q′²]/E[q″]", lambda squared, curvature: squared / curvature),
    STATED.but("twice that", lambda squared, curvature: 2 * squared / curvature**2),
)
INITS = ((0.5, 0.0, 0.3), (1.0, 0.7, 0.0), (0.2, -0.5, 1.0), (0.05, 0.0, 0.1))
STEPS = "1e-5", "2e-5"
CASES = [(slab, *init) for slab in ("sign", "gaussian") for init in INITS]


def decide(stated):
    """Extrapolate the solver's p/(1 − α) from two α close to 1."""

    def problem(slab, c, ratio, gamma):
        task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab=slab)
        return task, Initialization(c, ratio * c, gamma)

    def extrapolated(*case):
        task, init = problem(*case)
        curve = solve_replica(task, init, [float(near(stated.limit, step)) for step in STEPS])
        one, other = curve.mse / (1 - curve.alpha)
        return float(2 * one - other)

    def claimed(*case):
        task, init = problem(*case)
        scales = task.penalty_scales(init)
        means = [
            [mean(squared_slope, group, scale), mean(penalty_curvature, group, scale)]
            for group, scale in zip(task.groups, scales, strict=True)
        ]
        return float(stated(dict(zip(MEANS, task.probabilities @ means, strict=True))))

    found = compare(extrapolated, claimed, CASES, names=("slab", "c", "λ/c", "γ"))
    return compared(found, "p/(1 − α) as α → 1", (FLOAT64, CLOSED_FORM))


def squared_slope(beta, scale):
    return penalty_derivative(beta, scale) ** 2


def mean(even, group, scale):
    """Return the mean of an even function of β* at a scale, over the slab of a group."""
    size = group.ft_amplitude
    if group.slab != "gaussian":
        return float(even(size, scale))
    half = quad(lambda z: float(even(size * z, scale)) * np.exp(-z * z / 2), 0, 12, epsrel=1e-11)
    return float(half[0]) * np.sqrt(2 / np.pi)


REASON = "terms of order (1−α)² = 10⁻¹⁰ remain, times derivatives of q up to 10³"
state(
    "replica.full-sample-limit",
    __doc__,
    (Check("solver close to α = 1", Method.FLOAT64, decide, STATED, CONTROLS, 1e-6, REASON),),
    assumptions=("σ = 0, ϱ = 0", "c_FT > 0"),
    requires=("replica.degrees-of-freedom",),
)
