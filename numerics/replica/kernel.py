r"""Integrals over the scalar channel by the trapezoidal rule (Proposition 4.2).

For the rows of `numerics.replica.nodes`, with v = u − u₀, w the density of z, and R = C cosh u,

    β̂ − β̂₀ = ½ (eᵛ − 1)(P + (C²/P) e⁻ᵛ)    R = ½ (P eᵛ + (C²/P) e⁻ᵛ)    z − a = β̂ − β̂₀ + t v
    dz = (R + t) dv       η′ = R/(R + t)      β̂ − a = β̂ − β̂₀ − t u₀      z − β̂ = t u.

For the slab N(0, b²), Stein's lemma turns E[(β̂ − β*)²] into

    E[β̂²] − 2b² E[η′] + b²    (b < 1)        E[(β̂ − z)²] + 2E[η′] − 1    (b ≥ 1),

in units of θ: it is at least b²/(1 + b²), so that neither loses digits.

What the last evaluation adds is in units of `Rows.unit`, and does not cancel either:

    q(β̂) = ½ β̂ (u − tanh(u/2)) = ½ β̂ (u − β̂/(C + R))        E[β̂] = ½ E[β̂ (1 − e⁻²ᵃᶻ)]

Every term of the second is positive; it stands for E[β̂] where a is small.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from numerics.replica.nodes import Rows, Windows
from numerics.validation import FloatArray

# Largest change between the steps 2h and h; the error at h is about its square.
_LARGEST_CHANGE = 2e-7
_MOST_REFINEMENTS = 5
# Elements of one working array: about twenty of these fit a core's cache.
_BLOCK = 5_000
# Rows share a block, and with it the largest of their numbers of nodes, if those numbers differ by
# at most this ratio, or if the surplus elements cost less than one more block.
_NODE_RATIO = 1.15
_BLOCK_OVERHEAD = 1_500
_WORKING = 8

# Integrals of a row, in this order; the first five are positive.
MASS, ONE_MINUS_RESPONSE, RESPONSE, ERROR, RESIDUAL = range(5)
RESPONSE_TAU, ERROR_TAU, RESIDUAL_TAU, RESPONSE_THETA, ERROR_THETA, RESIDUAL_THETA = range(5, 11)
RESPONSE_SCALE, ERROR_SCALE, RESIDUAL_SCALE, RESPONSE_SQUARED = range(11, 15)
# β̂ (meaningless for rows that are not ±a), β̂² and q(β̂).
ESTIMATE, ESTIMATE_SQUARED, PENALTY = range(15, 18)
# Below this a the terms of E[β̂] would cancel; the window then holds z and −z alike.
_SMALL_SIGN = 0.25


def integrate(
    rows: Rows, window: Windows, *, check: bool, detailed: bool
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return integrals (Q, M), their last relative change (4, M), and numbers of nodes (M,).

    With `check`, a row's step is halved until E[η′], E[1 − η′] and the two squares change by less
    than 2e-7, at most five times. Without, the change is 0.
    """
    integrals, half, nodes = _sums(rows, window, check, detailed)
    if not check:
        return integrals, np.zeros((4, nodes.size)), nodes
    change = _change(integrals, half)
    for _ in range(_MOST_REFINEMENTS):
        unsettled = np.flatnonzero(change.max(axis=0) > _LARGEST_CHANGE)
        if not unsettled.size:
            break
        finer = Windows(window.low[unsettled], window.high[unsettled], 2 * nodes[unsettled] - 1)
        integrals[:, unsettled], half, nodes[unsettled] = _sums(
            rows.select(unsettled), finer, check, detailed
        )
        change[:, unsettled] = _change(integrals[:, unsettled], half)
    return integrals, change, nodes


