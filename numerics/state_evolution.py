r"""State evolution of approximate message passing: its errors in each iteration as d → ∞.

In step t the iteration of `numerics.amp` sees z = β* + θₜZ in place of zᵗ, so with η the denoiser

    θₜ² = σ² + pₜ/α      E[η′(z; τₜ)] = α(1 − ϱ/τₜ)      pₜ₊₁ = E[(η(z; τₜ) − β*)²],    p₀ = E[β*²].

The state is two numbers. A fixed point of the recursion solves the replica equations of
Proposition 4.2; here it is reached by iteration, not by solving the equations.

The expectations are integrals over the angle u of x = c sinh u, for which z = c sinh u + (τ/2)u
needs no root finding:  η′ = C/(C + τ/2) and dz = (C + τ/2) du with C = c cosh u. They are taken by
Gauss-Legendre panels between the u of m ∓ 9.5 S for z ~ N(m, S²), halved until they settle. Angles
are measured from that of m: this keeps the digits of z − m and of x − m where S is small against m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, finite_array, finite_scalar, integer_at_least, require

_REACH = 9.5  # standard deviations; the weight beyond is 2e-21
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_FIRST_PANELS = 4
_MOST_PANELS = 4096
_QUADRATURE_TOLERANCE = 1e-13
_RESPONSE_TOLERANCE = 3e-15
_STRENGTH_LIMIT = 100
_FIRST_STEP = 4.0  # largest step in log τ
_ANGLE_LIMIT = 100
_LARGEST_LOG = 650.0


@dataclass(frozen=True)
class StateEvolution:
    """Effective noise, strength and error over T steps.

    Attributes
    ----------
    theta_squared
        θₜ² at t = 0..T, shape (T + 1,).
    tau
        Strengths τₜ at t = 0..T − 1, shape (T,).
    mse
        pₜ = E[(βᵗ − β*)²] at t = 0..T, shape (T + 1,).
    change
        |θₜ₊₁²/θₜ² − 1| of the last step.
    """

    theta_squared: FloatArray
    tau: FloatArray
    mse: FloatArray
    change: float

    @property
    def iterations(self) -> int:
        """Number T of steps made."""
        return self.tau.size


def state_evolution(
    task: TaskDistribution,
    init: Initialization,
    alpha: float,
    *,
    iterations: int = 50,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    tau: ArrayLike | None = None,
    tolerance: float = 0.0,
) -> StateEvolution:
    """Follow the recursion of effective noise and strength.

    Parameters
    ----------
    task
        Distribution of the teachers.
    init
        Initialisation (c, λ, γ), with c_FT > 0.
    alpha
        n/d > 0; below 1 where ridge is 0.
    iterations
        Number T ≥ 1 of steps, or their limit where `tolerance` is positive.
    noise_variance
        Variance σ² ≥ 0 of the label noise.
    ridge
        Strength ϱ ≥ 0.
    tau
        Strengths that replace the rule above, a scalar or shape (T,), as in `amp`.
    tolerance
        Stop once the relative change of θ² is below this.

    Raises
    ------
    ValueError
        If an argument is out of range.
    ArithmeticError
        If a strength or an integral cannot be determined in float64.

    Source: Appendix C; the recursion is that of Bayati & Montanari (2011).
    """
    load = finite_scalar("alpha", alpha)
    require(load > 0.0, "alpha must satisfy alpha > 0", "alpha", load)
    noise = finite_scalar("noise_variance", noise_variance)
    require(noise >= 0.0, "noise_variance must satisfy >= 0", "noise_variance", noise)
    strength = finite_scalar("ridge", ridge)
    require(strength >= 0.0, "ridge must satisfy ridge >= 0", "ridge", strength)
    limit = finite_scalar("tolerance", tolerance)
    require(limit >= 0.0, "tolerance must satisfy >= 0", "tolerance", limit)
    if strength == 0.0 and load >= 1.0:
        raise ValueError(f"alpha must be < 1 without ridge, got alpha={load!r}")
    integer_at_least("iterations", iterations, 1)
    schedule = _checked_schedule(tau, int(iterations))
    channel = _Channel.of(task, init)
    mse = [task.second_moment]
    theta_squared = [noise + mse[0] / load]
    strengths: list[float] = []
    change, panels = math.inf, _FIRST_PANELS
    log_tau = 0.5 * math.log(theta_squared[0])
    for t in range(iterations):
        here = theta_squared[-1]
        if schedule is None:
            log_tau, panels = _solve_strength(channel, here, load, strength, log_tau, panels)
        else:
            log_tau = math.log(schedule[t])
        moments, panels = _moments(channel, log_tau, here, panels)
        strengths.append(math.exp(log_tau))
        mse.append(moments.error)
        theta_squared.append(noise + mse[-1] / load)
        change = abs(theta_squared[-1] / here - 1.0)
        if change < limit or theta_squared[-1] == 0.0:
            break
    return StateEvolution(np.array(theta_squared), np.array(strengths), np.array(mse), change)


@dataclass(frozen=True)
class _Channel:
    """The groups, each array of shape (G, 1); z is N(amplitude, θ² + deviation²)."""

    share: FloatArray
    scale: FloatArray
    amplitude: FloatArray  # of random signs
    deviation: FloatArray  # of a Gaussian slab

    @classmethod
    def of(cls, task: TaskDistribution, init: Initialization) -> _Channel:
        scale = task.penalty_scales(init)
        if not (scale > 0.0).all():
            raise ValueError(
                "state evolution requires c_FT > 0, got c_FT = 0 (lam = -c, gamma = 0)"
            )
        size = np.array([group.ft_amplitude for group in task.groups])
        gaussian = np.array([group.slab == "gaussian" for group in task.groups])
        return cls(
            task.probabilities[:, None],
            scale[:, None],
            np.where(gaussian, 0.0, size)[:, None],
            np.where(gaussian, size, 0.0)[:, None],
        )


@dataclass(frozen=True)
class _Moments:
    response: float  # E[η′]
    slope: float  # ∂E[η′]/∂log τ
    error: float  # E[(η − β*)²]


def _checked_schedule(tau: ArrayLike | None, iterations: int) -> FloatArray | None:
    if tau is None:
        return None
    values = finite_array("tau", tau)
    if values.shape not in {(), (iterations,)}:
        raise ValueError(
            f"tau must be a scalar or have shape ({iterations},), one for each step, "
            f"got shape {values.shape}"
        )
    require(values > 0.0, "tau must satisfy tau > 0", "tau", values)
    return np.array(np.broadcast_to(values, (iterations,)))


def _solve_strength(
    channel: _Channel,
    theta_squared: float,
    alpha: float,
    ridge: float,
    log_tau: float,
    panels: int,
) -> tuple[float, int]:
    """Solve E[η′] = α(1 − ϱ/τ) for log τ by Newton's method within a bracket."""
    low = math.log(ridge) if ridge > 0.0 else -math.inf  # τ < ϱ would need E[η′] < 0
    high, log_tau = math.inf, max(log_tau, low)
    for _ in range(_STRENGTH_LIMIT):
        moments, panels = _moments(channel, log_tau, theta_squared, panels)
        ridge_term = alpha * ridge * math.exp(-log_tau)
        excess = moments.response - alpha + ridge_term  # decreases in log τ
        if abs(excess) <= _RESPONSE_TOLERANCE or high - low <= 4e-16 * (1.0 + abs(log_tau)):
            return log_tau, panels
        low, high = (log_tau, high) if excess > 0.0 else (low, log_tau)
        slope = moments.slope - ridge_term
        step = -excess / slope if slope < 0.0 else math.copysign(math.inf, excess)
        trial = log_tau + min(max(step, -_FIRST_STEP), _FIRST_STEP)
        if not low < trial < high:
            trial = 0.5 * (low + high)
        if trial == log_tau:
            return log_tau, panels
        if abs(trial) > _LARGEST_LOG:
            break
        log_tau = trial
    raise ArithmeticError(
        f"no strength solves E[eta'] = alpha (1 - ridge/tau) for alpha={alpha!r}, "
        f"ridge={ridge!r}, theta^2={theta_squared!r}: log tau = {log_tau!r} left {excess!r}"
    )


