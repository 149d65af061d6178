r"""Expectations over the scalar channel of Proposition 4.2, by the trapezoidal rule.

One coordinate sees z = β* + θZ, Z ~ N(0, 1), and answers β̂ = argmin_b (b − z)²/(2τ) + q(b) with
q′(b) = ½ asinh(b/C). With t = τ/2 both are explicit in u = asinh(β̂/C),

    β̂ = C sinh u,   z = β̂ + t u,   R = √(C² + β̂²) = C cosh u,   dz = (R + t) du,   η′ = R/(R + t),

so an expectation over z ~ N(a, S²) is an integral over u of an entire function that decays doubly
exponentially, and the trapezoidal rule converges geometrically: halving the step about squares the
error. For the slab ±a the variance S² is θ²; for N(0, b²) it is θ² + b², and given z the
coefficient β* has the mean z b²/S² and the variance θ²b²/S².

Everything is measured in units of θ, and for the slab ±a in v = u − u₀ with z(u₀) = a. With
P = C exp(u₀), nothing then cancels for θ ≪ a, and rounding of u₀ only shifts a by as much:

    β̂ − β̂₀ = ½ (eᵛ − 1)(P + (C²/P) e⁻ᵛ)    R = ½ (P eᵛ + (C²/P) e⁻ᵛ)    Z = β̂ − β̂₀ + t v
    β̂ − a = β̂ − β̂₀ − t u₀.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray

# φ falls to 3e-20 of its peak at the ends of a window.
_REACH = 9.5
# Smallest step of the exponential part of u, and the step in units of S where z(u) is steep.
_STEP = 0.155
_STEEP_STEP = 0.5
# Largest change between the steps 2h and h; the error at h is about its square.
_SETTLED = 2e-7
_MOST_REFINEMENTS = 5
_FEWEST_NODES = 24
# Elements of one working array: about ten of these fit a core's cache.
_BLOCK = 12_000
_EPS = float(np.finfo(np.float64).eps)

# Integrals of one row, in this order; the first five are positive.
_MASS, _RESPONSE, _COMPLEMENT, _ERROR, _SHIFT = range(5)
_RESPONSE_TAU, _RESPONSE_THETA, _ERROR_TAU, _ERROR_THETA, _SHIFT_TAU, _SHIFT_THETA = range(5, 11)
_RESPONSE_SQUARED, _RESPONSE_SCALE, _ERROR_SCALE, _SHIFT_SCALE = range(11, 15)


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

    @property
    def second_moment(self) -> float:
        """E[β*²]."""
        squares = self.sign_amplitude**2 + self.gaussian_amplitude**2
        return float(np.sum(self.probability * squares))


@dataclass(frozen=True)
class ChannelMoments:
    """Moments of the channel at A states (τ, θ), in units of θ; shape (A,) unless stated.

    Attributes
    ----------
    response, complement
        E[η′] and E[1 − η′], each to full relative accuracy.
    error, shift
        E[(β̂ − β*)²] and E[(β̂ − z)²].
    response_slope, error_slope, shift_slope
        Derivatives of E[η′] and of the two squares in (log τ, log θ²), shape (2, A). The squares
        are differentiated in the units of β, then divided by θ².
    uncertainty
        Estimated relative error of response, complement, error, shift: shape (4, A).
    nodes
        Number of nodes, over all groups.
    details
        What only the last evaluation needs; None before.
    """

    response: FloatArray
    complement: FloatArray
    error: FloatArray
    shift: FloatArray
    response_slope: FloatArray
    error_slope: FloatArray
    shift_slope: FloatArray
    uncertainty: FloatArray
    nodes: NDArray[np.int64]
    details: ChannelDetails | None = None


@dataclass(frozen=True)
class ChannelDetails:
    """Further moments in units of θ.

    Attributes
    ----------
    response_squared
        E[η′²], shape (A,).
    group_error
        E[(β̂ − β*)²] within each group, shape (G, A).
    response_scale, error_scale, shift_scale
        Derivatives of the mixture's moments in log C of each group, shape (G, A).
    """

    response_squared: FloatArray
    group_error: FloatArray
    response_scale: FloatArray
    error_scale: FloatArray
    shift_scale: FloatArray


@dataclass(frozen=True)
class _Rows:
    """One row for each pair of group and state, shape (M,): C, a, b, t, P in units of θ, and u₀."""

    scale: FloatArray
    sign: FloatArray
    gaussian: FloatArray
    half_tau: FloatArray
    anchor: FloatArray
    plus: FloatArray

    def select(self, rows: NDArray[np.intp]) -> _Rows:
        return _Rows(
            self.scale[rows],
            self.sign[rows],
            self.gaussian[rows],
            self.half_tau[rows],
            self.anchor[rows],
            self.plus[rows],
        )

    @property
    def spread(self) -> FloatArray:
        """S, the standard deviation of z within a row's Gaussian."""
        return np.hypot(1.0, self.gaussian)