def _sums(
    rows: Rows, window: Windows, check: bool, detailed: bool
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return integrals (Q, M), with `check` the first five at twice the step, and nodes (M,)."""
    size = rows.scale.size
    integrals, nodes = (
        np.empty((PENALTY + 1 if detailed else RESPONSE_SCALE, size)),
        np.empty(size, dtype=np.int64),
    )
    half = np.empty((5 if check else 0, size))
    blocks = list(_blocks(window.count))
    # One allocation for all blocks: fresh memory would cost as much as the arithmetic.
    slots = len(integrals) + _WORKING
    scratch = np.empty(slots * max(length * count for _, length, count in blocks))
    unit = rows.unit if detailed else np.ones(1)
    scaled = bool(unit.max() > 1.0)
    for block, length, count in blocks:
        nodes[block] = count
        arrays = scratch[: slots * length * count].reshape(slots, length, count)
        feature, work = arrays[: len(integrals)], arrays[len(integrals) :]
        density = _integrands(
            rows.select(block),
            window.low[block],
            window.high[block],
            feature,
            work,
            unit[block] if scaled else None,
        )
        integrals[:, block] = np.matmul(feature.transpose(1, 0, 2), density[:, :, None])[:, :, 0].T
        if check:
            half[:, block] = np.einsum("fmn,mn->fm", feature[:5, :, ::2], density[:, ::2])
    # Symmetric rows are summed over u >= 0 and doubled.
    step = np.where(rows.sign == 0.0, 2.0, 1.0) * (window.high - window.low)
    step /= (nodes - 1) * (rows.spread * np.sqrt(2.0 * np.pi))
    integrals *= step
    _apply_row_factors(rows, integrals)
    if check:
        half *= 2.0 * step
        half[ONE_MINUS_RESPONSE] *= rows.half_tau
    if rows.gaussian.any():
        _gaussian_slab_errors(rows, integrals)
        if check:
            _gaussian_slab_errors(rows, half)
    return integrals, half, nodes


def _change(integrals: FloatArray, half: FloatArray) -> FloatArray:
    """Return the relative changes of four integrals, and no less than that of the mass, (4, M)."""
    main = integrals[ONE_MINUS_RESPONSE : RESIDUAL + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.abs(half[ONE_MINUS_RESPONSE:] / main - 1.0)
    change[main == 0.0] = 0.0
    return np.asarray(np.maximum(change, np.abs(half[MASS] - integrals[MASS])))


_Selection = NDArray[np.intp] | slice


def _blocks(count: NDArray[np.int64]) -> Iterator[tuple[_Selection, int, int]]:
    """Yield blocks of rows with similar numbers of nodes: rows, their number, most nodes."""
    most = int(count.max())
    if most * count.size <= min(_BLOCK, int(count.sum()) + _BLOCK_OVERHEAD):
        yield slice(None), count.size, most
        return
    order = np.argsort(count, kind="stable")
    sizes = count[order]
    start = 0
    while start < order.size:
        rest = sizes[start:]
        surplus = rest * np.arange(1, rest.size + 1) - np.cumsum(rest)
        length = max(
            np.searchsorted(rest, _NODE_RATIO * rest[0], side="right"),
            np.searchsorted(surplus, _BLOCK_OVERHEAD, side="right"),
        )
        length = min(int(length), max(1, _BLOCK // int(rest[length - 1])))
        yield order[start : start + length], length, int(rest[length - 1])
        start += length


def _integrands(
    rows: Rows,
    low: FloatArray,
    high: FloatArray,
    feature: FloatArray,
    work: FloatArray,
    unit: FloatArray | None,
) -> FloatArray:
    """Fill `feature` (Q, M, N) with the integrands; return the density (M, N) up to a factor.

    The integrands stand in the order of the integrals, without the factors of
    `_apply_row_factors`; `unit` is that of β̂ in the details, None for 1. `work` holds `_WORKING`
    arrays of shape (M, N). Everything is computed in place, because fresh memory would cost as much
    as the arithmetic: a name that is bound to another name's array takes it over, and the earlier
    name is not used again.
    """
    v, expm1_v, exp_v, falling, z_offset, density, inverse_jacobian, beta_hat = work
    jacobian, radius = feature[MASS], feature[RESPONSE]  # dz/dv = R + t, and R
    count = v.shape[1]
    half_tau = rows.half_tau[:, None]
    half_minus = 0.5 * rows.scale * (rows.scale / rows.plus)
    half_plus = 0.5 * rows.plus
    np.multiply(((high - low) / (count - 1))[:, None], np.arange(float(count)), out=v)
    symmetric = not rows.sign.any()
    if symmetric:
        np.expm1(v, out=expm1_v)
        np.add(expm1_v, 1.0, out=exp_v)
    else:
        v += low[:, None]
        np.expm1(v, out=expm1_v)
        # Where the anchor is far above the node, 1 + (eᵛ − 1) would lose the digits of eᵛ.
        np.exp(v, out=exp_v)
    np.divide(half_minus[:, None], exp_v, out=falling)  # ½ (C²/P) e⁻ᵛ
    rising = exp_v
    rising *= half_plus[:, None]  # ½ P eᵛ
    np.add(rising, falling, out=radius)
    np.add(radius, half_tau, out=jacobian)
    falling += half_plus[:, None]
    beta_offset = expm1_v
    beta_offset *= falling  # β̂ − β̂₀
    detailed = len(feature) > RESPONSE_SCALE
    # Details need u once more, and the place of a feature that is filled last is free until then.
    half_tau_v = feature[ESTIMATE] if detailed else v
    np.multiply(v, half_tau, out=half_tau_v)
    np.add(beta_offset, half_tau_v, out=z_offset)  # z − a
    np.square(z_offset, out=density)
    density *= (-0.5 / np.square(rows.spread))[:, None]
    np.exp(density, out=density)
    # u = 0 belongs to both halves of symmetric rows.
    density[rows.sign == 0.0, 0] *= 0.5
    residual, error = half_tau_v, beta_offset  # z − β̂ and β̂ − a
    if symmetric:
        beta_hat = beta_offset
    else:
        half_tau_anchor = (rows.half_tau * rows.anchor)[:, None]
        residual += half_tau_anchor
        # β̂₀ = C sinh u₀: the difference of its two halves would cancel for small u₀.
        np.add(beta_offset, -(half_plus * np.expm1(-2.0 * rows.anchor))[:, None], out=beta_hat)
        error -= half_tau_anchor
    feature[ONE_MINUS_RESPONSE] = 1.0
    square = rising
    np.square(error, out=square)
    np.multiply(jacobian, square, out=feature[ERROR])
    np.square(residual, out=square)
    np.multiply(jacobian, square, out=feature[RESIDUAL])
    np.multiply(radius, square, out=feature[RESIDUAL_TAU])
    np.divide(1.0, jacobian, out=inverse_jacobian)
    response = falling
    np.multiply(radius, inverse_jacobian, out=response)  # η′
    response_curvature = feature[RESPONSE_TAU]
    np.multiply(beta_hat, inverse_jacobian, out=response_curvature)
    response_curvature *= inverse_jacobian  # β̂/(R + t)²
    np.multiply(response_curvature, z_offset, out=feature[RESPONSE_THETA])
    response_curvature *= residual
    response_curvature += response
    radius_error = square
    np.multiply(radius, error, out=radius_error)
    np.multiply(radius_error, residual, out=feature[ERROR_TAU])
    np.multiply(radius_error, z_offset, out=feature[ERROR_THETA])
    np.multiply(residual, z_offset, out=feature[RESIDUAL_THETA])
    if detailed:
        np.multiply(radius, response, out=feature[RESPONSE_SQUARED])
        np.multiply(error, beta_hat, out=feature[ERROR_SCALE])
        np.multiply(residual, beta_hat, out=feature[RESIDUAL_SCALE])
        radius_slope = radius_error  # C ∂R/∂C at fixed z
        np.square(beta_hat, out=radius_slope)
        radius_slope *= half_tau
        radius_slope *= inverse_jacobian
        radius_slope += np.square(rows.scale)[:, None]
        radius_slope /= radius
        np.multiply(radius_slope, inverse_jacobian, out=feature[RESPONSE_SCALE])
        u, excess = v, response
        if not symmetric:
            u += rows.anchor[:, None]
        np.add(radius, rows.scale[:, None], out=excess)
        np.divide(beta_hat, excess, out=excess)
        np.subtract(u, excess, out=excess)  # u − tanh(u/2)
        if unit is not None:
            beta_hat *= (1.0 / unit)[:, None]
        np.multiply(jacobian, beta_hat, out=feature[ESTIMATE])
        np.multiply(feature[ESTIMATE], beta_hat, out=feature[ESTIMATE_SQUARED])
        np.multiply(feature[ESTIMATE], excess, out=feature[PENALTY])
        if not symmetric:
            small = np.flatnonzero((rows.sign > 0.0) & (rows.sign < _SMALL_SIGN))
            if small.size:
                a = rows.sign[small, None]
                feature[ESTIMATE, small] *= -0.5 * np.expm1(-2.0 * a * (a + z_offset[small]))
    return np.asarray(density)


def _apply_row_factors(rows: Rows, integrals: FloatArray) -> None:
    """Apply the factors that do not depend on the node."""
    half_tau, precision = rows.half_tau, 1.0 / np.square(rows.spread)
    integrals[ONE_MINUS_RESPONSE] *= half_tau
    integrals[RESPONSE_TAU] *= -half_tau
    integrals[ERROR_TAU] *= -2.0
    integrals[RESIDUAL_TAU] *= 2.0
    integrals[RESPONSE_THETA] *= 0.5 * half_tau * precision
    integrals[ERROR_THETA] *= precision
    integrals[RESIDUAL_THETA] *= half_tau * precision
    if len(integrals) > RESIDUAL_SCALE:
        integrals[RESPONSE_SCALE] *= half_tau
        integrals[ERROR_SCALE] *= 2.0 * half_tau
        integrals[RESIDUAL_SCALE] *= -2.0 * half_tau
        integrals[PENALTY] *= 0.5


def _gaussian_slab_errors(rows: Rows, integrals: FloatArray) -> None:
    """For the slab N(0, b²), turn E[β̂²] and its derivatives into those of E[(β̂ − β*)²]."""
    wide = rows.gaussian >= 1.0
    square = np.square(np.minimum(rows.gaussian, 1.0))
    response = integrals[RESPONSE:RESIDUAL_SCALE:3]
    error, residual = (
        integrals[ERROR:RESIDUAL_SCALE:3],
        integrals[RESIDUAL : RESIDUAL_SCALE + 1 : 3],
    )
    error[:] = np.where(wide, residual, error) + np.where(wide, 2.0, -2.0 * square) * response
    error[0] += np.where(wide, -1.0, square)
    if len(error) > 2:
        # At fixed b the square's last terms, in the units of β, are θ²(2E[η′] − 1) for wide slabs.
        error[2] += np.where(wide, 2.0 * response[0] - 1.0, 0.0)
