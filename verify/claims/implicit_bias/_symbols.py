"""Matrices of any size as symbols that do not commute, and asinh resolved.

What holds for symbols that do not commute holds for matrices of every size that fit together.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

X, XT, y, nu, eta, beta, other, rest = sp.symbols(
    r"X X^{\top} y nu eta beta b r", commutative=False
)
transposed = sp.transpose


def undone(expression: Any) -> Any:
    """Resolve asinh(sinh w) = w, for real w."""
    return expression.replace(
        lambda e: isinstance(e, sp.asinh) and isinstance(e.args[0], sp.sinh),
        lambda e: e.args[0].args[0],
    )


def in_floats(expression: Any, *symbols: Any) -> Callable[..., Any]:
    """Return an expression as a function of floats, or arrays of them, in the place of symbols.

    Raises
    ------
    ValueError
        If it has other symbols as well.
    """
    expression = sp.sympify(expression)
    others = expression.free_symbols - set(symbols)
    if others:
        raise ValueError(f"a formula in floats must be one of {symbols}, got also {others}")
    compute = sp.lambdify(symbols, expression, "numpy")
    return lambda *values: compute(*(np.asarray(value, dtype=np.float64) for value in values))
