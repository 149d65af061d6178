"""What a formula states beside its two sides: their relation, a bound, a limit, an extremum."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, NamedTuple

import sympy as sp

from verify.methods.notation import shown


class Relation(StrEnum):
    """What may stand between the two sides of a formula, in LaTeX."""

    EQUAL = "="
    BELOW = "<"
    AT_MOST = r"\le"
    ABOVE = ">"
    AT_LEAST = r"\ge"

    @property
    def strict(self) -> bool:
        """Whether the inequality excludes equality."""
        return self in (Relation.BELOW, Relation.ABOVE)

    def margin(self, left: Any, right: Any) -> Any:
        """Return what must not be negative (must be positive, if strict) for the inequality.

        Raises
        ------
        ValueError
            If it is an equality.
        """
        if self is Relation.EQUAL:
            raise ValueError("an inequality is asked for, and = is stated")
        return right - left if self in (Relation.BELOW, Relation.AT_MOST) else left - right


class Bound(NamedTuple):
    """A relation of a formula's left side to a number: "> 0"."""

    relation: Relation
    value: Any

    @property
    def strict(self) -> bool:
        """Whether the bound itself is excluded."""
        return self.relation.strict

    def margin(self, left: Any) -> Any:
        """Return what must not be negative (must be positive, if strict); see `Relation`."""
        return self.relation.margin(left, self.value)


POSITIVE = Bound(Relation.ABOVE, 0)
NONNEGATIVE = Bound(Relation.AT_LEAST, 0)


class Side(Enum):
    """From where a limit is approached; the sign as SymPy and LaTeX have it."""

    BOTH = ""
    ABOVE = "+"
    BELOW = "-"


@dataclass(frozen=True)
class Limit:
    """The limit that a formula's left side stands for: `variable` → `to`, from a `side`.

    Raises
    ------
    ValueError
        If a side is given at infinity, which has one; if a variable that is never negative goes
        where it is negative, or to 0 otherwise than from above.
    """

    variable: sp.Symbol
    to: Any
    side: Side = Side.BOTH

    def __post_init__(self) -> None:
        to = sp.sympify(self.to)
        if to.is_infinite and self.side is not Side.BOTH:
            raise ValueError(f"a limit at infinity has no side, got {self.side.name}")
        if to.is_extended_negative and self.variable.is_nonnegative:
            raise ValueError(f"{self.variable} ≥ 0 must go where it can be, got {to}")
        if to == 0 and self.variable.is_nonnegative and self.side is not Side.ABOVE:
            raise ValueError(
                f"{self.variable} ≥ 0 must go to 0 from ABOVE, got {self.side.name} as the side"
            )

    def of(self, expression: Any) -> Any:
        """Return the limit of an expression; it has `variable` under that very name.

        Raises
        ------
        ValueError
            If both sides are meant, and the limits from them differ.
        """
        to = sp.sympify(self.to)
        both = self.side is Side.BOTH and not to.is_infinite
        sides = [Side.ABOVE, Side.BELOW] if both else [self.side]
        first, *others = (sp.limit(expression, self.variable, to, s.value or "+") for s in sides)
        for other in others:
            if first != other and sp.simplify(first - other) != 0:
                raise ValueError(f"the limit must be one, got {first} and {other}")
        return first

    def latex(self) -> str:
        """Return the operator, to stand before the quantity."""
        to = shown(self.to)
        if self.side is not Side.BOTH:
            grouped = to if to.isalnum() else rf"\left({to}\right)"
            to = f"{grouped}^{self.side.value}"
        return rf"\lim_{{{sp.latex(self.variable)} \to {to}}} "


def stated_limit(limit: Limit | None, of: str) -> Limit:
    """Return the limit of a quantity that a check needs.

    Raises
    ------
    ValueError
        If none is stated.
    """
    if not isinstance(limit, Limit):
        raise ValueError(f"a limit of {of} must be stated, got {limit!r}")
    return limit


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
