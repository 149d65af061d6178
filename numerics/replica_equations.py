r"""The two equations of the replica fixed point, in forms that keep their digits (Proposition 4.2).

With E the moments of the scalar channel (`numerics.replica_quadrature`), s = E[1 − η′] and
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

from numerics.replica_quadrature import ChannelDetails, ChannelGroups, ChannelMoments
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
        return solve_two(self.jacobian, -self.f)

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


def evaluate(
    problem: FixedPointProblem,
    state: FloatArray,
    *,
    coarse: bool = False,
    detailed: bool = False,
) -> Equations:
    """Evaluate the equations at `state` = (x, y), shape (2, A)."""
    moments = problem.moments(problem.groups, state[0], state[1], coarse=coarse, detailed=detailed)
    few = _few_data(problem, state, moments)
    much = _much_data(problem, state, moments)
    chosen = problem.alpha < _MUCH_DATA
    f, jacobian, doubt = (np.where(chosen, a, b) for a, b in zip(few, much, strict=True))
    return Equations(f, jacobian, moments, doubt)


def parameter_slopes(problem: FixedPointProblem, state: FloatArray, found: Equations) -> FloatArray:
    """Return ∂f/∂(log C of each group, then α) at fixed (x, y): shape (2, G + 1, A).

    `found` holds details.
    """
    moments, alpha = found.moments, problem.alpha
    details = _details(moments)
    noise, held = _scaled(problem, state)
    error, shift = noise + moments.error / alpha, alpha * noise + moments.shift
    kept = moments.complement + held
    few = np.array(
        [
            [
                *(details.response_scale / (moments.response + held)),
                held / alpha / (moments.response + held) - 1.0 / alpha,
            ],
            [
                *(details.error_scale / (alpha * error)),
                -moments.error / alpha**2 / error,
            ],
        ]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.array(
            [
                *(details.response_scale / moments.complement),
                (held / alpha - 1.0) / (1.0 - alpha + held),
            ]
        )
        above = np.array(
            [
                *(details.response_scale / (alpha - 1.0 + moments.complement)),
                1.0 / alpha - 1.0 / (alpha - 1.0 + moments.complement),
            ]
        )
    much = np.array(
        [
            np.where(alpha < 1.0, below, above),
            [
                *(details.shift_scale / shift + details.response_scale / kept),
                noise / shift - held / alpha / kept,
            ],
        ]
    )
    return np.where(alpha < _MUCH_DATA, few, much)


def _details(moments: ChannelMoments) -> ChannelDetails:
    if moments.details is None:
        raise TypeError("the moments must be evaluated with detailed=True")
    return moments.details


def _scaled(problem: FixedPointProblem, state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return σ²/θ² and αϱ/τ."""
    with np.errstate(over="ignore"):
        noise = problem.noise_variance * np.exp(-state[1]) if problem.noise_variance else 0.0
        held = problem.alpha * problem.ridge * np.exp(-state[0]) if problem.ridge else 0.0
    shape = problem.alpha.shape
    return np.broadcast_to(noise, shape), np.broadcast_to(held, shape)


_Form = tuple[FloatArray, FloatArray, FloatArray]


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def _few_data(problem: FixedPointProblem, state: FloatArray, moments: ChannelMoments) -> _Form:
    alpha = problem.alpha
    noise, held = _scaled(problem, state)
    response, error = moments.response + held, noise + moments.error / alpha
    f = np.array([np.log(response / alpha), np.log(error)])
    jacobian = np.array(
        [
            (moments.response_slope - [[1.0], [0.0]] * held) / response,
            moments.error_slope / (alpha * error) - [[0.0], [1.0]] * np.ones_like(alpha),
        ]
    )
    parts = np.array([moments.response / response, moments.error / (alpha * error)])
    return f, jacobian, 2.0 * _EPS + parts * moments.uncertainty[[0, 2]]


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def _much_data(problem: FixedPointProblem, state: FloatArray, moments: ChannelMoments) -> _Form:
    alpha, ridge = problem.alpha, problem.ridge
    noise, held = _scaled(problem, state)
    unit = np.ones_like(alpha)
    below = 1.0 - alpha + held
    above = alpha - 1.0 + moments.complement
    kept, shift = moments.complement + held, alpha * noise + moments.shift
    log_above = np.log(alpha / above) + np.log(ridge) - state[0] if ridge else unit
    f = np.array(
        [
            np.where(alpha < 1.0, np.log(below / moments.complement), log_above),
            np.log(shift / kept),
        ]
    )
    slope_below = moments.response_slope / moments.complement - [[1.0], [0.0]] * (held / below)
    slope_above = moments.response_slope / above - [[1.0], [0.0]] * unit
    jacobian = np.array(
        [
            np.where(alpha < 1.0, slope_below, slope_above),
            moments.shift_slope / shift
            - [[0.0], [1.0]] * unit
            + (moments.response_slope + [[1.0], [0.0]] * held) / kept,
        ]
    )
    part = moments.complement / np.where(alpha < 1.0, moments.complement, above)
    doubt = np.array(
        [
            part * moments.uncertainty[1],
            moments.shift / shift * moments.uncertainty[3]
            + moments.complement / kept * moments.uncertainty[1],
        ]
    )
    return f, jacobian, 2.0 * _EPS + doubt
