"""The value of a SymPy expression at an exact rational point, enclosed by Arb.

The expression is walked as data: nothing of SymPy's own evaluation, simplification or assumptions
is used. An enclosure contains the value for certain; functions that are not listed have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpq

Ball = Any
Point = Mapping[Any, Any]

# Bits of the first attempt; each further one doubles them.
PRECISION = 128
ATTEMPTS = 6


class NotEvaluatedError(Exception):
    """The expression holds something that has no enclosure here, which the message names."""


_FUNCTIONS = {
    **{getattr(sp, name): name for name in ("exp", "log", "erf", "erfc", "erfi", "gamma")},
    **{getattr(sp, name): name for name in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{getattr(sp, name): name for name in ("sinh", "cosh", "tanh", "coth", "sech", "csch")},
    **{getattr(sp, name): name for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
}
_CONSTANTS = {
    sp.S.Pi: arb.pi,
    sp.S.Exp1: arb.const_e,
    sp.S.EulerGamma: arb.const_euler,
    sp.S.Catalan: arb.const_catalan,
    sp.S.GoldenRatio: lambda: (1 + arb(5).sqrt()) / 2,
}


def enclose(expression: Any, point: Point) -> Ball:
    """Return a complex ball that contains the value at `point`, at the precision that is set.

    The ball is not finite where the expression has a pole, or where the precision does not suffice.
    Where the point itself has balls, it contains the value at every point of them.

    Raises
    ------
    NotEvaluatedError
        If a symbol has no value at `point`, or something occurs that is not listed.
    """
    if expression in point:
        value = point[expression]
        return acb(value) if isinstance(value, (arb, acb)) else enclose(sp.sympify(value), {})
    if expression.is_Rational:
        return acb(arb(fmpq(int(expression.p), int(expression.q))))
    if expression in _CONSTANTS:
        return acb(_CONSTANTS[expression]())
    if expression is sp.S.ImaginaryUnit:
        return acb(0, 1)
    if expression.is_Float:
        # A float is the binary fraction that it holds.
        return enclose(sp.Rational(expression), {})
    arguments = [enclose(argument, point) for argument in expression.args]
    if isinstance(expression, sp.Add):
        return sum(arguments, acb(0))
    if isinstance(expression, sp.Mul):
        product = acb(1)
        for factor in arguments:
            product *= factor
        return product
    if isinstance(expression, sp.Pow):
        return _power(expression, *arguments)
    if isinstance(expression, sp.Abs):
        return acb(abs(arguments[0]))
    if isinstance(expression, sp.acoth):
        return (1 / arguments[0]).atanh()
    name = _FUNCTIONS.get(type(expression))
    if name is None:
        raise NotEvaluatedError(f"{type(expression).__name__} is not evaluated by Arb")
    return getattr(arguments[0], name)()


def _power(expression: Any, base: Ball, exponent: Ball) -> Ball:
    power = expression.exp
    if power.is_Integer:
        return base ** int(power)
    if power == sp.Rational(1, 2):
        return base.sqrt()
    if base == 0 and power.is_Rational:
        return acb(0) if power.p > 0 else acb("nan")
    return (base.log() * exponent).exp()


def sign_at(expression: Any, point: Point) -> int | None:
    """Return the sign of a real value, −1, 0 or 1; None if it is open, complex, or has no value.

    0 is returned only for a value that Arb computes exactly.
    """
    try:
        return sign_of(real_at(expression, point))
    except NotEvaluatedError:
        return None


def sign_of(value: Ball | None) -> int | None:
    """Return the sign of a real ball, −1, 0 or 1; None if it is open, or there is no ball."""
    if value is None or not value.is_finite():
        return None
    if value == 0:
        return 0
    return 1 if value > 0 else -1 if value < 0 else None


def real_at(expression: Any, point: Point) -> Ball | None:
    """Return a real ball of the value, as narrow as its sign needs; None if it is not real.

    NotEvaluatedError where `enclose` raises it.
    """
    for precision in precisions():
        with ctx.workprec(precision):
            value = enclose(expression, point)
            if value.is_finite() and not value.imag.contains(0):
                return None
            if value.is_finite() and (not value.real.contains(0) or value == 0):
                break
    return value.real


def differs_from_zero(expression: Any, point: Point) -> bool | None:
    """Whether a value, which may be complex, is not 0, to 4096 bits; None if it has no value."""
    found: bool | None = None
    try:
        for precision in precisions():
            with ctx.workprec(precision):
                value = enclose(expression, point)
                found = not value.contains(0) if value.is_finite() else None
                if found or value == 0:
                    break
    except NotEvaluatedError:
        return None
    return found


def allows(symbol: Any, value: Any) -> bool:
    """Whether a symbol may take an exact value: nothing that it is assumed to be speaks against it.

    Matrices, and other symbols that do not commute, may be numbers.
    """
    return not symbol.is_commutative or all(
        getattr(value, f"is_{name}", None) in (truth, None)
        for name, truth in symbol.assumptions0.items()
    )


def precisions() -> list[int]:
    """Return the bits of each attempt, in order."""
    return [PRECISION * 2**attempt for attempt in range(ATTEMPTS)]
