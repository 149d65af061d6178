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
    """Let `derive_all` make a derivation, which has no arguments, and keep its result.

    ValueError by a call that would make it where SymPy does not evaluate.
    """

    @functools.cache
    def kept() -> Result:
        _require_evaluation(derivation)
        return derivation()

    _derivations.append(kept)
    return functools.wraps(derivation)(kept)


def _require_evaluation(derivation: Callable[..., Any]) -> None:
    if not global_parameters.evaluate:
        name = getattr(derivation, "__name__", "what is shared")
        raise ValueError(f"{name} is derived: it has no form as written")


def of_symbols(
    *symbols: Any,
) -> Callable[[Callable[Arguments, Any]], Callable[Arguments, Any]]:
    """Decorate a derivation so that it is made once, of `symbols`; a call inserts its arguments.

    Raises
    ------
    TypeError
        If the derivation has not as many arguments, of those by position or name, or one of them
        has a default.
    ValueError
        By a call, where SymPy does not evaluate: what is derived is not as it was written.
    """

    def decorate(derivation: Callable[Arguments, Any]) -> Callable[Arguments, Any]:
        signature = inspect.signature(derivation)
        takes = [*signature.parameters.values()]
        plain = all(p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in takes)
        if not plain or len(takes) != len(symbols):
            raise TypeError(f"symbols must be given for each of {signature}, got {symbols}")
        derived: Callable[[], Any] = shared(functools.partial(derivation, *symbols))

        @functools.wraps(derivation)
        def inserted(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Any:
            _require_evaluation(derivation)
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
