"""Where the sign of a margin changes: taken on a grid of α, and located by bisection."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
from scipy.optimize import brentq

from numerics.validation import FloatArray

# The paper's theory lines end at α = 0.5; here nearly all α that interpolate.
FULL_RANGE = (0.01, 0.99)
POINTS = 99
CROSSING_TOLERANCE = 1e-6
# The width of the bracket around a crossing that is certified.
CROSSING_BRACKET = Decimal("1e-9")


def signs(margin: Callable[[FloatArray], FloatArray]) -> tuple[bool, tuple[float, ...]]:
    """Return whether `margin` is positive where the range begins, and where its sign changes.

    Where it is exactly 0 it is not positive.

    Raises
    ------
    ArithmeticError
        If it is NaN somewhere.
    """

    def values(alpha: FloatArray) -> FloatArray:
        found = margin(alpha)
        if np.isnan(found).any():
            raise ArithmeticError(f"margin at α = {alpha[np.isnan(found)][0]!r} is no number")
        return found

    def value(alpha: float) -> float:
        return float(values(np.array([alpha]))[0])

    grid, precision = np.linspace(*FULL_RANGE, POINTS), CROSSING_TOLERANCE / 100
    positive = values(grid) > 0.0
    changes = np.flatnonzero(positive[1:] != positive[:-1])
    crossings = (brentq(value, grid[i], grid[i + 1], xtol=precision) for i in changes)
    return bool(positive[0]), tuple(map(float, crossings))
