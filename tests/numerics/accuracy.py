"""Comparison of float64 results with mpmath references, point by point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

# Smallest positive float64: what rounding to a subnormal number may cost, whatever the tolerance.
SPACING = mpmath.mpf(2) ** -1074
LARGEST = mpmath.mpf(float(np.finfo(np.float64).max))


def relative_error(computed: float, exact: Any) -> float:
    """Relative error; four subnormal spacings are free, and overflow must be inf of that sign."""
    if np.isnan(computed):
        return float("inf")
    if mpmath.isinf(exact) or abs(exact) > LARGEST:
        return 0.0 if np.isinf(computed) and (computed > 0) == (exact > 0) else float("inf")
    if np.isinf(computed):  # rounding up at the very end of the range
        return 0.0 if abs(exact) > LARGEST * (1 - mpmath.mpf(2) ** -48) else float("inf")
    difference = abs(mpmath.mpf(float(computed)) - exact)
    if difference <= 4 * SPACING:
        return 0.0
    return float(difference / abs(exact)) if exact != 0 else float("inf")


def max_error(
    function: Callable[..., Any],
    reference: Callable[..., Any],
    arguments: Sequence[np.ndarray],
    tolerance: float,
) -> float:
    """Return the largest relative error of `function`; fail if one exceeds `tolerance`.

    `function` takes the arrays, `reference` the same numbers as mpf, one point at a time; the
    reference sets its own working precision. The failure names the count and the worst points.
    """
    points = np.broadcast_arrays(*arguments)
    computed = np.asarray(function(*points))
    assert computed.shape == points[0].shape
    assert computed.dtype == np.float64
    flat = [tuple(float(a.flat[i]) for a in points) for i in range(computed.size)]
    errors = []
    for value, point in zip(computed.flat, flat, strict=True):
        with mpmath.workdps(60):
            errors.append(relative_error(value, reference(*(mpmath.mpf(a) for a in point))))
    order = np.argsort(errors)[::-1]
    bad = int(np.sum(np.asarray(errors) > tolerance))
    if bad:
        lines = [
            f"  {flat[i]}: got {computed.flat[i]!r}, relative error {errors[i]:.3e}"
            for i in order[: min(bad, 8)]
        ]
        raise AssertionError(
            f"max relative error {errors[order[0]]:.3e} > {tolerance:.1e}; "
            f"{bad} of {len(flat)} points fail, the worst:\n" + "\n".join(lines)
        )
    return float(errors[order[0]])
