"""Limits that are stated: their values, and numbers near to where a symbol tends."""

from functools import cache
from typing import Any

import sympy as sp

from verify.methods.relations import Limit, Side


def near(limit: Limit, variable: sp.Symbol, step: str) -> Any:
    """Return the rational that is `step` away from where `variable` tends to, on its side.

    Raises
    ------
    ValueError
        If it is a limit of another variable, or an infinite one, or from both sides.
    """
    if limit.variable != variable or limit.side is Side.BOTH:
        raise ValueError(f"the limit must be a finite one of {variable}, from a side, got {limit}")
    sign = 1 if limit.side is Side.ABOVE else -1
    return sp.Rational(limit.to) + sign * sp.Rational(step)


@cache
def limit_of(limit: Limit, expression: Any) -> Any:
    """Return the limit of an expression; variants of a statement share it."""
    return limit.of(expression)
