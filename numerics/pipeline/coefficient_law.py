r"""Law of the pretrained coefficient, and of the scale c_FT that it leaves (Section 3.2).

In the limit of large networks pretraining on data answers, coordinate by coordinate, a noisy sight
z₁ = β*_PT + θ₁Z₁ of its teacher (Proposition 4.2 at scale c). With t = τ₁/2 and u = asinh(β̂_PT/c),

    β̂_PT = c sinh u,     z₁ = c sinh u + t u,     R = c cosh u,     dz₁ = (R + t) du,

and an expectation over z₁ is an integral over u of an analytic function that decays doubly
exponentially: the trapezoidal rule converges geometrically. The scale of fine-tuning,

    c_FT = 2(c + λ)eʸ + γ²,     y = 2 log cosh(u/2) ≥ 0,

is an even function of u. What fine-tuning averages over c_FT is smooth in y. Gauss's rule for the
law of y, from the trapezoidal one by Lanczos' method, therefore needs a few nodes where the law
itself takes hundreds; it is exact for polynomials in y of degree 2n − 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh_tridiagonal
from scipy.special import ndtr

from numerics.initialization import Initialization
from numerics.replica.nodes import make_rows, windows
from numerics.validation import ActiveSlab, FloatArray, finite_array, require

# Where Lanczos' method ends before the rule has as many nodes as asked: the law has no more.
_BREAKDOWN = 1e-14
# A rule has at least this many nodes, and more where y has a wider range.
_FEWEST_NODES = 8.0
_DIGITS = 11.0
_VISIBLE = 1e-17
_NARROWEST = 1e-3
# Weights below this share of the whole have no effect on any result.
_NEGLIGIBLE = 1e-60


@dataclass(frozen=True)
class ScaleRule:
    """Rule for expectations over c_FT within a group.

    Attributes
    ----------
    y
        Nodes y ≥ 0, shape (N,).
    weight
        Weights, shape (N,), which sum to 1.
    tilt, drift
        The derivative of E[h(y)] in log θ₁² is Σ `weight` (`tilt` h + `drift` h′), shape (N,).
    """

    y: FloatArray
    weight: FloatArray
    tilt: FloatArray
    drift: FloatArray

    @classmethod
    def fixed(cls, y: FloatArray, weight: FloatArray) -> ScaleRule:
        """Return a rule that does not depend on θ₁."""
        return cls(y, weight, np.zeros_like(y), np.zeros_like(y))

    def gauss(self, *shares: float) -> tuple[ScaleRule, ...]:
        """Return Gauss's rules for this law with these multiples of the usual number of nodes.

        That number is what a function of y needs for about twelve digits which is analytic for
        |Im y| < π. A rule is this one if it has no more nodes.
        """
        inside = self.y[self.weight > _VISIBLE * self.weight.max()]
        half = max(0.5 * float(np.ptp(inside)), _NARROWEST)
        # The error falls with each degree by the sum of the half axes of the largest ellipse whose
        # foci are the ends of the range of y, in units of half of that range.
        rate = np.log((np.pi + np.hypot(np.pi, half)) / half)
        usual = _FEWEST_NODES + _DIGITS / rate
        return _compressed(self, [max(2, round(share * usual)) for share in shares])


@dataclass(frozen=True)
class CoefficientLaw:
    """Law of β̂_PT in a group of coordinates.

    Attributes
    ----------
    c
        Scale of pretraining.
    tau, theta
        τ₁ ≥ 0 and θ₁ ≥ 0 of pretraining; both are 0 where it recovers β*_PT.
    slab, amplitude
        Law of β*_PT: ±amplitude, or N(0, amplitude²).
    """

    c: float
    tau: float
    theta: float
    slab: ActiveSlab
    amplitude: float

    @property
    def offset(self) -> float:
        """A of a teacher ±a, about which z₁ is spread; 0 for N(0, a²)."""
        return self.amplitude if self.slab == "sign" else 0.0

    @property
    def spread(self) -> float:
        """Standard deviation of z₁ about `offset`."""
        if self.slab == "sign":
            return self.theta
        return float(np.hypot(self.theta, self.amplitude))

    def magnitude_cdf(self, magnitude: ArrayLike) -> FloatArray:
        """Return P(|β̂_PT| ≤ x) in the shape of `magnitude`, numbers x ≥ 0.

        Raises
        ------
        ValueError
            If a magnitude is not finite or negative.
        """
        x = finite_array("magnitude", magnitude)
        require(x >= 0.0, "magnitude must be >= 0", "magnitude", x)
        z = x + 0.5 * self.tau * np.arcsinh(x / self.c)
        if self.spread == 0.0:
            return np.asarray((z >= self.offset).astype(np.float64))
        upper, lower = (z - self.offset) / self.spread, (-z - self.offset) / self.spread
        return np.asarray(ndtr(upper) - ndtr(lower))

    def trapezoid(self) -> ScaleRule:
        """Return the trapezoidal rule in u, which is exact to rounding."""
        spread = self.spread
        if spread == 0.0:
            u = np.arcsinh(np.array([self.offset / self.c]))
            return ScaleRule.fixed(_height(u), np.ones(1))
        # In units of the standard deviation the law is a row of the scalar channel.
        scale, half_tau, offset = self.c / spread, 0.5 * self.tau / spread, self.offset / spread
        row = make_rows(*(np.array([value]) for value in (scale, offset, 0.0, half_tau)))
        window = windows(row, coarse=False)
        v = np.linspace(window.low[0], window.high[0], 2 * int(window.count[0]))
        anchor, plus = row.anchor[0], row.plus[0]
        falling = 0.5 * (scale * (scale / plus)) * np.exp(-v)
        z_offset = np.expm1(v) * (0.5 * plus + falling) + half_tau * v
        jacobian = 0.5 * plus * np.exp(v) + falling + half_tau
        weight = jacobian * np.exp(-0.5 * z_offset**2)
        if offset == 0.0:
            weight[0] *= 0.5
        kept = weight > _NEGLIGIBLE * weight.max()
        y, weight = _height(v[kept] + anchor), weight[kept] / weight[kept].sum()
        size, z, radius = self._at(y)
        if self.slab == "sign":
            # Given |z₁| both signs of z₁ are possible.
            noise = z - self.offset * np.tanh(z / self.theta * (self.offset / self.theta))
        else:
            noise = z * (self.theta / spread) ** 2
        drift = 0.5 * size * noise / ((radius + 0.5 * self.tau) * (self.c + radius))
        return ScaleRule(y, weight, np.zeros_like(y), drift)

    def _at(self, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return |β̂|, |z₁| and R at y."""
        excess = np.expm1(y)
        size = 2.0 * self.c * np.sqrt(excess) * np.exp(0.5 * y)
        u = 2.0 * np.log(np.exp(0.5 * y) + np.sqrt(excess))
        return size, size + 0.5 * self.tau * u, self.c * (1.0 + 2.0 * excess)

    def scale_slopes(self, init: Initialization, rule: ScaleRule) -> FloatArray:
        """Return the mean derivatives of log c_FT at the nodes of a rule, shape (5, N).

        They are those in log c (at fixed λ/c), λ/c and γ at fixed (τ₁, θ₁), then those in log τ₁
        and log θ₁². The draws β*_PT and Z₁ are held fixed, so that the derivative of an expectation
        is the expectation of the derivative, but for what the rule's `tilt` adds to the last.
        """
        c, t, ratio = self.c, 0.5 * self.tau, 1.0 + init.relative_scale
        size, z, radius = self._at(rule.y)
        slopes = np.array(
            [
                ratio * (c + (c * c + t * size**2 / (radius + t)) / radius),
                c + radius,
                np.full_like(size, 2.0 * init.gamma),
                -ratio * size * (z - size) / (radius + t),
                ratio * (c + radius) * rule.drift,
            ]
        )
        return np.asarray(slopes / finetune_scales(init, rule.y))


