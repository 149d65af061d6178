r"""Integrals over the scalar channel by the trapezoidal rule (Proposition 4.2).

For the rows of `numerics.replica.nodes`, with v = u − u₀, w the density of z, and R = C cosh u,

    β̂ − β̂₀ = ½ (eᵛ − 1)(P + (C²/P) e⁻ᵛ)    R = ½ (P eᵛ + (C²/P) e⁻ᵛ)    z − a = β̂ − β̂₀ + t v
    dz = (R + t) dv       η′ = R/(R + t)      β̂ − a = β̂ − β̂₀ − t u₀      z − β̂ = t u.

For the slab N(0, b²), Stein's lemma turns E[(β̂ − β*)²] into

    E[β̂²] − 2b² E[η′] + b²    (b < 1)        E[(β̂ − z)²] + 2E[η′] − 1    (b ≥ 1),

in units of θ: it is at least b²/(1 + b²), so that neither loses digits.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from numerics.replica.nodes import Rows, Windows
from numerics.validation import FloatArray

# Largest change between the steps 2h and h; the error at h is about its square.
_SETTLED = 2e-7
_MOST_REFINEMENTS = 5
# Elements of one working array: about twenty of these fit a core's cache.
_BLOCK = 5_000
# Rows share a block, and with it their number of nodes, up to this ratio, or
# if the needless elements are fewer than what costs as much as a block of their own.
_ALIKE = 1.15
_CHEAP = 1_500
_WORKING = 8

# Integrals of a row, in this order; the first five are positive.
MASS, COMPLEMENT, RESPONSE, ERROR, SHIFT = range(5)
RESPONSE_TAU, ERROR_TAU, SHIFT_TAU, RESPONSE_THETA, ERROR_THETA, SHIFT_THETA = range(5, 11)
RESPONSE_SCALE, ERROR_SCALE, SHIFT_SCALE, RESPONSE_SQUARED = range(11, 15)


def integrate(
    rows: Rows, window: Windows, *, check: bool, detailed: bool
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return integrals (Q, M), their last relative change (4, M), and numbers of nodes (M,).

    With `check`, the step of rows is halved until E[η′], E[1 − η′] and the two squares change by
    less than 2e-7, five times at most. Without, the change is 0.
    """
    integrals, half, nodes = _sums(rows, window, check, detailed)
    if not check:
        return integrals, np.zeros((4, nodes.size)), nodes
    change = _change(integrals, half)
    for _ in range(_MOST_REFINEMENTS):
        rough = np.flatnonzero(change.max(axis=0) > _SETTLED)
        if not rough.size:
            break
        finer = Windows(window.low[rough], window.high[rough], 2 * nodes[rough] - 1)
        integrals[:, rough], half, nodes[rough] = _sums(rows.select(rough), finer, check, detailed)
        change[:, rough] = _change(integrals[:, rough], half)
    return integrals, change, nodes


