"""Functions as fractions of polynomials over Q in generators, and what is certain about them.

A *generator* stands for

- a symbol, or a constant such as π;
- a root r of prime order q, with its defining polynomial rᵠ = f;
- an exponential E = exp(m/L), one for each monomial m of the exponents that occur, where L is a
  common denominator of its coefficients;
- a logarithm of something that does not factor further;
- another function, by its name and its argument.

The domain is the product of the half-lines and lines that the assumptions of the symbols give. It
is connected, and signs are those in its interior.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from math import lcm
from typing import Any

from flint import Ordering, acb, ctx, fmpq, fmpq_mpoly_ctx, fmpz

from verify.provers.evaluation import precisions
from verify.provers.fractions import Fraction, Polynomial, UndecidedError, times

Ball = Any

# Digits of integers that are factored.
DIGITS = 30
# Power of an exponential up to which it is looked at.
HIGHEST = 60
# Where symbols lie, up to their sign, at the points at which something is found not to vanish.
PLACES = (fmpq(7, 5), fmpq(3, 11), fmpq(13, 3), fmpq(2, 9), fmpq(17, 7), fmpq(5, 13))


class FinerUnitError(Exception):
    """An exponential must be split into smaller units: the reading starts again with them."""


@dataclass(frozen=True)
class Generator:
    """What a variable of the polynomials stands for.

    Attributes
    ----------
    kind
        "symbol", "constant", "root", "exponential", "logarithm" or "function".
    argument
        The fraction that it is a function of; None for symbols and constants.
    order
        q of a root, L of an exponential.
    name
        The symbol or constant, or the function's name.
    sign
        1 or −1 if it has this sign everywhere, 0 if it is real, None if it may not be.
    analytic
        Whether it is an analytic function on the whole domain.
    constant
        Whether it depends on no symbol.
    may_vanish
        Whether it may be zero on the domain, although it has a sign.
    """

    kind: str
    argument: Fraction | None = None
    order: int = 1
    name: Hashable = ""
    sign: int | None = None
    analytic: bool = False
    constant: bool = False
    may_vanish: bool = False

    @property
    def inside(self) -> Fraction:
        """The argument of what has one."""
        if self.argument is None:
            raise ValueError(f"a {self.kind} has no argument")
        return self.argument

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other generators."""
        argument = self.argument and (str(self.argument.above), str(self.argument.below))
        return (self.kind, self.order, self.name, argument)


