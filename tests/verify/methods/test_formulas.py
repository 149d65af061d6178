"""Formulas stated together: shown in order, changed by name."""

import pytest
import sympy as sp

from verify.methods.formula import Formula, Formulas

x, y = sp.symbols("x y")
STATED = Formulas(
    square=Formula("a", (x,), lambda x: x**2),
    bound=Formula(r"0 \le b", (x, y), lambda x, y: y + x, r"\quad(y > 0)", relation=r"\le"),
)


def test_one_a_line_as_written():
    assert STATED.latex() == r"a = x^{2} \\ 0 \le b \le y + x\quad(y > 0)"


def test_a_control_changes_what_it_names():
    control = STATED.but("x³", square=lambda x: x**3)
    assert control.variant == "x³"
    assert control.subject.latex() == r"a = x^{3} \\ 0 \le b \le y + x\quad(y > 0)"
    assert (control.subject.square(2), control.subject.bound(1, 2)) == (8, 3)
    assert STATED.square(2) == 4


def test_a_name_that_is_not_stated_is_refused():
    with pytest.raises(AttributeError, match=r"no formula is called 'cube', only square, bound"):
        _ = STATED.cube
    with pytest.raises(KeyError, match="cube"):
        STATED.but("x³", cube=lambda x: x**3)