def _sums(
    rows: Rows, window: Windows, check: bool, detailed: bool
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return integrals (Q, M), with `check` the first five at twice the step, and nodes (M,)."""
    size = rows.scale.size
    integrals, nodes = np.empty((15 if detailed else 11, size)), np.empty(size, dtype=np.int64)
    half = np.empty((5 if check else 0, size))
    blocks = list(_blocks(window.count))
    # One allocation, which the next call gets back: fresh memory would cost as much as the sums.
    slots = len(integrals) + _WORKING
    scratch = np.empty(slots * max(length * count for _, length, count in blocks))
    for block, length, count in blocks:
        nodes[block] = count
        arrays = scratch[: slots * length * count].reshape(slots, length, count)
        feature, work = arrays[: len(integrals)], arrays[len(integrals) :]
        weight = _integrands(
            rows.select(block), window.low[block], window.high[block], feature, work
        )
        integrals[:, block] = np.matmul(feature.transpose(1, 0, 2), weight[:, :, None])[:, :, 0].T
        if check:
            half[:, block] = np.einsum("fmn,mn->fm", feature[:5, :, ::2], weight[:, ::2])
    # Symmetric rows are summed over u >= 0 and doubled.
    normal = np.where(rows.sign == 0.0, 2.0, 1.0) * (window.high - window.low)
    normal /= (nodes - 1) * (rows.spread * np.sqrt(2.0 * np.pi))
    integrals *= normal
    _weigh(rows, integrals)
    if check:
        half *= 2.0 * normal
        half[COMPLEMENT] *= rows.half_tau
    if rows.gaussian.any():
        _expect_gaussian(rows, integrals)
        if check:
            _expect_gaussian(rows, half)
    return integrals, half, nodes


def _change(integrals: FloatArray, half: FloatArray) -> FloatArray:
    """Return the relative changes of four integrals, and no less than that of the mass, (4, M)."""
    main = integrals[COMPLEMENT : SHIFT + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.abs(half[COMPLEMENT:] / main - 1.0)
    change[main == 0.0] = 0.0
    return np.asarray(np.maximum(change, np.abs(half[MASS] - integrals[MASS])))


_Selection = NDArray[np.intp] | slice


def _blocks(count: NDArray[np.int64]) -> Iterator[tuple[_Selection, int, int]]:
    """Yield rows that need about as many nodes, how many, and the nodes that serve all of them."""
    most = int(count.max())
    if most * count.size <= min(_BLOCK, int(count.sum()) + _CHEAP):
        yield slice(None), count.size, most
        return
    order = np.argsort(count, kind="stable")
    sizes = count[order]
    start = 0
    while start < order.size:
        rest = sizes[start:]
        needless = rest * np.arange(1, rest.size + 1) - np.cumsum(rest)
        length = max(
            np.searchsorted(rest, _ALIKE * rest[0], side="right"),
            np.searchsorted(needless, _CHEAP, side="right"),
        )
        length = min(int(length), max(1, _BLOCK // int(rest[length - 1])))
        yield order[start : start + length], length, int(rest[length - 1])
        start += length


def _integrands(
    rows: Rows, low: FloatArray, high: FloatArray, feature: FloatArray, work: FloatArray
) -> FloatArray:
    """Fill `feature` (Q, M, N) with the integrands; return the density (M, N) but for a factor.

    The integrands stand in the order of the integrals, without the factors of `_weigh`. `work`
    holds `_WORKING` arrays of shape (M, N).
    """
    v, moved, rise, fall, offset, weight, drag, estimate = work
    slope, radius, bend = feature[MASS], feature[RESPONSE], feature[RESPONSE_TAU]
    count = v.shape[1]
    half_tau = rows.half_tau[:, None]
    minus = 0.5 * rows.scale * (rows.scale / rows.plus)
    plus = 0.5 * rows.plus
    np.multiply(((high - low) / (count - 1))[:, None], np.arange(float(count)), out=v)
    symmetric = not rows.sign.any()
    if symmetric:
        np.expm1(v, out=moved)
        np.add(moved, 1.0, out=rise)
    else:
        v += low[:, None]
        np.expm1(v, out=moved)
        # Where the anchor is far above the node, 1 + (eᵛ − 1) would lose what is left of eᵛ.
        np.exp(v, out=rise)
    np.divide(minus[:, None], rise, out=fall)
    rise *= plus[:, None]
    np.add(rise, fall, out=radius)
    np.add(radius, half_tau, out=slope)
    fall += plus[:, None]
    moved *= fall
    v *= half_tau
    np.add(moved, v, out=offset)
    np.square(offset, out=weight)
    weight *= (-0.5 / np.square(rows.spread))[:, None]
    np.exp(weight, out=weight)
    # u = 0 belongs to both halves of symmetric rows.
    weight[rows.sign == 0.0, 0] *= 0.5
    pull, error = v, moved
    if symmetric:
        estimate = moved
    else:
        at_anchor = (rows.half_tau * rows.anchor)[:, None]
        pull += at_anchor
        np.add(moved, (plus - minus)[:, None], out=estimate)
        error -= at_anchor
    feature[COMPLEMENT] = 1.0
    np.square(error, out=rise)
    np.multiply(slope, rise, out=feature[ERROR])
    np.square(pull, out=rise)
    np.multiply(slope, rise, out=feature[SHIFT])
    np.multiply(radius, rise, out=feature[SHIFT_TAU])
    np.divide(1.0, slope, out=drag)
    np.multiply(radius, drag, out=fall)
    np.multiply(estimate, drag, out=bend)
    bend *= drag
    np.multiply(bend, offset, out=feature[RESPONSE_THETA])
    bend *= pull
    bend += fall
    np.multiply(radius, error, out=rise)
    np.multiply(rise, pull, out=feature[ERROR_TAU])
    np.multiply(rise, offset, out=feature[ERROR_THETA])
    np.multiply(pull, offset, out=feature[SHIFT_THETA])
    if len(feature) > RESPONSE_SQUARED:
        np.multiply(radius, fall, out=feature[RESPONSE_SQUARED])
        np.multiply(error, estimate, out=feature[ERROR_SCALE])
        np.multiply(pull, estimate, out=feature[SHIFT_SCALE])
        # C ∂R/∂C at fixed z
        np.square(estimate, out=rise)
        rise *= half_tau
        rise *= drag
        rise += np.square(rows.scale)[:, None]
        rise /= radius
        np.multiply(rise, drag, out=feature[RESPONSE_SCALE])
    return np.asarray(weight)


def _weigh(rows: Rows, integrals: FloatArray) -> None:
    """Apply the factors that do not depend on the node."""
    t, precision = rows.half_tau, 1.0 / np.square(rows.spread)
    integrals[COMPLEMENT] *= t
    integrals[RESPONSE_TAU] *= -t
    integrals[ERROR_TAU] *= -2.0
    integrals[SHIFT_TAU] *= 2.0
    integrals[RESPONSE_THETA] *= 0.5 * t * precision
    integrals[ERROR_THETA] *= precision
    integrals[SHIFT_THETA] *= t * precision
    if len(integrals) > SHIFT_SCALE:
        integrals[RESPONSE_SCALE] *= t
        integrals[ERROR_SCALE] *= 2.0 * t
        integrals[SHIFT_SCALE] *= -2.0 * t


def _expect_gaussian(rows: Rows, integrals: FloatArray) -> None:
    """For the slab N(0, b²), turn E[β̂²] and its derivatives into E[(β̂ − β*)²] and its own."""
    wide = rows.gaussian >= 1.0
    square = np.square(np.minimum(rows.gaussian, 1.0))
    response = integrals[RESPONSE:SHIFT_SCALE:3]
    error, shift = integrals[ERROR:SHIFT_SCALE:3], integrals[SHIFT : SHIFT_SCALE + 1 : 3]
    error[:] = np.where(wide, shift, error) + np.where(wide, 2.0, -2.0 * square) * response
    error[0] += np.where(wide, -1.0, square)
    if len(error) > 2:
        # At fixed b the square's last terms, in the units of β, are θ²(2E[η′] − 1) for wide slabs.
        error[2] += np.where(wide, 2.0 * response[0] - 1.0, 0.0)
