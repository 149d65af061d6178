r"""The two equations of the replica fixed point, in forms that keep their digits (Proposition 4.2).

With E the moments of the scalar channel (`numerics.replica.quadrature`), s = E[1 − η′] and
B = E[(β̂ − z)²], the state (τ, θ) of data with α = n/d, noise σ² and ridge ϱ solves

    α < ½:        (E[η′] + αϱ/τ)/α = 1         (σ² + p/α)/θ² = 1
    ½ ≤ α < 1:    (1 − α + αϱ/τ)/s = 1         (ασ² + B)/(θ²(s + αϱ/τ)) = 1
    α ≥ 1:        αϱ/(τ (α − 1 + s)) = 1       as for ½ ≤ α < 1

The forms are equivalent: E[η′] + s = 1, and by Stein's lemma p = θ²(2E[η′] − 1) + B. All sums have
positive terms only, so that 1 − α may be as small as rounding allows. The code takes logarithms,
f = log(numerator/denominator), and the unknowns are x = log τ and y = log θ²: errors of 1e-50 are
no harder than errors of 1.

In the ℓ1 limit τ stands for the threshold, and ϱ = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.replica.quadrature import ChannelGroups, ChannelMoments
from numerics.validation import FloatArray

# Below this α the equations are written in E[η′] and p, above it in s and B.
_SWITCH_ALPHA = 0.5
_EPS = float(np.finfo(np.float64).eps)


class MomentFunction(Protocol):
    """Evaluates the channel of given groups at states (log τ, log θ²), as `channel_moments`."""

    def __call__(
        self,
        groups: ChannelGroups,
        log_tau: FloatArray,
        log_theta_squared: FloatArray,
        *,
        coarse: bool = False,
        detailed: bool = False,
    ) -> ChannelMoments:
        """Return the moments at A states."""
        ...


@dataclass(frozen=True)
class FixedPointProblem:
    """A mixture of groups, how its channel is evaluated, and A data scales.

    Attributes
    ----------
    groups, moments
        Mixture, and what evaluates its channel.
    alpha
        n/d, shape (A,); in (0, 1) where `ridge` is 0.
    noise_variance, ridge
        σ² and ϱ, non-negative.
    """

    groups: ChannelGroups
    moments: MomentFunction
    alpha: FloatArray
    noise_variance: float
    ridge: float

    def select(self, points: NDArray[np.intp]) -> FixedPointProblem:
        """Return the problem at some of the data scales (indices)."""
        return FixedPointProblem(
            self.groups,
            self.moments,
            self.alpha[points],
            self.noise_variance,
            self.ridge,
        )


@dataclass(frozen=True)
class Equations:
    """Both equations f = 0 at A states.

    Attributes
    ----------
    f
        Their logarithms, shape (2, A); the first decreases in log τ.
    jacobian
        Derivatives: jacobian[i, j] is that of f[i] in x (j = 0) or y (j = 1); shape (2, 2, A).
    moments
        Moments of the channel at the states.
    absolute_error
        Estimated absolute error of f, from quadrature and rounding, shape (2, A).
    """

    f: FloatArray
    jacobian: FloatArray
    moments: ChannelMoments
    absolute_error: FloatArray

    def newton_step(self) -> FloatArray:
        """Return −J⁻¹f, shape (2, A); not finite where J is singular."""
        return self.implicit_derivative(self.f)

    def implicit_derivative(self, f_slope: FloatArray) -> FloatArray:
        """Return −J⁻¹ ∂f/∂s, shape (2, ..., A): the derivative of the solution (x, y) in s."""
        return solve_two(self.jacobian, -f_slope)

    def propagated_error(self, f_error: FloatArray) -> FloatArray:
        """Return |J⁻¹| times an absolute error of f, shape (2, A): the error of (x, y)."""
        (a, b), (c, d) = self.jacobian
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            inverse = np.abs(np.array([[d, -b], [-c, a]]) / (a * d - b * c))
        return np.asarray(np.einsum("ija,ja->ia", inverse, f_error))

    @property
    def log_error_slope(self) -> FloatArray:
        """Derivatives of log p in x and y, shape (2, A)."""
        return np.asarray(self.moments.error_slope / self.moments.error)


def solve_two(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve A systems of two equations: matrix (2, 2, A), right-hand sides (2, A)."""
    (a, b), (c, d) = matrix
    right_1, right_2 = right
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        determinant = a * d - b * c
        solution = np.array([d * right_1 - b * right_2, a * right_2 - c * right_1])
        return np.asarray(solution / determinant)


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def evaluate(
    problem: FixedPointProblem,
    state: FloatArray,
    *,
    coarse: bool = False,
    detailed: bool = False,
) -> Equations:
    """Evaluate the equations at `state` = (x, y), shape (2, A)."""
    moments = problem.moments(problem.groups, state[0], state[1], coarse=coarse, detailed=detailed)
    alpha = problem.alpha
    low_data = alpha < _SWITCH_ALPHA
    noise_over_theta2, ridge_term = _noise_and_ridge(problem, state)
    one_minus_alpha = 1.0 - alpha
    numerator_1 = np.where(low_data, moments.response + ridge_term, one_minus_alpha + ridge_term)
    denominator_1 = np.where(low_data, alpha, moments.one_minus_response)
    numerator_2 = alpha * noise_over_theta2 + np.where(low_data, moments.error, moments.residual)
    damping = moments.one_minus_response + ridge_term
    denominator_2 = np.where(low_data, alpha, damping)
    f = np.log(np.array([numerator_1 / denominator_1, numerator_2 / denominator_2]))
    # E[η′] moves f[0] through its numerator or its denominator, and f[1] through `damping`.
    response_term = np.where(low_data, numerator_1, denominator_1)
    inverse_damping = np.where(low_data, 0.0, 1.0 / damping)
    jacobian = np.empty((2, 2, alpha.size))
    np.divide(moments.response_slope, response_term, out=jacobian[0])
    numerator_2_slope = np.where(low_data, moments.error_slope, moments.residual_slope)
    np.divide(numerator_2_slope, numerator_2, out=jacobian[1])
    jacobian[1, 1] -= 1.0
    jacobian[1] += inverse_damping * moments.response_slope
    absolute_error = np.empty((2, alpha.size))
    one_minus_response, response, error, residual = moments.relative_error
    absolute_error[0] = np.where(
        low_data, moments.response / numerator_1 * response, one_minus_response
    )
    absolute_error[1] = np.where(
        low_data,
        moments.error / numerator_2 * error,
        moments.residual / numerator_2 * residual
        + moments.one_minus_response * inverse_damping * one_minus_response,
    )
    if problem.ridge:
        jacobian[0, 0] -= ridge_term / numerator_1
        jacobian[1, 0] += inverse_damping * ridge_term
        overdetermined = np.flatnonzero(alpha >= 1.0)
        # α − E[η′], as a sum of two positive terms
        surplus = moments.one_minus_response[overdetermined] - one_minus_alpha[overdetermined]
        f[0, overdetermined] = (
            np.log(alpha[overdetermined] * problem.ridge / surplus) - state[0, overdetermined]
        )
        jacobian[0, :, overdetermined] = (moments.response_slope[:, overdetermined] / surplus).T
        jacobian[0, 0, overdetermined] -= 1.0
        absolute_error[0, overdetermined] *= moments.one_minus_response[overdetermined] / surplus
    absolute_error += 2.0 * _EPS
    return Equations(f, jacobian, moments, absolute_error)


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def alpha_slopes(problem: FixedPointProblem, state: FloatArray, found: Equations) -> FloatArray:
    """Return ∂f/∂α at fixed (x, y), shape (2, A)."""
    moments, alpha = found.moments, problem.alpha
    low_data = alpha < _SWITCH_ALPHA
    noise_over_theta2, ridge_term = _noise_and_ridge(problem, state)
    ridge_over_tau = ridge_term / alpha
    damping = moments.one_minus_response + ridge_term
    numerator_2 = alpha * noise_over_theta2 + np.where(low_data, moments.error, moments.residual)
    slopes = np.array(
        [
            np.where(
                low_data,
                ridge_over_tau / (moments.response + ridge_term) - 1.0 / alpha,
                (ridge_over_tau - 1.0) / (1.0 - alpha + ridge_term),
            ),
            np.where(
                low_data,
                -moments.error / (alpha * numerator_2),
                noise_over_theta2 / numerator_2 - ridge_over_tau / damping,
            ),
        ]
    )
    overdetermined = np.flatnonzero(alpha >= 1.0)
    if overdetermined.size:
        surplus = alpha[overdetermined] - 1.0 + moments.one_minus_response[overdetermined]
        slopes[0, overdetermined] = 1.0 / alpha[overdetermined] - 1.0 / surplus
    return slopes


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def noise_slopes(problem: FixedPointProblem, state: FloatArray, found: Equations) -> FloatArray:
    """Return ∂f/∂σ² at fixed (x, y), shape (2, A)."""
    alpha, moments = problem.alpha, found.moments
    noise_over_theta2, _ = _noise_and_ridge(problem, state)
    signal = np.where(alpha < _SWITCH_ALPHA, moments.error, moments.residual)
    slope = alpha * np.exp(-state[1]) / (alpha * noise_over_theta2 + signal)
    return np.array([np.zeros_like(slope), slope])


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def scale_slopes(problem: FixedPointProblem, state: FloatArray, found: Equations) -> FloatArray:
    """Return ∂f/∂(log C of each group) at fixed (x, y), shape (2, G, A); `found` holds details."""
    moments, alpha = found.moments, problem.alpha
    details = moments.in_detail()
    low_data = alpha < _SWITCH_ALPHA
    noise_over_theta2, ridge_term = _noise_and_ridge(problem, state)
    response_term = np.where(low_data, moments.response + ridge_term, moments.one_minus_response)
    response_term += np.where(alpha < 1.0, 0.0, alpha - 1.0)
    numerator_2 = alpha * noise_over_theta2 + np.where(low_data, moments.error, moments.residual)
    inverse_damping = np.where(low_data, 0.0, 1.0 / (moments.one_minus_response + ridge_term))
    numerator_2_slope = np.where(low_data, details.error_scale_slope, details.residual_scale_slope)
    return np.array(
        [
            details.response_scale_slope / response_term,
            numerator_2_slope / numerator_2 + inverse_damping * details.response_scale_slope,
        ]
    )


def _noise_and_ridge(
    problem: FixedPointProblem, state: FloatArray
) -> tuple[FloatArray | float, FloatArray | float]:
    """Return σ²/θ² and αϱ/τ."""
    noise_over_theta2 = (
        problem.noise_variance * np.exp(-state[1]) if problem.noise_variance else 0.0
    )
    ridge_term = problem.alpha * problem.ridge * np.exp(-state[0]) if problem.ridge else 0.0
    return noise_over_theta2, ridge_term
