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
    A function of `TIME`, which raises ValueError for anything else; and so do its derivatives of a
    higher order.
    """

    def of(time: Any) -> Any:
        if time != TIME:
            raise ValueError(f"the time must be {TIME}, got {time}")
        if not isinstance(now, tuple):
            return quantity(_soon(now, velocity))
        return quantity(type(now)(*map(_soon, now, velocity)))

    return of


def _soon(value: Any, velocity: Any) -> Any:
    return value + TIME * velocity + _Rest(TIME)


class _Bend(sp.Function):  # type: ignore[misc]
    """The derivative of what is left of second order; of its own derivative nothing is known."""

    is_extended_real = True

    @classmethod
    def eval(cls, time: Any) -> Any:
        return sp.Integer(0) if time == 0 else None

    def fdiff(self, argindex: int = 1) -> Any:
        raise ValueError("of what moves the first derivative is known, got one of a higher order")


class _Rest(_Bend):
    """What is left of second order: it vanishes at the time 0, and so does its derivative."""

    def fdiff(self, argindex: int = 1) -> Any:
        return _Bend(*self.args)