def finetune_scales(init: Initialization, y: FloatArray) -> FloatArray:
    """Return c_FT = 2(c + λ)eʸ + γ²; raise ValueError if it leaves the range of float64."""
    with np.errstate(all="ignore"):
        root = np.exp(0.5 * y)  # whose square may be too large where c is tiny
        scales = 2.0 * ((init.c + init.lam) * root) * root + init.gamma * init.gamma
    representable = np.isfinite(scales) & ((scales > 0.0) | init.is_saddle)
    require(representable, "c_FT must be within the range of float64", "c_FT", scales)
    return np.asarray(scales)


def _height(u: FloatArray) -> FloatArray:
    """Return 2 log cosh(u/2) = log(1 + sinh²(u/2)), also where cosh would overflow."""
    size = np.abs(u)
    near = np.log1p(np.sinh(0.5 * np.minimum(size, 2.0)) ** 2)
    far = size + 2.0 * (np.log1p(np.exp(-size)) - np.log(2.0))
    return np.asarray(np.where(size < 2.0, near, far))


def _compressed(rule: ScaleRule, counts: Sequence[int]) -> tuple[ScaleRule, ...]:
    """Return Gauss's rules for a discrete law, by Lanczos' method with full orthogonalisation."""
    size, most = rule.y.size, min(max(counts), rule.y.size)
    centre = float(rule.weight @ rule.y)
    offset = rule.y - centre
    smallest = _BREAKDOWN * float(np.ptp(offset))
    basis = np.empty((most, size))
    diagonal, beside = np.empty(most), np.zeros(most)
    vector = np.sqrt(rule.weight)
    found = 0
    while found < most:
        basis[found] = vector
        image = offset * vector
        diagonal[found] = image @ vector
        known = basis[: found + 1]
        for _ in range(2):
            image -= (known @ image) @ known
        beside[found] = np.linalg.norm(image)
        found += 1
        if beside[found - 1] <= smallest:
            break
        vector = image / beside[found - 1]
    rules = []
    for count in counts:
        if count >= size:
            rules.append(rule)
            continue
        kept = min(count, found)
        jacobi = diagonal[:kept], beside[: kept - 1]
        nodes, vectors = eigh_tridiagonal(*jacobi)
        weight = np.maximum(vectors[0] ** 2, _NEGLIGIBLE)
        weight /= weight.sum()
        tilt, drift = _hermite_weights(jacobi, nodes, vectors, offset, basis[:kept], rule.drift)
        rules.append(
            ScaleRule(
                np.maximum(nodes + centre, 0.0),
                weight / weight.sum(),
                tilt / weight,
                drift / weight,
            )
        )
    return tuple(rules)


