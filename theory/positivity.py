r"""Exact proofs of sign, for the two classes of functions that the regimes need.

1. Rational functions of symbols known to be positive or nonnegative: a polynomial all of whose
   coefficients are nonnegative is nonnegative, and it is positive if one of its monomials is.
2. Quotients of exponential polynomials, sums of c·tʲ·eᵏᵗ with rational c and k, on t > 0. The
   Taylor coefficients at 0 are known in closed form, aₙ/n! with

       aₙ = Σ c·n(n−1)⋯(n−j+1)·kⁿ⁻ʲ,

   and if all of them are nonnegative, one of them positive, so is the function. All but finitely
   many are settled at once, because from some N on the largest k outweighs the others.

A certificate also says that the function, as it is written, is real and defined on the whole
domain: no denominator vanishes there, even one that cancels, and logarithms and roots are those of
positive numbers.

Nothing is evaluated in floating point, and nothing is sampled. A function whose sign these
arguments do not settle gets no certificate (None), which says nothing about its sign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
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

    Raises
    ------
    ValueError
        If a value is not exact.
    """

    positive: frozenset[sp.Symbol]
    nonnegative: frozenset[sp.Symbol] = frozenset()
    fixed: tuple[tuple[sp.Symbol, Any], ...] = ()

    def __post_init__(self) -> None:
        # Python's 1 and 1.0 are equal, and would be one case to a cache.
        fixed = tuple((symbol, sp.sympify(value)) for symbol, value in self.fixed)
        if problem := inexact(*(value for _, value in fixed)):
            raise ValueError(problem)
        object.__setattr__(self, "fixed", fixed)

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
    if inexact(expression):
        return None
    steps = []
    for case in cases:
        if not _defined(sp.sympify(expression), case):
            return None
        there = _inserted(sp.sympify(expression), case)
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


def inexact(*expressions: Any) -> str | None:
    """Name a float among the numbers of a proof, which must be exact; None if there is none.

    Python's 0.1 is another number, and SymPy rounds what it makes of it.
    """
    for expression in expressions:
        for number in sp.sympify(expression).atoms(sp.Float):
            return f"the numbers of a proof must be exact, got the float {float(number)!r}"
    return None


@lru_cache(maxsize=4096, typed=True)
def _inserted(expression: Any, case: Orthant) -> Any:
    """Insert the values that symbols have in a case, and factor."""
    return sp.factor(sp.together(expression.subs(dict(case.fixed))))


def _defined(expression: Any, case: Orthant) -> bool:
    """Whether a function is rational as it is written, and none of its denominators vanishes."""
    if expression.is_number:
        return bool(expression.is_real)
    if expression.is_Symbol:
        value = dict(case.fixed).get(expression)
        return value is None or _defined(sp.sympify(value), case)
    if not all(_defined(part, case) for part in expression.args):
        return False
    if not expression.is_Pow:
        return isinstance(expression, (sp.Add, sp.Mul))
    base, power = expression.args
    if not power.is_Integer or power.is_positive:
        return bool(power.is_Integer)
    found = _sign(sp.fraction(_inserted(base, case))[0], case)
    return found is not None and found[1]


def _sign(expression: Any, case: Orthant) -> tuple[int, bool] | None:
    """Sign of a polynomial by its factors or, as 4x³ + x² + x + 4 needs it, by its own terms."""
    found = _product_sign(expression, case)
    return _factor_sign(sp.expand(expression), case) if found is None else found


@lru_cache(maxsize=4096, typed=True)
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
            if power % 2 or not _real(factor, case):
                return None
            positive = False
            continue
        sign *= found[0] ** power
        positive = positive and found[1]
    return sign, positive


def _real(polynomial: Any, case: Orthant) -> bool:
    known = case.positive | case.nonnegative
    return all(symbol in known or symbol.is_real for symbol in polynomial.free_symbols)


def _factor_sign(factor: Any, case: Orthant) -> tuple[int, bool] | None:
    symbols = sorted(case.positive | case.nonnegative, key=str)
    if not factor.free_symbols <= set(symbols):
        return None
    terms = sp.Poly(factor, *symbols).terms()
    # A coefficient that may vanish, such as a sum of roots, has no sign.
    if all(coefficient.is_positive for _, coefficient in terms):
        sign = 1
    elif all(coefficient.is_negative for _, coefficient in terms):
        sign = -1
    else:
        return None
    positive = any(
        all(symbol in case.positive for symbol, power in zip(symbols, powers, strict=True) if power)
        for powers, _ in terms
    )
    return sign, positive


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


@lru_cache(maxsize=None, typed=True)  # an equal float is inexact
def exponential_certificate(expression: Any, t: sp.Symbol) -> Certificate | None:
    """Prove that a quotient of exponential polynomials is positive for all t > 0.

    Hyperbolic functions of rational multiples of t may occur; numerator and denominator are
    proved separately, each by its Taylor coefficients.
    """
    steps = None if inexact(expression) else _positive_steps(sp.sympify(expression), t)
    if steps is None or not smooth_on_half_line(expression, t):
        return None
    return Certificate(expression, True, (Orthant(frozenset({t})),), steps)


def smooth_on_half_line(expression: Any, t: sp.Symbol) -> bool:
    """Whether a function of t, and of nothing else, certainly is real and smooth for all t > 0.

    It may be made of exponentials, hyperbolic functions, logarithms and powers. False also means
    that this is not known.
    """
    expression = sp.sympify(expression)
    if expression == t or expression.is_Rational or expression in (sp.E, sp.pi):
        return True
    if not expression.args or not all(smooth_on_half_line(part, t) for part in expression.args):
        return False
    argument = expression.args[0]
    if isinstance(expression, sp.Pow):
        whole = expression.exp.is_Integer
        if argument == sp.E or (whole and expression.exp > 0):
            return True
        return _nonzero(argument, t) if whole else _positive_steps(argument, t) is not None
    if isinstance(expression, sp.log):
        return _positive_steps(argument, t) is not None
    if isinstance(expression, (sp.coth, sp.csch)):
        return _nonzero(argument, t)
    return isinstance(expression, (sp.Add, sp.Mul, sp.exp, sp.sinh, sp.cosh, sp.tanh, sp.sech))


def _nonzero(expression: Any, t: sp.Symbol) -> bool:
    return any(_positive_steps(sign * expression, t) is not None for sign in (1, -1))


@lru_cache(maxsize=4096, typed=True)
def _positive_steps(expression: Any, t: sp.Symbol) -> tuple[str, ...] | None:
    """Return the proof that a quotient is positive for all t > 0 where it is defined, or None."""
    numerator, denominator = sp.fraction(sp.together(expression.rewrite(sp.exp)))
    for sign in (1, -1):
        above = _exponential_polynomial_steps(sign * numerator, t)
        below = _exponential_polynomial_steps(sign * denominator, t) if above else None
        if above and below:
            return *above, *below
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
            elif base == sp.E and (power / t).is_Rational:
                k += power / t
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
