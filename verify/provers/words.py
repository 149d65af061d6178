"""Polynomials in symbols that do not commute, such as matrices of any size, and their transposes.

An expression is a sum of words with coefficients, which commute; two are equal if all coefficients
of their difference vanish.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from verify.provers.fractions import Fraction, UndecidedError

# Letters are symbols with a flag: whether they are transposed.
Word = tuple[tuple[Any, bool], ...]
Words = dict[Word, Fraction]

# Words that a product may have, and letters of a word.
WORDS = 2_000
LETTERS = 60


def words(expression: Any, scalar: Callable[[Any], Fraction]) -> Words:
    """Return the coefficient of each word; `scalar` reads what commutes.

    Raises
    ------
    UndecidedError
        If a function other than the transpose is taken of what does not commute.
    """
    if expression.is_commutative:
        return {(): scalar(expression)}
    if expression.is_Symbol:
        return {((expression, False),): scalar(sp.S.One)}
    if isinstance(expression, sp.transpose):
        inner = words(expression.args[0], scalar)
        return {_turned(word): coefficient for word, coefficient in inner.items()}
    if isinstance(expression, sp.Pow) and expression.exp.is_Integer and expression.exp > 0:
        if expression.exp > LETTERS:
            raise UndecidedError("the words become too long")
        return words(sp.Mul(*[expression.base] * int(expression.exp), evaluate=False), scalar)
    if isinstance(expression, sp.Add):
        total: Words = {}
        for argument in expression.args:
            add(total, words(argument, scalar))
        return total
    if isinstance(expression, sp.Mul):
        product: Words = {(): scalar(sp.S.One)}
        for argument in expression.args:
            product = _times(product, words(argument, scalar))
        return product
    raise UndecidedError(f"{type(expression).__name__} of what does not commute is unknown")


def _turned(word: Word) -> Word:
    return tuple((letter, not transposed) for letter, transposed in reversed(word))


def add(total: Words, more: Words) -> None:
    """Add `more` to `total`."""
    for word, coefficient in more.items():
        total[word] = total[word] + coefficient if word in total else coefficient


def _times(one: Words, other: Words) -> Words:
    if len(one) * len(other) > WORDS:
        raise UndecidedError("the words become too many")
    if max(map(len, one), default=0) + max(map(len, other), default=0) > LETTERS:
        raise UndecidedError("the words become too long")
    product: Words = {}
    for left, first in one.items():
        for right, second in other.items():
            add(product, {left + right: first * second})
    return product
