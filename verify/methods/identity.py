"""Identities over the domain that the symbols' assumptions give: counterexamples first.

`verify.methods.symbolic` tries to reduce a difference before it looks for a counterexample.
Here the order is the other way round, so that a false statement is rejected at once; a true one
is still proved by reduction only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import mpmath
import sympy as sp

from verify.claim import Evidence
from verify.methods.symbolic import SEED, Sample, find_nonzero, prove_zero

SCREENED = 3
DIGITS = 30
# Random points are rationals with this denominator, up to this size; one in so many is 0.
DENOMINATOR = 64
LARGEST = 4
ZERO_EVERY = 8


def equal(
    left: Any,
    right: Any,
    *,
    steps: Iterable[str] = (),
    thorough: bool = False,
    within: Callable[..., Sample] | None = None,
) -> Evidence:
    """Decide whether two expressions, or two matrices of one shape, are equal everywhere.

    Parameters
    ----------
    left, right
        The two sides.
    steps
        Lines of the proof that come before.
    thorough
        Before reducing, look for a counterexample at all points instead of a few: for statements
        that fail on part of the domain only.
    within
        Returns, for given symbols, a sampler of the points at which to look for a counterexample;
        by default the domain that the symbols' assumptions give (`domain`).

    Raises
    ------
    ValueError
        If one is a matrix of another shape than the other.
    """
    points = within or domain
    pairs = list(zip(_entries(left), _entries(right), strict=True))
    for one, other in pairs:
        difference = one - other
        # Symbols that drop out of the difference are needed to evaluate the two sides.
        symbols = sorted(one.free_symbols | other.free_symbols, key=str)
        point = None
        if thorough or _suspicious(difference, points):
            point = find_nonzero(difference, points(*symbols))
        if point is not None:
            size = point.pop("difference_abs")
            place = {symbol: sp.sympify(point[str(symbol)]) for symbol in symbols}
            sides = {
                name: str(sp.N(side.subs(place), 17))
                for name, side in (("left side", one), ("right side", other))
            }
            return Evidence(
                False,
                f"{sides['left side']} is not {sides['right side']} at the point found",
                figure=float(mpmath.mpf(size)),
                counterexample={**point, **sides},
                steps=tuple(steps),
            )
    differences = sp.Matrix([one - other for one, other in pairs])
    symbols = sorted(differences.free_symbols, key=str)
    if len(pairs) == 1:
        return prove_zero(differences[0], points(*symbols), steps=steps)
    return prove_zero(differences, points(*symbols), steps=steps)


def zero(expression: Any, *, steps: Iterable[str] = ()) -> Evidence:
    """Decide whether an expression, or every entry of a matrix, vanishes everywhere."""
    entries = _entries(expression)
    return equal(sp.Matrix(entries), sp.zeros(len(entries), 1), steps=steps)


def _suspicious(difference: Any, points: Callable[..., Sample]) -> bool:
    """Decide from a few points, cheaply, whether it is worth looking for a counterexample."""
    rng = random.Random(SEED)
    sample = points(*sorted(difference.free_symbols, key=str))
    for _ in range(SCREENED):
        value = sp.N(difference.subs(sample(rng)), DIGITS)
        if value.is_number and value.is_finite and abs(value) > sp.Rational(1, 10**10):
            return True
    return False


def _entries(value: Any) -> list[Any]:
    return list(value) if isinstance(value, sp.MatrixBase) else [sp.sympify(value)]


def domain(*symbols: sp.Symbol) -> Sample:
    """Return a sampler of rational points: each symbol within [−4, 4] and its assumptions.

    A symbol that may vanish does so at one point in eight, so that corners are visited.
    """

    def sample(rng: random.Random) -> Mapping[sp.Symbol, Any]:
        return {symbol: _draw(symbol, rng) for symbol in symbols}

    return sample


def _draw(symbol: sp.Symbol, rng: random.Random) -> Any:
    if not (symbol.is_positive or symbol.is_negative) and rng.randrange(ZERO_EVERY) == 0:
        return sp.Integer(0)
    size = sp.Rational(rng.randint(1, LARGEST * DENOMINATOR), DENOMINATOR)
    if symbol.is_nonnegative:
        return size
    if symbol.is_nonpositive or rng.randrange(2):
        return -size
    return size
