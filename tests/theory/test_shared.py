"""What is derived once, of symbols, and inserted after that."""

import sys

import pytest
import sympy as sp

from theory import shared

a, b = sp.symbols("a b")


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(shared, "_derivations", [])
    return []


def test_a_derivation_is_made_once_and_takes_other_arguments(made):
    @shared.of_symbols(a, b)
    def difference(first, second):
        made.append((first, second))
        return first - second

    assert made == []
    # At the same time: one argument may be the symbol of another.
    assert difference(b, a) == b - a
    assert difference(second=3, first=a + 1) == a - 2
    assert difference(a, a) == 0
    assert made == [(a, b)]
    assert difference.__name__ == "difference"


def test_arguments_must_be_those_of_the_derivation(made):
    difference = shared.of_symbols(a, b)(lambda first, second: first - second)
    with pytest.raises(TypeError, match="second"):
        difference(1)
    with pytest.raises(TypeError, match="third"):
        difference(1, 2, third=3)


def test_the_symbols_are_those_of_the_arguments(made):
    for derivation in (
        lambda one: one,
        lambda one, two=0: one,
        lambda one, two, three: one,
        lambda *both: both[0],
        lambda one, *, two: one - two,
    ):
        with pytest.raises(TypeError, match="symbols must be given for"):
            shared.of_symbols(a, b)(derivation)


def test_what_is_derived_is_not_shown_as_written(made):
    difference = shared.of_symbols(a, b)(lambda first, second: first - second)
    for _ in range(2):  # before and after it is made
        with pytest.raises(ValueError, match="has no form as written"), sp.evaluate(False):
            difference(a, b)
        assert difference(a, b) == a - b


def test_nothing_is_derived_where_sympy_does_not_evaluate(made):
    total = shared.shared(lambda: a + a)
    with pytest.raises(ValueError, match="has no form as written"), sp.evaluate(False):
        total()
    assert total() == 2 * a


def test_all_are_made_and_an_error_is_left_to_who_needs_it(made):
    shared.shared(lambda: made.append("before"))
    shared.shared(sys.exit)

    @shared.shared
    def fails():
        made.append("tried")
        raise ArithmeticError

    after = shared.shared(lambda: made.append("after"))
    shared.derive_all()
    after()
    assert made == ["before", "tried", "after"]
    with pytest.raises(ArithmeticError):
        fails()
