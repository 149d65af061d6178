r"""Error curves of fine-tuning in the limit of large networks (Proposition 4.2, Appendix C).

With n = αd inputs X_ij ~ N(0, 1/n), labels Xβ* + ε, ε ~ N(0, σ²), and d → ∞, every coordinate of
the minimiser of (1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ; c_FT,i) behaves as the answer β̂ to a scalar channel
z = β* + θZ (`numerics.replica_quadrature`), where

    τ = ϱ + (τ/α) E[η′]      θ² = σ² + p/α      p = E[(β̂ − β*)²].

`solve_replica` solves these two equations at many data scales at once, to rounding error, and tells
how large that is. Without ridge (ϱ → 0⁺) the minimiser interpolates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.initialization import Initialization
from numerics.replica_equations import (
    Equations,
    FixedPointProblem,
    alpha_slopes,
    scale_slopes,
    solve_two,
)
from numerics.replica_l1 import l1_moments, recovers_exactly
from numerics.replica_quadrature import ChannelGroups, channel_moments
from numerics.replica_solver import FixedPoints, scan, solve_fixed_points
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, finite_array, finite_scalar, require

ALPHA_RANGE = (1e-3, 1e3)
_LARGEST_NOISE = 1e3
_LARGEST_RIDGE = 1e3
_EPS = float(np.finfo(np.float64).eps)
_SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)

PARAMETERS = ("log c", "lambda/c", "gamma", "alpha")


@dataclass(frozen=True)
class ReplicaCurve:
    """Error of fine-tuning at A data scales, for a mixture of G groups of coordinates.

    Attributes
    ----------
    alpha
        Data scale n/d, shape (A,), as given.
    mse
        Error p = E[(β̂ − β*)²], shape (A,). 0 where recovery is exact, infinite at α = 1 with noise
        and no ridge; NaN where not `converged`.
    relative_error
        Estimated relative error of `mse`, from rounding and quadrature, shape (A,). Where `mse`
        has fallen below what float64 resolves, this is large or infinite.
    tau, theta
        Effective regularisation τ and noise θ, shape (A,); τ = 0 where it vanishes (α ≥ 1 without
        ridge, and the ℓ1 limit).
    threshold
        Soft threshold T = ½ τ log(1/√k) where the penalty is the limit c_FT → 0⁺, else None.
    residual
        Largest violation of the two equations, relative, shape (A,).
    nodes
        Quadrature nodes per evaluation, shape (A,); 0 where a closed form holds.
    iterations
        Evaluations of the equations, shape (A,).
    converged
        Whether the state solves the equations as far as rounding allows, shape (A,).
    group_names
        Names of the groups.
    group_mse
        E[(β̂ − β*)²] within each group, shape (G, A).
    degrees_of_freedom
        E[η′], the share of the data directions that the estimate follows, shape (A,).
    stability_margin
        1 − E[η′²]/α, positive where the replica-symmetric solution is stable, shape (A,).
    mse_gradient
        Derivatives of `mse` in log c (at fixed λ/c), λ/c, γ and α (`PARAMETERS`), shape (4, A).
        NaN where they do not exist.
    """

    alpha: FloatArray
    mse: FloatArray
    relative_error: FloatArray
    tau: FloatArray
    theta: FloatArray
    threshold: FloatArray | None
    residual: FloatArray
    nodes: NDArray[np.int64]
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]
    group_names: tuple[str, ...]
    group_mse: FloatArray
    degrees_of_freedom: FloatArray
    stability_margin: FloatArray
    mse_gradient: FloatArray


def solve_replica(
    task: TaskDistribution,
    init: Initialization,
    alpha: ArrayLike,
    *,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    start: ArrayLike | None = None,
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
        (log τ, log θ²), shape (2, A), to start from: the solution does not depend on it, only
        `iterations` does.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Source: Proposition 4.2; Appendix E.2.
    """
    scales = _checked_alpha(alpha)
    noise = _bounded("noise_variance", noise_variance, _LARGEST_NOISE)
    strength = _bounded("ridge", ridge, _LARGEST_RIDGE)
    begin = None if start is None else _checked_start(start, scales.size)
    groups = _channel_groups(task, init)
    names = tuple(group.name for group in task.groups)
    curve = _empty(scales, names)
    pure_l1 = not groups.scale.any()
    todo = np.ones(scales.size, dtype=np.bool_)
    if strength == 0.0:
        plenty = scales >= 1.0
        _fill_least_squares(curve, np.flatnonzero(plenty), noise)
        todo &= ~plenty
        if pure_l1 and noise == 0.0:
            exact = todo & recovers_exactly(groups, scales)
            _fill_exact_recovery(curve, np.flatnonzero(exact), groups, scales)
            todo &= ~exact
    elif pure_l1:
        _fill_null_estimate(curve, groups, noise, strength)
        todo[:] = False
    points = np.flatnonzero(todo)
    if points.size:
        moments = l1_moments if pure_l1 else channel_moments
        problem = FixedPointProblem(groups, moments, scales[points], noise, strength)
        here = None if begin is None else begin[:, points]
        _fill_solution(curve, points, problem, solve_fixed_points(problem, start=here), task, init)
    if pure_l1:
        return _with_threshold(curve)
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
    """Count the solutions at each data scale, by the signs of one remaining equation in log θ².

    At given θ the first equation fixes τ. What remains is evaluated at `points` values of θ², from
    10^-decades below the solution found to as far above; shape (A,). Needs c_FT > 0, and
    α < 1 unless there is a ridge.

    Raises
    ------
    ValueError
        If an argument is out of range, c_FT = 0, or α ≥ 1 without ridge.
    """
    require(points >= 2, "points must be >= 2", "points", points)
    problem = channel_problem(task, init, alpha, noise_variance=noise_variance, ridge=ridge)
    centre = solve_fixed_points(problem).state[1]
    reach = decades * np.log(10.0)
    signs = np.sign(scan(problem, np.linspace(centre - reach, centre + reach, points)))
    return np.asarray((signs[1:] != signs[:-1]).sum(axis=0), dtype=np.int64)


