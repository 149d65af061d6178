"""Checks and types of arguments, shared by every numerical module.

Each error names the requirement and the value that broke it. Nothing here computes a
quantity of the theory, so sharing it does not tie independent evaluations together.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

ActiveSlab = Literal["sign", "gaussian"]
"""Law of an active coefficient: ±a, equally likely, or N(0, a²)."""

Slab = Literal["zero", "sign", "gaussian"]
"""Law of a coefficient: 0, or as `ActiveSlab`."""


def finite_array(name: str, value: ArrayLike, *, ndim: int | None = None) -> FloatArray:
    """Return `value` as a float64 array of finite numbers.

    Parameters
    ----------
    name
        Name of the argument, for the error message.
    value
        Real numbers, of any shape (or of exactly `ndim` dimensions).
    ndim
        Required number of dimensions; None allows any.

    Raises
    ------
    ValueError
        If `value` is not real and numeric, has another number of dimensions, holds NaN or ±inf, or
        has masked entries.
    """
    if np.ma.is_masked(value):  # values under a mask are not data
        count = np.count_nonzero(np.ma.asarray(value).mask)
        raise ValueError(f"{name} must have no masked entries, got {count}")
    try:
        raw: NDArray[Any] = np.asarray(value)
    except ValueError as error:  # ragged nested sequences
        raise ValueError(f"{name} must be a rectangular array of real numbers: {error}") from None
    if raw.dtype.kind not in "fiu":
        raise ValueError(f"{name} must be real numbers, got {raw.dtype} ({_excerpt(raw)})")
    with np.errstate(over="ignore"):  # a wider type's overflow becomes inf, refused below
        array: FloatArray = raw.astype(np.float64)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    bad = ~np.isfinite(array)
    if bad.any():
        raise ValueError(f"{name} must be finite, got {first_where(array, bad)}")
    return array


def finite_arrays(**values: ArrayLike) -> tuple[FloatArray, ...]:
    """Return the named `values` as float64 arrays of finite numbers, broadcast to one shape.

    The arrays are to be read only. Raise ValueError as `finite_array` does, and, naming the
    shapes, if they do not broadcast together.
    """
    arrays = [finite_array(name, value) for name, value in values.items()]
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise ValueError(f"{', '.join(values)} must broadcast together, got {shapes}") from None


def finite_scalar(name: str, value: ArrayLike) -> float:
    """Return `value` as a finite float; raise ValueError if it is not one real number."""
    array = finite_array(name, value)
    if array.ndim != 0:
        raise ValueError(f"{name} must be a single number, got shape {array.shape}")
    return float(array)


def integer_at_least(name: str, value: int, least: int) -> int:
    """Return `value` as an int; ValueError unless it is an integer, not a bool, and >= `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be an integer >= {least}, got {name}={value!r}")
    return int(value)


def require(
    condition: NDArray[np.bool_] | bool, requirement: str, name: str, value: ArrayLike
) -> None:
    """Raise ValueError with `requirement` and the first offending value if `condition` fails."""
    holds = np.asarray(condition)
    if not holds.all():
        shown = first_where(
            np.broadcast_to(np.asarray(value, dtype=np.float64), holds.shape), ~holds
        )
        raise ValueError(f"{requirement}, got {name}={shown}")


def first_where(array: FloatArray, mask: NDArray[np.bool_]) -> str:
    """Describe the first entry of `array` selected by `mask`, with its index if it has one."""
    position = tuple(int(i) for i in np.argwhere(mask)[0])
    value = float(array[position])
    return f"{value!r}" if not position else f"{value!r} at index {position}"


def _excerpt(array: NDArray[Any]) -> str:
    text = repr(array.tolist())
    return text if len(text) <= 60 else text[:57] + "..."
