"""Decide that a rational function is positive wherever its symbols are.

The domain is what the symbols' assumptions say: each is positive, nonnegative or real. The proof is
the certificate of `theory.positivity`: all coefficients have one sign. Functions of β with roots
√(c² + β²), and hyperbolic functions, are made rational by a symbol u > 0.
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
from verify.provers.evaluation import allows

# Where to look for a violation: corners first, if there are few, then random points.
SIZES = tuple(map(sp.Rational, ("1", "1/1000", "1000")))
MOST_CORNERED = 3
POINTS = 40

u = sp.Symbol("u", positive=True)


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
    corners = (
        dict(zip(symbols, corner, strict=True))
        for corner in sizes
        if all(map(allows, symbols, corner))
    )
    return decide_positive(
        text,
        lambda: rational_certificate(expression, (Orthant(positive, nonnegative),), strict=strict),
        expression.subs,
        itertools.chain(corners, (sample(rng) for _ in range(POINTS))),
        strict=strict,
    )


def _require_free_of_u(expression: Any) -> None:
    if sp.sympify(expression).has(u):
        raise ValueError("u stands for e^(asinh(β/c)) here: an expression must not have it already")


def on_line(expression: Any, weight: Any, c: Any) -> Any:
    """Insert β = c sinh(log u), for every real β; then √(c² + β²) = (c/2)(u + 1/u).

    Raises
    ------
    ValueError
        If c is a number or a symbol that may vanish, or the expression has u already. Of an
        expression such as w² + v², the caller excludes where it vanishes.
    """
    _require_free_of_u(expression)
    scale = sp.sympify(c)
    if (scale.is_Symbol or scale.is_number) and not scale.is_positive:
        raise ValueError(f"c must be positive, got {c}")
    place = (u - 1 / u) / 2
    at = sp.sympify(expression).subs(weight, c * place)
    rational = at.replace(
        lambda e: e.is_Pow and e.exp.is_Rational and not e.exp.is_Integer,
        lambda e: sp.factor(e.base) ** e.exp,
    )
    return rational.replace(
        lambda e: isinstance(e, sp.asinh) and sp.expand(e.args[0] - place) == 0,
        lambda _: sp.log(u),
    )


def by_sinh(expression: Any, weight: Any, c: Any, t: Any) -> Any:
    """Insert β = c sinh t, in a function of β, √(c² + β²), √(1 + β²/c²) and asinh(β/c)."""
    roots = {
        sp.sqrt(c**2 + weight**2): c * sp.cosh(t),
        sp.sqrt(weight**2 / c**2 + 1): sp.cosh(t),
        sp.asinh(weight / c): t,
        weight: c * sp.sinh(t),
    }
    return sp.expand(sp.sympify(expression).subs(roots, simultaneous=True))


def by_exponential(expression: Any, m: Any) -> Any:
    """Insert m = ½ log u, for every real m, in a function of e^{2m}.

    Raises
    ------
    ValueError
        If the expression has u already.
    """
    _require_free_of_u(expression)
    return sp.sympify(expression).rewrite(sp.exp).subs(sp.exp(2 * m), u)
