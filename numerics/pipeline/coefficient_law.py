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
    """

    y: FloatArray
    weight: FloatArray

    def every_second(self) -> ScaleRule:
        """Return the trapezoidal rule of twice the step."""
        weight = self.weight[::2]
        return ScaleRule(self.y[::2], weight / weight.sum())


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
            return ScaleRule(_height(u), np.ones(1))
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
        return ScaleRule(_height(v[kept] + anchor), weight[kept] / weight[kept].sum())

    def gauss(self, count: int) -> ScaleRule:
        """Return Gauss's rule with `count` nodes, or the trapezoidal one if that has no more."""
        return _compressed(self.trapezoid(), count)

    def scale_slopes(self, init: Initialization, y: FloatArray) -> FloatArray:
        """Return the mean derivatives of log c_FT given y, shape (5, N).

        They are those in log c (at fixed λ/c), λ/c and γ at fixed (τ₁, θ₁), then those in log τ₁
        and log θ₁². The draws β*_PT and Z₁ are held fixed, so that the derivative of an expectation
        is the expectation of the derivative.
        """
        c, t, ratio = self.c, 0.5 * self.tau, 1.0 + init.relative_scale
        excess = np.expm1(y)
        radius = c * (1.0 + 2.0 * excess)
        size = 2.0 * c * np.sqrt(excess) * np.exp(0.5 * y)  # |β̂|
        u = 2.0 * np.log(np.exp(0.5 * y) + np.sqrt(excess))
        z = size + t * u
        if self.slab == "sign":
            # Given |z₁| both signs of z₁ are possible.
            lean = (
                np.tanh((z / self.theta) * (self.offset / self.theta))
                if self.theta
                else np.ones_like(z)
            )
            noise = z - self.offset * lean
        else:
            noise = z * (self.theta / self.spread) ** 2
        slopes = np.array(
            [
                ratio * (c + (c * c + t * size**2 / (radius + t)) / radius),
                c + radius,
                np.full_like(y, 2.0 * init.gamma),
                -ratio * size * u * t / (radius + t),
                0.5 * ratio * size * noise / (radius + t),
            ]
        )
        return np.asarray(slopes / finetune_scales(init, y))


def finetune_scales(init: Initialization, y: FloatArray) -> FloatArray:
    """Return c_FT = 2(c + λ)eʸ + γ²; raise ValueError if it leaves the range of float64."""
    with np.errstate(all="ignore"):
        root = np.exp(0.5 * y)  # whose square may be too large where c is tiny
        scales = 2.0 * ((init.c + init.lam) * root) * root + init.gamma**2
    representable = np.isfinite(scales) & ((scales > 0.0) | init.is_saddle)
    require(representable, "c_FT must be within the range of float64", "c_FT", scales)
    return np.asarray(scales)


def _height(u: FloatArray) -> FloatArray:
    """Return 2 log cosh(u/2) = log(1 + sinh²(u/2)), also where cosh would overflow."""
    size = np.abs(u)
    near = np.log1p(np.sinh(0.5 * np.minimum(size, 2.0)) ** 2)
    far = size + 2.0 * (np.log1p(np.exp(-size)) - np.log(2.0))
    return np.asarray(np.where(size < 2.0, near, far))


def _compressed(rule: ScaleRule, count: int) -> ScaleRule:
    """Return Gauss's rule for a discrete law, by Lanczos' method with full orthogonalisation."""
    size = rule.y.size
    if size <= count:
        return rule
    centre = float(rule.weight @ rule.y)
    offset = rule.y - centre
    width = float(np.ptp(offset))
    basis = np.empty((count, size))
    diagonal, beside = np.empty(count), np.empty(count)
    vector = np.sqrt(rule.weight)
    found = 0
    for index in range(count):
        basis[index] = vector
        image = offset * vector
        diagonal[index] = image @ vector
        for _ in range(2):
            image -= basis[: index + 1].T @ (basis[: index + 1] @ image)
        found = index + 1
        beside[index] = np.linalg.norm(image)
        if beside[index] <= _BREAKDOWN * width:
            break
        vector = image / beside[index]
    nodes, vectors = eigh_tridiagonal(diagonal[:found], beside[: found - 1])
    weight = vectors[0] ** 2
    return ScaleRule(np.maximum(nodes + centre, 0.0), weight / weight.sum())
