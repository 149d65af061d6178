"""Decide that a rational function is positive wherever its symbols are.

The domain is what the symbols' assumptions say: each is positive, nonnegative or real. The proof is
the certificate of `theory.positivity`: all coefficients have one sign.
"""

from __future__ import annotations

import itertools
import random
from typing import Any

import sympy as sp

from theory.positivity import Orthant, rational_certificate
from verify.claim import Evidence
from verify.methods.identity import SEED, domain
from verify.methods.inequality import decide_positive

# Where to look for a violation: corners first, if there are few, then random points.
SIZES = tuple(map(sp.Rational, ("1", "1/1000", "1000")))
MOST_CORNERED = 3
POINTS = 40


def decide_on_orthant(text: str, expression: Any, *, strict: bool = True) -> Evidence:
    """Decide `expression` > 0 (or ≥ 0) for all values that its symbols may take.

    Parameters
    ----------
    text
        The inequality, for the reader.
    expression
        Rational function of its symbols. One that is neither positive nor nonnegative may occur in
        squares only.
    strict
        Whether > 0 is asked for, or ≥ 0.
    """
    expression = sp.sympify(expression)
    symbols = sorted(expression.free_symbols, key=str)
    positive = frozenset(symbol for symbol in symbols if symbol.is_positive)
    nonnegative = frozenset(symbol for symbol in symbols if symbol.is_nonnegative) - positive
    rng, sample = random.Random(SEED), domain(*symbols)
    sizes = itertools.product(SIZES, repeat=len(symbols)) if len(symbols) <= MOST_CORNERED else ()
    corners = (dict(zip(symbols, corner, strict=True)) for corner in sizes)
    return decide_positive(
        text,
        lambda: rational_certificate(expression, (Orthant(positive, nonnegative),), strict=strict),
        expression.subs,
        itertools.chain(corners, (sample(rng) for _ in range(POINTS))),
        strict=strict,
    )