def _moments(
    channel: _Channel, log_tau: float, theta_squared: float, panels: int
) -> tuple[_Moments, int]:
    """Double the panels, from half of `panels`, until the moments settle; return both."""
    half = 0.5 * math.exp(log_tau)
    spread = np.sqrt(theta_squared + channel.deviation**2)
    centre = _angle(channel.amplitude, half, channel.scale)
    low, high = (
        _angle(channel.amplitude + side * spread, half, channel.scale) - centre
        for side in (-_REACH, _REACH)
    )
    before: _Moments | None = None
    count = max(panels // 2, _FIRST_PANELS)
    while count <= _MOST_PANELS:
        found = _integrate(channel, half, theta_squared, spread, centre, low, high, count)
        if (
            before is not None
            and abs(found.response - before.response) <= _QUADRATURE_TOLERANCE * found.response
            and abs(found.error - before.error) <= _QUADRATURE_TOLERANCE * found.error
        ):
            return found, count
        before = found
        count *= 2
    raise ArithmeticError(
        f"integrals that settle are required, got {before} with {_MOST_PANELS} panels for "
        f"tau={2 * half!r}, theta^2={theta_squared!r}"
    )


def _integrate(
    channel: _Channel,
    half: float,
    theta_squared: float,
    spread: FloatArray,
    centre: FloatArray,
    low: FloatArray,
    high: FloatArray,
    panels: int,
) -> _Moments:
    """Integrate over all groups, arrays of shape (G, nodes); v = u − centre."""
    places = (np.arange(panels)[:, None] + 0.5 * (1.0 + _POINTS)).ravel() / panels
    v = low + (high - low) * places
    u = centre + v
    curvature = channel.scale * np.cosh(u)
    # x less its value at z = m, without cancellation.
    x_offset = 2.0 * channel.scale * np.cosh(centre + 0.5 * v) * np.sinh(0.5 * v)
    standardised = (x_offset + half * v) / spread
    weights = np.tile(_WEIGHTS, panels) * (0.5 / panels) * (high - low)
    measure = (
        channel.share
        * weights
        * np.exp(-0.5 * standardised**2)
        / (math.sqrt(2.0 * math.pi) * spread)
    )
    # With s = θ²/S², β* given z is m + N((z − m)(1 − s), θ²(1 − s)); signs have s = 1.
    share = theta_squared / (theta_squared + channel.deviation**2)
    bias = (x_offset - half * centre) * share - half * v * (1.0 - share)
    squared = bias**2 + theta_squared * (1.0 - share)
    # ∂η′/∂log τ = −η′(1 − η′)(1 + x(z − x)η′/C²) with z − x = (τ/2)u, and η′dz = C du.
    jacobian = curvature + half
    slope_factor = 1.0 + np.tanh(u) * (half * u / jacobian)
    return _Moments(
        response=float((measure * curvature).sum()),
        slope=-float((measure * curvature * (half / jacobian) * slope_factor).sum()),
        error=float((measure * jacobian * squared).sum()),
    )


def _angle(z: FloatArray, half: float, scale: FloatArray) -> FloatArray:
    """Return u with c sinh u + (τ/2)u = z, by Newton's method, decreasing from above."""
    size = np.abs(z)
    with np.errstate(over="ignore"):
        u = np.minimum(np.arcsinh(size / scale), size / (scale + half))
    for _ in range(_ANGLE_LIMIT):
        step = (scale * np.sinh(u) + half * u - size) / (scale * np.cosh(u) + half)
        u = u - step
        if (np.abs(step) <= 4e-16 * (1.0 + u)).all():
            break
    return np.copysign(u, z)
