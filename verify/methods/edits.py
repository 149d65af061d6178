"""Changes of one number in a statement: by one per cent, by 1/100, in sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

PER_CENT = Fraction(1, 100)
FACTORS = (1 + PER_CENT, 1 - PER_CENT)

Put = Callable[[Any], Any]


@dataclass(frozen=True)
class Edit:
    """A change of a part of the statement, to be put back into it."""

    place: tuple[str, ...]
    change: str
    size: float | None
    make: Callable[[], Any]

    def within(self, put: Put, *part: str, change: str | None = None) -> Edit:
        """Return the edit of the whole, in which `put` replaces the part."""
        make = partial(_put, put, self.make)
        return Edit((*part, *self.place), change or self.change, self.size, make)


def _put(put: Put, make: Callable[[], Any]) -> Any:
    return put(make())


def to(value: Any, change: str, size: float | None = None) -> Edit:
    """Return the edit that replaces a value by another one."""
    return Edit((), change, size, partial(_same, value))


def _same(value: Any) -> Any:
    return value


def is_number(value: Any) -> bool:
    """Whether a value is a number, of Python or of a library."""
    plain = isinstance(value, (int, float, Fraction, Decimal, np.number, sp.Number))
    return plain or type(value).__name__ in ("mpf", "arb", "fmpq", "fmpz")


def variants(value: Any, times: Callable[[Any, Fraction], Any], plus: Any) -> Iterator[Edit]:
    """Yield a value one per cent and 1/100 larger and smaller, and of the other sign."""
    try:
        # SymPy looks for the value of a derivative of an undefined function without end.
        open_ended = isinstance(value, sp.Basic) and bool(
            value.free_symbols or value.has(AppliedUndef)
        )
        size = None if open_ended else abs(float(value))
    except (TypeError, ValueError, OverflowError):
        size = None
    text = shortened(value)
    for factor in FACTORS if size != 0 else ():
        yield to(times(value, factor), f"{text} × {factor}", float(PER_CENT))
    for step, sign in ((PER_CENT, "+"), (-PER_CENT, "−")):
        change = float(PER_CENT) / size if size else None
        yield to(plus(value, step), f"{text} {sign} 1/100", change)
    if size != 0:
        yield to(times(value, Fraction(-1)), f"{text} × (−1)", 2.0)


def shortened(value: Any) -> str:
    """Return a value as text, cut off where it is long."""
    text = str(value)
    return text if len(text) <= 48 else f"{text[:47]}…"


def times(value: Any, by: Fraction) -> Any:
    """Return a product, in the type of `value`."""
    return value * _like(value, by)


def plus(value: Any, by: Fraction) -> Any:
    """Return a sum, in the type of `value`."""
    return value + _like(value, by)


def _like(value: Any, by: Fraction) -> Any:
    """Return a fraction in a type that `value` can be added to and multiplied by."""
    if isinstance(value, (sp.Basic, int, np.integer)):
        return sp.Rational(by)
    if isinstance(value, Fraction):
        return by
    if isinstance(value, (float, np.floating, np.ndarray)):
        return float(by)
    # Decimal, mpf, Arb's types.
    return type(value)(by.numerator) / by.denominator


def of_number(value: Any) -> Iterator[Edit]:
    """Yield the edits of a number."""
    exact = isinstance(value, (int, np.integer))
    # Whole numbers become rational ones, as SymPy has them.
    yield from variants(int(value) if exact else value, times, plus)
    if exact:
        # Where a whole number is asked for.
        for other in (int(value) + 1, int(value) - 1):
            yield to(other, f"{value} → {other}")


def of_text(text: str) -> Iterator[Edit]:
    """Yield the edits of a number in decimal text; other text states nothing."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return
    if number.is_finite():
        for edit in of_number(number):
            yield edit.within(str)
