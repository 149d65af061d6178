"""Identities by exact polynomial arithmetic: flint in the place of SymPy's simplifier.

Both sides are read as fractions of polynomials over Q in generators (`verify.provers.field`). If
the numerator of left − right is zero modulo the defining polynomials of the roots, the two sides
are equal wherever both are defined, whatever the sign of the roots. If it is not, it may still
vanish for the roots that are meant: √((x+1)²) is x + 1 where x > −1. Then N·N̄ = 0 is proved, where
N̄ has the opposite sign of a root. On a connected domain on which all generators are analytic
(radicands and arguments of logarithms positive), a product of two functions vanishes only if one
of them does; N̄ does not, for Arb finds it different from zero at a point. So N does.

Where symbols do not commute, this is done for the coefficient of every word in them.

An identity that is not proved here may be true or false.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import sympy as sp
from flint import fmpq

from verify.provers.field import Field, FinerUnitError, Generator
from verify.provers.fractions import Fraction, UndecidedError
from verify.provers.goals import Inequality
from verify.provers.words import add, words

PROVER = "flint polynomials"
UNDEFINED = "it may be undefined, or not real, somewhere"

# How often an expression may be read again with smaller units of its exponents.
READINGS = 20
GENERATORS = 120

Value = TypeVar("Value")

# Real and analytic on the real line.
_FUNCTIONS = {sp.erf: "erf", sp.erfc: "erfc", sp.atan: "atan"}
_CONSTANTS = {sp.S.Pi: "pi"}
_HYPERBOLIC = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch)
_TRIGONOMETRIC = (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc)


def prove_equal(left: Any, right: Any) -> None:
    """Prove left = right wherever both are defined; UndecidedError if there is no proof."""

    def difference(field: Field) -> None:
        read = Reader(field).read
        total = words(left, read)
        add(total, {word: -coefficient for word, coefficient in words(right, read).items()})
        for coefficient in total.values():
            numerator = coefficient.above
            if not (field.vanishes(numerator) or field.vanishes_by_signs(numerator)):
                raise UndecidedError("the difference is not zero modulo the polynomials of roots")

    with_field((left, right), difference)


def prove_sign(goal: Inequality) -> None:
    """Prove an inequality by the signs of coefficients; UndecidedError if there is no proof."""

    def signs(field: Field) -> None:
        reader = Reader(field, goal)
        fraction = reader.read(goal.expression)
        for needed, part in reader.conditions:
            sign = field.sign(part)
            kept = {"> 0": sign == 1, "≠ 0": bool(sign), "≥ 0": sign == 1}[needed]
            if not kept and not (needed == "≥ 0" and field.nonnegative(part)):
                raise UndecidedError(UNDEFINED)
        if not (field.sign(fraction) == 1 if goal.strict else field.nonnegative(fraction)):
            raise UndecidedError("its coefficients have different signs")

    with_field((goal.expression,), signs)


def with_field(expressions: tuple[Any, ...], use: Callable[[Field], Value]) -> Value:
    """Return what `use` makes of a field with room for these expressions.

    It is called again with smaller units of the exponents, if it meets e^(x/2) after e^x.
    """
    nodes = {part for e in expressions for part in sp.preorder_traversal(e) if not part.is_Rational}
    size, units = min(2 * len(nodes) + 8, GENERATORS), dict[str, int]()
    for _ in range(READINGS):
        try:
            return use(Field(size, units))
        except FinerUnitError:
            continue
        except ZeroDivisionError:
            raise UndecidedError("a denominator vanishes identically") from None
    raise UndecidedError("the exponents have no common unit")


class Reader:
    """Reads SymPy expressions, as data, into the fractions of a field.

    Parameters
    ----------
    field
        Where to.
    domain
        Where an inequality holds: signs are those on the whole of it then. Without one they are
        those in the interior of what the symbols' assumptions give.

    Attributes
    ----------
    conditions
        What must be ≠ 0, ≥ 0 or > 0 for the expressions read to be real and defined as they are
        written: denominators that cancel and logarithms that split are among them.
    """

    def __init__(self, field: Field, domain: Inequality | None = None) -> None:
        self._field = field
        self._domain = domain
        self._known: dict[Any, Fraction] = {}
        self.conditions: list[tuple[str, Fraction]] = []

    def read(self, expression: Any) -> Fraction:
        """Return the fraction; UndecidedError if the expression holds something unknown."""
        if expression not in self._known:
            self._known[expression] = self._read(expression)
        return self._known[expression]

    def _read(self, expression: Any) -> Fraction:
        field = self._field
        if expression.is_Rational:
            return field.number(fmpq(int(expression.p), int(expression.q)))
        if expression.is_Symbol and expression.is_commutative:
            return self._symbol(expression)
        if expression in _CONSTANTS:
            name = _CONSTANTS[expression]
            constant = Generator("constant", name=name, sign=1, analytic=True, constant=True)
            return field.generator(constant)
        if expression is sp.S.ImaginaryUnit:
            return field.root(field.number(-1), 2)
        if expression is sp.S.Exp1:
            return field.exponential(field.number(1))
        if isinstance(expression, sp.Add):
            total = field.number(0)
            for argument in expression.args:
                total += self.read(argument)
            return total
        if isinstance(expression, sp.Mul):
            product = field.number(1)
            for argument in expression.args:
                product *= self.read(argument)
            return product
        if isinstance(expression, sp.Pow):
            return self._power(expression.base, expression.exp)
        if isinstance(expression, sp.Function) and len(expression.args) == 1:
            return self._function(expression, self.read(expression.args[0]))
        raise UndecidedError(f"{type(expression).__name__} is unknown to {PROVER}")

    def _symbol(self, symbol: Any) -> Fraction:
        domain = self._domain or Inequality(symbol, strict=True)
        if symbol in dict(domain.fixed):
            return self.read(dict(domain.fixed)[symbol])
        positive = symbol in domain.positive or symbol.is_extended_positive
        sign = 0 if positive or symbol.is_extended_real else None
        if positive or symbol in domain.nonnegative or symbol.is_extended_nonnegative:
            sign = 1
        elif symbol.is_extended_nonpositive:
            sign = -1
        whole = self._domain is not None
        return self._field.generator(
            Generator(
                "symbol",
                name=symbol,
                sign=sign,
                # Without zero, the real line falls into two parts; the complex plane has no signs.
                analytic=sign in (1, -1) or (sign == 0 and symbol.is_zero is None),
                may_vanish=whole and not positive and not symbol.is_extended_negative,
            )
        )

    def _power(self, base: Any, exponent: Any) -> Fraction:
        field = self._field
        if base is sp.S.Exp1:
            return field.exponential(self.read(exponent))
        below = self.read(base)
        if not exponent.is_Rational:
            self._require("> 0", below)
            return field.exponential(self.read(exponent) * field.logarithm(below))
        if exponent.is_negative:
            self._require("≠ 0", below)
        if not exponent.is_Integer:
            self._require("≥ 0", below)
        return field.power(below, fmpq(int(exponent.p), int(exponent.q)))

    def _require(self, relation: str, *parts: Fraction) -> None:
        new = [(relation, part) for part in parts if (relation, part) not in self.conditions]
        self.conditions += new

    def _function(self, expression: Any, x: Fraction) -> Fraction:
        field, one = self._field, self._field.number(1)
        if isinstance(expression, sp.exp):
            return field.exponential(x)
        if isinstance(expression, sp.log):
            self._require("> 0", x)
            return field.logarithm(x)
        if isinstance(expression, sp.Abs):
            if not field.real(x):
                raise UndecidedError("an absolute value of what may not be real")
            return field.root(x**2, 2)
        if isinstance(expression, sp.asinh):
            return field.logarithm(x + field.root(x**2 + one, 2))
        if isinstance(expression, sp.acosh):
            self._require("≥ 0", x - one)
            return field.logarithm(x + field.root(x + one, 2) * field.root(x - one, 2))
        if isinstance(expression, (sp.atanh, sp.acoth)):
            if isinstance(expression, sp.acoth):
                self._require("≠ 0", x)
                x = one / x
            self._require("> 0", one + x, one - x)
            return field.number(fmpq(1, 2)) * (field.logarithm(one + x) - field.logarithm(one - x))
        if isinstance(expression, _HYPERBOLIC):
            e = field.exponential(x)
            kind = type(expression).__name__.removesuffix("h")
            return self._ratio(kind, e + one / e, e - one / e)
        if isinstance(expression, _TRIGONOMETRIC):
            i = self.read(sp.I)
            e = field.exponential(i * x)
            cosine, sine = e + one / e, (e - one / e) / i
            return self._ratio(type(expression).__name__, cosine, sine)
        if type(expression) in _FUNCTIONS:
            return field.function(_FUNCTIONS[type(expression)], x)
        raise UndecidedError(f"{type(expression).__name__} is unknown to {PROVER}")

    def _ratio(self, kind: str, cosine: Fraction, sine: Fraction) -> Fraction:
        """Return a trigonometric or hyperbolic function from twice its cosine and sine."""
        two = self._field.number(2)
        ratios = {
            "cos": (cosine, two),
            "sin": (sine, two),
            "tan": (sine, cosine),
            "cot": (cosine, sine),
            "sec": (two, cosine),
            "csc": (two, sine),
        }
        above, below = ratios[kind]
        self._require("≠ 0", below)
        return above / below
