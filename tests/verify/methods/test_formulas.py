"""Formulas stated together: shown in order, changed by name."""

from dataclasses import replace

import pytest
import sympy as sp

from verify.methods.formula import Formula, Formulas
from verify.methods.relations import POSITIVE, Relation

x, y = sp.symbols("x y")
STATED = Formulas(
    square=Formula("a", (x,), lambda x: x**2),
    bound=Formula("b", (x, y), lambda x, y: y + x, Relation.AT_MOST, (POSITIVE,)),
)


def test_one_a_line_as_written():
    assert STATED.latex() == r"a = x^{2} \\ b \le y + x,\quad b > 0"


def test_a_control_changes_what_it_names():
    control = STATED.but("x³", square=lambda x: x**3)
    assert control.variant == "x³"
    assert control.subject.latex() == r"a = x^{3} \\ b \le y + x,\quad b > 0"
    changed = control.subject
    assert (changed.square({x: 2}), changed.bound.side({x: 1, y: 2})) == (8, 3)
    assert STATED.square({x: 2}) == 4
    other = STATED.but("b > 0", bound=replace(STATED.bound, relation=Relation.ABOVE))
    assert other.subject.bound.relation is Relation.ABOVE


def test_a_name_that_is_not_stated_is_refused():
    with pytest.raises(AttributeError, match=r"no formula is called 'cube', only square, bound"):
        _ = STATED.cube
    with pytest.raises(KeyError, match="cube"):
        STATED.but("x³", cube=lambda x: x**3)
