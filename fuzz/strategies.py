"""Strategies: numbers of every kind, and values that are not numbers at all."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

TINY, HUGE = 5e-324, 1.7976931348623157e308

CORNERS = (
    0.0, -0.0, TINY, -TINY, 2.2250738585072014e-308, 1e-300, 1e-160, 1e-16, 1e-8, 0.1, 0.5,
    1.0, -1.0, 1.0 + 2.0**-52, 1.0 - 2.0**-53, 2.0, 10.0, 700.0, 1e8, 1e16, 1e154, 1e300, HUGE,
    -HUGE, math.inf, -math.inf, math.nan,
)  # fmt: skip

JUNK = (
    None, True, False, "1.0", "", b"1", 1j, complex(0.5, 0.0), 10**400, -(10**400), [],
    [[1.0], [1.0, 2.0]], {}, {1.0}, object, Decimal("0.5"), Fraction(1, 2),
    np.datetime64("2026-01-01"), np.array("x"), np.array([None]), np.ma.masked, np.zeros((0, 3)),
    np.array([1, 2], dtype=np.int8), np.float32(0.25), np.longdouble(0.25), np.float16(0.5),
    slice(None), range(3), lambda: 0,
)  # fmt: skip

finite = st.floats(allow_nan=False, allow_infinity=False)
# As likely near 1e-300 as near 1.
scales = st.builds(lambda exponent: 10.0**exponent, st.floats(-320.0, 308.0))
everyday = st.builds(lambda exponent: 10.0**exponent, st.floats(-9.0, 4.0))
junk = st.sampled_from(JUNK)
number = st.one_of(st.sampled_from(CORNERS), st.floats(), scales, everyday, st.integers(-9, 9))
# Mostly numbers: one bad argument hides how the others are treated.
anything = st.one_of(number, number, number, number, number, number, number, junk)


def arrays(elements: st.SearchStrategy[Any] = number, side: int = 4) -> st.SearchStrategy[Any]:
    """Arrays of float64 with up to two dimensions."""
    shapes = hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=side)
    return hnp.arrays(np.float64, shapes, elements=elements.map(float))


@st.composite
def together(draw: st.DrawFn, count: int) -> tuple[Any, ...]:
    """Arguments of an elementwise function: numbers, arrays that broadcast, or a mixture."""
    kind = draw(st.integers(0, 9))
    if kind < 6:
        return tuple(draw(number) for _ in range(count))
    if kind == 6:
        return tuple(draw(anything) for _ in range(count))
    if kind == 7:
        return tuple(draw(arrays()) for _ in range(count))
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=2, max_side=3))
    floats = number.map(float)
    return tuple(
        draw(hnp.arrays(np.float64, shape, elements=floats)) for shape in shapes.input_shapes
    )


def attempt(
    function: Callable[..., Any],
    *arguments: Any,
    refusals: tuple[type[Exception], ...] = (ValueError,),
    **keywords: Any,
) -> Any:
    """Return the function's result, or None if it raises a permitted error with a message."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(*arguments, **keywords)
        except refusals as error:
            if not str(error):
                raise AssertionError("an error must say what it wants") from error
            return None


def floats_of(arguments: tuple[Any, ...]) -> list[np.ndarray] | None:
    """Return the arguments as broadcast arrays, or None if they are not finite real numbers."""
    found = []
    for value in arguments:
        if np.ma.is_masked(value):
            return None
        try:
            raw = np.asarray(value)
        except ValueError:
            return None
        if raw.dtype.kind not in "fiu" or not np.isfinite(raw.astype(np.float64)).all():
            return None
        found.append(raw.astype(np.float64))
    try:
        return list(np.broadcast_arrays(*found))
    except ValueError:
        return None


# Where a file is cut, as a share of its length, and which bytes in it are changed to what.
damage = st.tuples(
    st.one_of(st.just(1.0), st.floats(0.0, 1.0)),
    st.lists(st.tuples(st.floats(0.0, 1.0, exclude_max=True), st.integers(0, 255)), max_size=4),
)


def damaged(raw: bytes, how: tuple[float, list[tuple[float, int]]]) -> bytes:
    """Return `raw` cut and changed as `damage` was drawn."""
    cut, changes = how
    result = bytearray(raw[: round(cut * len(raw))])
    for place, byte in changes:
        if result:
            result[int(place * len(result))] = byte
    return bytes(result)
