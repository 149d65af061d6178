"""Signs of rational functions of symbols whose assumptions give their domain, and symmetry."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from theory.positivity import Orthant, rational_certificate
from verify.claim import Evidence
from verify.methods.formula import Formula
from verify.methods.identity import equal
from verify.methods.inequality import decide_positive

# What each symbol is tried at in turn, all others at 1, where there is no certificate.
_SIZES = ("1/1000000", "1/100", "1/2", "2", "3", "100", "1000000")


def positive(text: str, expression: Any, *, strict: bool = True) -> Evidence:
    """Decide `expression` > 0, or ≥ 0, for all values of its symbols that their signs allow."""
    symbols = sorted(sp.sympify(expression).free_symbols, key=str)
    open_ones = frozenset(symbol for symbol in symbols if symbol.is_positive)
    domain = Orthant(open_ones, frozenset(symbols) - open_ones)
    if not all(symbol.is_nonnegative for symbol in symbols):
        raise ValueError(f"all symbols must be of one sign, got {symbols}")
    ones: dict[Any, Any] = dict.fromkeys(symbols, sp.Integer(1))
    corners = [ones, *(ones | {s: sp.Rational(size)} for s in symbols for size in _SIZES)]
    corners += [ones | {symbol: sp.Integer(0)} for symbol in symbols if symbol not in open_ones]
    return decide_positive(
        text,
        lambda: rational_certificate(expression, (domain,), strict=strict),
        lambda point: sp.sympify(expression).subs(point),
        corners,
        strict=strict,
    )


def even(formula: Formula, weight: Any, at: Mapping[Any, Any]) -> Evidence:
    """Decide that a formula with these values inserted says the same of −β as of β, its weight."""
    mirrored = {**at, weight: -weight}
    return equal(formula.margin(mirrored, mirrored), formula.margin(at, at))
