"""The fixed point is where one function is stationary (Proposition 4.2; Appendix C.1, eq. (34)).

With e(z, τ) the least value of (β − z)²/(2τ) + q(β) over β, which β̂ reaches, both equations say
that ψ(θ, b) is stationary, for τ = θ/b.

No replica enters ψ: it is what is left of the optimisation problem itself for Gaussian X.
"""

from functools import cache, partial

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, potential
from theory import saddle
from theory.replica import alpha, error, noise, ridge, susceptibility, tau, theta
from theory.saddle import b, w, z
from verify.claim import Check, Control, Method
from verify.claims.replica._means import (
    ESTIMATE,
    RESPONSE,
    TARGET,
    Z,
    groups_of,
    known,
    over_groups_in_float64,
    q,
)
from verify.claims.replica._potential import (
    AVERAGE,
    ENVELOPE,
    POTENTIAL,
    PSI,
    as_function,
    of_deviation,
    plane,
    varrho,
    with_derivatives,
)
from verify.claims.replica._signs import positive
from verify.claims.replica.effective_parameters import STATED as PARAMETERS
from verify.claims.replica.stein import SLOPE
from verify.claims.replica.stein import STATED as STEIN
from verify.claims.replica.susceptibility import STATED as SUSCEPTIBILITY
from verify.methods.formula import Formula, Formulas, inserted
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import Worst
from verify.methods.on_arrays import on_arrays
from verify.registry import state

with as_written():
    IN_THETA, IN_B = (sp.Derivative(PSI(theta, b), one) for one in (theta, b))
    NOISE = 2 * theta**2 / b * IN_THETA
    REGULARISATION = IN_B / b + theta / b**2 * IN_THETA
    VALUE = PSI(theta, b) - b * IN_B
STATED = Formulas(
    potential=POTENTIAL,
    envelope=Formula(
        ENVELOPE(z, tau),
        (z, ESTIMATE, tau, q(ESTIMATE)),
        lambda z, estimate, tau, penalty: (z - estimate) ** 2 / (2 * tau) + penalty,
    ),
    in_z=Formula(
        sp.Derivative(ENVELOPE(z, tau), z),
        (z, ESTIMATE, tau),
        lambda z, estimate, tau: (z - estimate) / tau,
    ),
    in_tau=Formula(
        sp.Derivative(ENVELOPE(z, tau), tau),
        (z, ESTIMATE, tau),
        lambda z, estimate, tau: -((z - estimate) ** 2) / (2 * tau**2),
    ),
    noise=Formula(
        NOISE,
        (theta, noise, Mean((ESTIMATE - TARGET) ** 2), alpha),
        lambda theta, sigma, error, alpha: theta**2 - (sigma**2 + error / alpha),
    ),
    regularisation=Formula(
        REGULARISATION,
        (theta, b, varrho, Mean(RESPONSE), alpha),
        lambda theta, b, ridge, response, alpha: theta / b - (ridge + theta / b * response / alpha),
    ),
    value=Formula(
        VALUE,
        (varrho, b, Mean(q(ESTIMATE)), alpha),
        lambda ridge, b, penalty, alpha: ridge * b**2 / 2 + penalty / alpha,
    ),
)
LEAST = sp.Function("L")
CONTROLS = (
    STATED.but(
        "b for b/2",
        potential=lambda b, s, theta, r, alpha, mean: (
            b * (s**2 / theta + theta) - r * b**2 / 2 + (mean - b * theta / 2) / alpha
        ),
    ),
    STATED.but(
        "1/α on the first term",
        potential=lambda b, s, theta, r, alpha, mean: (
            b / (2 * alpha) * (s**2 / theta + theta) - r * b**2 / 2 + mean - b * theta / 2
        ),
    ),
    STATED.but(
        "bθ/2 left out",
        potential=lambda b, s, theta, r, alpha, mean: (
            b / 2 * (s**2 / theta + theta) - r * b**2 / 2 + mean / alpha
        ),
    ),
    STATED.but(
        "E[η′²] for E[η′]",
        regularisation=Formula(
            REGULARISATION,
            (theta, b, varrho, Mean(RESPONSE**2), alpha),
            STATED.regularisation.body,
        ),
    ),
    STATED.but(
        "E[β̂²] for E[(β̂ − β*)²]",
        noise=Formula(NOISE, (theta, noise, Mean(ESTIMATE**2), alpha), STATED.noise.body),
    ),
    STATED.but("∂e/∂τ without ½", in_tau=lambda z, beta, tau: -((z - beta) ** 2) / tau**2),
)


def decide(stated):
    """Take the slopes of ψ by the envelope theorem, and their means by Stein's lemma."""
    return prove_all(steps(stated), summary="both slopes of ψ, by the envelope theorem")


def means():
    """Return E of expressions of Z, β*, β̂ and η′, where β* is independent of Z."""
    response, squared, cross, signal, penalty = sp.symbols("M Q S B q", real=True)
    density = sp.exp(-(Z**2) / 2) / sp.sqrt(2 * sp.pi)
    first, second = (sp.integrate(Z**k * density, (Z, -sp.oo, sp.oo)) for k in (1, 2))
    fitted = STEIN.covariance({Mean: known({SLOPE: response})})
    mean = known(
        {
            RESPONSE: response,
            RESPONSE**2: squared,
            w**2: error,
            w * TARGET: cross,
            TARGET**2: signal,
            # E[Zβ̂] − E[Zβ*], the second at each β*.
            w * Z: fitted - TARGET * first,
            Z**2: second,
            saddle.penalty(TARGET + w): penalty,
        }
    )
    return of_deviation(mean)