def channel_problem(
    task: TaskDistribution,
    init: Initialization,
    alpha: ArrayLike,
    *,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
) -> FixedPointProblem:
    """Return the equations in (log τ, log θ²) that `solve_replica` solves, for further study.

    Raises
    ------
    ValueError
        If an argument is out of range, if c_FT = 0, or if α ≥ 1 without ridge, where the
        equations have no solution with τ > 0.
    """
    scales = _checked_alpha(alpha)
    noise = _bounded("noise_variance", noise_variance, _LARGEST_NOISE)
    strength = _bounded("ridge", ridge, _LARGEST_RIDGE)
    groups = _channel_groups(task, init)
    if not groups.scale.all():
        raise ValueError("the equations require c_FT > 0, got c_FT = 0 (lam = -c, gamma = 0)")
    if strength == 0.0 and (scales >= 1.0).any():
        raise ValueError(
            f"alpha must be < 1 without ridge, got alpha={float(scales[scales >= 1.0][0])!r}"
        )
    return FixedPointProblem(groups, channel_moments, scales, noise, strength)


def _checked_alpha(alpha: ArrayLike) -> FloatArray:
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


def _bounded(name: str, value: float, largest: float) -> float:
    number = finite_scalar(name, value)
    if not 0.0 <= number <= largest:
        raise ValueError(f"{name} must lie in [0, {largest:g}], got {name}={number!r}")
    return number


def _channel_groups(task: TaskDistribution, init: Initialization) -> ChannelGroups:
    if not isinstance(task, TaskDistribution):
        raise ValueError(f"task must be a TaskDistribution, got {task!r}")
    if not isinstance(init, Initialization):
        raise ValueError(f"init must be an Initialization, got {init!r}")
    amplitude = np.array([group.ft_amplitude for group in task.groups])
    gaussian = np.array([group.slab == "gaussian" for group in task.groups])
    return ChannelGroups(
        task.probabilities,
        task.penalty_scales(init),
        np.where(gaussian, 0.0, amplitude),
        np.where(gaussian, amplitude, 0.0),
    )


def _empty(alpha: FloatArray, names: tuple[str, ...]) -> ReplicaCurve:
    def unknown(*shape: int) -> FloatArray:
        return np.full((*shape, alpha.size), np.nan)

    return ReplicaCurve(
        alpha=alpha,
        mse=unknown(),
        relative_error=np.zeros(alpha.size),
        tau=np.zeros(alpha.size),
        theta=unknown(),
        threshold=None,
        residual=np.zeros(alpha.size),
        nodes=np.zeros(alpha.size, dtype=np.int64),
        iterations=np.zeros(alpha.size, dtype=np.int64),
        converged=np.ones(alpha.size, dtype=np.bool_),
        group_names=names,
        group_mse=unknown(len(names)),
        degrees_of_freedom=unknown(),
        stability_margin=unknown(),
        mse_gradient=unknown(len(PARAMETERS)),
    )


def _fill_least_squares(curve: ReplicaCurve, points: NDArray[np.intp], noise: float) -> None:
    """At α ≥ 1 without ridge the data determine β: least squares, whatever the penalty."""
    surplus = curve.alpha[points] - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(noise > 0.0, noise * curve.alpha[points] / surplus, 0.0)
        slope = np.where(noise > 0.0, -noise / surplus**2, 0.0)
    curve.mse[points] = error
    curve.group_mse[:, points] = error
    curve.theta[points] = np.sqrt(error)
    curve.degrees_of_freedom[points] = 1.0
    curve.stability_margin[points] = surplus / curve.alpha[points]
    curve.relative_error[points] = np.where(error > 0.0, 4.0 * _EPS, 0.0)
    curve.mse_gradient[:3, points] = 0.0
    # At α = 1 the error comes from a jump (no noise) or a pole.
    curve.mse_gradient[3, points] = np.where(surplus > 0.0, slope, np.nan)


