"""Formulas that are decided by numbers: their sides on arrays, and what their parts say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from verify.methods.formula import Bracketed, Formula, Mean, Relation


class Average(Bracketed):
    """The average over coordinates."""

    opening, closing = r"\left\langle ", r" \right\rangle"


class Largest(Bracketed):
    """The largest absolute entry of a vector."""

    opening, closing = r"\left\|", r"\right\|_\infty"


def on_arrays(expression: Any, at: Mapping[Any, Any]) -> Any:
    """Return an expression at values, numbers or arrays, given by symbol or for a whole term.

    Raises
    ------
    ValueError
        If a symbol has no value, or the expression none at these values.
    """
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
    symbols = {key: sp.Dummy() for key in quantities}
    inserted = expression.xreplace(symbols)
    if missing := sorted(map(str, inserted.free_symbols - {*symbols.values()})):
        raise ValueError(f"values must be given for all symbols, got none for {missing}")
    return sp.lambdify([*symbols.values()], inserted, "numpy")


def arguments(applied: Any, function: Any, at: Mapping[Any, Any]) -> list[Any]:
    """Return the arguments of a function as they are shown, at values given by symbol.

    Raises
    ------
    ValueError
        If it is not this function that is applied.
    """
    if getattr(applied, "func", None) is not function:
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
    values = dict(at)
    for one in sp.sympify(expression).atoms(AppliedUndef):
        if one.func not in functions:
            raise ValueError(f"functions must be among {[*functions]}, got {one}")
        values[one] = functions[one.func](*(on_arrays(argument, at) for argument in one.args))
    return on_arrays(expression, values)


def share(
    bound: Formula, quantities: Mapping[Any, Any], at: Mapping[Any, Any] | None = None
) -> float:
    """Return the left side of an inequality, as a part of the right one; infinite if it fails.

    Raises
    ------
    ValueError
        If an equality is stated, or the left side is negative.
    """
    left, side = float(on_arrays(bound.name, quantities)), float(bound.side(at))
    if left < 0:
        raise ValueError(f"what is bounded must be a size, at least 0, got {bound.name} = {left:g}")
    margin = bound.relation.margin(left, side)
    kept = margin > 0 if bound.strict else margin >= 0
    if left == side == 0.0 and kept:
        return 0.0
    return abs(left / side) if kept and side else math.inf


def within(deviation: sp.Expr, margin: float) -> Formula:
    """Return the formula |E[deviation]| ≤ margin."""
    return Formula(sp.Abs(Mean(deviation)), (), lambda: margin, Relation.AT_MOST)


def at_least(bound: Formula) -> Formula:
    """Return the inequality |x| ≥ ... for |x| ≤ ..., for a control."""
    return replace(bound, relation=Relation.AT_LEAST)


def deviation(bound: Formula, at: Mapping[Any, Any]) -> Any:
    """Return x of an inequality for |x| or |E[x]|, at values given by symbol.

    Raises
    ------
    ValueError
        If it is not of this form.
    """
    return on_arrays(deviating(bound), at)


def deviating(bound: Formula) -> Any:
    """Return x of an inequality for |x| or |E[x]|; ValueError if it has another form."""
    if bound.relation is Relation.EQUAL:
        raise ValueError("an inequality is asked for, and = is stated")
    if not isinstance(bound.name, sp.Abs):
        raise ValueError(f"the left side must be an absolute value, got {bound.name}")
    (inner,) = bound.name.args
    return inner.args[0] if isinstance(inner, Mean) else inner
