"""Distances between methods: the worst of all, and that of each pair on each quantity."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from numerics.validation import FloatArray
from verify.claim import Comparison, Measurement
from verify.methods.notation import number
from verify.methods.numeric import Worst


class Gaps:
    """The worst of all distances noted, and the worst of each pair of methods on a quantity."""

    def __init__(self) -> None:
        self.all = Worst()
        # By quantity, methods and measure.
        self.pairs: dict[tuple[str, tuple[str, str], str], Worst] = {}

    def measured(self, text: str, **data: Any) -> Measurement:
        """Return the measurement, with a comparison for each pair if all distances are finite."""
        found = self.all.measured(text, **data)
        if not math.isfinite(found.figure):
            return found
        comparisons = tuple(
            Comparison(quantity, between, worst.figure, measure)
            for (quantity, between, measure), worst in self.pairs.items()
        )
        return replace(found, comparisons=comparisons)


def note(
    gaps: Gaps,
    distance: Any,
    quantity: str,
    between: Iterable[str],
    where: Mapping[str, Any],
    measure: str = "relative",
) -> None:
    """Take how far apart two methods came out on a quantity, and where."""
    one, other = between
    gaps.all.at(distance, methods=f"{one} and {other}", **where)
    gaps.pairs.setdefault((quantity, (one, other), measure), Worst()).at(distance)


def absolute(
    gaps: Gaps, quantity: str, between: Mapping[str, FloatArray], where: Mapping[str, Any]
) -> None:
    """Take the largest difference of two methods' results."""
    one, other = between.values()
    note(gaps, np.abs(one - other).max(), quantity, between, where, "absolute")


def relative(
    gaps: Gaps, quantity: str, between: Mapping[str, FloatArray], where: Mapping[str, Any]
) -> None:
    """Take the largest difference, relative to the largest entry of the second result."""
    one, other = between.values()
    note(gaps, np.abs(one - other).max() / np.abs(other).max(), quantity, between, where)


def decimal(value: float) -> str:
    """Return a positive number exactly, as a decimal fraction times a power of ten."""
    return number(f"{Decimal(repr(float(value))).normalize():E}")


def whole(count: float) -> int:
    """Return a number of examples or coordinates; ValueError if it is not a whole one."""
    near = round(count)
    if abs(count - near) > 1e-9 * max(1.0, abs(count)):
        raise ValueError(f"a number of examples or coordinates must be whole, got {count!r}")
    return near
