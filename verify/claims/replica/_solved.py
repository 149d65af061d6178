"""Values of symbols that equalities of statements give."""

from typing import Any

import sympy as sp

from verify.methods.formula import Formula


def solved(formula: Formula, quantity: sp.Symbol, at: Any = None) -> Any:
    """Return what an equality whose left side has `quantity` says that it is.

    Raises
    ------
    ValueError
        If it does not say that, or not one value.
    """
    found = sp.solve(formula.left({quantity: quantity}) - formula(at), quantity)
    if len(found) != 1:
        raise ValueError(f"{formula.latex()} must say what {quantity} is, got {found}")
    return found[0]
