"""Near misses change one thing at a time, in every place, and leave the rest as it is."""

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb

from theory.positivity import Orthant
from verify.methods import reading
from verify.methods.formula import Formula, Formulas
from verify.methods.near_misses import near_misses
from verify.methods.notation import named
from verify.methods.relations import Limit, Relation, Side

x, y = sp.symbols("x y", positive=True)


class Colour(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Corner(NamedTuple):
    place: tuple[int, int]
    name: str = "II"


@dataclass(frozen=True)
class Bound:
    low: Any
    corner: Corner


class Holds:
    def __init__(self, *relations, domain=()):
        self.relations, self.domain = relations, domain


def made(statement):
    return {miss.name: miss.make() for miss in near_misses(statement)}


def test_a_number_by_one_per_cent_by_a_hundredth_and_in_sign():
    assert made(2.0) == {
        "2.0 × 101/100": 2.02,
        "2.0 × 99/100": 1.98,
        "2.0 + 1/100": 2.01,
        "2.0 − 1/100": 1.99,
        "2.0 × (−1)": -2.0,
    }
    assert {miss.size for miss in near_misses(2.0)} == {0.01, 0.005, 2.0}


def test_zero_has_no_per_cent_and_no_sign():
    assert list(made(0.0).values()) == [0.01, -0.01]


def test_whole_numbers_become_rational_and_move_by_one():
    assert {sp.Rational(202, 100), sp.Rational(199, 100), -2, 1, 3} <= set(made(2).values())


@pytest.mark.parametrize(
    "number", [mpmath.mpf(3), arb(3), Fraction(3), np.float64(3), sp.Integer(3)]
)
def test_numbers_of_other_libraries_keep_their_type(number):
    changed = near_misses(number)[0].make()
    assert float(changed) == pytest.approx(3.03)
    assert type(changed) is type(number) or isinstance(changed, sp.Rational)


def test_decimal_texts_are_numbers_and_other_texts_are_not():
    assert made("1e-3")["0.001 × 101/100"] == "0.00101"
    assert near_misses("regime II") == near_misses("nan") == near_misses(None) == []


def test_a_choice_is_changed_into_every_other():
    assert set(made(Colour.RED).values()) == {Colour.GREEN, Colour.BLUE}
    assert list(made(True).values()) == [False]


def test_structures_are_rebuilt_with_one_part_changed():
    stated = Bound(low=1.0, corner=Corner((2, -1)))
    found = made(stated)
    assert found["low: 1.0 × 101/100"] == Bound(1.01, Corner((2, -1)))
    assert found["corner.place.1: -1 → 0"] == Bound(1.0, Corner((2, 0)))
    assert all(isinstance(value, Bound) for value in found.values())
    assert not any(name.startswith("corner.name") for name in found)
    assert made({"a": [1.0]})["a.0: 1.0 + 1/100"] == {"a": [1.01]}


def test_objects_are_made_again_from_their_arguments():
    found = near_misses(Holds(x < 2, domain=(Orthant(frozenset({x})),)))
    one = next(m for m in found if m.name == "relations.0: x <= 2" or "<= for <" in m.name).make()
    assert one.relations == (sp.Le(x, 2),)
    (wider,) = [m.make() for m in found if m.place == "domain.0"]
    assert wider.domain[0].nonnegative == {x}
    assert wider.domain[0].positive == frozenset()


def test_every_place_of_an_expression():
    with sp.evaluate(False):
        stated = x**2 / 6 - y
    values = [sp.expand(value.subs({x: 3, y: 5})) for value in made(stated).values()]
    true = sp.expand(stated.subs({x: 3, y: 5}))
    assert all(value != true for value in values)
    for other in (x**2 / 6 + y, -(x**2) / 6 - y, x**2 / sp.Rational(606, 100) - y):
        assert sp.simplify(other.subs({x: 3, y: 5})) in [sp.simplify(value) for value in values]
    assert any(abs(float(v) - float(3 ** sp.Rational(202, 100) / 6 - 5)) < 1e-12 for v in values)


def test_relations_strict_or_not_reversed_and_each_side():
    values = made(sp.Lt(x, 2, evaluate=False)).values()
    assert {sp.Le(x, 2), sp.Gt(x, 2), sp.Lt(x, sp.Rational(202, 100))} <= set(values)
    assert any(sp.simplify(v.lhs - x * sp.Rational(101, 100)) == 0 for v in values)


def test_matrices_entry_by_entry():
    stated = sp.Matrix([[x, 2], [0, y]])
    for value in made(stated).values():
        assert sum(a != b for a, b in zip(value, stated, strict=True)) == 1


def test_arrays_at_once_and_entry_by_entry():
    values = made(np.array([1.0, 2.0]))
    assert values["all × 101/100"] == pytest.approx([1.01, 2.02])
    assert values["1: 2.0 × 99/100"] == pytest.approx([1.0, 1.98])


def test_the_result_of_a_function_and_each_constant_and_sign_in_it():
    def stated(z):
        return -z / 3 + 2 * (z + 1)

    results = {name: value(6) for name, value in made(stated).items()}
    assert results["result × 101/100"] == pytest.approx(12.12)
    assert results["result × (−1)"] == -12
    assert -6 / 3 - 2 * (6 + 1) in results.values()
    assert -6 / 3 + 2 * (6 - 1) in results.values()
    assert 6 / 3 + 2 * (6 + 1) in results.values()
    assert any(r == pytest.approx(-6 / 3.03 + 14) for r in results.values())
    assert all(result != 12 for result in results.values())


def test_results_of_several_values_and_functions_within_functions():
    def stated(z):
        return tuple(2 * k for k in (z, z + 1))

    results = [value(1.0) for value in made(stated).values()]
    assert pytest.approx(results[0]) == (2.02, 4.04)
    assert any(r == pytest.approx((2.02, 4.04)) for r in results[1:])


def test_functions_with_a_closure_and_defaults_keep_them():
    def outer(power):
        return lambda z, *, shift=1: z**power + 2 * shift

    for value in made(outer(2)).values():
        value(3.0)


BASE = 3


def helper(z, *, by=5):
    return z * by


def test_what_a_function_uses_is_changed_too():
    factor = 7

    def stated(z, shift=2.0):
        return helper(z) / BASE + factor * shift

    found = made(stated)
    true = stated(1)
    for name, expected in {
        "2.0 × 101/100, shift": 5 / 3 + 7 * 2.02,
        "7 → 8, factor": 5 / 3 + 16,
        "3 → 4, BASE": 5 / 4 + 14,
        "5 → 6, by, helper": 6 / 3 + 14,
        "/ for * (operation 1), helper": (1 / 5) / 3 + 14,
        "result × (−1), helper": -5 / 3 + 14,
    }.items():
        assert found[name](1) == pytest.approx(expected), name
    assert stated(1) == true
    assert BASE == 3
    assert helper(1) == 5


SCALE, POWERS = sp.Integer(3), (1, 2)


@cache
def cached(z):
    return 5 * z


class Shift:
    def __init__(self, by):
        self.by = by

    def forward(self, z):
        return z + 2


def test_numbers_of_sympy_and_in_tuples_are_changed_too():
    def stated(z):
        return sum(z**power for power in POWERS) * SCALE

    found = made(stated)
    assert found["3 × 101/100, SCALE"](2) == 6 * sp.Rational(303, 100)
    assert found["2 → 3 at 1, POWERS"](2) == 30
    assert stated(2) == 18


def test_what_is_cached_partly_applied_or_a_method_is_changed_inside():
    def stated(z):
        return cached(z) + 1

    assert stated(1) == 6
    found = made(stated)
    assert found["constant 5 × 101/100, cached"](1) == pytest.approx(6.05)
    assert (stated(1), cached(1)) == (6, 5)
    assert made(cached)["constant 5 × (−1)"](1) == -5
    assert made(partial(helper, by=7))["7 → 8, by"](1) == 8
    assert made(partial(helper, 7))["7 → 8 at 0"]() == 40
    assert made(partial(helper, by=7))["/ for * (operation 1)"](1) == 1 / 7
    assert made(Shift(1).forward)["constant 2 × (−1)"](5) == 3


def test_a_cell_that_is_not_filled_is_passed_over():
    def stated(z):
        return z + later

    found = made(stated)
    later = 3
    assert found["- for + (operation 1)"](1) == 1 - later


def test_whole_division_and_remainder():
    def stated(z):
        return z // 2 + z % 3

    values = [value(5) for name, value in made(stated).items() if "operation" in name]
    assert sorted(values) == [2 - 2, 2 + 1, 2.5 + 2]


def test_functions_that_use_each_other_and_of_other_packages():
    def stated(z):
        return stated(z - 1) if z > 0 else math.exp(sp.Integer(z))

    assert not any(name.endswith("stated") for name in made(stated))


@pytest.mark.parametrize(
    ("sign", "others"),
    [
        ("<", ("<=", ">")), ("<=", ("<", ">=")), (">", (">=", "<")), (">=", (">", "<=")),
        ("==", ("!=",)), ("!=", ("==",)),
    ],
)  # fmt: skip
def test_comparisons_are_strict_or_not_and_reversed(sign, others):
    stated = eval(f"lambda a, b: 1 if a {sign} b else 0")
    plain = eval(f"lambda a, b: a {sign} b")
    for other in others:
        for function in (stated, plain):
            changed = made(function)[f"{other} for {sign} (operation 1)"]
            for a, b in ((1, 2), (2, 2), (3, 2)):
                assert changed(a, b) == eval(f"{a} {other} {b}")


def test_operations_in_place():
    def stated(z):
        z += 2
        return z

    assert made(stated)["-= for += (operation 1)"](5) == 3


def test_derivatives_have_orders():
    f = sp.Function("f")
    values = made(sp.Derivative(f(x), (x, 2))).values()
    assert {f(x).diff(x), f(x).diff(x, 3)} <= set(values)
    at_zero = sp.Subs(sp.Derivative(f(x), x), x, 0)
    assert {sp.Subs(f(x).diff(x, 2), x, 0), sp.Subs(f(x), x, 0)} <= set(made(at_zero).values())


def test_formulas_are_changed_in_their_bodies():
    stated = Formulas(
        a=Formula("a", (x, y), lambda z, w: 2 * z + w), b=Formula("b", (), lambda: sp.Integer(0))
    )
    found = made(stated)
    assert found["a.body: result × 101/100"].a() == sp.Rational(101, 100) * (2 * x + y)
    assert found["b.body: result + 1/100"].b() == sp.Rational(1, 100)


def test_the_symbols_of_a_formula_are_exchanged_and_renamed():
    found = made(Formula("a", (x, y), lambda z, w: z / w))
    assert found["symbols: x and y exchanged"]({x: 2, y: 1}) == 0.5
    renamed = found["symbols: x' for x"]({x: 2, y: 1})
    assert [str(symbol) for symbol in renamed.free_symbols] == ["x'"]


def test_symbols_within_expressions_and_alone_are_renamed():
    found = made(Formula(x**2, (sp.sqrt(y),), lambda z: z))
    assert str(found["name: x' for x"].name) == "x'**2"
    assert str(found["symbols.0: y' for y"].symbols) == "(sqrt(y'),)"
    assert str(made(Formula(x, (), lambda: 1))["name: x' for x"].name) == "x'"
    assert not [name for name in made((x, y)) if "0: " in name]  # those of a tuple once
    a, later = named("a_+", r"\beta(0)")
    for symbol, other in ((a, "{a_+'}"), (later, "other")):
        found = made(Formula(symbol**2, (), lambda: 1))
        assert found[f"name: {other} for {symbol}"].name == sp.Symbol(other) ** 2


def test_a_limit_is_changed_in_its_variable_its_point_and_its_side():
    r = sp.Symbol("r", real=True)
    found = made(Formula("a", (), lambda: 1, limit=Limit(r, 1, Side.ABOVE)))
    assert found["limit.side: ABOVE → BELOW"].limit == Limit(r, 1, Side.BELOW)
    assert found["limit.to: 1 → 2"].limit.to == 2
    assert str(found["limit.variable: r' for r"].limit.variable) == "r'"


def test_a_stated_relation_is_changed():
    less = made(Formula("a", (x,), lambda z: z, Relation.AT_MOST))["relation: AT_MOST → ABOVE"]
    assert (less.margin(3, {x: 1}), less.strict) == (2, True)
    with pytest.raises(ValueError, match="an equality is asked for, and > is stated"):
        less({x: 1})


def test_a_constant_is_changed_in_one_of_its_uses():
    def area(z):
        return 2 * z + z**2

    assert made(area)["constant 2 × 101/100"](sp.Integer(1)) == sp.Rational(302, 100)
    assert made(area)["constant 2 × 101/100 (2)"](sp.Integer(1)) == 3
    found = made(area)["constant 2 × 101/100 (2)"](sp.Integer(3))
    assert found == 6 + 3 ** sp.Rational(202, 100)


def test_names_are_unique():
    stated = sp.Add(2 * x, 2 * y, evaluate=False)
    names = [miss.name for miss in near_misses((stated, stated))]
    assert len(set(names)) == len(names)


def test_infinite_and_undefined_numbers_have_none():
    assert made(sp.oo) == {"-oo for oo": -sp.oo}
    assert near_misses(sp.nan) == near_misses(sp.zoo) == []
    assert all(math.isinf(m.make()) or m.size for m in near_misses(math.inf))


class TestReading:
    def test_the_fields_read_are_noted_by_their_places(self):
        reading.taken()
        stated = reading.watched(Bound(1.0, Corner((2, -1))))
        assert isinstance(stated, Bound)
        assert stated.low == 1.0
        assert reading.taken() == ("low",)
        place, name = stated.corner
        assert (place, name) == ((2, -1), "II")
        assert reading.taken() == ("corner.place", "corner.name")
        assert stated.corner[:1] == ((2, -1),)
        assert reading.taken() == ("corner.place",)
        assert stated == Bound(1.0, Corner((2, -1)))

    def test_numbers_beside_watched_objects_are_noted_with_what_holds_them(self):
        reading.taken()
        stated = reading.watched(Holds((1, Bound(2.0, None)), {"a": 3}))
        assert reading.taken() == ()
        held = stated.relations
        assert reading.taken() == ("relations.0.0", "relations.1")
        assert held[0][1].low == 2.0
        assert reading.taken() == ("relations.0.1.low",)

    def test_what_is_not_read_is_named(self):
        stated = Bound(1.0, Corner((2, -1)))
        assert reading.unread(stated, {"low"}) == ["corner.place.0", "corner.place.1"]
        assert reading.unread(stated, {"low", "corner.place"}) == []
        assert reading.unread(sp.Integer(3), set()) == []

    def test_formulas_and_objects_work_while_watched(self):
        reading.taken()
        stated = reading.watched(Formulas(a=Formula("a", (x,), lambda z: 2 * z)))
        assert stated.a() == 2 * x
        assert "a.body" in reading.taken()
        holds = reading.watched(Holds(x < 2, domain=(Orthant(frozenset({x})),)))
        assert holds.domain[0].positive == {x}
        assert "domain.0.positive" in reading.taken()

    def test_fields_in_slots_are_watched(self):
        @dataclass(frozen=True, slots=True)
        class Slotted:
            low: float

        reading.taken()
        stated = reading.watched(Slotted(1.0))
        assert (stated.low, reading.taken()) == (1.0, ("low",))
        assert stated == Slotted(1.0)

    def test_values_without_fields_are_left_alone(self):
        for value in (3, "text", x, (1, 2), [x], {"a": 1}, print):
            assert reading.watched(value) is value