@dataclass(frozen=True)
class _Windows:
    """Where the nodes lie: v from `low`, spaced by `step`, `count` of them; shape (M,)."""

    low: FloatArray
    step: FloatArray
    count: NDArray[np.int64]


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
    theta = np.exp(0.5 * log_theta_squared)
    shape = (groups.probability.size, log_tau.size)
    scale, sign, gaussian = (
        (amplitude[:, None] / theta).ravel()
        for amplitude in (groups.scale, groups.sign_amplitude, groups.gaussian_amplitude)
    )
    half_tau = np.tile(0.5 * np.exp(log_tau - 0.5 * log_theta_squared), groups.scale.size)
    anchor = _invert(scale, half_tau, sign, steps=9)
    half = np.exp(0.5 * anchor)
    rows = _Rows(scale, sign, gaussian, half_tau, anchor, scale * half * half)
    windows = _windows(rows, coarse)
    integrals, change = _integrate(rows, windows, detailed)
    settled = np.zeros(change.shape)
    if not coarse:
        settled = _refine(rows, windows, integrals, change, detailed)
    return _mixture(groups, rows, windows, integrals, settled, shape, detailed)


def _mixture(
    groups: ChannelGroups,
    rows: _Rows,
    windows: _Windows,
    integrals: FloatArray,
    change: FloatArray,
    shape: tuple[int, int],
    detailed: bool,
) -> ChannelMoments:
    """Weigh the rows' integrals; rows hold the groups one after the other."""
    share = groups.probability[:, None]
    by_group = integrals.reshape(-1, *shape)
    mixed = np.einsum("g,qga->qa", groups.probability, by_group)
    # The quadrature errs by about the square of the last change.
    doubt = (10.0 * change**2 + 4.0 * _EPS).reshape(4, *shape)
    main = by_group[_RESPONSE : _SHIFT + 1]
    with np.errstate(invalid="ignore"):
        uncertainty = np.sum(share * main * doubt, axis=1) / mixed[_RESPONSE : _SHIFT + 1]
    uncertainty = np.where(np.isnan(uncertainty), 0.0, uncertainty)
    details = None
    if detailed:
        details = ChannelDetails(
            mixed[_RESPONSE_SQUARED],
            by_group[_ERROR],
            share * by_group[_RESPONSE_SCALE],
            share * by_group[_ERROR_SCALE],
            share * by_group[_SHIFT_SCALE],
        )
    return ChannelMoments(
        mixed[_RESPONSE],
        mixed[_COMPLEMENT],
        mixed[_ERROR],
        mixed[_SHIFT],
        mixed[_RESPONSE_TAU : _RESPONSE_THETA + 1],
        mixed[_ERROR_TAU : _ERROR_THETA + 1],
        mixed[_SHIFT_TAU : _SHIFT_THETA + 1],
        uncertainty,
        windows.count.reshape(shape).sum(axis=0),
        details,
    )


def _windows(rows: _Rows, coarse: bool) -> _Windows:
    """Cover all that counts of each row's Gaussian with nodes."""
    spread = rows.spread
    symmetric = rows.sign == 0.0
    ends = np.array([[_REACH], [-_REACH], [4.0], [1.0]]) * spread
    high, low, steep, typical = _edge(rows, ends)
    high = _extended(rows, high, typical)
    low = np.where(symmetric, 0.0, low)
    slope = _radius(rows, steep) + rows.half_tau
    step = np.minimum(_STEEP_STEP * spread / slope, _STEP)
    count = np.maximum(np.ceil((high - low) / step), _FEWEST_NODES)
    if coarse:
        count = np.ceil(0.5 * count)
    # The same number of nodes for rows that need about as many, so that they share a block.
    count = _rounded_up(count)
    return _Windows(low, (high - low) / (count - 1.0), count.astype(np.int64))


