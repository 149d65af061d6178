"""Inequalities on a half-line t > 0 for exponential polynomials and logarithms of them, by Arb.

The function is read as a fraction of polynomials in t and E = exp(t/L) (`verify.provers.field`).
Numerator and denominator are sums p of c·tʲ·eᵏᵗ, and each is shown to have one sign:

- on (0, δ]: its first Taylor coefficient at 0 that is not zero, an exact rational number, is that
  of order m, and Arb encloses the m-th derivative away from 0 on [0, δ];
- on [δ, M]: Arb encloses p itself, box by box;
- beyond M: p is divided by its fastest term, and Arb encloses what is left for all t ≥ M at once:
  t⁻ⁱ lies in [0, M⁻ⁱ], and tⁿe⁻ᵃᵗ in [0, Mⁿe⁻ᵃᴹ], for it falls beyond n/a.

Where logarithms occur, f > 0 follows from −f′ > 0, which has none, and f → 0: each logarithm is
that of its fastest term, an exponential, and a rest that decays.

Before, all denominators, radicands and arguments of logarithms are shown to have their sign: the
function is real and smooth for all t > 0.

Nothing is sampled. What is not decided says nothing about the inequality.
"""

from __future__ import annotations

from typing import Any

from flint import arb, ctx, fmpq

from verify.provers.field import Field, Generator
from verify.provers.fractions import Fraction, Polynomial, UndecidedError
from verify.provers.goals import Inequality
from verify.provers.polynomials import UNDEFINED, Reader, with_field

PROVER = "Arb"
PRECISION = 256
# Derivatives looked at, halvings of δ and doublings of M, boxes between them.
ORDERS = 200
HALVINGS = 30
DOUBLINGS = 24
BOXES = 2_000

# The coefficient of tʲ·eᵏᵗ, by (k, j).
Terms = dict[tuple[fmpq, int], fmpq]


def prove(goal: Inequality) -> None:
    """Prove the inequality for all t > 0; UndecidedError if there is no proof."""
    if len(goal.positive) != 1 or goal.nonnegative or goal.fixed:
        raise UndecidedError("it is not an inequality on a half-line")
    if not goal.expression.free_symbols <= goal.positive:
        raise UndecidedError("it has more than one variable")

    def positive(field: Field) -> None:
        reader = Reader(field, goal)
        fraction = reader.read(goal.expression)
        line = _HalfLine(field)
        for needed, part in reader.conditions:
            if line.sign(part.above) * line.sign(part.below) < 0 and needed != "≠ 0":
                raise UndecidedError(UNDEFINED)
        if _logarithms(field, fraction):
            if not line.decays(fraction):
                raise UndecidedError("it has logarithms, and a limit other than 0")
            fraction = -line.derivative(fraction)
        line = _HalfLine(field)
        if line.sign(fraction.above) * line.sign(fraction.below) < 0:
            raise UndecidedError("it has the opposite sign")

    with_field((goal.expression,), positive)


def _logarithms(field: Field, fraction: Fraction) -> list[int]:
    return [i for i in field.used(fraction) if field.generators[i].kind == "logarithm"]


class _HalfLine:
    """Reads polynomials of a field as functions of t."""

    def __init__(self, field: Field) -> None:
        self._field = field
        places = {g.kind: i for i, g in enumerate(field.generators)}
        self._t = places.get("symbol", -1)

    def terms(self, polynomial: Polynomial) -> Terms:
        """Return the sum of c·tʲ·eᵏᵗ; UndecidedError if the polynomial is no such sum."""
        found: Terms = {}
        for powers, coefficient in polynomial.to_dict().items():
            j, k = 0, fmpq(0)
            for place, n in enumerate(powers):
                if not n:
                    continue
                if place == self._t:
                    j += int(n)
                else:
                    k += int(n) * self._rate(self._field.generators[place])
            found[k, j] = found.get((k, j), fmpq(0)) + coefficient
        return {key: c for key, c in found.items() if c != 0}

    def _rate(self, generator: Generator) -> fmpq:
        """Return k where the generator is eᵏᵗ."""
        alone = self._field.alone(generator.inside) if generator.argument else None
        if generator.kind != "exponential" or alone is None or alone.kind != "symbol":
            raise UndecidedError("it is not a sum of powers of t and exponentials")
        return fmpq(1, generator.order)

    def sign(self, polynomial: Polynomial) -> int:
        """Return the sign that the polynomial has for every t > 0."""
        terms = self.terms(polynomial)
        if not terms:
            raise UndecidedError("it is zero")
        with ctx.workprec(PRECISION):
            return _sign(terms)

    def derivative(self, fraction: Fraction) -> Fraction:
        """Return the derivative with respect to t."""
        above, below = (
            Fraction(part, self._field.one) for part in (fraction.above, fraction.below)
        )
        return (self._slope(above) * below - above * self._slope(below)) / below**2

    def _slope(self, polynomial: Fraction) -> Fraction:
        """Return the derivative of what has the denominator 1, by the chain rule."""
        total = self._field.number(0)
        for place in self._field.used(polynomial):
            generator = self._field.generators[place]
            slope = self._field.number(1)
            if generator.kind == "exponential":
                slope = self._field.variable(place) * self._field.number(self._rate(generator))
            elif generator.kind == "logarithm":
                slope = self.derivative(generator.inside) / generator.inside
            elif place != self._t:
                raise UndecidedError(f"a {generator.kind} is not differentiated here")
            total += Fraction(polynomial.above.derivative(place), self._field.one) * slope
        return total

    def decays(self, fraction: Fraction) -> bool:
        """Whether the fraction certainly tends to 0 as t → ∞.

        Each logarithm, of u, is Kt + λ, if e^{Kt} is the fastest term of u; λ is then at most a
        power of t times e^{−gt}, where g is the gap to the next.
        """
        arguments = [Fraction(variable, self._field.one) for variable in self._field.variables]
        gaps: dict[int, fmpq] = {}
        for place in _logarithms(self._field, fraction):
            terms = self.terms(self._field.generators[place].inside.above)
            (rate, degree), *slower = sorted(terms, reverse=True)
            alone = self._field.generators[place].inside.below == 1
            if not alone or degree != 0 or terms[rate, degree] != 1 or not slower:
                return False
            gaps[place] = rate - slower[0][0]
            arguments[place] += self._field.number(rate) * self._field.variable(self._t)
        above = fraction.above.compose(*(a.above for a in arguments), ctx=fraction.above.context())
        fastest = max(self.terms(fraction.below))
        for powers, coefficient in self._by_logarithms(above, gaps).items():
            gained = sum((n * gaps[place] for place, n in powers), fmpq(0))
            rate, degree = max(self.terms(coefficient))
            if gained and not rate - fastest[0] < gained:
                return False
            if not gained and not (rate, degree) < fastest:
                return False
        return True

    def _by_logarithms(
        self, polynomial: Polynomial, gaps: dict[int, fmpq]
    ) -> dict[Any, Polynomial]:
        """Split a polynomial by the powers of the logarithms."""
        parts: dict[Any, dict[Any, Any]] = {}
        for powers, coefficient in polynomial.to_dict().items():
            own = tuple((place, int(powers[place])) for place in gaps if powers[place])
            rest = tuple(0 if place in gaps else n for place, n in enumerate(powers))
            parts.setdefault(own, {})[rest] = coefficient
        return {own: polynomial.context().from_dict(part) for own, part in parts.items()}


