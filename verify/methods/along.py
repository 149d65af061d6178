"""Quantities along a flow, as functions of the time: for derivatives on a formula's left side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

TIME = sp.Symbol("t", real=True)


def itself(value: Any) -> Any:
    """Return what moves, as the quantity in `moving`."""
    return value


def moving(quantity: Callable[[Any], Any], now: Any, velocity: Any) -> Callable[[Any], Any]:
    """Return a quantity as a function of the time t, of which only the first derivative is known.

    Parameters
    ----------
    quantity
        A function of what moves.
    now, velocity
        What moves, and how fast: numbers, or named tuples of them such as weights.

    Returns
    -------
    A function of `TIME`, which raises ValueError for anything else; its derivatives of a higher
    order depend on symbols that nothing else has.
    """

    def of(time: Any) -> Any:
        if time != TIME:
            raise ValueError(f"the time must be {TIME}, got {time}")
        if not isinstance(now, tuple):
            return quantity(_soon(now, velocity))
        return quantity(type(now)(*map(_soon, now, velocity)))

    return of


def _soon(value: Any, velocity: Any) -> Any:
    return value + TIME * velocity + TIME**2 * sp.Dummy("unknown", real=True)
