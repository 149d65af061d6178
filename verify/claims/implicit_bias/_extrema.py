"""What statements on a least or greatest value are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from verify.methods.formula import Extremum, Formula, written


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
