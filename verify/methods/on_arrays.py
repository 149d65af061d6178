"""Formulas that are decided by numbers: their sides on arrays, and what their parts say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from verify.methods.notation import Bracketed


class Average(Bracketed):
    """The average over coordinates."""

    opening, closing = r"\left\langle ", r" \right\rangle"


class Largest(Bracketed):
    """The largest absolute entry of a vector."""

    opening, closing = r"\left\|", r"\right\|_\infty"


_ON_ARRAYS = {
    "Average": np.mean,
    "Largest": lambda vector: np.max(np.abs(vector)),
    "Trace": np.trace,
}


def on_arrays(expression: Any, at: Mapping[Any, Any]) -> Any:
    """Return an expression at values, numbers or arrays, given by symbol.

    Raises
    ------
    TypeError
        If a value is given for anything but a symbol: for a whole term.
    ValueError
        If a symbol has no value, or the expression none at these values.
    """
    for key in at:
        if not isinstance(key, (sp.Symbol, sp.MatrixSymbol)):
            raise TypeError(f"values must be given by symbol, got one for {key!r}")
    expression = sp.sympify(expression)
    try:
        return _compiled(expression, tuple(at))(*at.values())
    except ZeroDivisionError:
        raise ValueError(f"{expression} must have a value, and divides by 0") from None


def function_of(expression: Any, *symbols: sp.Symbol) -> Callable[..., Any]:
    """Return an expression, or a tuple of them, as a function of floats or of arrays of them.

    Raises
    ------
    ValueError
        If it has other symbols as well.
    """
    expression = sp.sympify(expression)
    if others := expression.free_symbols - set(symbols):
        raise ValueError(f"the symbols must be {symbols}, got also {others}")
    function = sp.lambdify(symbols, expression, "numpy")

    def of_floats(*numbers: Any) -> Any:
        # NumPy divides by zero: what is infinite or no number is for the comparison to judge.
        with np.errstate(all="ignore"):
            return function(*(np.asarray(number, dtype=float) for number in numbers))

    return of_floats


@lru_cache(maxsize=256)
def _compiled(expression: sp.Expr, quantities: tuple[Any, ...]) -> Any:
    sizes = set().union(*(q.free_symbols - {q} for q in quantities))  # of matrices
    if missing := sorted(map(str, expression.free_symbols - {*quantities} - sizes)):
        raise ValueError(f"values must be given for all symbols, got none for {missing}")
    # Names in LaTeX are none in Python, and SymPy would put scalars in their place.
    plain = {
        q: sp.MatrixSymbol(f"_matrix{i}", *q.shape)
        for i, q in enumerate(quantities)
        if isinstance(q, sp.MatrixSymbol)
    }
    names = [plain.get(q, q) for q in quantities]
    if plain:
        expression = expression.xreplace(plain).doit()  # no factor 1, which has no matrix product
    return sp.lambdify(names, expression, [_ON_ARRAYS, "numpy"])


def arguments(applied: Any, function: Any, at: Mapping[Any, Any]) -> list[Any]:
    """Return the arguments of a function as they are shown, at values given by symbol.

    Raises
    ------
    ValueError
        If it is not this function that is applied.
    """
    # Equal functions of two modules are two classes, and SymPy caches what either is applied to.
    if getattr(applied, "func", None) != function:
        raise ValueError(f"the function {function} is stated, got {applied}")
    return [on_arrays(argument, at) for argument in applied.args]


def applied(
    expression: Any, functions: Mapping[Any, Callable[..., Any]], at: Mapping[Any, Any]
) -> Any:
    """Return an expression at values, with functions computed at their arguments as shown.

    Raises
    ------
    ValueError
        If a function is none of these.
    """
    values, names = dict(at), {}
    for one in sp.sympify(expression).atoms(AppliedUndef):
        if one.func not in functions:
            raise ValueError(f"functions must be among {[*functions]}, got {one}")
        names[one] = name = sp.Dummy()
        values[name] = functions[one.func](*(on_arrays(argument, at) for argument in one.args))
    return on_arrays(sp.sympify(expression).xreplace(names), values)
