"""As many examples as coordinates, with a ridge (Proposition 4.2; Section 3.3, “α_PT = 1”).

At α = 1 without noise the error is p = √ϱ E[q′(β̂)²]/(2 E[q″(β̂)η′]^{3/2}) at every fixed point. It
vanishes like √ϱ as ϱ → 0: p/√ϱ → E[q′(β*)²]/(2 E[q″(β*)]^{3/2}).
"""

from dataclasses import replace
from functools import cache
from itertools import product

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from theory.replica import alpha, noise, ridge, tau, theta
from verify.claim import Check, Method
from verify.claims.replica._channel import Channel
from verify.claims.replica._limits import near
from verify.claims.replica._means import (
    ESTIMATE,
    RESPONSE,
    TARGET,
    at_each,
    groups_of,
    known,
    over,
    over_channel_in_float64,
    q,
    scales_of,
)
from verify.claims.replica._solved import solved
from verify.claims.replica.effective_parameters import STATED as PARAMETERS
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.claims.replica.stein import SLOPE as STEIN_SLOPE
from verify.claims.replica.stein import STATED as STEIN
from verify.claims.replica.susceptibility import STATED as SUSCEPTIBILITY
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import CLOSED_FORM, FLOAT64, Worst, compare, compared
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Limit, Side
from verify.registry import state

SQUARE = sp.Derivative(q(ESTIMATE), ESTIMATE) ** 2
CURVATURE = sp.Derivative(q(ESTIMATE), (ESTIMATE, 2))
with as_written():
    BEND = CURVATURE * RESPONSE


def error(ridge, slope_squared, bend):
    return sp.sqrt(ridge) * slope_squared / (2 * bend ** sp.Rational(3, 2))


STATED = Formulas(
    alpha=Formula(alpha, (), lambda: 1),
    noise=Formula(noise, (), lambda: 0),
    error=Formula(replica.error, (ridge, Mean(SQUARE), Mean(BEND)), error),
)
CONTROLS = (
    STATED.but("without the ½", error=lambda r, slope, bend: 2 * error(r, slope, bend)),
    STATED.but(
        "E[q″η′] for its power 3/2", error=lambda r, slope, bend: sp.sqrt(r) * slope / (2 * bend)
    ),
    STATED.but("one per cent more", error=lambda r, s, b: sp.Rational(101, 100) * error(r, s, b)),
    STATED.but("ϱ for √ϱ", error=lambda r, slope, bend: sp.sqrt(r) * error(r, slope, bend)),
)


def rate(slope_squared, curvature):
    return slope_squared / (2 * curvature ** sp.Rational(3, 2))


with as_written():
    RATE = replica.error / sp.sqrt(ridge)
AT_TARGET = [Mean(of.subs(ESTIMATE, TARGET)) for of in (SQUARE, CURVATURE)]
VANISHING = Formulas(
    alpha=STATED.alpha,
    noise=STATED.noise,
    rate=Formula(RATE, tuple(AT_TARGET), rate, limit=Limit(ridge, 0, Side.ABOVE)),
)
OF_LIMIT = (
    VANISHING.but("without the ½", rate=lambda slope, bend: 2 * rate(slope, bend)),
    VANISHING.but("E[q″] for its power 3/2", rate=lambda slope, bend: slope / (2 * bend)),
    VANISHING.but("one per cent more", rate=lambda s, b: sp.Rational(101, 100) * rate(s, b)),
    VANISHING.but(
        "as ϱ → 1/100",
        rate=replace(VANISHING.rate, limit=Limit(ridge, sp.Rational(1, 100), Side.ABOVE)),
    ),
)


def fixed(stated):
    """Return what says what α and σ are."""
    return {alpha: stated.alpha, noise: stated.noise}


def derive(stated):
    """Combine both equations with Stein's lemma for z ↦ q′(β̂(z))."""
    return prove_all(steps(stated), summary="both equations at α = 1, with Stein's lemma")


