"""Bounds in float64 of what Arb encloses."""

from __future__ import annotations

import math

from flint import arb, ctx

from numerics.certified.exact import Ball

# Ends of a ball come rounded outward to the precision that is set: more than float64 has.
_BITS = 64


def float_bounds(ball: Ball) -> tuple[float, float]:
    """Return the largest float64 below a ball and the smallest above it, both inclusive.

    Beyond the range of float64 they are infinite, or the largest number; NaN where the ball is.
    """
    if ball.is_nan():
        return math.nan, math.nan
    with ctx.workprec(_BITS):
        return _below(ball.lower()), 0.0 - _below(-ball.upper())


def _below(end: Ball) -> float:
    """Return the largest float64 that is not above an end; -inf of a ball that has no end."""
    if end.is_nan():
        return -math.inf
    try:
        near = float(end)
    except OverflowError:
        near = math.inf if end > 0 else -math.inf
    return near if arb(near) <= end else math.nextafter(near, -math.inf)
