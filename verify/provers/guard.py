"""Arb in the place of SymPy's few digits, where SymPy decides about constants.

SymPy finds the sign of a constant from two digits, compares constants by as many, and the value of
sec, csc and some others from their argument rounded to hardly more. For sec(19π/500 − 26944)
and log(1 + 10⁻²⁰) that is wrong; then |e|, sign(e), √(e²), e ≥ 0 or e = f evaluate to something
false before any check sees them. So here the three functions of SymPy that everything of this kind
goes through are replaced: what Arb encloses is taken from Arb. What it cannot tell is left open.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from flint import ctx
from mpmath.libmp import from_man_exp
from sympy.core import relational
from sympy.core.expr import Expr
from sympy.core.function import Function

from verify.provers.evaluation import NotEvaluatedError, enclose, precisions, real_at, sign_of

# Bits by which an enclosure is narrower than what is asked for.
SPARE = 16

_sympys_sign = Expr._eval_is_extended_positive_negative
_sympys_value = Function._eval_evalf
_sympys_difference = relational._n2


def install() -> None:
    """Let SymPy take signs and values of constants from Arb, in this process."""
    Expr._eval_is_extended_positive_negative = _has_sign
    Function._eval_evalf = _evaluated
    relational._n2 = _difference


def _has_sign(self: Any, positive: bool) -> bool | None:
    """Whether a constant is positive, or negative; None if that is open."""
    said: bool | None = _sympys_sign(self, positive)
    if said is None or not self.is_number:
        return said
    return _confirmed(self, positive, said)


@lru_cache(maxsize=4096)
def _confirmed(constant: Any, positive: bool, said: bool) -> bool | None:
    try:
        value = real_at(constant, {})
    except NotEvaluatedError:
        return said
    if value is None:
        return False
    sign = sign_of(value)
    if sign is None:
        # Of an algebraic number, SymPy knows whether it vanishes; of others, nobody sees a sign.
        return None if said or constant.has(Function) else False
    return sign == (1 if positive else -1)


def _difference(one: Any, other: Any) -> Any:
    """Return a number of the sign of one − other, for relations of constants; None if open."""
    found = _sympys_difference(one, other)
    if found is None or one.is_infinite or other.is_infinite:
        return found
    return _sign_of(one - other, found)


@lru_cache(maxsize=4096)
def _sign_of(constant: Any, said: Any) -> Any:
    try:
        sign = sign_of(real_at(constant, {}))
    except NotEvaluatedError:
        return said
    return None if sign is None else sp.Integer(sign)


def _evaluated(self: Any, prec: int) -> Any:
    """Return the value of a function of a constant, to so many bits."""
    found = _value(self, prec) if self.is_number and not self.has(sp.Float) else None
    return _sympys_value(self, prec) if found is None else found


@lru_cache(maxsize=4096)
def _value(function: Any, prec: int) -> Any:
    """Return a real value to so many bits; None if Arb has none."""
    for bits in precisions():
        if bits < prec + SPARE:
            continue
        with ctx.workprec(bits):
            try:
                value = enclose(function, {})
            except NotEvaluatedError:
                return None
            if not value.imag.is_zero():
                return None
            if value.is_finite() and value.real.rel_accuracy_bits() >= prec + SPARE:
                # Not written out as a fraction: it may have any number of digits.
                mantissa, exponent = map(int, value.real.mid().man_exp())
                return sp.Float._new(from_man_exp(mantissa, exponent, prec, "n"), prec)
    return None
