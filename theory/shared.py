"""Derivations from which many claims start: made once in a process, and once for a whole run.

A run of many claims makes them before it forks its workers, which then have them; a worker that has
not makes them itself.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

_derivations: list[Callable[[], object]] = []


def shared(derivation: Callable[[], Result]) -> Callable[[], Result]:
    """Let `derive_all` make a derivation, which has no arguments, and keep its result."""
    kept = functools.cache(derivation)
    _derivations.append(kept)
    return kept


def of_symbols(*symbols: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a derivation so that it is made once, of `symbols`; a call inserts its arguments."""

    def decorate(derivation: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(derivation)
        derived = shared(lambda: derivation(*symbols))

        @functools.wraps(derivation)
        def inserted(*args: Any, **kwargs: Any) -> Any:
            values = signature.bind(*args, **kwargs).arguments.values()
            return derived().subs(dict(zip(symbols, values, strict=True)), simultaneous=True)

        return inserted

    return decorate


def derive_all() -> None:
    """Make all shared derivations of the modules imported so far.

    One that fails is left to whoever needs it, and will then see the error.
    """
    for derivation in _derivations:
        with contextlib.suppress(Exception):
            derivation()