def _rounded_up(count: FloatArray) -> FloatArray:
    """Round up to 2ᵏ or 1.5·2ᵏ."""
    power = np.exp2(np.floor(np.log2(count)))
    return np.where(count <= power, power, np.where(count <= 1.5 * power, 1.5 * power, 2.0 * power))


def _invert(scale: FloatArray, half_tau: FloatArray, z: FloatArray, *, steps: int) -> FloatArray:
    """Return u >= 0 with C sinh u + t u = z >= 0: Newton's method, falling from above."""
    with np.errstate(over="ignore"):
        u = np.minimum(z / (scale + half_tau), np.arcsinh(z / scale))
    for _ in range(steps):
        half = np.exp(0.5 * u)
        sinh, cosh = _hyperbolic(scale, u, half)
        u = u - (sinh + half_tau * u - z) / (cosh + half_tau)
    return u


def _edge(rows: _Rows, offset: FloatArray) -> FloatArray:
    """Return v with z = a + `offset`, to a few digits."""
    z = rows.sign + offset
    anchored = (rows.sign > 0.0) & (z >= 0.5 * rows.sign)
    # Far below a, count from β̂ = 0 instead: there the function is convex, too.
    plus = np.where(anchored, rows.plus, rows.scale)
    minus = rows.scale * (rows.scale / plus)
    radius = 0.5 * (plus + minus) + rows.half_tau
    target = np.where(anchored, offset, np.abs(z))
    rising = np.maximum(target, 0.0)
    v = np.where(target > 0.0, np.minimum(rising / radius, np.log1p(2.0 * rising / plus)), 0.0)
    for _ in range(4):
        grow, fall = np.expm1(v), minus * np.exp(-v)
        value = 0.5 * grow * (plus + fall) + rows.half_tau * v - target
        v = v - value / (0.5 * (plus * (grow + 1.0) + fall) + rows.half_tau)
    return np.where(anchored, v, np.copysign(v, z) - rows.anchor)


def _radius(rows: _Rows, v: FloatArray) -> FloatArray:
    """R = C cosh u at v."""
    half = np.exp(0.5 * v)
    falling = (rows.scale / half) * ((rows.scale / rows.plus) / half)
    return np.asarray(0.5 * (rows.plus * half * half + falling))


