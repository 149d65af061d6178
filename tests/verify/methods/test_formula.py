"""Formulas that are stated once: how they are shown, evaluated, and distinguished from others."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy as sp

from verify.claim import Check, Control, Method, Verdict
from verify.methods.along import TIME, itself, moving
from verify.methods.formula import Formula, Formulas, defined, derived, formula_checks, named_twice
from verify.methods.identity import equal
from verify.methods.notation import Mean, named, shown, written
from verify.methods.numeric import compare
from verify.methods.relations import NONNEGATIVE, POSITIVE, Bound, Limit, Relation, Side
from verify.run.worker import run_check

x, y = sp.Symbol("x", real=True), sp.Symbol("y_FT", positive=True)


class Pair(NamedTuple):
    first: Any
    second: Any


def root(x, y):
    return (1 - sp.sqrt(1 + (x / y) ** 2) + x * sp.asinh(x)) / 2


STATED = Formula("f(x)", (x, y), root)


@pytest.mark.parametrize(
    ("body", "latex"),
    [
        (lambda x, y: y**2 + x, "y_{FT}^{2} + x"),
        (lambda x, y: x + y**2, "x + y_{FT}^{2}"),
        (lambda x, y: x - y / 2, r"x - \frac{y_{FT}}{2}"),
        (lambda x, y: -x - 2 * y, "- x - 2 y_{FT}"),
        (lambda x, y: (x + y) - 1 + x, "x + y_{FT} - 1 + x"),
        (lambda x, y: 2 * (x + y), r"2 \left(x + y_{FT}\right)"),
        (lambda x, y: sp.exp(-x / 2), r"e^{- \frac{x}{2}}"),
        (lambda x, y: sp.Rational(1, 4), r"\frac{1}{4}"),
        (lambda x, y: 0, "0"),
    ],
)
def test_terms_are_shown_as_they_are_written(body, latex):
    assert written(body, x, y) == latex


def test_every_change_of_the_body_shows():
    assert STATED.latex() == (
        r"f(x) = \frac{1 - \sqrt{1 + \left(\frac{x}{y_{FT}}\right)^{2}} + "
        r"x \operatorname{asinh}{\left(x \right)}}{2}"
    )
    control = STATED.but("y for 1/y", lambda x, y: root(x, 1 / y))
    assert control.subject.latex() != STATED.latex()
    assert (control.variant, control.must_hold) == ("y for 1/y", False)


def test_relations_bounds_and_limits_are_shown():
    a = Formula("a", (x,), lambda x: x)
    assert replace(a, relation=Relation.AT_MOST).latex() == r"a \le x"
    assert replace(a, bounds=(POSITIVE,)).latex() == "a = x > 0"
    inside = replace(a, bounds=(NONNEGATIVE, Bound(Relation.BELOW, 1)))
    assert inside.latex() == r"a = x,\quad a \ge 0,\quad a < 1"
    between = replace(a, relation=Relation.BELOW, bounds=(NONNEGATIVE,))
    assert between.latex() == r"a < x,\quad a \ge 0"
    assert replace(a, limit=Limit(x, 0)).latex() == r"\lim_{x \to 0} a = x"
    assert replace(a, limit=Limit(y, 1, Side.BELOW)).latex() == r"\lim_{y_{FT} \to 1^-} a = x"
    power = Limit(y, x**2, Side.ABOVE)
    assert power.latex() == r"\lim_{y_{FT} \to \left(x^{2}\right)^+} "


def test_values_are_given_by_symbol():
    assert STATED() == root(x, y)
    assert STATED({y: 2}) == root(x, 2)
    exchanged = replace(STATED, symbols=(y, x))
    assert exchanged({x: 3, y: 2}) == root(2, 3)
    assert exchanged.latex() == Formula("f(x)", (x, y), lambda x, y: root(y, x)).latex()
    assert STATED({x: 3, y: 2, sp.Symbol("z"): 1}) == root(3, 2)
    with pytest.raises(TypeError, match=r"values must be given by symbol, .* got 3"):
        STATED(3)
    with pytest.raises(ValueError, match=r"numbers must be given for all symbols, got none for .x"):
        STATED({y: 2.0})


def test_an_inequality_has_a_margin_and_is_no_equality():
    below = replace(STATED, relation=Relation.BELOW)
    assert (below.margin(1, {x: 0}), below.strict) == (root(0, y) - 1, True)
    above = replace(STATED, relation=Relation.AT_LEAST)
    assert (above.margin(1, {x: 0}), above.strict) == (1 - root(0, y), False)
    assert below.side({x: 0}) == root(0, y)
    with pytest.raises(ValueError, match="an equality is asked for, and < is stated"):
        below()
    with pytest.raises(ValueError, match="an inequality is asked for, and = is stated"):
        STATED.margin(1)
    assert (POSITIVE.margin(x), POSITIVE.strict) == (x, True)
    assert (Bound(Relation.AT_MOST, 1).margin(x), NONNEGATIVE.strict) == (1 - x, False)


def test_a_limit_is_that_of_an_expression():
    assert Limit(y, 0, Side.ABOVE).of(x + y) == x
    assert Limit(x, 0, Side.BELOW).of(1 / x) == -sp.oo
    assert Limit(y, sp.oo).of(x + 1 / y) == x
    assert Limit(x, 1).of((x**2 - 1) / (x - 1)) == 2


def test_a_limit_from_both_sides_is_that_from_each():
    with pytest.raises(ValueError, match="the limit must be one, got oo and -oo"):
        Limit(x, 0).of(1 / x)
    with pytest.raises(ValueError, match="must be one, got 1 and -1"):
        Limit(x, 2).of(sp.Abs(x - 2) / (x - 2))


def test_a_side_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="a limit at infinity has no side, got BELOW"):
        Limit(x, sp.oo, Side.BELOW)
    for negative in (-1, -sp.oo):
        with pytest.raises(ValueError, match="y_FT ≥ 0 must go where it can be, got -"):
            Limit(y, negative)
    for side in (Side.BOTH, Side.BELOW):
        with pytest.raises(ValueError, match=f"y_FT ≥ 0 must go to 0 from ABOVE, got {side.name}"):
            Limit(y, 0, side)


@pytest.mark.parametrize(
    "name",
    [
        "q", r"\dot\beta", r"c_{FT}(\beta_{PT})", r"q^*(m)", r"\mathrm{PD}", r"w_\pm", "c'",
        r"\beta_{FT}(0)", r"\nabla L(\beta)", r"c_{\mathrm{kept}}", r"P_{\mathrm{FT\ only}}",
        r"m_{k,r}", r"\hat\beta", r"\frac{\partial L}{\partial\beta}",
    ],
)  # fmt: skip
def test_a_text_on_the_left_side_is_the_name_of_one_quantity(name):
    assert Formula(name, (x,), lambda x: x).latex() == f"{name} = x"


@pytest.mark.parametrize(
    "name",
    [
        "a = b", r"a \le b", "0 < a", r"\lim_{x \to 0} a", r"\min_x a", r"a \to 0", r"a \in b",
        r"\text{at } a", "x = 0: a", r"\Rightarrow a", r"\operatorname{argmin} a", "", "a ≤ b",
        "a + b", "a - b", "ab", "a b", r"\frac{a}{b}", "a/b", "a^2", r"\sqrt{k}", "|a|", "-a",
        r"\mathrm{c \le K}", r"\mathrm{a \over b}", r"c_{\mathrm{a \ge b}}", "c^{n}",
        "c_{i for all i}", r"c^\beta", r"E[\eta']", "2a", "q'(0)", r"q_k''(\beta)", r"q(-\beta)",
        r"\sum_i a_i", r"a \neq b",
    ],
)  # fmt: skip
def test_a_text_on_the_left_side_that_states_something_is_refused(name):
    with pytest.raises(ValueError, match="the left side must be the name of one quantity"):
        Formula(name, (x,), lambda x: x)


class TestLeftSides:
    """Left sides that are expressions: shown, and decided by what is inserted."""

    a, b = named("a_+", "a_-")
    f = sp.Function("f_k")

    def test_quantities_are_inserted_by_symbol(self):
        stated = Formula(self.a - self.b, (x,), lambda x: 2 * x)
        assert stated.latex() == "{a_+} - {a_-} = 2 x"
        assert stated.left({self.a: 3 * x, self.b: x}) == 2 * x == stated()
        with pytest.raises(TypeError, match=r"must be given by symbol, .* got 3$"):
            stated.left(3)

    def test_one_quantity_is_given_by_its_symbol_too(self):
        squared = Formula(self.a**2, (x,), lambda x: x, relation=Relation.BELOW, bounds=(POSITIVE,))
        assert squared.latex() == r"{a_+}^{2} < x,\quad {a_+}^{2} > 0"
        given = {self.a: x}
        assert (squared.left(given), squared.margin({self.a: y})) == (x**2, x - y**2)
        assert replace(squared, name=self.b**2).left(given) == self.b**2
        for derive in (squared.left, squared.margin):
            with pytest.raises(TypeError, match=r"must be given by symbol, .* got x$"):
                derive(x)
        assert Formula("a", (x,), lambda x: x).left(5) == 5

    def test_a_whole_term_has_no_value(self):
        square = Formula(self.a**2, (sp.Abs(self.b),), lambda size: size)
        with pytest.raises(TypeError, match=r"by symbol or function, got one for \{a_\+\}\*\*2"):
            square.left({self.a**2: 4})
        with pytest.raises(TypeError, match=r"by symbol or function, got one for Abs"):
            square({sp.Abs(self.b): 4})

    def test_all_are_inserted_at_once(self):
        g = sp.Function("g")
        exchanged = Formula(self.f(x) - 2 * g(x), (), lambda: 0)
        assert exchanged.left({self.f: g, g: self.f}) == g(x) - 2 * self.f(x)
        assert exchanged.left({g: lambda t: self.a, self.f: sp.sin, self.a: 5}) == sp.sin(x) - 10
        nested = Formula(self.f(g(x)), (), lambda: 0)
        assert nested.left({self.f: g, g: self.f}) == g(self.f(x))

    def test_functions_and_their_derivatives(self):
        curvature = Formula(sp.Derivative(self.f(x), (x, 2)), (x,), lambda x: 6 * x)
        assert curvature.latex() == "f_k''(x) = 6 x"
        assert curvature.left({self.f: lambda t: t**3}) == 6 * x
        slope = Formula(sp.Subs(sp.Derivative(self.f(x), x), x, 0), (), lambda: 1)
        assert slope.latex() == "f_k'(0) = 1"
        assert slope.left({self.f: sp.sin}) == 1
        odd = Formula(self.f(-x), (self.f(x),), lambda f: -f)
        assert odd.latex() == "f_k(- x) = - f_k(x)"
        assert odd.left({self.f: sp.sin}) == odd({self.f: sp.sin}) == -sp.sin(x)

    def test_a_derivative_of_a_composed_function_is_no_prime(self):
        inner = sp.Subs(sp.Derivative(self.f(2 * x), x), x, 0)
        assert "'" not in shown(inner)

    def test_partial_derivatives_are_no_primes(self):
        g = sp.Function("g")(x, y)
        assert shown(g.diff(x)) == r"\frac{\partial}{\partial x} g(x, y_{FT})"
        assert "'" not in shown(sp.Subs(sp.Derivative(g, x, y), (x, y), (0, 1)))

    def test_expectations_are_of_what_stands_in_them(self):
        mean = Formula(Mean(x**2), (y,), lambda y: y**2 + 1)
        assert mean.latex() == r"E\left[x^{2}\right] = y_{FT}^{2} + 1"
        over = {Mean: lambda e: sp.integrate(e * sp.exp(-((x - y) ** 2) / 2), (x, -sp.oo, sp.oo))}
        assert sp.simplify(mean.left(over) / sp.sqrt(2 * sp.pi) - mean()) == 0

    def test_checks_decide_the_left_side(self):
        stated = Formula(self.a**2, (x, y), lambda x, y: root(x, y) ** 2)
        proof = derived(lambda x, y: {self.a: root(x, y)}, (x, y))
        (check,) = formula_checks(stated, (stated.but("1", lambda x, y: 1),), proof=proof)
        assert run_check(check).verdict is Verdict.PROVED
        for wrong in (self.a**3, -(self.a**2), 2 * self.a**2, self.b**2):
            assert run_check(replace(check, subject=replace(stated, name=wrong))).verdict in (
                Verdict.REFUTED,
                Verdict.INCONCLUSIVE,
            )

    def test_a_proof_that_does_not_use_it_is_none(self):
        stated = Formula(self.a**2, (x, y), root)
        (check,) = formula_checks(
            stated, (stated.but("1", lambda x, y: 1),), proof=lambda s: equal(s(), root(x, y))
        )
        result = run_check(check)
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "the check reads no name" in result.summary


def test_a_check_by_numbers_has_to_read_every_field_too():
    stated = Formulas(first=STATED, second=replace(STATED, name="g(x)"))

    def decide(stated):
        found = 1.0 if stated.first.relation is Relation.EQUAL else 2.0
        return compare(lambda _: found, lambda _: 1.0, [(1.0,)])

    wrong = Control("≤", Formulas(first=replace(STATED, relation=Relation.AT_MOST)))
    check = Check("first", Method.FLOAT64, decide, stated, (wrong,), 1e-9, "rounding")
    found = run_check(check)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "reads no first.symbols, first.body, second.symbols, second.body" in found.summary


def test_entries_that_are_expressions_have_the_value_of_their_symbols():
    stated = Formula("p", (sp.Abs(x), y**2), lambda size, square: size + square)
    assert stated.latex() == r"p = \left|{x}\right| + y_{FT}^{2}"
    assert stated({x: -3, y: 2}) == 7
    assert stated({x: np.array([-3.0, 1.0]), y: 2}).astype(float) == pytest.approx([7, 5])
    with pytest.raises(ValueError, match="numbers must be given for all symbols"):
        stated({y: 2.0})


def test_names_are_shown_as_they_stand():
    (mean,) = named(r"\hat\beta^*")
    assert shown(1 - mean) == r"1 - {\hat\beta^*}"


@pytest.mark.parametrize("name", ["a + b", r"c \ge 0, \dot c", r"{a \le b}", "N^2", "q'(0)", "a b"])
def test_a_symbol_is_the_name_of_one_quantity(name):
    symbol = sp.Symbol(name)
    for formula in ((symbol, ()), ("a", (symbol,)), ("a", ((x, symbol),)), ("a", (2 * symbol,))):
        with pytest.raises(ValueError, match="a symbol must have the name of one quantity"):
            Formula(*formula, lambda *_: 1)
    with pytest.raises(ValueError, match="a symbol must have the name of one quantity"):
        Formula(sp.Function(name)(x), (), lambda: 1)


def test_two_formulas_that_say_what_a_name_is_are_refused():
    with pytest.raises(ValueError, match=r"two formulas say what f\(x\) is"):
        Formulas(first=STATED, second=replace(STATED, body=lambda x, y: x))
    bound = replace(STATED, relation=Relation.AT_MOST)
    assert Formulas(first=STATED, second=bound, end=replace(STATED, limit=Limit(x, 0)))


def test_a_body_that_has_to_be_evaluated_is_refused():
    with pytest.raises(ValueError, match="must write it out"):
        written(lambda x: sp.integrate(sp.asinh(x) * sp.sqrt(1 + x**2), x), x)


def test_floats_and_decimal_texts_are_exact():
    tenth = Formula("a", (x,), lambda x: x)
    assert tenth.exactly(x)(0.1).startswith("0.1000000000000000055511151231257827")
    assert tenth.exactly(x)("0.1") == "0." + "1" + "0" * 59


SYMBOLS = (x, y)
PROOF = derived(root, (x, y))
CONTROLS = (STATED.but("without asinh", lambda x, y: (1 - sp.sqrt(1 + (x / y) ** 2)) / 2),)


def test_checks_of_a_formula_decide_it_and_its_controls():
    exactly = STATED.exactly(x, y)
    checks = formula_checks(
        STATED,
        CONTROLS,
        proof=PROOF,
        digits=exactly,
        kernel=lambda x, y: float(exactly(x, y)),
        points=[(0.5, 2.0), (1e3, 1e-3)],
        of=(x, y),
        measured=lambda: {(1.0, 1.0): float(exactly(1.0, 1.0)) * (1 + 1e-9)},
        seed=3,
    )
    found = [run_check(check) for check in checks]
    assert [check.method for check in checks] == [
        Method.SYMBOLIC, Method.FLOW, Method.MULTIPRECISION, Method.FLOAT64
    ]  # fmt: skip
    assert [result.verdict for result in found] == [Verdict.PROVED] + 3 * [Verdict.CONFIRMED]
    assert [result.seed for result in found] == [None, 3, None, None]
    assert all(variant.told_apart for result in found for variant in result.control)


def test_only_what_is_given_is_checked():
    assert [c.name for c in formula_checks(STATED, CONTROLS, proof=PROOF)] == ["derivation"]
    with pytest.raises(ValueError, match=r"`of` must name the symbols .* got none"):
        formula_checks(STATED, CONTROLS, kernel=root, points=[(0.5, 2.0)])


def test_exchanged_symbols_are_refuted_by_every_source():
    exchanged = replace(STATED, symbols=(y, x))
    given = {"kernel": lambda x, y: float(STATED.exactly(*SYMBOLS)(x, y)), "of": SYMBOLS}
    for check in formula_checks(
        exchanged,
        (Control("true", STATED, must_hold=True),),
        proof=PROOF,
        points=[(0.5, 2.0)],
        **given,
    ):
        assert run_check(check).verdict is Verdict.REFUTED


def test_a_kernel_that_is_off_refutes():
    (check,) = formula_checks(
        STATED, CONTROLS, kernel=lambda x, y: 2.0, points=[(0.5, 2.0)], of=SYMBOLS
    )
    found = run_check(check)
    assert found.verdict is Verdict.REFUTED
    assert {"x", "y_FT", "computed", "reference"} == set(found.counterexample)


def test_sums_over_an_index_and_transposes_are_shown():
    i, n, f = sp.Symbol("i", integer=True), sp.Symbol("n", integer=True), sp.Function("f_i")
    total = sp.Sum(f(sp.IndexedBase("a")[i]), (i, 1, n))
    assert Formula("s", (total,), lambda s: 2 * s).latex() == (r"s = 2 \sum_{i=1}^{n} f_i({a}_{i})")
    X, a = sp.symbols("X a", commutative=False)
    assert Formula("m", (X, a), lambda X, a: sp.transpose(X) * a).latex() == r"m = X^{\top} a"


def test_what_a_formula_defines():
    z = sp.Symbol("z")
    stated = Formula(z, (x, y), lambda x, y: x / y)
    assert defined(stated, z, {y: 2}) == x / 2
    with pytest.raises(ValueError, match=r"the formula must define x, got one for z"):
        defined(stated, x)


def test_a_quantity_along_a_flow_has_its_first_derivative():
    beta, W = sp.Function(r"\beta"), sp.Function("W")
    slope = Formula(sp.Derivative(beta(TIME), TIME), (x, y), lambda x, y: 2 * x * y)
    assert slope.latex() == r"\beta'(t) = 2 x y_{FT}"
    assert slope.left({beta: moving(lambda w: w**2, x, y), TIME: 0}) == slope()
    pair = moving(lambda w: w.first * w.second, Pair(x, 0), Pair(0, y))
    assert replace(slope, name=sp.Derivative(W(TIME), TIME)).left({W: pair, TIME: 0}) == x * y
    assert (moving(itself, x, y)(TIME) - x - y * TIME).subs(TIME, 0) == 0
    for order in (2, 3, 4):
        bend = replace(slope, name=sp.Derivative(beta(TIME), (TIME, order)))
        for quantity in (itself, lambda w: w**2):
            with pytest.raises(ValueError, match="got one of a higher order"):
                bend.left({beta: moving(quantity, x, 0), TIME: 0})
    with pytest.raises(ValueError, match="the time must be t, got 2"):
        moving(itself, x, y)(2 * TIME)


def test_a_text_that_names_a_symbol_of_the_statement_is_found():
    z = sp.Symbol("z")
    argument = Formula("z", (x, y), lambda x, y: x / y)
    value = Formula("q", (z,), lambda z: z**2)
    assert named_twice(Formulas(argument=argument, value=value)) == ["z"]
    assert named_twice([{"a": argument}, (value,)]) == ["z"]
    assert named_twice(Formulas(argument=replace(argument, name=z), value=value)) == []
    assert named_twice(Formula("c_{FT}", (sp.Symbol("{c_{FT}}"),), lambda c: c)) == ["c_{FT}"]
    checks = formula_checks(
        replace(STATED, name="y_{FT}"), (CONTROLS[0],), proof=derived(root, (x, y))
    )
    found = run_check(checks[0])
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "the statement names y_{FT} by text, and has it as a symbol" in found.summary
