"""Means over the scalar channel z = β* + θZ, in many digits and in float64.

With β̂ = c sinh u the equation β̂ + τq′(β̂) = z reads z = c sinh u + (τ/2)u: a mean over Z is an
integral over u of an entire function that falls double-exponentially, and the trapezoidal rule
converges exponentially.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy as np

DIGITS = 30
_REACH = 12  # |Z| where the normal density is 10⁻³²
_NODES = 2, 16  # in a unit of Z and in a unit of u, at least


class Channel(NamedTuple):
    """β*, θ, τ and c_FT of a coordinate, as decimal texts or numbers."""

    target: Any
    theta: Any
    tau: Any
    scale: Any

    def mean(self, function: Callable[..., Any]) -> Any:
        """Return E of a function of (Z, β̂, η′), to some 20 digits."""
        with mpmath.workdps(DIGITS):
            target, theta, tau, scale = map(mpmath.mpf, self)
            low, high, count = self._window()
            step, total = (mpmath.mpf(high) - mpmath.mpf(low)) / count, mpmath.mpf(0)
            for i in range(count + 1):
                u = low + i * step
                beta, radius = scale * mpmath.sinh(u), scale * mpmath.cosh(u)
                z, slope = (beta + tau * u / 2 - target) / theta, radius + tau / 2
                total += function(z, beta, radius / slope) * mpmath.npdf(z) * slope
            return total * step / theta

    def mean_in_float64(self, function: Callable[..., Any]) -> float:
        """Return the same for a function of arrays, to rounding."""
        target, theta, tau, scale = map(float, self)
        low, high, count = self._window()
        u = np.linspace(low, high, count + 1)
        beta, radius = scale * np.sinh(u), scale * np.cosh(u)
        z, slope = (beta + tau * u / 2 - target) / theta, radius + tau / 2
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        values = function(z, beta, radius / slope) * density * slope
        return float(np.sum(values)) * (high - low) / count / theta

    def _window(self) -> tuple[float, float, int]:
        """Return u between which |Z| is below `_REACH`, and in how many steps to cut that."""
        target, theta, tau, scale = map(float, self)
        ends = []
        for side in (-1.0, 1.0):
            near, far = 0.0, side
            while side * (scale * np.sinh(far) + tau * far / 2 - target) < _REACH * theta:
                near, far = far, 2 * far
            for _ in range(30):
                middle = (near + far) / 2
                inside = side * (scale * np.sinh(middle) + tau * middle / 2 - target)
                near, far = (middle, far) if inside < _REACH * theta else (near, middle)
            ends.append(far)
        steepest = (scale * np.cosh(max(map(abs, ends))) + tau / 2) / theta
        of_z, of_u = _NODES
        return ends[0], ends[1], int((ends[1] - ends[0]) * max(of_z * steepest, of_u)) + 1
