r"""Where the trapezoidal rule of the scalar channel has its nodes (Proposition 4.2).

A row is one group of coordinates at one state (τ, θ), in units of θ, with t = τ/2. Its nodes lie in
v = u − u₀, where z(u) = C sinh u + t u and z(u₀) = a (0 for slabs that are not ±a). They are evenly
spaced, cover all z where the density is not negligible, and resolve both the density and exp(u).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray

# φ falls to 3e-20 of its peak at the ends of a window.
_REACH = 9.5
# Largest reach of a window, in units of S: β̂ is at most this far beyond a.
_LARGEST_REACH = 20.0
# Smallest step of the exponential part of u, and the step in units of S where z(u) is steep.
_STEP = 0.155
_STEEP_STEP = 0.5
_FEWEST_NODES = 24
_MOST_NODES = 1_000_000
_LARGEST_SIZE = 1e50


@dataclass(frozen=True)
class Rows:
    """Pairs of group and state, arrays of shape (M,), in units of θ.

    Attributes
    ----------
    scale, sign, gaussian, half_tau
        C, a, b and t.
    anchor, plus
        u₀ and P = C exp(u₀).
    spread
        S = √(1 + b²), the standard deviation of z about a.
    """

    scale: FloatArray
    sign: FloatArray
    gaussian: FloatArray
    half_tau: FloatArray
    anchor: FloatArray
    plus: FloatArray
    spread: FloatArray

    @property
    def unit(self) -> FloatArray:
        """1, or the size max(|a|, S) of z where the square of β̂ may leave the range of float64."""
        size = np.maximum(self.spread, self.sign)
        return np.where(size > _LARGEST_SIZE, size, 1.0)

    def select(self, rows: NDArray[np.intp] | slice) -> Rows:
        """Return some of the rows."""
        return Rows(
            self.scale[rows],
            self.sign[rows],
            self.gaussian[rows],
            self.half_tau[rows],
            self.anchor[rows],
            self.plus[rows],
            self.spread[rows],
        )


@dataclass(frozen=True)
class Windows:
    """Where the nodes lie: v from `low` to `high`, at least `count` of them; shape (M,)."""

    low: FloatArray
    high: FloatArray
    count: NDArray[np.int64]


def make_rows(
    scale: FloatArray, sign: FloatArray, gaussian: FloatArray, half_tau: FloatArray
) -> Rows:
    """Return the rows of C, a, b, t, shape (M,), with what follows from them."""
    anchor, plus = np.zeros(scale.size), scale
    anchored = np.flatnonzero(sign)
    if anchored.size:
        plus = scale.copy()
        part = scale[anchored]
        anchor[anchored] = _invert(part, half_tau[anchored], sign[anchored], steps=9)
        half = np.exp(0.5 * anchor[anchored])
        plus[anchored] = part * half * half
    spread = np.sqrt(1.0 + gaussian * gaussian)
    return Rows(scale, sign, gaussian, half_tau, anchor, plus, spread)


def windows(rows: Rows, *, coarse: bool) -> Windows:
    """Cover each row's Gaussian with nodes; `coarse` doubles their distance."""
    spread = rows.spread
    radius = 0.5 * (rows.plus + rows.scale * (rows.scale / rows.plus))
    # Where β̂ grows fast, tails of the density beyond the usual reach contribute.
    farthest = _LARGEST_REACH * spread
    with np.errstate(over="ignore"):
        growth = 2.0 * np.minimum(
            np.log1p((rows.sign + farthest) / radius), farthest / (radius + rows.half_tau)
        )
    reach = np.clip(np.sqrt(78.0 + 2.0 * growth), _REACH, _LARGEST_REACH) * spread
    if rows.sign.any():
        high, steep, low = _edge(rows, np.array([reach, 4.0 * spread, -reach]))
        low = np.where(rows.sign == 0.0, 0.0, low)
    else:
        high, steep = _edge(rows, np.array([reach, 4.0 * spread]))
        low = np.zeros(high.size)
    exp_v = np.exp(steep)
    minus = rows.scale * (rows.scale / rows.plus)
    slope = 0.5 * (rows.plus * exp_v + minus / exp_v) + rows.half_tau
    step = np.minimum(_STEEP_STEP * spread / slope, _STEP)
    count = np.maximum((high - low) / step, _FEWEST_NODES)
    # Beyond the range of float64 the integrals are NaN, which no solver takes for a solution.
    lost = ~(count <= _MOST_NODES)
    low, high = np.where(lost, np.nan, low), np.where(lost, np.nan, high)
    count = np.ceil(np.where(lost, _FEWEST_NODES, 0.5 * count if coarse else count))
    return Windows(low, high, count.astype(np.int64))


def _invert(scale: FloatArray, half_tau: FloatArray, z: FloatArray, *, steps: int) -> FloatArray:
    """Return u >= 0 with C sinh u + t u = z >= 0, by Newton's method from above."""
    with np.errstate(over="ignore"):
        u = np.minimum(z / (scale + half_tau), np.arcsinh(z / scale))
    for _ in range(steps):
        half = np.exp(0.5 * u)
        sinh, cosh = _hyperbolic(scale, u, half)
        u = u - (sinh + half_tau * u - z) / (cosh + half_tau)
    return u


def _hyperbolic(
    scale: FloatArray, u: FloatArray, half: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """C sinh u and C cosh u for u >= 0, given exp(u/2); overflow only where the results do."""
    rising, falling = scale * half * half, (scale / half) / half
    sinh = 0.5 * np.expm1(u / 2.0) * (scale * (half + 1.0) / half) * (half + 1.0 / half)
    return sinh, 0.5 * (rising + falling)


def _edge(rows: Rows, offset: FloatArray) -> FloatArray:
    """Return v at z = a + `offset` or slightly beyond; shape (K, M) like `offset`."""
    if not rows.sign.any():
        return _positive_root(rows.scale, rows.scale, rows.half_tau, offset, steps=2)
    z = rows.sign + offset
    anchored = (rows.sign > 0.0) & (z >= 0.5 * rows.sign)
    # Far below a, v is measured from β̂ = 0 instead, where the function is convex, too.
    plus = np.where(anchored, rows.plus, rows.scale)
    minus = rows.scale * (rows.scale / plus)
    target = np.where(anchored, offset, np.abs(z))
    v = _positive_root(plus, minus, rows.half_tau, target, steps=4)
    return np.where(anchored, v, np.copysign(v, z) - rows.anchor)


def _positive_root(
    plus: FloatArray, minus: FloatArray, half_tau: FloatArray, target: FloatArray, *, steps: int
) -> FloatArray:
    """Solve ½ (eᵛ − 1)(`plus` + `minus` e⁻ᵛ) + t v = `target` by Newton's method.

    For positive targets the iteration starts above the root, and each step ends at or above it.
    """
    positive = np.maximum(target, 0.0)
    radius = 0.5 * (plus + minus) + half_tau
    v = np.minimum(positive / radius, np.log1p(2.0 * positive / plus))
    for _ in range(steps):
        expm1_v = np.expm1(v)
        falling = minus / (expm1_v + 1.0)
        value = 0.5 * expm1_v * (plus + falling) + half_tau * v - target
        v = v - value / (0.5 * (plus * (expm1_v + 1.0) + falling) + half_tau)
    return v
