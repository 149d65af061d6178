"""Fractions of flint's exact polynomials over Q."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Polynomial = Any

# Terms that a polynomial may have; beyond that the engine gives up.
TERMS = 20_000


class UndecidedError(Exception):
    """The engine does not decide this; the message says why."""


@dataclass(frozen=True)
class Fraction:
    """above/below without a common factor; the leading coefficient of `below` is 1."""

    above: Polynomial
    below: Polynomial

    @staticmethod
    def of(above: Polynomial, below: Polynomial) -> Fraction:
        """Return above/below in lowest terms; ZeroDivisionError if `below` is 0."""
        if below == 0:
            raise ZeroDivisionError
        common = above.gcd(below)
        above, below = above / common, below / common
        lead = below.leading_coefficient()
        return Fraction(above / lead, below / lead)

    def __add__(self, other: Fraction) -> Fraction:
        if self.below == other.below:
            return Fraction.of(self.above + other.above, self.below)
        above = times(self.above, other.below) + times(other.above, self.below)
        return Fraction.of(above, times(self.below, other.below))

    def __mul__(self, other: Fraction) -> Fraction:
        return Fraction.of(times(self.above, other.above), times(self.below, other.below))

    def __neg__(self) -> Fraction:
        return Fraction(-self.above, self.below)

    def __sub__(self, other: Fraction) -> Fraction:
        return self + -other

    def __truediv__(self, other: Fraction) -> Fraction:
        return self * Fraction.of(other.below, other.above)

    def __pow__(self, n: int) -> Fraction:
        base = self if n >= 0 else Fraction.of(self.below, self.above)
        return Fraction(power(base.above, abs(n)), power(base.below, abs(n)))


def times(one: Polynomial, other: Polynomial) -> Polynomial:
    """Return the product; UndecidedError if it might have too many terms."""
    if len(one) * len(other) > TERMS**2 // 16:
        raise UndecidedError("the polynomials become too large")
    product = one * other
    if len(product) > TERMS:
        raise UndecidedError("the polynomials become too large")
    return product


def power(base: Polynomial, n: int) -> Polynomial:
    """Return baseⁿ, n ≥ 0; UndecidedError if it might have too many terms."""
    if n > TERMS or (len(base) > 1 and len(base) ** min(n, 64) > TERMS**2):
        raise UndecidedError("the polynomials become too large")
    return base**n
