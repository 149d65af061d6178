"""Means over the scalar channel z = β* + θZ, in many digits.

With β̂ = c sinh u the equation β̂ + τq′(β̂) = z reads z = c sinh u + (τ/2)u: a mean over Z is an
integral over u of an entire function that falls double-exponentially, and the trapezoidal rule
converges exponentially.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath

DIGITS = 30
_REACH = 12  # |Z| where the normal density is 10⁻³²
_STEPS_OF_Z = 8  # nodes in a unit of Z at least


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

            def noise(u: Any) -> Any:
                return (scale * mpmath.sinh(u) + tau * u / 2 - target) / theta

            low, high = (self._end(noise, side) for side in (-1, 1))
            steepest = (scale * mpmath.cosh(max(-low, high)) + tau / 2) / theta
            count = int((high - low) * max(steepest / 2, _STEPS_OF_Z) * _STEPS_OF_Z)
            step, total = (high - low) / count, mpmath.mpf(0)
            for i in range(count + 1):
                u = low + i * step
                radius, z = scale * mpmath.cosh(u), noise(u)
                value = function(z, scale * mpmath.sinh(u), radius / (radius + tau / 2))
                total += value * mpmath.npdf(z) * (radius + tau / 2)
            return total * step / theta

    @staticmethod
    def _end(noise: Callable[[Any], Any], side: int) -> Any:
        """Return u on one side where |Z| reaches `_REACH`, by bisection."""
        near, far = mpmath.mpf(0), mpmath.mpf(side)
        while side * noise(far) < _REACH:
            far *= 2
        for _ in range(20):
            middle = (near + far) / 2
            near, far = (middle, far) if side * noise(middle) < _REACH else (near, middle)
        return far
