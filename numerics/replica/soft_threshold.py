r"""The scalar channel in the limit c_FT → 0⁺: the soft threshold, in closed form (Section 5.1).

As √k → 0 the penalty tends to ½|β| log(1/√k) up to terms that stay finite, τ tends to 0, and the
product, the threshold T = ½ τ log(1/√k), stays: β̂ = sign(z) max(|z| − T, 0), and interpolation
minimises ‖β‖₁. All moments of `numerics.replica.quadrature` are then integrals of polynomials
against the normal density. In this module T takes the place of τ.

Without noise the error is exactly 0 from the weak threshold of Donoho and Tanner on: with
M(κ) = ρ(1 + κ²) + 2(1 − ρ)[(1 + κ²)Φ(−κ) − κφ(κ)], ρ the share of β* ≠ 0 and κ = T/θ given by
ρ + 2(1 − ρ)Φ(−κ) = α, that is where M(κ) ≤ α.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, gammainc, ndtr, ndtri

from numerics.replica.quadrature import ChannelDetails, ChannelGroups, ChannelMoments
from numerics.validation import FloatArray

# Enough for a normal density over eighteen standard deviations to 1e-15.
_GAUSS_NODES = 64
_EPS = float(np.finfo(np.float64).eps)


def l1_moments(
    groups: ChannelGroups,
    log_tau: FloatArray,
    log_theta_squared: FloatArray,
    *,
    coarse: bool = False,
    detailed: bool = False,
) -> ChannelMoments:
    """Return the moments at the states (log T, log θ²), arrays of shape (A,).

    `coarse` has no effect: the moments are exact up to rounding. The derivatives in log C do not
    exist at C = 0, and are NaN; q tends to infinity wherever β̂ ≠ 0, and so does its mean.
    """
    del coarse
    inverse_theta = np.exp(-0.5 * log_theta_squared)
    threshold = np.exp(log_tau - 0.5 * log_theta_squared)
    by_group = np.array(
        [
            _gaussian(b * inverse_theta, threshold)
            if a == 0.0
            else _sign(a * inverse_theta, threshold)
            for a, b in zip(groups.sign_amplitude, groups.gaussian_amplitude, strict=True)
        ]
    )
    mixed = np.einsum("g,gqa->qa", groups.probability, by_group)
    response, one_minus_response, error, residual, density, density_noise = mixed[:6]
    details = None
    if detailed:
        absent = np.full(by_group[:, 0].shape, np.nan)
        theta_squared = np.exp(log_theta_squared)
        details = ChannelDetails(
            response_squared=response,
            group_response=by_group[:, 0],
            group_error=by_group[:, 2],
            group_residual=by_group[:, 3],
            response_scale_slope=absent,
            error_scale_slope=absent,
            residual_scale_slope=absent,
            cross_moment=theta_squared * mixed[10],
            second_moment=theta_squared * mixed[11],
            group_penalty=np.full_like(absent, np.inf),
        )
    return ChannelMoments(
        response=response,
        one_minus_response=one_minus_response,
        error=error,
        residual=residual,
        response_slope=np.array([-density * threshold, 0.5 * density_noise]),
        error_slope=mixed[6:8],
        residual_slope=mixed[8:10],
        relative_error=np.full((4, log_tau.size), 16.0 * _EPS),
        nodes=np.zeros(log_tau.size, dtype=np.int64),
        details=details,
    )


def recovers_exactly(groups: ChannelGroups, alpha: FloatArray) -> NDArray[np.bool_]:
    """Return, for each α, whether noiseless ℓ1 minimisation recovers β* (module docstring)."""
    active = (groups.sign_amplitude > 0.0) | (groups.gaussian_amplitude > 0.0)
    density = float(np.sum(groups.probability[active]))
    inactive = float(np.sum(groups.probability[~active]))
    surplus = alpha - density
    if inactive == 0.0:
        return np.asarray(alpha >= 1.0)
    ratio = np.clip(np.where(surplus > 0.0, surplus / (2.0 * inactive), 0.25), 0.0, 0.5)
    kappa = -ndtri(ratio)
    with np.errstate(invalid="ignore"):
        error = density * (1.0 + kappa**2) + 2.0 * inactive * _excess(kappa)
    return np.asarray((surplus > 0.0) & ((error <= alpha) | (alpha >= 1.0)))


def _density(x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi))


def _excess(x: FloatArray) -> FloatArray:
    """∫ (z − x)² φ(z) dz over z > x: (1 + x²)Φ(−x) − xφ(x)."""
    return np.asarray((1.0 + x * x) * ndtr(-x) - x * _density(x))


def _gaussian(amplitude: FloatArray, threshold: FloatArray) -> FloatArray:
    """Moments for β* ~ N(0, b²), in units of θ; b = 0 for β* = 0.

    z has the variance S² = 1 + b². With K = T/S, e = β̂ − z b²/S² is −z b²/S² for |z| < T and
    z/S² − T beyond.
    """
    spread = np.hypot(1.0, amplitude)
    kappa = threshold / spread
    tail, phi = ndtr(-kappa), _density(kappa)
    square_above = tail + kappa * phi  # E[z²/S²; z > T]
    square_within = gammainc(1.5, 0.5 * kappa**2)  # E[z²/S²; |z| < T]
    slab_share = (amplitude / spread) ** 2
    outside = 2.0 * (
        square_above / spread**2 - 2.0 * (threshold / spread) * phi + threshold**2 * tail
    )
    error = slab_share + amplitude**2 * slab_share * square_within + outside
    residual = spread**2 * square_within + 2.0 * threshold**2 * tail
    density = 2.0 * phi / spread  # of |z| at T
    # ∂z/∂θ = Z, and E[Z|z] = z/S².
    density_noise = density * threshold / spread**2
    return np.array(
        [
            2.0 * tail,
            erf(kappa / np.sqrt(2.0)),
            error,
            residual,
            density,
            density_noise,
            # −2E[e sign(z); |z| > T] T
            -4.0 * threshold * (phi / spread - threshold * tail),
            # E[η′(e z/S² + b²/S²)]
            2.0 * (square_above / spread**2 - threshold * phi / spread + slab_share * tail),
            4.0 * threshold**2 * tail,
            # E[(z − β̂)(1 − η′) z/S²]
            square_within,
            # E[β*β̂] = b² E[η′] (Stein's lemma), and E[β̂²]
            2.0 * amplitude**2 * tail,
            2.0 * spread**2 * _excess(kappa),
        ]
    )


def _sign(amplitude: FloatArray, threshold: FloatArray) -> FloatArray:
    """Moments for β* = ±a, in units of θ: z = a + Z without loss of generality."""
    upper, lower = threshold - amplitude, threshold + amplitude  # z > T and z < −T: Z > .., Z < −..
    tail_upper, tail_lower = ndtr(-upper), ndtr(-lower)
    phi_upper, phi_lower = _density(upper), _density(lower)
    mass_within, square_within, noise_within = _dead_zone(amplitude, threshold)
    # ∫ (Z − T)² over Z > T − a, and ∫ (Z + T)² over Z < −T − a.
    error_upper = (1.0 + threshold**2) * tail_upper - (threshold + amplitude) * phi_upper
    error_lower = (1.0 + threshold**2) * tail_lower - (threshold - amplitude) * phi_lower
    error = error_upper + error_lower + amplitude**2 * mass_within
    tails = tail_upper + tail_lower
    density = phi_upper + phi_lower
    return np.array(
        [
            tails,
            mass_within,
            error,
            square_within + threshold**2 * tails,
            density,
            upper * phi_upper + lower * phi_lower,
            # −2T E[e sign(z); outside], e = Z ∓ T
            -2.0 * threshold * (phi_upper + phi_lower - threshold * tails),
            # E[η′ e Z], with ∫ Z² φ over Z > x being Φ(−x) + xφ(x)
            tails + upper * phi_upper + lower * phi_lower - threshold * (phi_upper + phi_lower),
            2.0 * threshold**2 * tails,
            # E[z Z; within]
            noise_within,
            # E[β*β̂] = a E[β̂], and E[β̂²]
            amplitude * _mean_estimate(amplitude, threshold),
            _excess(upper) + _excess(lower),
        ]
    )


def _mean_estimate(amplitude: FloatArray, threshold: FloatArray) -> FloatArray:
    """E[β̂] for z = a + Z: ∫ Φ(−x) dx over T − a < x < T + a, by Gauss's rule where a is small.

    The antiderivative is xΦ(−x) − φ(x), the difference of which cancels for a ≪ 1.
    """
    upper, lower = threshold - amplitude, threshold + amplitude
    difference = (_density(upper) - upper * ndtr(-upper)) - (_density(lower) - lower * ndtr(-lower))
    nodes, weights = np.polynomial.legendre.leggauss(_GAUSS_NODES)
    width = np.minimum(amplitude, 1.0)
    small = width * (ndtr(-(threshold[:, None] + width[:, None] * nodes)) @ weights)
    return np.asarray(np.where(amplitude < 1.0, small, difference))


def _dead_zone(amplitude: FloatArray, threshold: FloatArray) -> FloatArray:
    """Return P(|z| < T), E[z²; |z| < T] and E[zZ; |z| < T] for z = a + Z, without cancellation.

    Gauss's rule over the part of the interval where the density is not negligible: differences of
    tails would cancel.
    """
    above = np.maximum(amplitude - threshold, 0.0)
    low = np.maximum(-threshold, amplitude - np.sqrt(above**2 + 80.0))
    high = np.minimum(threshold, amplitude + 9.0)
    nodes, weights = np.polynomial.legendre.leggauss(_GAUSS_NODES)
    z = low[:, None] + 0.5 * (high - low)[:, None] * (nodes + 1.0)
    noise = z - amplitude[:, None]
    density = 0.5 * (high - low)[:, None] * weights * _density(noise)
    return np.array(
        [density.sum(axis=1), (density * z * z).sum(axis=1), (density * z * noise).sum(axis=1)]
    )
