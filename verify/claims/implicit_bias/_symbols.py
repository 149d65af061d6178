"""Matrices of any size as symbols that do not commute, and asinh resolved.

What holds for symbols that do not commute holds for matrices of every size that fit together.
"""

from typing import Any

import sympy as sp

X, y, nu, eta, beta, other, rest = sp.symbols("X y nu eta beta b r", commutative=False)
transposed = sp.transpose


def undone(expression: Any) -> Any:
    """Resolve asinh(sinh w) = w, for real w."""
    return expression.replace(
        lambda e: isinstance(e, sp.asinh) and isinstance(e.args[0], sp.sinh),
        lambda e: e.args[0].args[0],
    )
