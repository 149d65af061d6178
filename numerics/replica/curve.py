r"""The error curve as a result, and how each kind of solution fills it (Proposition 4.2).

Solutions of the two equations; the closed forms at α ≥ 1 without ridge (least squares), above the
weak threshold of ℓ1 minimisation (exact recovery), and in the ℓ1 limit with a ridge (β̂ = 0).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.replica.equations import (
    FixedPointProblem,
    alpha_slopes,
    noise_slopes,
    scale_slopes,
)
from numerics.replica.newton import FixedPoints
from numerics.replica.quadrature import ChannelGroups, observed_penalty
from numerics.validation import FloatArray

_EPS = float(np.finfo(np.float64).eps)
_SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)

_ADVICE = (
    "pass start=(log tau, log theta^2) of a solution nearby, or a small ridge or noise_variance, or"
    " throw=False for the other points"
)
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
        Estimated relative error of `mse`, from rounding and quadrature, shape (A,); large or
        infinite where `mse` is smaller than float64 resolves.
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
        Whether the state solves the equations to within rounding, shape (A,).
    group_names
        Names of the groups.
    group_mse
        E[(β̂ − β*)²] within each group, shape (G, A).
    degrees_of_freedom
        E[η′], degrees of freedom of the estimate per coordinate: α where it interpolates; (A,).
    stability_margin
        1 − E[η′²]/α, positive where the replica-symmetric solution is stable, shape (A,).
    mse_gradient
        Derivatives of `mse` in log c (at fixed λ/c), λ/c, γ and α (`parameters`), shape (4, A).
        NaN where they do not exist, or an intermediate result leaves the range of float64.
    mse_noise_slope
        Derivative of `mse` in the noise variance σ², shape (A,); NaN where it does not exist, or
        recovery is exact.
    penalty
        E[q(β̂)], the limit of (1/d) Σ q(β̂ᵢ; c_FT,i), shape (A,). In the limit c_FT → 0⁺ the penalty
        of β̂ ≠ 0 is infinite, and so is its mean, unless a ridge makes β̂ = 0.
    group_penalty
        E[q(β̂)] within each group, shape (G, A).
    training_error
        Limit of (1/n)‖y − Xβ̂‖², (ϱθ/τ)², shape (A,); 0 where the estimate interpolates.
    cross_moment, second_moment
        E[β*β̂] and E[β̂²], shape (A,).
    objective
        Limit of (1/d) min {(1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ)}, shape (A,): `penalty` + (α/2ϱ)
        `training_error`. Without ridge `penalty`, or infinite where noisy data at α > 1 cannot be
        interpolated.

    The last six have no estimate of their own. Their sums do not cancel, so that their relative
    errors follow those of τ and θ: below 1e-12 on 220 problems drawn from the domain of
    `solve_replica`, but not bounded by `relative_error`, which is that of `mse`.
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
    mse_noise_slope: FloatArray
    penalty: FloatArray
    group_penalty: FloatArray
    training_error: FloatArray
    cross_moment: FloatArray
    second_moment: FloatArray
    objective: FloatArray

    @property
    def parameters(self) -> tuple[str, ...]:
        """What `mse_gradient` differentiates in, in its order."""
        return PARAMETERS


class ConvergenceError(ArithmeticError):
    """The equations were not solved to rounding at some data scales.

    `advice` says what to change.

    Attributes
    ----------
    curve
        The curve with the points that were solved.
    """

    def __init__(self, curve: ReplicaCurve, advice: str = _ADVICE) -> None:
        failed = np.flatnonzero(~curve.converged)
        worst = failed[np.argmax(curve.residual[failed])]
        named = ", ".join(f"{value:.17g}" for value in curve.alpha[failed[:3]])
        super().__init__(
            f"the replica equations did not converge at {failed.size} of {curve.alpha.size} data "
            f"scales, alpha={named}{', ...' if failed.size > 3 else ''} (largest residual "
            f"{curve.residual[worst]:.2g} at alpha={curve.alpha[worst]:.17g}); {advice}"
        )
        self.curve = curve


def empty_curve(alpha: FloatArray, names: tuple[str, ...]) -> ReplicaCurve:
    """Return a curve to be filled."""

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
        mse_noise_slope=unknown(),
        penalty=unknown(),
        group_penalty=unknown(len(names)),
        training_error=unknown(),
        cross_moment=unknown(),
        second_moment=unknown(),
        objective=unknown(),
    )


def fill_least_squares(
    curve: ReplicaCurve,
    points: NDArray[np.intp],
    groups: ChannelGroups,
    noise: float,
    penalty_of: Callable[[FloatArray], FloatArray],
) -> None:
    """Fill in least squares: at α ≥ 1 without ridge the data alone determine β.

    `penalty_of` takes errors, shape (A,), and returns E[q(β̂)] within each group, (G, A).
    """
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
    curve.mse_gradient[:, points] = 0.0
    # At α = 1 the error has a jump (without noise) or a pole (with noise).
    curve.mse_gradient[PARAMETERS.index("alpha"), points] = np.where(surplus > 0.0, slope, np.nan)
    with np.errstate(divide="ignore"):
        amplified = np.where(surplus > 0.0, curve.alpha[points] / surplus, np.nan)
    curve.mse_noise_slope[points] = amplified
    # β̂ is β* + θZ, without noise β* itself.
    curve.cross_moment[points] = groups.second_moment
    curve.second_moment[points] = groups.second_moment + error
    curve.training_error[points] = noise * surplus / curve.alpha[points]
    curve.group_penalty[:, points] = penalty_of(error)
    curve.penalty[points] = groups.probability @ curve.group_penalty[:, points]
    curve.objective[points] = np.where(
        curve.training_error[points] > 0.0, np.inf, curve.penalty[points]
    )


def least_squares_penalty(groups: ChannelGroups, error: FloatArray) -> FloatArray:
    """Return E[q(β̂)] within each group where β̂ = β* + θZ, shape (G, A); `error` is θ²."""
    if groups.scale.any():
        return observed_penalty(groups, error)
    nonzero = (groups.second_moments > 0.0)[:, None] | (error > 0.0)
    return np.where(nonzero, np.inf, 0.0)


def fill_exact_recovery(
    curve: ReplicaCurve, points: NDArray[np.intp], groups: ChannelGroups, alpha: FloatArray
) -> None:
    """Fill in p = 0: above the weak threshold ℓ1 minimisation recovers β*."""
    curve.mse[points] = 0.0
    curve.group_mse[:, points] = 0.0
    curve.theta[points] = 0.0
    curve.degrees_of_freedom[points] = alpha[points]
    curve.stability_margin[points] = 0.0
    curve.mse_gradient[0, points] = 0.0
    curve.mse_gradient[3, points] = 0.0
    curve.cross_moment[points] = curve.second_moment[points] = groups.second_moment
    curve.training_error[points] = 0.0
    # Here c_FT → 0⁺, and some β* ≠ 0.
    curve.group_penalty[:, points] = np.where(groups.second_moments > 0.0, np.inf, 0.0)[:, None]
    curve.penalty[points] = curve.objective[points] = np.inf


def fill_null_estimate(
    curve: ReplicaCurve, groups: ChannelGroups, noise: float, ridge: float
) -> None:
    """Fill in β̂ = 0: with a ridge the penalty tends to 0 at 0 and to infinity elsewhere."""
    error = groups.second_moment
    curve.mse[:] = error
    curve.group_mse[:] = groups.second_moments[:, None]
    curve.tau[:] = ridge
    curve.theta[:] = np.sqrt(noise + error / curve.alpha)
    curve.degrees_of_freedom[:] = 0.0
    curve.stability_margin[:] = 1.0
    curve.relative_error[:] = 4.0 * _EPS
    curve.mse_gradient[[0, 3]] = 0.0
    curve.mse_noise_slope[:] = 0.0
    curve.penalty[:] = curve.group_penalty[:] = 0.0
    curve.cross_moment[:] = curve.second_moment[:] = 0.0
    curve.training_error[:] = noise + error / curve.alpha
    curve.objective[:] = 0.5 * curve.alpha / ridge * curve.training_error


@np.errstate(invalid="ignore", over="ignore")  # where the equations were not solved
def fill_solution(
    curve: ReplicaCurve,
    points: NDArray[np.intp],
    problem: FixedPointProblem,
    found: FixedPoints,
    log_slopes: FloatArray,
) -> None:
    """Fill in solutions of the equations, and NaN where they were not solved.

    `log_slopes` are the derivatives of log p that `mse_gradient` holds, in its order.
    """
    equations, moments = found.equations, found.equations.moments
    details = moments.in_detail()
    good = found.converged
    theta_squared = np.exp(found.state[1])
    error = np.where(good, theta_squared * moments.error, np.nan)
    curve.mse[points] = error
    curve.group_mse[:, points] = np.where(good, theta_squared * details.group_error, np.nan)
    curve.tau[points] = np.where(good, np.exp(found.state[0]), np.nan)
    curve.theta[points] = np.where(good, np.exp(0.5 * found.state[1]), np.nan)
    curve.relative_error[points] = np.where(
        good & (error >= _SMALLEST_NORMAL), relative_error(found), np.inf
    )
    curve.residual[points] = np.abs(equations.f).max(axis=0)
    curve.nodes[points] = moments.nodes
    curve.iterations[points] = found.iterations
    curve.converged[points] = good
    curve.degrees_of_freedom[points] = np.where(good, moments.response, np.nan)
    margin = 1.0 - details.response_squared / problem.alpha
    curve.stability_margin[points] = np.where(good, margin, np.nan)
    curve.mse_gradient[:, points] = np.where(good, error * log_slopes, np.nan)
    f_slope = noise_slopes(problem, found.state, equations)
    in_noise = (equations.implicit_derivative(f_slope) * equations.log_error_slope).sum(axis=0)
    curve.mse_noise_slope[points] = np.where(good, error * in_noise, np.nan)
    curve.group_penalty[:, points] = np.where(good, details.group_penalty, np.nan)
    curve.penalty[points] = problem.groups.probability @ curve.group_penalty[:, points]
    curve.cross_moment[points] = np.where(good, details.cross_moment, np.nan)
    curve.second_moment[points] = np.where(good, details.second_moment, np.nan)
    misfit = np.where(good, 0.0, np.nan)
    curve.training_error[points] = misfit
    curve.objective[points] = curve.penalty[points]
    if problem.ridge:
        misfit = np.square(curve.theta[points] * (problem.ridge / curve.tau[points]))
        curve.training_error[points] = misfit
        curve.objective[points] += 0.5 * problem.alpha / problem.ridge * misfit


def relative_error(found: FixedPoints) -> FloatArray:
    """Estimate the relative error of p: errors of the equations, propagated to p by J⁻¹."""
    equations = found.equations
    propagated = (np.abs(equations.log_error_slope) * state_error(found)).sum(axis=0)
    # exp(log θ²) has lost as many bits as log θ² has before its binary point.
    rounding = _EPS * np.abs(found.state[1])
    return np.asarray(propagated + equations.moments.relative_error[2] + rounding)


def state_error(found: FixedPoints) -> FloatArray:
    """Estimate the absolute error of (log τ, log θ²), shape (2, A)."""
    equations = found.equations
    return equations.propagated_error(equations.absolute_error + np.abs(equations.f))


@np.errstate(invalid="ignore", over="ignore", divide="ignore")  # where nothing was solved
def log_error_slopes(
    problem: FixedPointProblem, found: FixedPoints, directions: FloatArray
) -> FloatArray:
    """Return derivatives of log p by implicit differentiation, shape (P + 1, A).

    The first P are in parameters that the scales depend on: `directions`, shape (P, K), holds the
    derivatives of log C in them, for the K scale slopes of the moments' details. The last is in α.
    """
    equations = found.equations
    f_slopes = np.concatenate(
        [
            scale_slopes(problem, found.state, equations),
            alpha_slopes(problem, found.state, equations)[:, None],
        ],
        axis=1,
    )
    # How log p follows the state (x, y), which follows each parameter.
    through_state = np.einsum(
        "kpa,ka->pa", equations.implicit_derivative(f_slopes), equations.log_error_slope
    )
    moments = equations.moments
    in_log_scale = through_state[:-1] + moments.in_detail().error_scale_slope / moments.error
    slopes = np.empty((len(directions) + 1, problem.alpha.size))
    slopes[:-1] = np.einsum("pg,ga->pa", directions, in_log_scale)
    slopes[-1] = through_state[-1]
    return slopes


def with_threshold(curve: ReplicaCurve) -> ReplicaCurve:
    """Move the ℓ1 limit's threshold from `tau`, whose limit is 0, to `threshold`."""
    values = {name: getattr(curve, name) for name in curve.__dataclass_fields__}
    solved = curve.iterations > 0
    # τ is the ridge where β̂ = 0, and 0 where the data alone determine β or β* is recovered.
    values["threshold"] = np.where(solved, curve.tau, np.where(curve.tau == 0.0, 0.0, np.inf))
    values["tau"] = np.where(solved, 0.0, curve.tau)
    return ReplicaCurve(**values)