def steps(stated):
    proximal = saddle.proximal(w, z, tau)
    size = sp.Symbol("q", nonnegative=True)
    here = {ENVELOPE: partial(saddle.proximal, w), ESTIMATE: w, q: lambda _: size}
    yield (
        "e at β̂",
        equal(inserted(stated.envelope.left(here), {q: here[q]}), stated.envelope(here)),
    )
    for text, formula, variable in (("z", stated.in_z, z), ("τ", stated.in_tau, tau)):
        least = saddle.stationary_slope(proximal, (w,), variable)
        yield (
            f"∂e/∂{text} is that of (β − z)²/(2τ) + q(β) at fixed β, as its slope in β is 0 at β̂",
            equal(
                formula.left({ENVELOPE: LEAST}).subs(sp.Derivative(LEAST(z, tau), variable), least),
                formula({ESTIMATE: w}),
            ),
        )
    mean = means()
    function, envelope = as_function(stated.potential)
    yield (
        "ψ, with a mean that is a function of θ and b",
        equal(stated.potential.left({PSI: function}), function(theta, b)),
    )
    at, step = envelope.args

    def of_mean(parameter):
        here = {z: at, tau: step}
        through = ((stated.in_z, at), (stated.in_tau, step))
        return mean(sum(slope(here) * sp.diff(of, parameter) for slope, of in through))

    for text, formula in (
        ("∂ψ/∂θ, by both slopes of e and E[Z(β̂ − β*)] = θE[η′] (Stein)", stated.noise),
        ("∂ψ/∂b beside it", stated.regularisation),
        ("ψ itself, with the mean of q(β̂)", stated.value),
    ):
        found = with_derivatives(formula.left({PSI: function}), 1, of_mean)
        found = found.subs(AVERAGE(theta, b), mean(stated.envelope({z: at, tau: step})))
        yield text, equal(found, formula({Mean: mean}))
    slopes = sp.symbols("s_theta s_b", real=True)
    both = [one.left({PSI: plane(slopes)}) for one in (stated.noise, stated.regularisation)]
    yield (
        "both left sides vanish only where both slopes do: their determinant is positive",
        positive("2θ²/b² > 0", sp.Matrix(both).jacobian(slopes).det()),
    )
    here = {ridge: varrho, tau: theta / b, Mean: mean}
    chi = SUSCEPTIBILITY.response(here)
    yield (
        "the first vanishes where θ² = σ² + p/α",
        equal(stated.noise(here), theta**2 - PARAMETERS.theta_squared()),
    )
    yield (
        "the second where τ = ϱ + τE[η′]/α, at τ = θ/b",
        equal(
            stated.regularisation(here), theta / b - PARAMETERS.tau(here | {susceptibility: chi})
        ),
    )


TASK = TaskDistribution.pretrain_finetune(0.1, 0.2, 0.5)
# (c, λ/c, γ); α, σ², ϱ; θ and b, none of them a fixed point.
PLACES = (
    ((1e-3, 0.0, 0.0), (0.2, 0.0, 0.0), (1.5, 0.4)),
    ((1e-3, -0.9, 0.1), (0.6, 0.3, 0.1), (0.4, 1.1)),
    ((1.0, 0.5, 0.0), (1.5, 0.1, 0.7), (2.5, 0.2)),
)
STEP = 1e-4


@cache
def differences(start, data, place):
    """Return ψ and its slopes in θ and in b, by central differences of what `numerics` has."""
    (c, ratio, gamma), (size, variance, strength) = start, data
    steps = np.outer([1, -1], STEP * np.eye(2).ravel()).reshape(4, 2)
    at = np.array([place, *(np.array(place) + steps)])
    init = Initialization(c, ratio * c, gamma)
    value = potential(TASK, init, size, *at.T, noise_variance=variance, ridge=strength)
    ahead, behind = value[1:3], value[3:]
    return float(value[0]), tuple((ahead - behind) / (2 * STEP))


@cache
def channel_mean(start, place, of):
    """Return the mean of an expression over coordinates and Z."""
    c, ratio, gamma = start
    groups, (size, pull) = groups_of(TASK, Initialization(c, ratio * c, gamma)), place
    return over_groups_in_float64(groups, size, size / pull)(of)


def differentiate(stated):
    """Hold ψ's differences to the means, at places that are no fixed points."""
    worst = Worst()
    for start, data, place in PLACES:
        value, slopes = differences(start, data, place)
        at = dict(zip((alpha, noise, varrho, theta, b), (*data, *place), strict=True))
        at[noise] **= 0.5
        linear = {PSI: plane(slopes, value, place)}
        mean = {Mean: partial(channel_mean, start, place)}
        for name, formula in vars(stated).items():
            left = on_arrays(formula.left(linear), at)
            gap = abs(left - formula(at | mean)) / max(1.0, abs(left))
            worst.at(gap, of=name, start=start, data=data, place=place)
    return worst.measured("ψ and its slopes are as stated to {worst}, {count} values")


PART = Formulas(noise=STATED.noise, regularisation=STATED.regularisation, value=STATED.value)
OF_PART = tuple(
    Control(one.variant, Formulas(**{name: vars(one.subject)[name] for name in vars(PART)}))
    for one in CONTROLS
    if any(vars(one.subject)[name] is not formula for name, formula in vars(PART).items())
)
REASON = "the square of the step, times third derivatives; rounding over the step"
state(
    "replica.stationarity",
    __doc__,
    (
        Check("envelope theorem", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("differences of ψ", Method.FLOAT64, differentiate, PART, OF_PART, 1e-7, REASON),
    ),
    assumptions=(
        "Z is standard normal and independent of β*, E[β*²] < ∞",
        "c_FT > 0, τ > 0; means and slopes are exchanged",
    ),
    requires=("replica.effective-parameters", "replica.susceptibility", "replica.stein"),
)