def _hermite_weights(
    jacobi: tuple[FloatArray, FloatArray],
    nodes: FloatArray,
    vectors: FloatArray,
    at: FloatArray,
    basis: FloatArray,
    drift: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return A and B, shape (n,): E[drift h′] = Σ A h + B h′ at Gauss's nodes, to degree 2n − 1.

    Hermite's interpolation, h = Σ h(yᵢ) (1 − 2ℓᵢ′(yᵢ)(y − yᵢ)) ℓᵢ² + h′(yᵢ) (y − yᵢ) ℓᵢ², is exact
    to that degree. A rule for E[drift h′] by its values at the nodes would have half of the digits.
    `basis` holds the orthonormal polynomials at `at` and `vectors` those at the nodes, shapes
    (n, N) and (n, n), both times the root of the weight.
    """
    slopes, slopes_at_nodes = (
        _polynomial_slopes(jacobi, x, values) for x, values in ((at, basis), (nodes, vectors))
    )
    root = vectors[0][:, None]
    lagrange, lagrange_slope = root * (vectors.T @ basis), root * (vectors.T @ slopes)
    own = np.sum(vectors * slopes_at_nodes, axis=0)[:, None]
    distance = at - nodes[:, None]
    tilt = 2.0 * lagrange * (lagrange_slope * (1.0 - 2.0 * own * distance) - own * lagrange)
    pull = lagrange * (lagrange + 2.0 * distance * lagrange_slope)
    return tilt @ drift, pull @ drift


def _polynomial_slopes(
    jacobi: tuple[FloatArray, FloatArray], x: FloatArray, values: FloatArray
) -> FloatArray:
    """Return derivatives of orthonormal polynomials by their recurrence, shape (n, N)."""
    diagonal, beside = jacobi
    slopes = np.zeros_like(values)
    for k in range(len(values) - 1):
        slopes[k + 1] = (x - diagonal[k]) * slopes[k] + values[k]
        if k:
            slopes[k + 1] -= beside[k - 1] * slopes[k - 1]
        slopes[k + 1] /= beside[k]
    return slopes
