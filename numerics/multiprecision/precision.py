"""Exact arguments, and evaluation that is correct to the digits asked for.

A formula receives a private mpmath context and is evaluated at two precisions; only if they agree
is the value returned. Agreement alone proves little where a term drops below the last digit at
*both* precisions (1 + z² at z = 1e-150), so each caller also states how many digits its formula
can lose, computed from the exact arguments, and the first evaluation starts beyond them.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeAlias

import mpmath

# Whatever `exact` accepts: int, float, str, Fraction, mpf.
Real: TypeAlias = Any
# mpmath ships no types: a context and a number of arbitrary precision.
Context: TypeAlias = Any
Number: TypeAlias = Any

GUARD_DIGITS = 12
LARGEST_EXPONENT = 10_000
_MOST_REFINEMENTS = 8


class PrecisionError(ArithmeticError):
    """Raising the precision did not settle the digits asked for."""


def exact(name: str, value: Real) -> Fraction:
    """Return `value` as the rational number it denotes, without rounding.

    Parameters
    ----------
    name
        Name of the argument, for the error message.
    value
        int, float, str (decimal or "p/q"), Fraction, Decimal or mpf.

    Raises
    ------
    ValueError
        If `value` is not a finite real number, or is not 0 and lies outside 10^±10000.
    """
    number = _fraction(name, value)
    if number and abs(magnitude(number)) > LARGEST_EXPONENT:
        raise ValueError(f"{name} must be 0 or lie within 10^±{LARGEST_EXPONENT}, got {value!r}")
    return number


def _fraction(name: str, value: Real) -> Fraction:
    requirement = f"{name} must be a finite real number, got {value!r}"
    if isinstance(value, bool):
        raise ValueError(requirement)
    raw = getattr(value, "_mpf_", None)
    if raw is not None:
        sign, mantissa, exponent, _ = raw
        if mantissa == 0 and exponent != 0:  # how mpmath stores inf and nan
            raise ValueError(requirement)
        _bound_exponent(name, value, exponent * math.log10(2) if mantissa else 0.0)
        power = Fraction(2) ** int(exponent)
        return -int(mantissa) * power if sign else int(mantissa) * power
    if isinstance(value, str):
        return _fraction_from_text(name, value)
    if isinstance(value, numbers.Integral):
        return Fraction(int(value))
    ratio = getattr(value, "as_integer_ratio", None)
    if ratio is None or isinstance(value, complex):
        raise ValueError(requirement)
    try:
        numerator, denominator = ratio()
    except (OverflowError, ValueError):  # inf, nan
        raise ValueError(requirement) from None
    return Fraction(int(numerator), int(denominator))


def _fraction_from_text(name: str, text: str) -> Fraction:
    try:
        if "/" in text:
            return Fraction(text)
        decimal = Decimal(text)
    except (ValueError, ZeroDivisionError, InvalidOperation):
        raise ValueError(f"{name} must be a finite real number, got {text!r}") from None
    if not decimal.is_finite():
        raise ValueError(f"{name} must be a finite real number, got {text!r}")
    if decimal:
        _bound_exponent(name, text, float(decimal.adjusted()))
    return Fraction(decimal) if decimal else Fraction(0)


def _bound_exponent(name: str, value: Real, exponent: float) -> None:
    # Before the conversion, which would expand the number in full.
    if abs(exponent) > 10 * LARGEST_EXPONENT:
        raise ValueError(f"{name} must be 0 or lie within 10^±{LARGEST_EXPONENT}, got {value!r}")


def in_words(number: Fraction) -> str:
    """Return 15 digits of a number of any size, for a message; a float could overflow."""
    context = mpmath.MPContext()
    return str(context.nstr(context.mpf(number.numerator) / number.denominator, 15))


def positive(name: str, value: Real) -> Fraction:
    """Return `value` exactly; raise ValueError unless it is a finite number > 0."""
    number = exact(name, value)
    if number <= 0:
        raise ValueError(f"{name} must satisfy {name} > 0, got {value!r}")
    return number


def nonnegative(name: str, value: Real) -> Fraction:
    """Return `value` exactly; raise ValueError unless it is a finite number >= 0."""
    number = exact(name, value)
    if number < 0:
        raise ValueError(f"{name} must satisfy {name} >= 0, got {value!r}")
    return number


def initialization(c: Real, lam: Real, gamma: Real = 0) -> tuple[Fraction, Fraction, Fraction]:
    """Return (c, λ, γ) exactly; raise ValueError unless c > 0, |λ| <= c and γ >= 0."""
    scale = exact("c", c)
    if scale <= 0:
        raise ValueError(f"absolute scale must satisfy c > 0, got c={c!r}")
    relative = exact("lam", lam)
    if abs(relative) > scale:
        raise ValueError(f"relative scale must satisfy |lam| <= c, got lam={lam!r}, c={c!r}")
    readout = exact("gamma", gamma)
    if readout < 0:
        raise ValueError(f"readout scale must satisfy gamma >= 0, got gamma={gamma!r}")
    return scale, relative, readout


def magnitude(value: Fraction) -> int:
    """Return log10 of a nonzero rational, rounded away from 0 by at most one."""
    size = abs(value)
    bits = size.numerator.bit_length() - size.denominator.bit_length()
    return math.ceil(bits * math.log10(2)) if bits >= 0 else math.floor(bits * math.log10(2))


def digits_below_one(value: Fraction) -> int:
    """Return how many decimal places lie between 1 and a smaller |value|; 0 for 0 or above 1."""
    return max(0, -magnitude(value)) if value else 0


def check_digits(digits: int) -> int:
    """Return `digits`; raise ValueError unless it is an int >= 1."""
    if isinstance(digits, bool) or not isinstance(digits, int) or digits < 1:
        raise ValueError(f"digits must be an integer >= 1, got {digits!r}")
    return digits


def in_context(context: Context, value: Fraction) -> Number:
    """Return a rational number in `context`, at the context's present precision."""
    return context.mpf(value.numerator) / context.mpf(value.denominator)


def released(value: Number, digits: int) -> Number:
    """Return a number of a private context as an `mpmath.mpf`, rounded to `digits`."""
    bits = mpmath.libmp.dps_to_prec(digits)
    return mpmath.mp.make_mpf(mpmath.libmp.mpf_pos(value._mpf_, bits, "n"))


def evaluate(
    formula: Callable[[Context], Number],
    digits: int,
    lost: int = 0,
    context: Context | None = None,
) -> Number:
    """Return the value of `formula`, correct to `digits`, as an `mpmath.mpf`.

    Parameters
    ----------
    formula
        Evaluates at the precision of the context that it is given.
    digits
        Decimal digits required of the result.
    lost
        Decimal digits that the formula may lose to cancellation at its arguments.
    context
        A private context to compute in, whose precision is changed; None for a fresh one.

    Raises
    ------
    PrecisionError
        If no two successive precisions agree.
    """
    check_digits(digits)
    context = context or mpmath.MPContext()
    working = digits + GUARD_DIGITS + lost
    context.dps = working
    coarse = formula(context)
    for _ in range(_MOST_REFINEMENTS):
        working += max(15, working // 10)
        context.dps = working
        fine = formula(context)
        if abs(fine - coarse) <= abs(fine) * context.mpf(10) ** (-digits - 2):
            return released(fine, digits)
        coarse = fine
        working *= 2
    raise PrecisionError(f"{digits} digits not settled at {working} working digits")
