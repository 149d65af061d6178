r"""Exact proofs of sign, for the two classes of functions that the regimes need.

1. Rational functions of symbols known to be positive or nonnegative: a polynomial all of whose
   coefficients are nonnegative is nonnegative, and it is positive if one of its monomials is.
2. Quotients of exponential polynomials, sums of c·tʲ·eᵏᵗ with rational c and k, on t > 0. The
   Taylor coefficients at 0 are known in closed form, aₙ/n! with

       aₙ = Σ c·n(n−1)⋯(n−j+1)·kⁿ⁻ʲ,

   and if all of them are nonnegative, one of them positive, so is the function. All but finitely
   many are settled at once, because from some N on the largest k outweighs the others.

Nothing is evaluated in floating point, and nothing is sampled. A function whose sign these
arguments do not settle gets no certificate (None), which says nothing about its sign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sympy as sp

# Taylor coefficients looked at one by one before the attempt is given up.
MAX_ORDER = 400


@dataclass(frozen=True)
class Orthant:
    """A product of half-lines, possibly cut out as one case of a larger domain.

    Attributes
    ----------
    positive, nonnegative
        The symbols that are > 0 and ≥ 0.
    fixed
        Symbols that have a value in this case.
    """

    positive: frozenset[sp.Symbol]
    nonnegative: frozenset[sp.Symbol] = frozenset()
    fixed: tuple[tuple[sp.Symbol, Any], ...] = ()

    def describe(self) -> str:
        """Return the inequalities that define it, as text."""
        parts = [f"{s} = {v}" for s, v in self.fixed]
        parts += [f"{s} > 0" for s in sorted(self.positive, key=str)]
        parts += [f"{s} ≥ 0" for s in sorted(self.nonnegative, key=str)]
        return ", ".join(parts)


@dataclass(frozen=True)
class Certificate:
    """A proof that `expression` is > 0 (or ≥ 0, where `strict` is false) on all of `cases`."""

    expression: Any
    strict: bool
    cases: tuple[Orthant, ...]
    steps: tuple[str, ...]


def rational_certificate(
    expression: Any, cases: Sequence[Orthant], *, strict: bool
) -> Certificate | None:
    """Prove that a rational function is positive (`strict`) or nonnegative on every case.

    Parameters
    ----------
    expression
        Rational in the symbols of the cases, with rational coefficients.
    cases
        Orthants that together cover the domain.
    strict
        Whether > 0 is asked for, or ≥ 0.

    Raises
    ------
    ValueError
        If there is no case: everything is true of every point of the empty set.
    """
    if not cases:
        raise ValueError("a domain must have at least one case, got none")
    steps = []
    for case in cases:
        there = sp.factor(sp.together(sp.sympify(expression).subs(dict(case.fixed))))
        numerator, denominator = sp.fraction(there)
        if not there.is_rational_function(*there.free_symbols):
            return None
        above, below = _sign(numerator, case), _sign(denominator, case)
        if above is None or below is None or below[1] is not True:
            return None
        sign, positive = above[0] * below[0], above[1]
        if numerator != 0 and sign < 0:
            return None
        if strict and (numerator == 0 or not positive):
            return None
        relation = ">" if strict else "≥"
        steps.append(
            f"{there} {relation} 0 where {case.describe()}: every factor, or the product of all, "
            f"has coefficients of one sign only"
        )
    return Certificate(expression, strict, tuple(cases), tuple(steps))


def _sign(expression: Any, case: Orthant) -> tuple[int, bool] | None:
    """Sign of a polynomial by its factors or, as 4x³ + x² + x + 4 needs it, by its own terms."""
    found = _product_sign(expression, case)
    return _factor_sign(sp.expand(expression), case) if found is None else found


def _product_sign(expression: Any, case: Orthant) -> tuple[int, bool] | None:
    """Sign of a product of factors and whether it cannot vanish; None if a factor is open."""
    sign, positive = 1, True
    constant, factors = sp.factor_list(expression)
    if constant.is_positive is not True and constant.is_negative is not True:
        return (1, False) if constant.is_zero else None
    sign = 1 if constant.is_positive else -1
    for factor, power in factors:
        found = _factor_sign(factor, case)
        if found is None:
            if power % 2:
                return None
            positive = False
            continue
        sign *= found[0] ** power
        positive = positive and found[1]
    return sign, positive


def _factor_sign(factor: Any, case: Orthant) -> tuple[int, bool] | None:
    symbols = sorted(case.positive | case.nonnegative, key=str)
    if not factor.free_symbols <= set(symbols):
        return None
    terms = sp.Poly(factor, *symbols).terms()
    signs = {1 if coefficient > 0 else -1 for _, coefficient in terms}
    if len(signs) != 1:
        return None
    positive = any(
        all(symbol in case.positive for symbol, power in zip(symbols, powers, strict=True) if power)
        for powers, _ in terms
    )
    return signs.pop(), positive


@dataclass
class _ExponentialPolynomial:
    """Coefficients of tʲ·eᵏᵗ by (k, j)."""

    terms: dict[tuple[sp.Rational, int], sp.Rational] = field(default_factory=dict)

    def taylor(self, n: int) -> Any:
        """Return aₙ, the n-th derivative at 0."""
        total = sp.Integer(0)
        for (k, j), c in self.terms.items():
            if n >= j:
                total += c * sp.ff(n, j) * k ** (n - j)
        return total


@cache
def exponential_certificate(expression: Any, t: sp.Symbol) -> Certificate | None:
    """Prove that a quotient of exponential polynomials is positive for all t > 0.

    Hyperbolic functions of rational multiples of t may occur; numerator and denominator are
    proved separately, each by its Taylor coefficients.
    """
    numerator, denominator = sp.fraction(sp.together(sp.sympify(expression).rewrite(sp.exp)))
    for sign in (1, -1):
        above = _exponential_polynomial_steps(sign * numerator, t)
        below = _exponential_polynomial_steps(sign * denominator, t) if above else None
        if above and below:
            half_line = (Orthant(frozenset({t})),)
            return Certificate(expression, True, half_line, (*above, *below))
    return None


def _exponential_polynomial_steps(expression: Any, t: sp.Symbol) -> tuple[str, ...] | None:
    polynomial = _parse(expression, t)
    if polynomial is None or not polynomial.terms:
        return None
    start = _settled_from(polynomial)
    if start is None:
        return None
    low = [polynomial.taylor(n) for n in range(start)]
    if any(a < 0 for a in low):
        return None
    first = next((n for n, a in enumerate(low) if a > 0), start)
    return (
        f"{expression} > 0 for {t} > 0: times a power of e^{t}, its Taylor coefficients at 0 "
        f"vanish below order {first}, and all that follow are nonnegative (checked one by one "
        f"below order {start}; from there on the fastest exponential outweighs the others)",
    )


def _parse(expression: Any, t: sp.Symbol) -> _ExponentialPolynomial | None:
    """Read a sum of c·tʲ·eᵏᵗ, multiplied by e^(−min k·t) so that no k is negative."""
    collected: defaultdict[tuple[Any, int], Any] = defaultdict(lambda: sp.Integer(0))
    for term in sp.Add.make_args(sp.expand(expression, power_exp=True)):
        coefficient, k, j = sp.Integer(1), sp.Integer(0), 0
        for factor in sp.Mul.make_args(term):
            base, power = factor.as_base_exp()
            if factor.is_Rational:
                coefficient *= factor
            elif base == sp.E and sp.diff(power, t).is_Rational and power.subs(t, 0) == 0:
                k += sp.diff(power, t)
            elif base == t and power.is_Integer and power >= 0:
                j += int(power)
            else:
                return None
        collected[k, j] += coefficient
    terms = {key: value for key, value in collected.items() if value != 0}
    if not terms:
        return _ExponentialPolynomial()
    lowest = min(k for k, _ in terms)
    return _ExponentialPolynomial({(k - lowest, j): c for (k, j), c in terms.items()})


def _settled_from(polynomial: _ExponentialPolynomial) -> int | None:
    """Smallest N found from which on aₙ > 0 is certain, or None.

    With K the largest exponent, aₙ/Kⁿ = P(n) + Σ Pₖ(n)(k/K)ⁿ. From N on P must not fall, each
    |Pₖ|(n)(k/K)ⁿ must not rise, and at N the first must exceed the sum of the others.
    """
    largest = max(k for k, _ in polynomial.terms)
    degree = max(j for _, j in polynomial.terms)
    if largest == 0:
        all_positive = all(c > 0 for c in polynomial.terms.values())
        return degree + 1 if all_positive else None
    n = sp.Symbol("n")
    lead = sp.Poly(
        sum(
            (c * _falling(n, j) / k**j for (k, j), c in polynomial.terms.items() if k == largest),
            sp.Integer(0),
        ),
        n,
    )
    if lead.LC() < 0:
        return None
    others = [(k, j, c) for (k, j), c in polynomial.terms.items() if 0 < k < largest]
    for start in range(degree + 1, MAX_ORDER):
        shifted = sp.Poly(lead.as_expr().subs(n, n + start), n)
        if any(coefficient < 0 for coefficient in shifted.all_coeffs()):
            continue
        if any((sp.Rational(start + 1, start + 1 - j)) * k > largest for k, j, _ in others):
            continue
        rest = sum(
            (abs(c) * sp.ff(start, j) / k**j * (k / largest) ** start for k, j, c in others),
            sp.Integer(0),
        )
        if lead.eval(start) > rest:
            return start
    return None


def _falling(n: sp.Symbol, j: int) -> Any:
    return sp.prod([n - i for i in range(j)]) if j else sp.Integer(1)