def steps(stated):
    slope, bend = sp.symbols("Q S", positive=True)
    there = {one: solved(part, one) for one, part in fixed(stated).items()}
    response = ESTIMATOR.response()
    chi = SUSCEPTIBILITY.response({Mean: at_each, RESPONSE: response})
    level = PARAMETERS.tau(there | {replica.susceptibility: chi})
    (size,) = sp.solve(level - tau, ridge)
    yield (
        "1 − η′ = τq″η′, so that τ = ϱ + τE[η′] reads ϱ = τ²S, S = E[q″η′]",
        equal(size, tau**2 * ESTIMATOR.curvature() * response),
    )
    (found,) = sp.solve(PARAMETERS.theta_squared(there) - theta**2, replica.error)
    yield "θ² = σ² + p/α reads p = θ²", equal(found, theta**2)
    covariance = STEIN.covariance({Mean: known({STEIN_SLOPE: bend})})
    (squared,) = sp.solve(-2 * tau * theta * covariance + tau**2 * slope, theta**2)
    yield (
        "p = θ² is E[(θZ − τq′)²] = θ² − 2τθE[Zq′] + τ²E[q′²], where E[Zq′(β̂)] = θS by Stein's "
        "lemma: so θ² = τE[q′²]/(2S), which is as stated",
        equal(
            stated.error.left({replica.error: squared}),
            stated.error({ridge: tau**2 * bend, Mean: known({SQUARE: slope, BEND: bend})}),
        ),
    )


INITS = ((1e-3, 0.0, 0.0), (0.5, 0.3, 0.4))
RIDGES = (1e-6, 0.05, 2.0)


def problem(init):
    c, ratio, gamma = init
    return TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5), Initialization(c, ratio * c, gamma)


@cache
def solution(init, size, data, deviation):
    """Solve at α and σ; return p, and the mean over the channels there."""
    task, start = problem(init)
    curve = solve_replica(task, start, data, noise_variance=deviation**2, ridge=size)
    channels = [
        Channel(group.ft_amplitude, curve.theta[0], curve.tau[0], scale)
        for group, scale in zip(task.groups, scales_of(task, start), strict=True)
    ]

    def mean(of):
        means = [over_channel_in_float64(one)(of) for one in channels]
        return sp.Float(task.probabilities @ means)

    return float(curve.mse[0]), mean


def at_fixed_points(stated):
    """Hold the solver's errors to the means at its fixed points."""
    there = [float(solved(part, one)) for one, part in fixed(stated).items()]

    def computed(init, size):
        return on_arrays(stated.error.name, {replica.error: solution(init, size, *there)[0]})

    def claimed(init, size):
        return float(stated.error({ridge: size, Mean: solution(init, size, *there)[1]}))

    found = compare(
        computed,
        claimed,
        product(INITS, RIDGES),
        names=("(c, λ/c, γ)", "ϱ"),
    )
    return compared(found, "error p, α = 1 with ridge", (FLOAT64, CLOSED_FORM))


SMALL = "1e-16"


def in_the_limit(stated):
    """Hold the solver's p/√ϱ at a tiny ϱ to the means at β*."""
    there = [float(solved(part, one)) for one, part in fixed(stated).items()]
    small, worst = float(near(stated.rate.towards, ridge, SMALL)), Worst()
    for init in ((0.5, 0.3, 0.4), (1.0, -0.5, 0.0)):
        found = solution(init, small, *there)[0]
        left = on_arrays(stated.rate.name, {replica.error: found, ridge: small})
        claimed = stated.rate({Mean: over(groups_of(*problem(init)))})
        worst.at(abs(float(left / claimed) - 1), init=init, found=found)
    return worst.measured(f"p/√ϱ at ϱ = {SMALL} is the limit to {{worst}}")


FIXED, INTEGRALS = "solver at α = 1", "rounding, in the solver and in the integrals"
LIMIT, NEXT = f"solver at ϱ = {SMALL}", "the next order is τ, of the order of √ϱ = 10⁻⁸"
state(
    "replica.critical-data",
    __doc__,
    (
        Check("both equations", Method.SYMBOLIC, derive, STATED, CONTROLS),
        Check(FIXED, Method.FLOAT64, at_fixed_points, STATED, CONTROLS, 1e-9, INTEGRALS),
        Check(LIMIT, Method.FLOAT64, in_the_limit, VANISHING, OF_LIMIT, 1e-6, NEXT),
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
