"""Random points of a statement's domain, read off the assumptions of its symbols."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

DENOMINATOR = 64
LARGEST = 4
ZERO_EVERY = 8


def domain(*symbols: sp.Symbol) -> Callable[[random.Random], Mapping[sp.Symbol, Any]]:
    """Return a sampler of rational points: each symbol within [−4, 4] and its assumptions.

    A symbol that may vanish does so at one point in eight, so that corners are visited.
    """

    def sample(rng: random.Random) -> Mapping[sp.Symbol, Any]:
        return {symbol: _draw(symbol, rng) for symbol in symbols}

    return sample


def _draw(symbol: sp.Symbol, rng: random.Random) -> Any:
    if not (symbol.is_positive or symbol.is_negative) and rng.randrange(ZERO_EVERY) == 0:
        return sp.Integer(0)
    size = sp.Rational(rng.randint(1, LARGEST * DENOMINATOR), DENOMINATOR)
    if symbol.is_nonnegative:
        return size
    if symbol.is_nonpositive or rng.randrange(2):
        return -size
    return size
