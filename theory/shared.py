"""Derivations from which many claims start: made once in a process.

A run of many checks makes them before it forks its workers, which then have them; a worker that has
not makes them itself.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from sympy.core.parameters import global_parameters

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

_derivations: list[Callable[[], object]] = []


def shared(derivation: Callable[[], Result]) -> Callable[[], Result]:
    """Let `derive_all` make a derivation, which has no arguments, and keep its result."""
    kept = functools.cache(derivation)
    _derivations.append(kept)
    return kept


def of_symbols(
    *symbols: Any,
) -> Callable[[Callable[Arguments, Any]], Callable[Arguments, Any]]:
    """Decorate a derivation so that it is made once, of `symbols`; a call inserts its arguments.

    Raises
    ------
    TypeError
        If the derivation has not as many arguments, or one has a default.
    ValueError
        By a call, where SymPy does not evaluate: what is derived is not as it was written.
    """

    def decorate(derivation: Callable[Arguments, Any]) -> Callable[Arguments, Any]:
        signature = inspect.signature(derivation)
        required = [p.name for p in signature.parameters.values() if p.default is p.empty]
        if len(required) != len(symbols) or len(signature.parameters) != len(symbols):
            raise TypeError(f"symbols must be given for {[*signature.parameters]}, got {symbols}")
        derived: Callable[[], Any] = shared(functools.partial(derivation, *symbols))

        @functools.wraps(derivation)
        def inserted(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Any:
            if not global_parameters.evaluate:
                raise ValueError(f"{derivation.__name__} is derived: it has no form as written")
            values = signature.bind(*args, **kwargs).arguments.values()
            return derived().subs(dict(zip(symbols, values, strict=True)), simultaneous=True)

        return inserted

    return decorate


def derive_all() -> None:
    """Make all shared derivations of the modules imported so far.

    One that fails is left to whoever needs it, and will then see the error.
    """
    for derivation in _derivations:
        with contextlib.suppress(Exception, SystemExit):
            derivation()
