r"""Error curves of fine-tuning in the limit of large networks (Proposition 4.2, Appendix C).

With n = αd inputs X_ij ~ N(0, 1/n), labels Xβ* + ε, ε ~ N(0, σ²), and d → ∞, every coordinate of
the minimiser of (1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ; c_FT,i) behaves as the estimate β̂ from a scalar channel
z = β* + θZ (`numerics.replica.quadrature`), where

    τ = ϱ + (τ/α) E[η′]      θ² = σ² + p/α      p = E[(β̂ − β*)²].

`solve_replica` solves these two equations at many data scales at once, to rounding error, which it
estimates. Without ridge (ϱ → 0⁺) the minimiser interpolates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.initialization import Initialization
from numerics.replica.curve import (
    PARAMETERS,
    ConvergenceError,
    ReplicaCurve,
    empty_curve,
    fill_exact_recovery,
    fill_least_squares,
    fill_null_estimate,
    fill_solution,
    least_squares_penalty,
    log_error_slopes,
    with_threshold,
)
from numerics.replica.equations import FixedPointProblem, MomentFunction
from numerics.replica.newton import scan, solve_fixed_points
from numerics.replica.quadrature import ChannelGroups, channel_moments
from numerics.replica.soft_threshold import l1_moments, recovers_exactly
from numerics.tasks import TaskDistribution
from numerics.validation import (
    FloatArray,
    finite_array,
    finite_scalar,
    integer_at_least,
    require,
)

__all__ = [
    "ALPHA_RANGE",
    "PARAMETERS",
    "ConvergenceError",
    "ReplicaCurve",
    "channel_problem",
    "count_fixed_points",
    "solve_replica",
]

ALPHA_RANGE = (1e-3, 1e3)
MOMENTS: MomentFunction = channel_moments
"""The rule by which the scalar channel is integrated where c_FT > 0."""
_LARGEST_NOISE = 1e3
_LARGEST_RIDGE = 1e3


def solve_replica(
    task: TaskDistribution,
    init: Initialization,
    alpha: ArrayLike,
    *,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    start: ArrayLike | None = None,
    throw: bool = True,
) -> ReplicaCurve:
    """Return the error of fine-tuning at the data scales `alpha`.

    Parameters
    ----------
    task
        Distribution of the teachers.
    init
        Initialisation (c, λ, γ).
    alpha
        Data scales n/d in [1e-3, 1e3], a scalar or shape (A,).
    noise_variance
        Variance σ² of the label noise, in [0, 1e3], where inputs have the variance 1/n.
    ridge
        Strength ϱ in [0, 1e3]; 0 interpolates.
    start
        (log τ, log θ²) to start from, shape (2, A); only `iterations` depends on it.
    throw
        Whether to raise an error if the equations were not solved at some data scale; otherwise
        `converged` is False and the error NaN there.

    Raises
    ------
    ValueError
        If an argument is out of range, or β* = 0 without noise.
    ConvergenceError
        With `throw`, if the equations were not solved at some α. The message names these α and
        what to change; the exception's `curve` holds the other points.

    Source: Proposition 4.2; Appendix E.2.
    """
    scales = checked_alpha(alpha)
    noise, strength = checked_strengths(noise_variance, ridge)
    begin = None if start is None else _checked_start(start, scales.size)
    groups = learnable(channel_groups(task, init), task, noise)
    names = tuple(group.name for group in task.groups)
    curve = empty_curve(scales, names)
    pure_l1 = not groups.scale.any()
    todo = np.ones(scales.size, dtype=np.bool_)
    if strength == 0.0:
        overdetermined = scales >= 1.0
        fill_least_squares(
            curve,
            np.flatnonzero(overdetermined),
            groups,
            noise,
            lambda error: least_squares_penalty(groups, error),
        )
        todo &= ~overdetermined
        if pure_l1 and noise == 0.0:
            exact = todo & recovers_exactly(groups, scales)
            fill_exact_recovery(curve, np.flatnonzero(exact), groups, scales)
            todo &= ~exact
    elif pure_l1:
        fill_null_estimate(curve, groups, noise, strength)
        todo[:] = False
    points = np.flatnonzero(todo)
    if points.size:
        moments = l1_moments if pure_l1 else MOMENTS
        problem = FixedPointProblem(groups, moments, scales[points], noise, strength)
        here = None if begin is None else begin[:, points]
        found = solve_fixed_points(problem, start=here)
        with np.errstate(invalid="ignore", divide="ignore"):
            directions = task.penalty_scale_derivatives(init) / groups.scale
        slopes = log_error_slopes(problem, found, directions)
        if init.is_saddle:
            slopes[0] = 0.0  # c_FT = 0 for every c
        fill_solution(curve, points, problem, found, slopes)
    if pure_l1:
        curve = with_threshold(curve)
    if throw and not curve.converged.all():
        raise ConvergenceError(curve)
    return curve


def count_fixed_points(
    task: TaskDistribution,
    init: Initialization,
    alpha: ArrayLike,
    *,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    points: int = 200,
    decades: float = 12.0,
) -> NDArray[np.int64]:
    """Count the solutions at each data scale, shape (A,), by the sign changes of a scan in θ².

    At given θ the first equation determines τ; the second is then evaluated at `points` values of
    θ², from `decades` (in [0.1, 100]) below the solution found to as many above it. Needs c_FT > 0,
    and α < 1 unless there is a ridge.

    Raises
    ------
    ValueError
        If an argument is out of range, c_FT = 0, or α ≥ 1 without ridge.
    """
    integer_at_least("points", points, 2)
    width = finite_scalar("decades", decades)
    require(0.1 <= width <= 100.0, "decades must lie in [0.1, 100]", "decades", width)
    problem = channel_problem(task, init, alpha, noise_variance=noise_variance, ridge=ridge)
    centre = solve_fixed_points(problem).state[1]
    reach = width * np.log(10.0)
    above = scan(problem, np.linspace(centre - reach, centre + reach, points)) > 0.0
    return np.asarray((above[1:] != above[:-1]).sum(axis=0), dtype=np.int64)


def channel_problem(
    task: TaskDistribution,
    init: Initialization,
    alpha: ArrayLike,
    *,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
) -> FixedPointProblem:
    """Return the equations in (log τ, log θ²) that `solve_replica` solves.

    Raises
    ------
    ValueError
        If an argument is out of range, if c_FT = 0, or if α ≥ 1 without ridge, where the
        equations have no solution with τ > 0.
    """
    scales = checked_alpha(alpha)
    noise, strength = checked_strengths(noise_variance, ridge)
    groups = learnable(channel_groups(task, init), task, noise)
    if not groups.scale.all():
        raise ValueError("the equations require c_FT > 0, got c_FT = 0 (lam = -c, gamma = 0)")
    if strength == 0.0 and (scales >= 1.0).any():
        raise ValueError(
            f"alpha must be < 1 without ridge, got alpha={float(scales[scales >= 1.0][0])!r}"
        )
    return FixedPointProblem(groups, MOMENTS, scales, noise, strength)


def checked_alpha(alpha: ArrayLike) -> FloatArray:
    """Return data scales, shape (A,); raise ValueError unless they lie in `ALPHA_RANGE`."""
    scales = finite_array("alpha", alpha)
    if scales.ndim > 1 or scales.size == 0:
        raise ValueError(f"alpha must be a number or have shape (A,), got shape {scales.shape}")
    scales = np.atleast_1d(scales).astype(np.float64)
    low, high = ALPHA_RANGE
    outside = (scales < low) | (scales > high)
    if outside.any():
        raise ValueError(
            f"alpha must lie in [{low:g}, {high:g}], got alpha={float(scales[outside][0])!r}"
        )
    return scales


def _checked_start(start: ArrayLike, count: int) -> FloatArray:
    state = finite_array("start", start)
    if state.shape != (2, count):
        raise ValueError(
            f"start must have shape (2, {count}), one (log tau, log theta^2) for each alpha, "
            f"got shape {state.shape}"
        )
    return np.array(state)


def checked_strengths(
    noise_variance: float, ridge: float, of_stage: str = ""
) -> tuple[float, float]:
    """Return σ² and ϱ; raise ValueError unless they lie in [0, 1e3].

    `of_stage`, such as " of pretraining", follows their names in the message.
    """
    return (
        _bounded("noise_variance", of_stage, noise_variance, _LARGEST_NOISE),
        _bounded("ridge", of_stage, ridge, _LARGEST_RIDGE),
    )


def _bounded(name: str, of_stage: str, value: float, largest: float) -> float:
    number = finite_scalar(name + of_stage, value)
    if not 0.0 <= number <= largest:
        raise ValueError(f"{name}{of_stage} must lie in [0, {largest:g}], got {name}={number!r}")
    return number


def channel_groups(task: TaskDistribution, init: Initialization) -> ChannelGroups:
    """Return the groups of the scalar channel; raise ValueError for arguments of other types."""
    if not isinstance(task, TaskDistribution):
        raise ValueError(f"task must be a TaskDistribution, got {task!r}")
    if not isinstance(init, Initialization):
        raise ValueError(f"init must be an Initialization, got {init!r}")
    slabs = [(group.slab, group.ft_amplitude) for group in task.groups]
    return ChannelGroups.of_slabs(task.probabilities, slabs, task.penalty_scales(init))


def learnable(groups: ChannelGroups, task: TaskDistribution, noise: float) -> ChannelGroups:
    """Return `groups`; raise ValueError if β* = 0 and there is no noise."""
    if groups.second_moment == 0.0 and noise == 0.0:
        raise ValueError(
            "a group with beta* != 0 or noise_variance > 0 is required (otherwise the error is 0), "
            f"got groups={task.groups!r}, noise_variance={noise!r}"
        )
    return groups
