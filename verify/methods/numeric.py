"""Decide by comparing two independent numbers at many points; the worst point is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import mpmath
import numpy as np

from numerics.validation import FloatArray
from verify.claim import Comparison, Evidence, Measurement

DIGITS = 60

Found = TypeVar("Found", Evidence, Measurement)

FLOAT64 = "replica equations, float64"
MULTIPRECISION = "replica equations, many digits"
MONTE_CARLO = "replica equations, sampled"
CLOSED_FORM = "closed form"


class Worst:
    """The worst of what a comparison finds, one place after another, and where it was.

    The largest gap, or with `smallest` the smallest margin. What is not finite counts as infinitely
    bad, wherever it occurs: `max` and a running maximum may lose NaN, and an infinite margin is as
    much a fault of what was compared as an infinite gap.
    """

    def __init__(self, *, smallest: bool = False) -> None:
        self.smallest = smallest
        self.count = 0
        self.figure = math.inf if smallest else -math.inf
        self.where: dict[str, str] = {}

    def at(self, value: Any, **where: Any) -> None:
        """Take a number, or an array of them, found at the place that `where` names.

        For an array, each coordinate is an array that broadcasts with it, or one value for all.

        Raises
        ------
        TypeError
            If it is not made of real numbers, or some of it is masked.
        """
        values = _real(value)
        self.count += values.size
        if not values.size:
            return
        bad = np.where(np.isfinite(values), -values if self.smallest else values, math.inf)
        position = np.unravel_index(int(np.argmax(bad)), bad.shape)
        worst = float(bad[position])
        if self.count == values.size or worst > (-self.figure if self.smallest else self.figure):
            self.figure = -worst if self.smallest else worst
            self.where = {
                name: _exact(
                    np.broadcast_to(place, bad.shape)[position]
                    if isinstance(place, np.ndarray)
                    else place
                )
                for name, place in where.items()
            }

    def measured(self, text: str, **data: Any) -> Measurement:
        """Return the measurement; `text` may refer to `{worst}` and `{count}`.

        Raises
        ------
        ValueError
            If nothing was compared.
        """
        if not self.count:
            raise ValueError("a comparison must have points, got none")
        summary = text.format(worst=f"{self.figure:.3g}", count=self.count)
        return Measurement(self.figure, summary, self.where, self.smallest, data)


def _real(value: Any) -> FloatArray:
    """Return real numbers, of NumPy, mpmath or SymPy, as float64; refuse what only looks so."""
    raw = np.asarray(value)
    masked = isinstance(value, np.ma.MaskedArray)
    numbers = raw.dtype.kind in "fiub" or (
        raw.dtype.kind == "O" and not any(isinstance(x, (str, bytes, complex)) for x in raw.flat)
    )
    if masked or not numbers:
        raise TypeError(f"what is compared must be real numbers, got {value!r}")
    return np.asarray(raw, dtype=np.float64)


def compare(
    computed: Callable[..., Any],
    reference: Callable[..., Any],
    points: Iterable[Sequence[Any]],
    *,
    names: Sequence[str] = (),
    floor: float = 0.0,
) -> Measurement:
    """Measure `computed(*point)` against `reference(*point)` in relative error at every point.

    Parameters
    ----------
    computed, reference
        Functions of a point's coordinates that return a real number (float, mpf or decimal text).
    points
        The points, each a sequence of arguments.
    names
        Names of the coordinates, for the counterexample.
    floor
        Magnitude below which the error is measured relative to `floor` instead; 0 for none.

    Returns
    -------
    The worst error and its point; NaN or infinity on either side counts as an infinite error.

    Raises
    ------
    ValueError
        If there is no point.
    """
    worst = Worst()
    with mpmath.workdps(DIGITS):
        for point in points:
            raw = computed(*point)
            got, wanted = _number(raw), _number(reference(*point))
            labels = list(names) or [f"argument {i + 1}" for i in range(len(point))]
            worst.at(
                float(relative_error(got, wanted, floor)),
                **dict(zip(labels, point, strict=True)),
                # Twenty digits of a float would be digits of its rounding.
                computed=mpmath.nstr(got, 20) if raw is got else _exact(raw),
                reference=mpmath.nstr(wanted, 20),
            )
    return worst.measured(
        "worst relative error {worst} over {count} points",
        points=worst.count,
        worst_point=worst.where,
    )


def relative_error(computed: Any, reference: Any, floor: float = 0.0) -> Any:
    """Return |computed − reference| / max(|reference|, floor): inf for what is not finite."""
    if not (mpmath.isfinite(computed) and mpmath.isfinite(reference)):
        return mpmath.inf
    if computed == reference:
        return mpmath.mpf(0)
    size = max(abs(reference), mpmath.mpf(floor))
    return abs(computed - reference) / size if size else mpmath.inf


def _number(value: Any) -> Any:
    return value if isinstance(value, mpmath.mpf) else mpmath.mpf(_plain(value))


def _plain(value: Any) -> Any:
    """Strip NumPy's scalar types; text and Python numbers pass unchanged."""
    return value.item() if hasattr(value, "item") else value


def _exact(value: Any) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else repr(plain)


def compared(
    found: Found, quantity: str, between: tuple[str, str], measure: str = "relative"
) -> Found:
    """Return what was found with its figure as the disagreement of two methods, if it is finite."""
    refuted = isinstance(found, Evidence) and not found.holds
    if refuted or found.figure is None or not math.isfinite(found.figure):
        return found
    comparison = Comparison(quantity, between, found.figure, measure)
    return replace(found, comparisons=(*found.comparisons, comparison))
