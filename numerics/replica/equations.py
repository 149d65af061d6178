r"""The two equations of the replica fixed point, in forms that keep their digits (Proposition 4.2).

With E the moments of the scalar channel (`numerics.replica.quadrature`), s = E[1 − η′] and
B = E[(β̂ − z)²], the state (τ, θ) of data with α = n/d, noise σ² and ridge ϱ solves

    few data, α < ½:   (E[η′] + αϱ/τ)/α = 1                (σ² + p/α)/θ² = 1
    much data:         (1 − α + αϱ/τ)/s = 1     (α < 1)    (ασ² + B)/(θ²(s + αϱ/τ)) = 1
                       αϱ/(τ (α − 1 + s)) = 1   (α ≥ 1)

Both rows say the same: η′ and 1 − η′ have the sum 1, and by Stein's lemma p = θ²(2E[η′] − 1) + B.
Sums have positive terms only, so that 1 − α may be as small as rounding allows. Logarithms are
taken, with unknowns x = log τ and y = log θ²: errors of 1e-50 are no harder than errors of 1.

In the ℓ1 limit τ stands for the threshold, and ϱ = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.replica.quadrature import ChannelGroups, ChannelMoments
from numerics.validation import FloatArray

_MUCH_DATA = 0.5
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
    doubt
        Estimated absolute error of f, from quadrature and rounding, shape (2, A).
    """

    f: FloatArray
    jacobian: FloatArray
    moments: ChannelMoments
    doubt: FloatArray

    def newton_step(self) -> FloatArray:
        """Return −J⁻¹f, shape (2, A); not finite where J is singular."""
        return self.carried(self.f)

    def carried(self, slopes: FloatArray) -> FloatArray:
        """Return −J⁻¹ times `slopes`, shape (2, ..., A): how x and y follow what changes f so."""
        return solve_two(self.jacobian, -slopes)

    def amplified(self, perturbation: FloatArray) -> FloatArray:
        """Return |J⁻¹| times a perturbation of f, both non-negative, shape (2, A)."""
        (a, b), (c, d) = self.jacobian
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            inverse = np.abs(np.array([[d, -b], [-c, a]]) / (a * d - b * c))
        return np.asarray(np.einsum("ija,ja->ia", inverse, perturbation))

    @property
    def log_error_slope(self) -> FloatArray:
        """Derivatives of log p in x and y, shape (2, A)."""
        return np.asarray(self.moments.error_slope / self.moments.error)


def solve_two(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve A systems of two equations: matrix (2, 2, A), right-hand sides (2, A)."""
    (a, b), (c, d) = matrix
    first, second = right
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        determinant = a * d - b * c
        return np.asarray(np.array([d * first - b * second, a * second - c * first]) / determinant)


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
    few = alpha < _MUCH_DATA
    noise, held = _scaled(problem, state)
    missing = 1.0 - alpha
    followed, kept = moments.response + held, moments.complement + held
    # f = (log first/of, log second/over)
    first, of = np.where(few, followed, missing + held), np.where(few, alpha, moments.complement)
    part = np.where(few, first, of)
    second = alpha * noise + np.where(few, moments.error, moments.shift)
    over = np.where(few, alpha, kept)
    f = np.log(np.array([first / of, second / over]))
    jacobian = np.empty((2, 2, alpha.size))
    np.divide(moments.response_slope, part, out=jacobian[0])
    np.divide(np.where(few, moments.error_slope, moments.shift_slope), second, out=jacobian[1])
    jacobian[1, 1] -= 1.0
    beyond = np.where(few, 0.0, 1.0 / kept)
    jacobian[1] += beyond * moments.response_slope
    doubt = np.empty((2, alpha.size))
    complement, response, error, shift = moments.uncertainty
    doubt[0] = np.where(few, moments.response / first * response, complement)
    doubt[1] = np.where(
        few,
        moments.error / second * error,
        moments.shift / second * shift + moments.complement * beyond * complement,
    )
    if problem.ridge:
        jacobian[0, 0] -= held / first
        jacobian[1, 0] += beyond * held
        plenty = np.flatnonzero(alpha >= 1.0)
        surplus = moments.complement[plenty] - missing[plenty]
        f[0, plenty] = np.log(alpha[plenty] * problem.ridge / surplus) - state[0, plenty]
        jacobian[0, :, plenty] = (moments.response_slope[:, plenty] / surplus).T
        jacobian[0, 0, plenty] -= 1.0
        doubt[0, plenty] *= moments.complement[plenty] / surplus
    doubt += 2.0 * _EPS
    return Equations(f, jacobian, moments, doubt)


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def alpha_slopes(problem: FixedPointProblem, state: FloatArray, found: Equations) -> FloatArray:
    """Return ∂f/∂α at fixed (x, y), shape (2, A)."""
    moments, alpha = found.moments, problem.alpha
    few = alpha < _MUCH_DATA
    noise, held = _scaled(problem, state)
    share = held / alpha
    kept = moments.complement + held
    second = alpha * noise + np.where(few, moments.error, moments.shift)
    slopes = np.array(
        [
            np.where(
                few,
                share / (moments.response + held) - 1.0 / alpha,
                (share - 1.0) / (1.0 - alpha + held),
            ),
            np.where(few, -moments.error / (alpha * second), noise / second - share / kept),
        ]
    )
    plenty = np.flatnonzero(alpha >= 1.0)
    if plenty.size:
        surplus = alpha[plenty] - 1.0 + moments.complement[plenty]
        slopes[0, plenty] = 1.0 / alpha[plenty] - 1.0 / surplus
    return slopes


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def scale_slopes(problem: FixedPointProblem, state: FloatArray, found: Equations) -> FloatArray:
    """Return ∂f/∂(log C of each group) at fixed (x, y), shape (2, G, A); `found` holds details."""
    moments, alpha = found.moments, problem.alpha
    details = moments.details
    if details is None:
        raise TypeError("the moments must be evaluated with detailed=True")
    few = alpha < _MUCH_DATA
    noise, held = _scaled(problem, state)
    part = np.where(few, moments.response + held, moments.complement)
    part += np.where(alpha < 1.0, 0.0, alpha - 1.0)
    second = alpha * noise + np.where(few, moments.error, moments.shift)
    beyond = np.where(few, 0.0, 1.0 / (moments.complement + held))
    moved = np.where(few, details.error_scale, details.shift_scale) / second
    return np.array([details.response_scale / part, moved + beyond * details.response_scale])


def _scaled(
    problem: FixedPointProblem, state: FloatArray
) -> tuple[FloatArray | float, FloatArray | float]:
    """Return σ²/θ² and αϱ/τ."""
    noise = problem.noise_variance * np.exp(-state[1]) if problem.noise_variance else 0.0
    held = problem.alpha * problem.ridge * np.exp(-state[0]) if problem.ridge else 0.0
    return noise, held
