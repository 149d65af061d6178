"""Numbers near to where α tends in a limit that is stated."""

from typing import Any

import sympy as sp

from theory.replica import alpha
from verify.methods.formula import Limit


def near(limit: Limit | None, step: str) -> Any:
    """Return the rational α that is `step` away from where it tends to, on the side it comes from.

    Raises
    ------
    ValueError
        If no limit is stated, or one of another variable.
    """
    if limit is None or limit.variable != alpha:
        raise ValueError(f"the limit must be one of α, got {limit}")
    sign = -1 if limit.side == "-" else 1
    return sp.Rational(limit.to) + sign * sp.Rational(step)
