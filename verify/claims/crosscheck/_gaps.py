"""Distances between methods: the worst of all, and that of each pair on each quantity."""

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from numerics.validation import FloatArray
from verify.claim import Comparison, Measurement
from verify.methods.numeric import Worst


class Gaps:
    """The worst of all distances noted, and the worst of each pair of methods on a quantity."""

    def __init__(self) -> None:
        self.all = Worst()
        self.pairs: dict[Comparison, Worst] = {}

    def at(
        self,
        distance: Any,
        quantity: str,
        between: tuple[str, str],
        measure: str = "relative",
        /,
        **where: Any,
    ) -> None:
        """Take how far apart two methods came out on a quantity, and where."""
        self.all.at(distance, methods=" and ".join(between), **where)
        self.pairs.setdefault(Comparison(quantity, between, 0.0, measure), Worst()).at(distance)

    def absolute(self, quantity: str, results: Mapping[str, FloatArray], /, **where: Any) -> None:
        """Take the largest difference of two methods' results."""
        (one, first), (other, second) = results.items()
        self.at(np.abs(first - second).max(), quantity, (one, other), "absolute", **where)

    def relative(self, quantity: str, results: Mapping[str, FloatArray], /, **where: Any) -> None:
        """Take the largest difference, relative to the largest entry of the second result."""
        (one, first), (other, second) = results.items()
        distance = np.abs(first - second).max() / np.abs(second).max()
        self.at(distance, quantity, (one, other), **where)

    def measured(self, text: str, **data: Any) -> Measurement:
        """Return the measurement, with a comparison for each pair if all distances are finite."""
        found = self.all.measured(text, **data)
        if not math.isfinite(found.figure):
            return found
        pairs = [replace(pair, worst=worst.figure) for pair, worst in self.pairs.items()]
        return replace(found, comparisons=tuple(pairs))


def decimal(number: float) -> str:
    """Return a positive number exactly, as a decimal fraction times a power of ten."""
    digits, power = f"{Decimal(repr(float(number))).normalize():E}".split("E")
    return f"10^{{{int(power)}}}" if digits == "1" else rf"{digits} \cdot 10^{{{int(power)}}}"


def times(factor: float) -> str:
    """Return a factor as it stands before a symbol: nothing for 1."""
    return "" if factor == 1.0 else rf"{factor:.12g}\,"
