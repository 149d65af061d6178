r"""Expectations over the scalar channel of Proposition 4.2, by the trapezoidal rule.

One coordinate sees z = β* + θZ, Z ~ N(0, 1), and answers β̂ = argmin_b (b − z)²/(2τ) + q(b) with
q′(b) = ½ asinh(b/C). With t = τ/2 both are explicit in u = asinh(β̂/C),

    β̂ = C sinh u,   z = β̂ + t u,   R = √(C² + β̂²) = C cosh u,   dz = (R + t) du,   η′ = R/(R + t),

so an expectation over z ~ N(a, S²) is an integral over u of an entire function that decays doubly
exponentially, and the trapezoidal rule converges geometrically: halving the step about squares the
error. For the slab ±a the variance S² is θ²; for N(0, b²) it is θ² + b².

Lengths are in units of θ, and for the slab ±a the variable is v = u − u₀ with z(u₀) = a: then
nothing cancels for θ ≪ a, and an error of u₀ by rounding shifts a by no more than that error.
`numerics.replica.nodes` places the nodes, `numerics.replica.kernel` sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.penalty import penalty
from numerics.replica import kernel
from numerics.replica.nodes import make_rows, windows
from numerics.validation import FloatArray, Slab

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class ChannelGroups:
    """Groups of the mixture, arrays of shape (G,).

    Attributes
    ----------
    probability
        Shares, which sum to 1.
    scale
        C > 0, the scale of the penalty (all 0 in the ℓ1 limit).
    sign_amplitude, gaussian_amplitude
        a of the slab ±a and b of the slab N(0, b²); at most one is not 0.
    """

    probability: FloatArray
    scale: FloatArray
    sign_amplitude: FloatArray
    gaussian_amplitude: FloatArray

    @classmethod
    def of_slabs(
        cls,
        probability: FloatArray,
        slabs: Iterable[tuple[Slab, float]],
        scale: FloatArray | float = np.nan,
    ) -> ChannelGroups:
        """Return groups whose β* follow these slabs: ("zero", 0), ("sign", a) or ("gaussian", b).

        Without `scale` the groups stand for their shares and teachers alone.
        """
        pairs = list(slabs)
        amplitude = np.array([size for _, size in pairs])
        gaussian = np.array([slab == "gaussian" for slab, _ in pairs])
        return cls(
            probability,
            np.array(np.broadcast_to(scale, amplitude.shape)),
            np.where(gaussian, 0.0, amplitude),
            np.where(gaussian, amplitude, 0.0),
        )

    @property
    def second_moments(self) -> FloatArray:
        """E[β*²] within each group, shape (G,)."""
        return self.sign_amplitude**2 + self.gaussian_amplitude**2

    @property
    def second_moment(self) -> float:
        """E[β*²]."""
        return float(np.sum(self.probability * self.second_moments))


@dataclass(frozen=True)
class ChannelMoments:
    """Moments of the channel at A states (τ, θ), in units of θ; shape (A,) unless stated.

    Attributes
    ----------
    response, one_minus_response
        E[η′] and E[1 − η′], each to full relative accuracy.
    error, residual
        E[(β̂ − β*)²] and E[(β̂ − z)²].
    response_slope, error_slope, residual_slope
        Derivatives of E[η′] and of the two squares in (log τ, log θ²), shape (2, A). The squares
        are differentiated in the units of β, then divided by θ².
    relative_error
        Estimated relative error of one_minus_response, response, error, residual: shape (4, A).
    nodes
        Number of nodes, over all groups.
    details
        Further moments, which only the last evaluation needs; None in the others.
    """

    response: FloatArray
    one_minus_response: FloatArray
    error: FloatArray
    residual: FloatArray
    response_slope: FloatArray
    error_slope: FloatArray
    residual_slope: FloatArray
    relative_error: FloatArray
    nodes: NDArray[np.int64]
    details: ChannelDetails | None = None

    def in_detail(self) -> ChannelDetails:
        """Return `details`; raise TypeError if they were not asked for."""
        if self.details is None:
            raise TypeError("the moments must be evaluated with detailed=True")
        return self.details


@dataclass(frozen=True)
class ChannelDetails:
    """Further moments.

    Attributes
    ----------
    response_squared
        E[η′²], shape (A,).
    group_response, group_error, group_residual
        E[η′], and E[(β̂ − β*)²] and E[(β̂ − z)²] in units of θ, within each group, shape (G, A).
    response_scale_slope, error_scale_slope, residual_scale_slope
        Derivatives of the mixture's moments in log C of each group, in units of θ, shape (G, A).
    cross_moment, second_moment
        E[β*β̂] and E[β̂²], in the units of β, shape (A,).
    group_penalty
        E[q(β̂)] within each group, in the units of β, shape (G, A).
    """

    response_squared: FloatArray
    group_response: FloatArray
    group_error: FloatArray
    group_residual: FloatArray
    response_scale_slope: FloatArray
    error_scale_slope: FloatArray
    residual_scale_slope: FloatArray
    cross_moment: FloatArray
    second_moment: FloatArray
    group_penalty: FloatArray


def channel_moments(
    groups: ChannelGroups,
    log_tau: FloatArray,
    log_theta_squared: FloatArray,
    *,
    coarse: bool = False,
    detailed: bool = False,
) -> ChannelMoments:
    """Return the moments at the states (log τ, log θ²), arrays of shape (A,).

    `coarse` takes twice the step, to about seven digits, and does not check it; otherwise the step
    is halved, row by row, until two steps agree. `detailed` adds `ChannelDetails`.
    """
    inverse = np.exp(-0.5 * log_theta_squared)
    shape = (groups.probability.size, log_tau.size)
    # Rows are ordered by group, then by state.
    scale, sign, gaussian = (
        (amplitude[:, None] * inverse).ravel()
        for amplitude in (groups.scale, groups.sign_amplitude, groups.gaussian_amplitude)
    )
    half_tau = np.tile(0.5 * np.exp(log_tau - 0.5 * log_theta_squared), shape[0])
    rows = make_rows(scale, sign, gaussian, half_tau)
    integrals, change, nodes = kernel.integrate(
        rows, windows(rows, coarse=coarse), check=not coarse, detailed=detailed
    )
    by_group = integrals.reshape(-1, *shape)
    mixed = np.dot(groups.probability, by_group.swapaxes(0, 1).reshape(shape[0], -1))
    mixed = mixed.reshape(-1, shape[1])
    relative_error = (
        np.full((4, shape[1]), 4.0 * _EPS)
        if coarse
        else _relative_error(groups, by_group, mixed, change.reshape(4, *shape))
    )
    return ChannelMoments(
        response=mixed[kernel.RESPONSE],
        one_minus_response=mixed[kernel.ONE_MINUS_RESPONSE],
        error=mixed[kernel.ERROR],
        residual=mixed[kernel.RESIDUAL],
        response_slope=mixed[[kernel.RESPONSE_TAU, kernel.RESPONSE_THETA]],
        error_slope=mixed[[kernel.ERROR_TAU, kernel.ERROR_THETA]],
        residual_slope=mixed[[kernel.RESIDUAL_TAU, kernel.RESIDUAL_THETA]],
        relative_error=relative_error,
        nodes=nodes.reshape(shape).sum(axis=0),
        details=(
            _details(groups, by_group, mixed, rows.unit.reshape(shape) / inverse)
            if detailed
            else None
        ),
    )


def observed_penalty(groups: ChannelGroups, variance: FloatArray) -> FloatArray:
    """Return E[q(z)] within each group for z = β* + ε, ε ~ N(0, variance): shape (G, A).

    The channel at τ = 0. `variance`, shape (A,), may be 0 or infinite.
    """
    result = np.full((groups.scale.size, variance.size), np.inf)
    spread = np.flatnonzero((variance > 0.0) & np.isfinite(variance))
    if spread.size:
        log_variance = np.log(variance[spread])
        found = channel_moments(groups, np.full(spread.size, -np.inf), log_variance, detailed=True)
        result[:, spread] = found.in_detail().group_penalty
    exact = variance == 0.0
    if exact.any():
        result[:, exact] = penalty(groups.sign_amplitude, groups.scale)[:, None]
        for index in np.flatnonzero(groups.gaussian_amplitude):
            alone = ChannelGroups(np.ones(1), groups.scale[[index]], np.zeros(1), np.zeros(1))
            square = groups.gaussian_amplitude[[index]] ** 2
            result[index, exact] = observed_penalty(alone, square)[0]
    return result


def _relative_error(
    groups: ChannelGroups, by_group: FloatArray, mixed: FloatArray, change: FloatArray
) -> FloatArray:
    """Estimate relative errors: the quadrature errs by about the square of the last change."""
    main = slice(kernel.ONE_MINUS_RESPONSE, kernel.RESIDUAL + 1)
    parts = by_group[main] * np.square(change)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = 10.0 * np.einsum("g,qga->qa", groups.probability, parts) / mixed[main]
    error[np.isnan(error)] = 0.0
    return np.asarray(error + 4.0 * _EPS)


def _details(
    groups: ChannelGroups, by_group: FloatArray, mixed: FloatArray, size: FloatArray
) -> ChannelDetails:
    """Return the details; `size` is the unit of those of `kernel` in the units of β, (G, A)."""
    share = groups.probability[:, None]
    # For N(0, b²) by Stein's lemma.
    cross = groups.sign_amplitude[:, None] * size * by_group[kernel.ESTIMATE]
    cross += groups.gaussian_amplitude[:, None] ** 2 * by_group[kernel.RESPONSE]
    return ChannelDetails(
        response_squared=mixed[kernel.RESPONSE_SQUARED],
        group_response=by_group[kernel.RESPONSE],
        group_error=by_group[kernel.ERROR],
        group_residual=by_group[kernel.RESIDUAL],
        response_scale_slope=share * by_group[kernel.RESPONSE_SCALE],
        error_scale_slope=share * by_group[kernel.ERROR_SCALE],
        residual_scale_slope=share * by_group[kernel.RESIDUAL_SCALE],
        cross_moment=groups.probability @ cross,
        second_moment=groups.probability @ (size**2 * by_group[kernel.ESTIMATE_SQUARED]),
        group_penalty=size * by_group[kernel.PENALTY],
    )
