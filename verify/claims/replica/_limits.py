"""Numbers near to where a symbol tends in a limit that is stated."""

from typing import Any

import sympy as sp

from verify.methods.formula import Limit


def near(limit: Limit | None, variable: sp.Symbol, step: str) -> Any:
    """Return the rational that is `step` away from where `variable` tends to, on its side.

    Raises
    ------
    ValueError
        If no limit is stated, or one of another variable, or an infinite one.
    """
    if limit is None or limit.variable != variable or not sp.sympify(limit.to).is_finite:
        raise ValueError(f"the limit must be a finite one of {variable}, got {limit}")
    sign = -1 if limit.side == "-" else 1
    return sp.Rational(limit.to) + sign * sp.Rational(step)