def _sign(terms: Terms) -> int:
    derivatives = [terms]
    while (first := _at_zero(derivatives[-1])) == 0:
        if len(derivatives) > ORDERS:
            raise UndecidedError(f"its Taylor coefficients vanish below order {ORDERS}")
        derivatives.append(_differentiated(derivatives[-1]))
    sign = 1 if first > 0 else -1
    near = arb(1)
    for _ in range(HALVINGS):
        if sign * _at(derivatives[-1], arb(0).union(near)) > 0:
            break
        near /= 2
    else:
        raise UndecidedError("its sign near 0 is not decided")
    far = near
    for _ in range(DOUBLINGS):
        if sign * _beyond(terms, far) > 0:
            break
        far *= 2
    else:
        raise UndecidedError("its sign at large t is not decided")
    if near < far:
        for _ in range(2):
            derivatives.append(_differentiated(derivatives[-1]))
        _require_sign(derivatives, sign, near, far)
    return sign


def _at_zero(terms: Terms) -> fmpq:
    return sum((c for (_, j), c in terms.items() if j == 0), fmpq(0))


def _differentiated(terms: Terms) -> Terms:
    found: Terms = {}
    for (k, j), c in terms.items():
        for key, own in (((k, j), c * k), ((k, j - 1), c * j)):
            if own != 0:
                found[key] = found.get(key, fmpq(0)) + own
    return {key: c for key, c in found.items() if c != 0}


def _at(terms: Terms, t: Any) -> Any:
    """Enclose the sum on a ball."""
    powers = [arb(1)]
    for _ in range(max((j for _, j in terms), default=0)):
        powers.append(powers[-1] * t)
    return sum((arb(c) * powers[j] * (arb(k) * t).exp() for (k, j), c in terms.items()), arb(0))


def _beyond(terms: Terms, start: Any) -> Any:
    """Enclose the sum divided by its fastest term without its coefficient, for all t ≥ start."""
    fastest = max(terms)
    total = arb(0)
    for (k, j), c in terms.items():
        a, n = fastest[0] - k, j - fastest[1]
        if a == 0 and n == 0:
            total += arb(c)
            continue
        if a > 0 and not start * arb(a) >= max(n, 0):
            return arb("nan")
        largest = start**n * (-arb(a) * start).exp()
        total += arb(c) * arb(0).union(largest)
    return total


def _require_sign(derivatives: list[Terms], sign: int, low: Any, high: Any) -> None:
    """Enclose the first of `derivatives` away from 0 on [low, high], by Taylor's formula."""
    pending, boxes = [(low, high)], 0
    while pending:
        a, b = pending.pop()
        boxes += 1
        middle = ((a + b) / 2).mid()
        if sign * _taylor(derivatives, a.union(b), middle) > 0:
            continue
        if boxes >= BOXES or not a < middle < b:
            raise UndecidedError("its sign is not decided between small and large t")
        pending += [(middle, b), (a, middle)]


def _taylor(derivatives: list[Terms], box: Any, middle: Any) -> Any:
    """Enclose on a box: the last derivative, enclosed there, bounds the remainder."""
    *lower, last = derivatives
    total, factor = arb(0), arb(1)
    for n, terms in enumerate(lower, 1):
        total += _at(terms, middle) * factor
        factor *= (box - middle) / n
    return total + _at(last, box) * factor
