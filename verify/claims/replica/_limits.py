"""Numbers near to where a symbol tends in a limit that is stated."""

from typing import Any

import sympy as sp

from verify.methods.formula import Limit, Side


def near(limit: Limit | None, variable: sp.Symbol, step: str) -> Any:
    """Return the rational that is `step` away from where `variable` tends to, on its side.

    Raises
    ------
    ValueError
        If no limit is stated, or one of another variable, or an infinite one, or from both sides.
    """
    sided = limit is not None and limit.variable == variable and limit.side is not Side.BOTH
    if limit is None or not sided:
        raise ValueError(f"the limit must be a finite one of {variable}, from a side, got {limit}")
    sign = 1 if limit.side is Side.ABOVE else -1
    return sp.Rational(limit.to) + sign * sp.Rational(step)
