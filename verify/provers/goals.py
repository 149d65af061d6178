"""What SymPy proved in a check, noted for the second prover.

The methods note each identity and inequality when SymPy has proved it. Outside of `noted` nothing
is kept, so that controls and other variants, which are not to hold, cost nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Identity:
    """left = right wherever both are defined.

    Attributes
    ----------
    left, right
        SymPy expressions.
    sample
        Draws an exact point of the domain: symbols to rational numbers.
    """

    left: Any
    right: Any
    sample: Callable[[random.Random], Mapping[Any, Any]] = field(compare=False)

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


@dataclass(frozen=True)
class Inequality:
    """expression > 0 (or ≥ 0, where `strict` is false), everywhere on a domain.

    Attributes
    ----------
    expression
        A SymPy expression.
    strict
        Whether 0 violates it.
    positive, nonnegative
        The symbols that are > 0 and ≥ 0; all others are as their assumptions say.
    fixed
        Symbols that have a value.
    """

    expression: Any
    strict: bool
    positive: frozenset[Any] = frozenset()
    nonnegative: frozenset[Any] = frozenset()
    fixed: tuple[tuple[Any, Any], ...] = ()

    def __str__(self) -> str:
        return f"{self.expression} {'>' if self.strict else '≥'} 0"

    def side(self, symbol: Any) -> int:
        """Return a sign that the symbol has on the domain: −1 only for what is not positive."""
        return -1 if symbol.is_extended_nonpositive else 1


@dataclass(frozen=True)
class TruthValue:
    """A step that came as a plain truth value: no second prover can see what it says."""

    text: str


Goal = Identity | Inequality | TruthValue

_NOTED: ContextVar[list[Goal] | None] = ContextVar("noted", default=None)


@contextmanager
def noted() -> Iterator[list[Goal]]:
    """Collect what is proved within the block."""
    goals: list[Goal] = []
    token = _NOTED.set(goals)
    try:
        yield goals
    finally:
        _NOTED.reset(token)


def note(*goals: Goal) -> None:
    """Keep what was proved, where somebody collects it."""
    collected = _NOTED.get()
    if collected is not None:
        collected.extend(goals)