def _hyperbolic(
    scale: FloatArray, u: FloatArray, half: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """C sinh u and C cosh u for u >= 0, given exp(u/2); no overflow before the results'."""
    rising, falling = scale * half * half, (scale / half) / half
    sinh = 0.5 * np.expm1(u / 2.0) * (scale * (half + 1.0) / half) * (half + 1.0 / half)
    return sinh, 0.5 * (rising + falling)


def _extended(rows: _Rows, high: FloatArray, typical: FloatArray) -> FloatArray:
    """Move the upper end out where β̂ grows so fast that tails beyond the reach count."""
    reach = np.full(high.shape, _REACH)
    common = np.log(_radius(rows, typical))
    high = high.copy()
    for _ in range(6):
        growth = 2.0 * (np.log(_radius(rows, high)) - common)
        short = np.flatnonzero(0.5 * reach**2 - growth < 38.0)
        if not short.size:
            break
        reach[short] = np.sqrt(2.0 * (39.0 + growth[short])) + 0.2
        some = rows.select(short)
        high[short] = np.maximum(high[short], _edge(some, reach[short] * some.spread))
    return high


def _refine(
    rows: _Rows,
    windows: _Windows,
    integrals: FloatArray,
    change: FloatArray,
    detailed: bool,
) -> FloatArray:
    """Halve the step of rows that have not settled; update the arguments in place."""
    settled = change
    for _ in range(_MOST_REFINEMENTS):
        rough = np.flatnonzero(settled.max(axis=0) > _SETTLED)
        if not rough.size:
            break
        windows.count[rough] = 2 * windows.count[rough] - 1
        windows.step[rough] *= 0.5
        finer = _Windows(windows.low[rough], windows.step[rough], windows.count[rough])
        integrals[:, rough], settled[:, rough] = _integrate(rows.select(rough), finer, detailed)
    return settled


def _integrate(rows: _Rows, windows: _Windows, detailed: bool) -> tuple[FloatArray, FloatArray]:
    """Return the integrals, shape (Q, M), and how the four moments change at twice the step."""
    integrals = np.empty((15 if detailed else 11, rows.scale.size))
    change = np.empty((4, rows.scale.size))
    for count in np.unique(windows.count):
        alike = np.flatnonzero(windows.count == count)
        length = max(1, _BLOCK // int(count))
        for start in range(0, alike.size, length):
            block = alike[start : start + length]
            integrals[:, block], change[:, block] = _block(
                rows.select(block), windows.low[block], windows.step[block], int(count), detailed
            )
    return integrals, change


def _block(
    rows: _Rows, low: FloatArray, step: FloatArray, count: int, detailed: bool
) -> tuple[FloatArray, FloatArray]:
    """Sum the integrands of rows with equally many nodes; arrays (M, N)."""
    scale, half_tau = rows.scale[:, None], rows.half_tau[:, None]
    plus, spread = rows.plus[:, None], rows.spread[:, None]
    gaussian = rows.gaussian[:, None]
    v = low[:, None] + step[:, None] * np.arange(count)
    half = np.exp(0.5 * v)
    falling = (scale / half) * ((scale / plus) / half)
    from_anchor = 0.5 * np.expm1(v) * (plus + falling)
    radius = 0.5 * (plus * (half * half) + falling)
    pull_at_anchor = half_tau * rows.anchor[:, None]
    pull = pull_at_anchor + half_tau * v
    offset = from_anchor + half_tau * v
    # Symmetric rows are summed over u >= 0 and doubled; u = 0 belongs to both halves.
    symmetric = rows.sign == 0.0
    normal = np.where(symmetric, 2.0, 1.0) * step / (rows.spread * np.sqrt(2.0 * np.pi))
    weight = normal[:, None] * np.exp(-0.5 * (offset / spread) ** 2)
    weight[symmetric, 0] *= 0.5
    slope = radius + half_tau
    error = from_anchor - pull_at_anchor
    if gaussian.any():
        # β̂ − E[β*|z], by the one of two differences that keeps its digits.
        near = gaussian > 1.0
        shrink = np.where(near, -((1.0 / spread) ** 2), (gaussian / spread) ** 2)
        error = np.where(near, -pull, error) - shrink * offset
    conditional = (gaussian / spread) ** 2
    respond, resist = weight * radius, weight * half_tau
    density = weight * slope
    positive = (
        density,
        respond,
        resist,
        density * (error * error),
        density * (pull * pull),
    )
    integrals = np.empty((15 if detailed else 11, rows.scale.size))
    coarse = np.empty((5, rows.scale.size))
    for position, values in enumerate(positive):
        coarse[position] = 2.0 * values[:, ::2].sum(axis=1)
        integrals[position] = values.sum(axis=1)
    estimate = 0.5 * (plus - scale * (scale / plus)) + from_anchor
    noise = offset / spread / spread
    drag = resist / slope
    fall = estimate * (drag / slope)
    integrals[_RESPONSE_TAU] = -_dot(drag, radius) - _dot(fall, pull)
    integrals[_RESPONSE_THETA] = 0.5 * _dot(fall, noise)
    integrals[_ERROR_TAU] = -2.0 * np.einsum("ij,ij,ij->i", respond, error, pull)
    integrals[_ERROR_THETA] = np.einsum("ij,ij,ij->i", respond, error, noise) + (
        conditional[:, 0] * integrals[_RESPONSE]
    )
    integrals[_SHIFT_TAU] = 2.0 * np.einsum("ij,ij,ij->i", respond, pull, pull)
    integrals[_SHIFT_THETA] = np.einsum("ij,ij,ij->i", resist, pull, noise)
    integrals[_ERROR] += conditional[:, 0]
    coarse[_ERROR] += conditional[:, 0]
    if detailed:
        integrals[_RESPONSE_SQUARED] = _dot(respond, radius / slope)
        curvature = scale * (scale / radius) + estimate * (estimate / radius) * (half_tau / slope)
        integrals[_RESPONSE_SCALE] = _dot(drag, curvature)
        integrals[_ERROR_SCALE] = 2.0 * np.einsum("ij,ij,ij->i", resist, error, estimate)
        integrals[_SHIFT_SCALE] = -2.0 * np.einsum("ij,ij,ij->i", resist, pull, estimate)
    main = integrals[_RESPONSE : _SHIFT + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.abs(coarse[1:] - main) / main
    change = np.where(main == 0.0, 0.0, change)
    return integrals, np.maximum(change, np.abs(coarse[_MASS] - integrals[_MASS]))


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", left, right))
