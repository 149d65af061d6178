"""Limits that are stated: their values, and numbers near to where a symbol tends."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from numerics.certified import NotCertifiedError
from theory.replica import alpha, error
from verify.claim import Evidence
from verify.claims.replica._enclosed_means import Means
from verify.methods.balls import Approach
from verify.methods.notation import as_written, shown
from verify.methods.relations import Limit, Side, stated_limit

Steps = Iterator[tuple[str, Evidence]]

# Of what is bounded.
GUARD_DIGITS = 8


@dataclass(frozen=True)
class ByDecades(Approach):
    """How near to an equation p is at α that differ from a limit by 10⁻ᵏ.

    Attributes
    ----------
    limit
        That of α, from a side.
    decades
        The k.

    Raises
    ------
    ValueError
        If it is no limit of α from a side, or the decades are no positive whole numbers.
    """

    limit: Limit | None = None
    decades: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.decades or not all(isinstance(one, int) and one > 0 for one in self.decades):
            raise ValueError(f"decades must be positive whole numbers, got {self.decades}")
        self.points()

    def points(self) -> list[tuple[int, sp.Rational]]:
        """Return each k, and α there."""
        limit = stated_limit(self.limit, "p")
        return [(k, near(limit, alpha, f"1e-{k}")) for k in self.decades]

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        limit = stated_limit(self.limit, "p")
        step = sp.Symbol("10^{-k}") * (1 if limit.side is Side.ABOVE else -1)
        with as_written():
            place = shown(limit.to + step if limit.to else step)
        decades = ", ".join(map(str, self.decades))
        points = rf"{shown(limit.variable)} = {place},\, k \in \{{{decades}\}}"
        return rf"{super().latex()},\quad {points}"

    def enclose(
        self, cases: Iterable[tuple[str, Callable[..., Any], Means]], *, lost: int
    ) -> Steps:
        """Yield a step of a proof for each point of each case.

        Parameters
        ----------
        cases
            The name, a function from α, as a fraction, and digits to the error as a ball, and the
            means of the equation.
        lost
            How many powers of `small` p is larger than what is bounded of it.
        """
        for case, solve, means in cases:
            for k, data in self.points():
                name = f"{case}, k = {k}"
                try:
                    found = solve(Fraction(int(data.p), int(data.q)), lost * k + GUARD_DIGITS)
                except NotCertifiedError as reason:
                    yield name, Evidence(None, f"{name} is not certified: {reason}")
                    continue
                yield self.step(name, {error: found, alpha: data, **means.values}, means.mean)


def near(limit: Limit, variable: sp.Symbol, step: str) -> Any:
    """Return the rational that is `step` away from where `variable` tends to, on its side.

    Raises
    ------
    ValueError
        If it is a limit of another variable, or an infinite one, or from both sides.
    """
    if limit.variable != variable or limit.side is Side.BOTH:
        raise ValueError(f"the limit must be a finite one of {variable}, from a side, got {limit}")
    sign = 1 if limit.side is Side.ABOVE else -1
    return sp.Rational(limit.to) + sign * sp.Rational(step)


@cache
def limit_of(limit: Limit, expression: Any) -> Any:
    """Return the limit of an expression; variants of a statement share it."""
    return limit.of(expression)
