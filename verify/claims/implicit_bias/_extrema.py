"""What statements on a least or greatest value are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sympy as sp

from verify.methods.formula import Formula, written


class Extremum(Enum):
    """Which value is meant, by the sign that the curvature has there."""

    MIN = 1
    MAX = -1

    @property
    def operator(self) -> str:
        """Its name in LaTeX."""
        return rf"\{self.name.lower()}"

    @property
    def place(self) -> str:
        """Its name in LaTeX, for where it is reached."""
        return rf"\operatorname{{arg{self.name.lower()}}}"


@dataclass(frozen=True, kw_only=True)
class Selected(Formula):
    """β_FT: of all β for which the formula holds, the one with the extreme sum over coordinates.

    `share` is what a coordinate gives to the sum, as a function of `what`.
    """

    extremum: Extremum
    what: sp.Symbol
    share: Callable[[Any], Any]

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        limit = self.limit.latex() if self.limit else ""
        condition = f"{self.name} {self.relation} {written(self.body, *self.symbols)}"
        total = rf"\sum_i {written(self.share, self.what)}"
        return rf"{limit}\beta_{{FT}} = {self.extremum.place}_{{{condition}}} {total}"