def _fill_exact_recovery(
    curve: ReplicaCurve, points: NDArray[np.intp], groups: ChannelGroups, alpha: FloatArray
) -> None:
    """Above the weak threshold ℓ1 minimisation recovers β*; what p is a limit of is all zero."""
    curve.mse[points] = 0.0
    curve.group_mse[:, points] = 0.0
    curve.theta[points] = 0.0
    curve.degrees_of_freedom[points] = alpha[points]
    curve.stability_margin[points] = 0.0
    curve.mse_gradient[0, points] = 0.0
    curve.mse_gradient[3, points] = 0.0


def _fill_null_estimate(
    curve: ReplicaCurve, groups: ChannelGroups, noise: float, ridge: float
) -> None:
    """With a ridge the penalty's limit, 0 at 0 and infinite elsewhere, leaves β̂ = 0."""
    error = groups.second_moment
    squares = groups.sign_amplitude**2 + groups.gaussian_amplitude**2
    curve.mse[:] = error
    curve.group_mse[:] = squares[:, None]
    curve.tau[:] = ridge
    curve.theta[:] = np.sqrt(noise + error / curve.alpha)
    curve.degrees_of_freedom[:] = 0.0
    curve.stability_margin[:] = 1.0
    curve.relative_error[:] = 4.0 * _EPS
    curve.mse_gradient[[0, 3]] = 0.0


def _fill_solution(
    curve: ReplicaCurve,
    points: NDArray[np.intp],
    problem: FixedPointProblem,
    found: FixedPoints,
    task: TaskDistribution,
    init: Initialization,
) -> None:
    equations, moments = found.equations, found.equations.moments
    details = moments.details
    if details is None:  # solve_fixed_points ends with an evaluation in detail
        raise TypeError("the solver returned no details")
    good = found.converged
    theta_squared = np.exp(found.state[1])
    error = np.where(good, theta_squared * moments.error, np.nan)
    curve.mse[points] = error
    curve.group_mse[:, points] = np.where(good, theta_squared * details.group_error, np.nan)
    curve.tau[points] = np.where(good, np.exp(found.state[0]), np.nan)
    curve.theta[points] = np.where(good, np.exp(0.5 * found.state[1]), np.nan)
    curve.relative_error[points] = np.where(
        good & (error >= _SMALLEST_NORMAL), _relative_error(found), np.inf
    )
    curve.residual[points] = np.abs(equations.f).max(axis=0)
    curve.nodes[points] = moments.nodes
    curve.iterations[points] = found.iterations
    curve.converged[points] = good
    curve.degrees_of_freedom[points] = np.where(good, moments.response, np.nan)
    margin = 1.0 - details.response_squared / problem.alpha
    curve.stability_margin[points] = np.where(good, margin, np.nan)
    gradient = _gradient(problem, found, equations, task, init)
    curve.mse_gradient[:, points] = np.where(good, error * gradient, np.nan)


def _relative_error(found: FixedPoints) -> FloatArray:
    """Estimate the relative error of p: errors of the equations, carried to p by J⁻¹."""
    equations = found.equations
    state = equations.amplified(equations.doubt + np.abs(equations.f))
    carried = (np.abs(equations.log_error_slope) * state).sum(axis=0)
    return np.asarray(carried + equations.moments.uncertainty[2])


def _gradient(
    problem: FixedPointProblem,
    found: FixedPoints,
    equations: Equations,
    task: TaskDistribution,
    init: Initialization,
) -> FloatArray:
    """Return the derivatives of log p in log c, λ/c, γ and α, by implicit differentiation."""
    moments = equations.moments
    details = moments.details
    if details is None:
        raise TypeError("the solver returned no details")
    slopes = np.concatenate(
        [
            scale_slopes(problem, found.state, equations),
            alpha_slopes(problem, found.state, equations)[:, None],
        ],
        axis=1,
    )
    carried = np.einsum(
        "kpa,ka->pa", solve_two(equations.jacobian, -slopes), equations.log_error_slope
    )
    in_log_scale = carried[:-1] + details.error_scale / moments.error
    by_parameter = task.penalty_scale_derivatives(init)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = by_parameter / problem.groups.scale
    gradient = np.empty((len(PARAMETERS), problem.alpha.size))
    gradient[:3] = np.einsum("pg,ga->pa", weights, in_log_scale)
    if init.is_saddle:
        gradient[0] = 0.0  # c_FT = 0 for every c
    gradient[3] = carried[-1]
    return gradient


def _with_threshold(curve: ReplicaCurve) -> ReplicaCurve:
    """Report the ℓ1 limit's threshold under its own name; τ itself has gone to 0."""
    values = {name: getattr(curve, name) for name in curve.__dataclass_fields__}
    solved = curve.iterations > 0
    values["threshold"] = np.where(solved, curve.tau, np.where(curve.theta == 0.0, 0.0, np.inf))
    values["tau"] = np.where(solved, 0.0, curve.tau)
    return ReplicaCurve(**values)
