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
from typing import Any, TypeVar


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
class Once:
    """A step that no second prover can repeat, and the reason: it may be a plain truth value."""

    text: str
    reason: str = "a truth value, which cannot be proved again"


Goal = Identity | Inequality | Once
Kept = TypeVar("Kept")


@dataclass
class _Collected:
    goals: list[Goal] = field(default_factory=list)
    # Evidence whose goals are noted, by identity; it is kept, so that no other gets its place.
    evidence: dict[int, Any] = field(default_factory=dict)


_NOTED: ContextVar[_Collected | None] = ContextVar("noted", default=None)


@contextmanager
def noted() -> Iterator[list[Goal]]:
    """Collect what is proved within the block."""
    collected = _Collected()
    token = _NOTED.set(collected)
    try:
        yield collected.goals
    finally:
        _NOTED.reset(token)


def note(*goals: Goal) -> None:
    """Keep what was proved, where somebody collects it."""
    collected = _NOTED.get()
    if collected is not None:
        collected.goals.extend(goals)


def accounted(evidence: Kept) -> Kept:
    """Return evidence, after keeping in mind that what it rests on has been noted."""
    collected = _NOTED.get()
    if collected is not None:
        collected.evidence[id(evidence)] = evidence
    return evidence


def is_accounted(evidence: Any) -> bool:
    """Whether what this evidence rests on has been noted, or nobody collects it."""
    collected = _NOTED.get()
    return collected is None or id(evidence) in collected.evidence