class Field:
    """Fractions in generators, which are added as they are needed.

    Parameters
    ----------
    size
        The number of generators that there may be.
    units
        The denominators L of exponentials, by name; what a reading finds is kept for the next.
    """

    def __init__(self, size: int, units: dict[str, int]) -> None:
        self._context = fmpq_mpoly_ctx.get([f"x{i}" for i in range(size)], Ordering.lex)
        self.variables = self._context.gens()
        self.one = self._context.constant(1)
        self._units = units
        self._places: dict[tuple[Any, ...], int] = {}
        self._signs: dict[str, int | None] = {}
        self.generators: list[Generator] = []

    # Elements

    def variable(self, place: int) -> Fraction:
        """Return the generator at a place, as a fraction."""
        return Fraction(self.variables[place], self.one)

    def number(self, value: Any) -> Fraction:
        """Return a rational number."""
        return Fraction(self._context.constant(value), self.one)

    def generator(self, generator: Generator) -> Fraction:
        """Return a generator as a fraction, added if it is new."""
        place = self._places.setdefault(generator.key, len(self.generators))
        if place == len(self.variables):
            raise UndecidedError("the expression has too many different functions")
        if place == len(self.generators):
            self.generators.append(generator)
        return self.variable(place)

    def root(self, radicand: Fraction, order: int) -> Fraction:
        """Return the principal root of prime order; √(p·f) is √p·√f for every p ≥ 0."""
        positive, rest = self._positive_factors(radicand, strict=False)
        result = self.number(1)
        for factor, multiplicity in positive:
            whole, left = divmod(multiplicity, order)
            result *= factor**whole
            if left:
                result *= self._plain_root(factor, order) ** left
        return result if rest == self.number(1) else result * self._plain_root(rest, order)

    def _plain_root(self, radicand: Fraction, order: int) -> Fraction:
        if radicand == self.number(0):
            return radicand
        alone = self.alone(radicand)
        if alone is not None and alone.kind == "exponential":
            self._units[self._unit_name(alone.inside)] *= order
            raise FinerUnitError
        positive = self.sign(radicand) == 1
        constant = self._constant(radicand)
        return self.generator(
            Generator(
                "root",
                radicand,
                order,
                sign=1 if positive or self.nonnegative(radicand) else None,
                analytic=self._analytic(radicand) and (positive or constant),
                constant=constant,
                may_vanish=not positive,
            )
        )

    def exponential(self, exponent: Fraction) -> Fraction:
        """Return exp of a fraction: the product over the monomials of its numerator."""
        exponent = self.canonical(exponent)
        result = self.number(1)
        for powers, coefficient in exponent.above.to_dict().items():
            monomial = self._context.from_dict({powers: 1})
            argument = Fraction.of(monomial, exponent.below)
            scale = argument.above.leading_coefficient()
            argument, coefficient = argument * self.number(1 / scale), coefficient * scale
            alone = self.alone(argument)
            if alone is not None and alone.kind == "logarithm":
                result *= self.power(alone.inside, coefficient)
                continue
            name = self._unit_name(argument)
            unit = self._units.setdefault(name, int(coefficient.q))
            if unit % int(coefficient.q):
                self._units[name] = lcm(unit, int(coefficient.q))
                raise FinerUnitError
            real = self.real(argument)
            base = Generator(
                "exponential",
                argument,
                unit,
                sign=1 if real else None,
                analytic=self._analytic(argument),
                constant=self._constant(argument),
            )
            if abs(power := int(coefficient * unit)) > HIGHEST:
                raise UndecidedError("the exponents have too small a common unit")
            result *= self.generator(base) ** power
        return result

    def power(self, base: Fraction, exponent: fmpq) -> Fraction:
        """Return the principal value of base^exponent."""
        for prime, multiplicity in fmpz(exponent.q).factor():
            for _ in range(int(multiplicity)):
                base = self.root(base, int(prime))
        return base ** int(exponent.p)

    def logarithm(self, argument: Fraction) -> Fraction:
        """Return the principal logarithm; log(p·f) is log p + log f for every p > 0."""
        positive, rest = self._positive_factors(argument)
        total = self.number(0)
        for factor, multiplicity in positive:
            total += self.number(multiplicity) * self._positive_log(factor)
        return total if rest == self.number(1) else total + self._plain_log(rest)

    def _positive_log(self, argument: Fraction) -> Fraction:
        """Return the logarithm of something positive that does not factor."""
        alone = self.alone(argument)
        if alone is not None and alone.kind == "exponential":
            return self.number(fmpq(1, alone.order)) * alone.inside
        if alone is not None and alone.kind == "root":
            return self.number(fmpq(1, alone.order)) * self.logarithm(alone.inside)
        if self._roots(argument):
            for known in [g for g in self.generators if g.kind == "logarithm" and g.sign == 0]:
                for m, n in ((1, 1), (1, -1), (1, 2), (1, -2), (2, 1), (2, -1)):
                    # m·log u = n·log v + log w, if uᵐ = vⁿ·w where w is simpler.
                    quotient = self.canonical(argument**m * known.inside**-n)
                    if len(quotient.above) == 1 or not self._roots(quotient):
                        own = self.number(n) * self._plain_log(known.inside)
                        return self.number(fmpq(1, m)) * (own + self.logarithm(quotient))
        return self._plain_log(argument)

    def _plain_log(self, argument: Fraction) -> Fraction:
        positive = self.sign(argument) == 1
        return self.generator(
            Generator(
                "logarithm",
                argument,
                sign=0 if positive else None,
                analytic=positive and self._analytic(argument),
                constant=self._constant(argument),
            )
        )

    def function(self, name: str, argument: Fraction) -> Fraction:
        """Return a function that is real and analytic on the real line; `acb` knows its name."""
        argument = self.canonical(argument)
        real = self.real(argument)
        return self.generator(
            Generator(
                "function",
                argument,
                name=name,
                sign=0 if real else None,
                analytic=real and self._analytic(argument),
                constant=self._constant(argument),
            )
        )

    # Reduction

    def reduced(self, fraction: Fraction) -> Fraction:
        """Return the fraction with rᵠ replaced by its radicand, in the numerator."""
        for place in reversed(range(len(self.generators))):
            root = self.generators[place]
            if root.kind != "root" or self._degree(fraction.above, place) < root.order:
                continue
            radicand, variable = root.inside, self.variables[place]
            parts = self._by_powers(fraction.above, place)
            highest = max(n // root.order for n in parts)
            above = self._context.constant(0)
            for n, coefficient in parts.items():
                whole, left = divmod(n, root.order)
                term = times(coefficient * variable**left, radicand.above**whole)
                above += times(term, radicand.below ** (highest - whole))
            fraction = Fraction.of(above, times(fraction.below, radicand.below**highest))
        return fraction

    def canonical(self, fraction: Fraction) -> Fraction:
        """Return the fraction reduced, and without square roots in its denominator.

        Only roots that are analytic are removed from there.
        """
        fraction = self.reduced(fraction)
        for place in reversed(range(len(self.generators))):
            root = self.generators[place]
            if root.kind != "root" or root.order != 2 or not root.analytic:
                continue
            if self._degree(fraction.below, place):
                below = self.reduced(Fraction(fraction.below, self.one))
                other = self._conjugate(below.above, place)
                norm = self.reduced(Fraction(times(below.above, other), below.below))
                rational = Fraction.of(times(fraction.above, other), norm.above)
                fraction = self.reduced(rational * Fraction(norm.below, self.one))
        return fraction

    def vanishes(self, polynomial: Polynomial) -> bool:
        """Whether a polynomial is certainly zero modulo the defining polynomials of the roots."""
        return bool(self.reduced(Fraction(polynomial, self.one)).above == 0)

    def vanishes_by_signs(self, polynomial: Polynomial) -> bool:
        """Whether a polynomial N is certainly the zero function on the domain.

        By N·N̄ = 0, where N̄ has the other sign of a square root and is not the zero function.
        """
        fraction = self.reduced(Fraction(polynomial, self.one))
        while fraction.above != 0:
            used = self.used(fraction)
            roots = [i for i in used if self.generators[i].kind == "root"]
            if not roots or not all(self._everything_analytic(i) for i in used):
                return False
            place = max(roots)
            if self.generators[place].order != 2:
                return False
            other = self._conjugate(fraction.above, place)
            if not self._somewhere_nonzero(other):
                return False
            product = times(fraction.above, other)
            fraction = self.reduced(Fraction(product, self.one))
        return True

    def _conjugate(self, polynomial: Polynomial, place: int) -> Polynomial:
        flipped = {
            powers: coefficient * (-1) ** int(powers[place])
            for powers, coefficient in polynomial.to_dict().items()
        }
        return self._context.from_dict(flipped)

    def _by_powers(self, polynomial: Polynomial, place: int) -> dict[int, Polynomial]:
        parts: dict[int, dict[Any, Any]] = {}
        for powers, coefficient in polynomial.to_dict().items():
            without = (*powers[:place], 0, *powers[place + 1 :])
            parts.setdefault(int(powers[place]), {})[without] = coefficient
        return {n: self._context.from_dict(part) for n, part in parts.items()}

    # Signs

    def sign(self, fraction: Fraction) -> int | None:
        """Return 1 or −1 if the fraction certainly has this sign everywhere; None otherwise."""
        above, below = (self._sign(part) for part in (fraction.above, fraction.below))
        return above * below if above and below else None

    def nonnegative(self, fraction: Fraction) -> bool:
        """Whether the fraction is certainly ≥ 0 wherever it is defined, which is everywhere."""
        fraction = self.reduced(fraction)
        if fraction.above == 0 or not self.real(fraction):
            return bool(fraction.above == 0)
        constant, factors = fraction.above.factor()
        sign = (self._sign_below(fraction.below) or 0) * (1 if constant > 0 else -1)
        for factor, multiplicity in factors:
            if multiplicity % 2:
                sign *= self._sign_of_coefficients(factor, strict=False) or 0
        return sign > 0

    def _sign(self, polynomial: Polynomial) -> int | None:
        text = str(polynomial)
        if text not in self._signs:
            self._signs[text] = None
            self._signs[text] = self._find_sign(polynomial)
        return self._signs[text]

    def _find_sign(self, polynomial: Polynomial) -> int | None:
        fraction = self.reduced(Fraction(polynomial, self.one))
        used = self.used(fraction)
        if fraction.above == 0 or any(self.generators[i].sign is None for i in used):
            return None
        if all(self.generators[i].constant for i in used):
            return self._sign_at_some_place(fraction.above)
        constant, factors = fraction.above.factor()
        sign = (1 if constant > 0 else -1) * (self._sign_below(fraction.below) or 0)
        for factor, multiplicity in factors:
            own = self._sign_of_coefficients(factor) or self._sign_by_norm(factor)
            if own is None:
                return None
            sign *= own ** int(multiplicity)
        return sign or None

    def _sign_below(self, below: Polynomial) -> int | None:
        return 1 if below == 1 else self._sign(below)

    def _sign_of_coefficients(self, factor: Polynomial, *, strict: bool = True) -> int | None:
        """Return the sign that all terms have, one of them, where `strict`, everywhere."""
        shifted = self._shift_exponentials(factor)
        signs, somewhere = set(), False
        for powers, coefficient in shifted.to_dict().items():
            sign = 1 if coefficient > 0 else -1
            nowhere = True
            for i, n in enumerate(powers):
                if not n:
                    continue
                own = self.generators[i].sign
                if own is None:
                    return None
                if self.generators[i].may_vanish:
                    nowhere = False
                if own == 0:
                    nowhere = False
                    if n % 2:
                        return None
                elif own == -1 and n % 2:
                    sign = -sign
            signs.add(sign)
            somewhere = somewhere or nowhere
        return signs.pop() if (somewhere or not strict) and len(signs) == 1 else None

    def _shift_exponentials(self, factor: Polynomial) -> Polynomial:
        """Insert E = 1 + (E − 1), where E − 1 is positive as its exponent is; E − 1 stands at E."""
        values = {}
        for i in self.used(Fraction(factor, self.one)):
            generator = self.generators[i]
            if generator.kind == "exponential" and self.sign(generator.inside) == 1:
                values[i] = self.variables[i] + 1
        if not values:
            return factor
        arguments = [values.get(i, variable) for i, variable in enumerate(self.variables)]
        return factor.compose(*arguments, ctx=self._context)

    def _sign_by_norm(self, factor: Polynomial) -> int | None:
        """N·N̄ vanishes nowhere, so N does not: it has the sign that it has at a point."""
        fraction = Fraction(factor, self.one)
        used = self.used(fraction)
        roots = [i for i in used if self.generators[i].kind == "root"]
        if not roots or not all(self._everything_analytic(i) for i in used):
            return None
        place = max(roots)
        if self.generators[place].order != 2:
            return None
        norm = self.reduced(fraction * Fraction(self._conjugate(factor, place), fraction.below))
        if self._sign(norm.above) is None:
            return None
        return self._sign_at_some_place(factor)

    # What a fraction depends on

    def used(self, fraction: Fraction) -> set[int]:
        """Return the places of the generators that occur in a fraction."""
        found: set[int] = set()
        for polynomial in (fraction.above, fraction.below):
            found |= {i for i, degree in enumerate(polynomial.degrees()) if degree > 0}
        return found

    def _roots(self, fraction: Fraction) -> set[int]:
        return {i for i in self.used(fraction) if self.generators[i].kind == "root"}

    def _degree(self, polynomial: Polynomial, place: int) -> int:
        return int(polynomial.degrees()[place]) if polynomial != 0 else 0

    def alone(self, fraction: Fraction) -> Generator | None:
        """Return the generator that the fraction is; None if it is something else."""
        used = self.used(fraction)
        if len(used) != 1:
            return None
        (place,) = used
        same = fraction.below == 1 and fraction.above == self.variables[place]
        return self.generators[place] if same else None

    def real(self, fraction: Fraction) -> bool:
        """Whether the fraction is certainly real on the domain."""
        return all(self.generators[i].sign is not None for i in self.used(fraction))

    def _constant(self, fraction: Fraction) -> bool:
        return all(self.generators[i].constant for i in self.used(fraction))

    def _analytic(self, fraction: Fraction) -> bool:
        """Whether all generators are analytic, and the denominator vanishes nowhere."""
        return all(map(self._everything_analytic, self.used(fraction))) and (
            self._sign_below(fraction.below) is not None
        )

    def _everything_analytic(self, place: int) -> bool:
        return self.generators[place].analytic

    def _unit_name(self, argument: Fraction) -> str:
        """Name the monomial of an exponent, the same in every reading."""
        return f"{self._described(argument.above)} / {self._described(argument.below)}"

    def _described(self, polynomial: Polynomial) -> str:
        def name(place: int) -> str:
            generator = self.generators[place]
            inside = generator.argument and self._unit_name(generator.argument)
            return f"{generator.kind} {generator.name} ({inside})"

        terms = [
            (sorted((name(i), int(n)) for i, n in enumerate(powers) if n), str(coefficient))
            for powers, coefficient in polynomial.to_dict().items()
        ]
        return str(sorted(terms))

    def _positive_factors(
        self, fraction: Fraction, *, strict: bool = True
    ) -> tuple[list[tuple[Fraction, int]], Fraction]:
        """Split a fraction into positive factors, with their multiplicities, and the rest.

        Factors that are ≥ 0 count as positive, unless `strict`.
        """
        fraction = self.canonical(fraction)
        if fraction.above == 0:
            return [], fraction
        found: list[tuple[Fraction, int]] = []
        rest = self.number(1)
        for polynomial, way in ((fraction.above, 1), (fraction.below, -1)):
            constant, factors = polynomial.factor()
            rest *= self.number(1 if constant > 0 else -1)
            for part, exponent in ((abs(constant.p), way), (constant.q, -way)):
                found += [(self.number(p), exponent * n) for p, n in _primes(part)]
            for factor, multiplicity in factors:
                sign, n = self._sign(factor), way * int(multiplicity)
                if sign is None and not strict:
                    sign = self._sign_of_coefficients(factor, strict=False)
                if sign is None:
                    rest *= Fraction(factor, self.one) ** n
                    continue
                found.append((Fraction(factor * sign, self.one), n))
                rest *= self.number(sign**n if n > 0 else sign**-n)
        return found, rest

    # Values

    def _somewhere_nonzero(self, polynomial: Polynomial) -> bool:
        return any(not value.contains(0) for value in self._values(polynomial))

    def _sign_at_some_place(self, polynomial: Polynomial) -> int | None:
        for value in self._values(polynomial):
            if value.real > 0 or value.real < 0:
                return 1 if value.real > 0 else -1
        return None

    def _values(self, polynomial: Polynomial) -> Iterable[Ball]:
        """Enclose a polynomial at points inside the domain, each time more precisely."""
        for turn, precision in enumerate(precisions()):
            with ctx.workprec(precision):
                value = self._value(polynomial, self._at(turn))
                if value.is_finite():
                    yield value

    def _at(self, turn: int) -> list[Ball]:
        """Return the values of all generators at one point."""
        values: list[Ball] = []
        for number, generator in enumerate(self.generators):
            if generator.kind == "symbol":
                place = PLACES[(number + turn) % len(PLACES)] + fmpq(number, 101)
                values.append(acb(place if generator.sign != -1 else -place))
                continue
            if generator.kind == "constant":
                values.append(acb(getattr(acb, str(generator.name))()))
                continue
            inside = generator.inside
            argument = self._value(inside.above, values) / self._value(inside.below, values)
            values.append(_applied(generator, argument))
        return values

    def _value(self, polynomial: Polynomial, values: list[Ball]) -> Ball:
        total = acb(0)
        for powers, coefficient in polynomial.to_dict().items():
            term = acb(coefficient)
            for i, n in enumerate(powers):
                if n:
                    term *= values[i] ** int(n)
            total += term
        return total


def _applied(generator: Generator, argument: Ball) -> Ball:
    """Return the value of a generator from that of its argument."""
    functions: dict[str, Callable[[], Ball]] = {
        "root": lambda: argument.sqrt() if generator.order == 2 else argument.root(generator.order),
        "exponential": lambda: (argument / generator.order).exp(),
        "logarithm": argument.log,
        "function": lambda: getattr(argument, str(generator.name))(),
    }
    return functions[generator.kind]()


def _primes(number: Any) -> list[tuple[int, int]]:
    """Return the prime factors; a large number is left whole."""
    if number == 1:
        return []
    if len(str(number)) > DIGITS:
        return [(int(number), 1)]
    return [(int(prime), int(n)) for prime, n in fmpz(number).factor()]
