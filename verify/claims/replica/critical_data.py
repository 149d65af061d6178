"""As many examples as coordinates, with a ridge (Proposition 4.2; Section 3.3, “α_PT = 1”).

At α = 1 without noise the error is p = √ϱ E[q′(β̂)²]/(2 E[q″(β̂)η′]^{3/2}) at every fixed point. It
vanishes like √ϱ as ϱ → 0: p/√ϱ → E[q′(β*)²]/(2 E[q″(β*)]^{3/2}).
"""

from functools import cache
from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.penalty import penalty_curvature, penalty_derivative
from theory import replica
from theory.replica import alpha, noise, ridge, tau, theta
from verify.claim import Check, Method
from verify.claims.replica._channel import Channel
from verify.claims.replica.effective_parameters import STATED as PARAMETERS
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.claims.replica.stein import MEAN_SLOPE
from verify.claims.replica.stein import STATED as STEIN
from verify.claims.replica.susceptibility import RESPONSE
from verify.claims.replica.susceptibility import STATED as SUSCEPTIBILITY
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import CLOSED_FORM, FLOAT64, Worst, compare, compared
from verify.registry import state

SLOPE, BEND = named(r"E[q'(\hat\beta)^2]", r"E[q''(\hat\beta)\, \eta']")


def error(ridge, slope_squared, bend):
    return sp.sqrt(ridge) * slope_squared / (2 * bend ** sp.Rational(3, 2))


STATED = Formulas(
    alpha=Formula(r"\alpha", (), lambda: 1),
    noise=Formula(r"\sigma", (), lambda: 0),
    error=Formula("p", (ridge, SLOPE, BEND), error),
)
CONTROLS = (
    STATED.but("without the ½", error=lambda r, slope, bend: 2 * error(r, slope, bend)),
    STATED.but(
        "E[q″η′] for its power 3/2", error=lambda r, slope, bend: sp.sqrt(r) * slope / (2 * bend)
    ),
    STATED.but("one per cent more", error=lambda r, s, b: sp.Rational(101, 100) * error(r, s, b)),
    STATED.but("ϱ for √ϱ", error=lambda r, slope, bend: sp.sqrt(r) * error(r, slope, bend)),
)


def derive(stated):
    """Combine both equations with Stein's lemma for z ↦ q′(β̂(z))."""
    return prove_all(steps(stated), summary="both equations at α = 1, with Stein's lemma")


def steps(stated):
    slope, bend = sp.symbols("Q S", positive=True)
    there = {alpha: stated.alpha(), noise: stated.noise()}
    response = ESTIMATOR.response()
    chi = SUSCEPTIBILITY.response({RESPONSE: response})
    level = PARAMETERS.tau(there | {replica.susceptibility: chi})
    (solved,) = sp.solve(level - tau, ridge)
    yield (
        "1 − η′ = τq″η′, so that τ = ϱ + τE[η′] reads ϱ = τ²S, S = E[q″η′]",
        equal(solved, tau**2 * ESTIMATOR.curvature() * response),
    )
    (found,) = sp.solve(PARAMETERS.theta_squared(there) - theta**2, replica.error)
    yield "θ² = σ² + p/α reads p = θ²", equal(found, theta**2)
    covariance = STEIN.covariance({MEAN_SLOPE: bend})
    (squared,) = sp.solve(-2 * tau * theta * covariance + tau**2 * slope, theta**2)
    yield (
        "p = θ² is E[(θZ − τq′)²] = θ² − 2τθE[Zq′] + τ²E[q′²], where E[Zq′(β̂)] = θS by Stein's "
        "lemma: so θ² = τE[q′²]/(2S), which is as stated",
        equal(squared, stated.error({ridge: tau**2 * bend, SLOPE: slope, BEND: bend})),
    )


INITS = ((1e-3, 0.0, 0.0), (0.5, 0.3, 0.4))
RIDGES = (1e-6, 0.05, 2.0)


def problem(init):
    c, ratio, gamma = init
    return TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5), Initialization(c, ratio * c, gamma)


@cache
def means(init, size, data, deviation):
    """Solve at α and σ; return p, and E[q′(β̂)²] and E[q″(β̂)η′] there, integrated."""
    task, start = problem(init)
    curve = solve_replica(task, start, data, noise_variance=deviation**2, ridge=size)
    integrals = []
    for scale, group in zip(task.penalty_scales(start), task.groups, strict=True):
        channel = Channel(group.ft_amplitude, curve.theta[0], curve.tau[0], scale)
        integrands = (
            lambda z, beta, response, scale=scale: penalty_derivative(beta, scale) ** 2,
            lambda z, beta, response, scale=scale: penalty_curvature(beta, scale) * response,
        )
        integrals.append([channel.mean_in_float64(one) for one in integrands])
    return float(curve.mse[0]), *(task.probabilities @ integrals)


def at_fixed_points(stated):
    """Hold the solver's errors to the means at its fixed points."""
    there = float(stated.alpha()), float(stated.noise())

    def claimed(init, size):
        _, slope, bend = means(init, size, *there)
        return float(stated.error({ridge: size, SLOPE: slope, BEND: bend}))

    found = compare(
        lambda init, size: means(init, size, *there)[0],
        claimed,
        product(INITS, RIDGES),
        names=("(c, λ/c, γ)", "ϱ"),
    )
    return compared(found, "error p, α = 1 with ridge", (FLOAT64, CLOSED_FORM))


SMALL = 1e-16


def in_the_limit(stated):
    """Hold the solver's p/√ϱ at a tiny ϱ to the means at β*."""
    worst = Worst()
    for init in ((0.5, 0.3, 0.4), (1.0, -0.5, 0.0)):
        task, start = problem(init)
        scales = task.penalty_scales(start)
        at = np.array([group.ft_amplitude for group in task.groups])
        slope = float(task.probabilities @ penalty_derivative(at, scales) ** 2)
        bend = float(task.probabilities @ penalty_curvature(at, scales))
        data, variance = float(stated.alpha()), float(stated.noise()) ** 2
        curve = solve_replica(task, start, data, noise_variance=variance, ridge=SMALL)
        found = float(curve.mse[0])
        gap = abs(found / float(stated.error({ridge: SMALL, SLOPE: slope, BEND: bend})) - 1)
        worst.at(gap, init=init, found=found)
    return worst.measured(f"p/√ϱ at ϱ = {SMALL:g} is the limit to {{worst}}")


FIXED, INTEGRALS = "solver at α = 1", "rounding, in the solver and in the integrals"
LIMIT, NEXT = f"solver at ϱ = {SMALL:g}", "the next order is τ, of the order of √ϱ = 10⁻⁸"
state(
    "replica.critical-data",
    __doc__,
    (
        Check("both equations", Method.SYMBOLIC, derive, STATED, CONTROLS),
        Check(FIXED, Method.FLOAT64, at_fixed_points, STATED, CONTROLS, 1e-9, INTEGRALS),
        Check(LIMIT, Method.FLOAT64, in_the_limit, STATED, CONTROLS, 1e-6, NEXT),
    ),
    assumptions=("ϱ > 0", "c_FT > 0"),
    requires=(
        "replica.effective-parameters",
        "replica.susceptibility",
        "replica.estimator-derivative",
        "replica.stein",
    ),
    not_decided=("that τ and θ vanish with ϱ: numbers only",),
)
