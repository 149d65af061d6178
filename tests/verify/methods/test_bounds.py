"""Inequalities for sizes: the smaller side as a part of the larger, in both directions."""

import math

import pytest
import sympy as sp

from verify.methods.bounds import at_least, share
from verify.methods.formula import Formula
from verify.methods.relations import Relation

X = sp.Symbol("x")


@pytest.mark.parametrize(
    ("relation", "size", "bound", "expected"),
    [
        (Relation.AT_MOST, 1, 4, 0.25),
        (Relation.AT_MOST, 4, 4, 1.0),
        (Relation.AT_MOST, 5, 4, math.inf),
        (Relation.BELOW, 4, 4, math.inf),
        (Relation.AT_LEAST, 4, 1, 0.25),
        (Relation.AT_LEAST, 4, 4, 1.0),
        (Relation.AT_LEAST, 1, 4, math.inf),
        (Relation.ABOVE, 4, 4, math.inf),
        (Relation.AT_MOST, 0, 0, 0.0),
        (Relation.ABOVE, 0, 0, math.inf),
    ],
)
def test_an_inequality_that_holds_is_at_most_one(relation, size, bound, expected):
    stated = Formula(sp.Abs(X), (), lambda: bound, relation)
    assert share(stated, {X: -size}) == expected


def test_what_is_said_of_a_small_size_fails_of_a_large_one():
    small = Formula(sp.Abs(X), (), lambda: 4, Relation.AT_MOST)
    assert share(small, {X: 8}) == math.inf
    assert share(at_least(small), {X: 8}) == 0.5
    assert share(at_least(small), {X: 1}) == math.inf


def test_other_forms_are_refused():
    with pytest.raises(ValueError, match="= is stated"):
        share(Formula(sp.Abs(X), (), lambda: 4), {X: 1})
    with pytest.raises(ValueError, match="must be a size"):
        share(Formula(X, (), lambda: 4, Relation.AT_MOST), {X: -1})
