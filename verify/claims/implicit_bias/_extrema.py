"""What statements on a least or greatest value are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from verify.claims.implicit_bias._symbols import X, beta, y
from verify.methods.formula import Formula
from verify.methods.notation import written
from verify.methods.on_arrays import function_of
from verify.methods.relations import Extremum

INTERPOLATION = Formula(X * beta, (y,), lambda y: y)


@dataclass(frozen=True, kw_only=True)
class Extreme(Formula):
    """The left side is the extreme value of the right one where `over` holds."""

    extremum: Extremum
    over: Formula

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        body = written(self.body, *self.symbols)
        operator = rf"{self.extremum.operator}_{{{self.over.latex()}}}"
        return rf"{self.left_latex()} {self.relation} {operator} \left({body}\right)"


@dataclass(frozen=True, kw_only=True)
class Selected(Extreme):
    """The left side is where that extreme value is reached."""

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        limit = self.limit.latex() if self.limit else ""
        place = rf"{self.extremum.place}_{{{self.over.latex()}}}"
        body = written(self.body, *self.symbols)
        return rf"{limit}{self.left_latex()} {self.relation} {place} {body}"


def interpolated(stated: Formula) -> Callable[[Any], Any]:
    """Return which outputs Xβ must have, as a function of y, in floats."""
    one, at = sp.symbols("one at", real=True)
    # Of one example, whose Xβ is a number.
    (found,) = sp.solve(stated.left({X: one, beta: 1}) - stated({y: at}), one)
    return function_of(found, at)
