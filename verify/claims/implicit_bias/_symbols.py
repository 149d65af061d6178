"""Matrices of any size as symbols that do not commute, sums over coordinates, asinh resolved.

What holds for symbols that do not commute holds for matrices of every size that fit together.
"""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from verify.methods.formula import Formula

X, y, nu, eta, beta, other, rest = sp.symbols("X y nu eta beta b r", commutative=False)
EACH = sp.Symbol("i", integer=True)
transposed = sp.transpose


class Total(sp.Function):  # type: ignore[misc]
    """The sum over all coordinates i of a function of what the i-th one has; i is named, too."""

    def _latex(self, printer: Any) -> str:
        share, index = map(printer.doprint, self.args)
        return rf"\sum_{{{index}}} {share}"


class Penalty(sp.Function):  # type: ignore[misc]
    """q_k(β), a function of β and k."""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        beta, k = map(printer.doprint, self.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return f"q_{{{k}}}{power}({beta})"


def of_one(share: Any, index: Any) -> Any:
    """Return the `Total` of one coordinate: its share.

    Raises
    ------
    ValueError
        If the sum is over anything but coordinates, i.
    """
    if index != EACH:
        raise ValueError(f"a sum over the coordinates {EACH} is stated, got one over {index}")
    return share


def resolved(stated: Formula, quantity: sp.Symbol, at: Mapping[Any, Any] | None = None) -> Any:
    """Return what a formula makes of a quantity that occurs in its left side, or `at` puts there.

    Raises
    ------
    ValueError
        If that is not one value.
    """
    right = sp.Dummy("right", positive=True)
    (found,) = sp.solve(stated.left(at or {}) - right, quantity)
    return found.subs(right, stated())


def undone(expression: Any) -> Any:
    """Resolve asinh(sinh w) = w, for real w."""
    return expression.replace(
        lambda e: isinstance(e, sp.asinh) and isinstance(e.args[0], sp.sinh),
        lambda e: e.args[0].args[0],
    )
