"""Formulas that are stated once: how they are shown, evaluated, and distinguished from others."""

import pytest
import sympy as sp

from verify.claim import Method, Verdict
from verify.methods.formula import Formula, derived, formula_checks, named, shown, written
from verify.run.worker import run_check

x, y = sp.Symbol("x", real=True), sp.Symbol("y_FT", positive=True)


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


def test_what_follows_a_formula_is_shown():
    assert Formula("a", (x,), lambda x: x, r",\quad x > 0").latex() == r"a = x,\quad x > 0"


def test_names_are_shown_as_they_stand():
    (mean,) = named(r"E[\eta'^2]")
    assert shown(1 - mean) == r"1 - {E[\eta'^2]}"


def test_a_body_that_has_to_be_evaluated_is_refused():
    with pytest.raises(ValueError, match="must write it out"):
        written(lambda x: sp.integrate(sp.asinh(x) * sp.sqrt(1 + x**2), x), x)


def test_floats_and_decimal_texts_are_exact():
    tenth = Formula("a", (x,), lambda x: x)
    assert tenth.exactly(0.1).startswith("0.1000000000000000055511151231257827")
    assert tenth.exactly("0.1") == "0." + "1" + "0" * 59


CONTROLS = (STATED.but("without asinh", lambda x, y: (1 - sp.sqrt(1 + (x / y) ** 2)) / 2),)


def test_checks_of_a_formula_decide_it_and_its_controls():
    checks = formula_checks(
        STATED,
        CONTROLS,
        proof=derived(root, x, y),
        digits=STATED.exactly,
        kernel=lambda x, y: float(STATED.exactly(x, y)),
        points=[(0.5, 2.0), (1e3, 1e-3)],
        measured=lambda: {(1.0, 1.0): float(STATED.exactly(1.0, 1.0)) * (1 + 1e-9)},
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
    assert [c.name for c in formula_checks(STATED, CONTROLS, proof=derived(root, x, y))] == [
        "derivation"
    ]


def test_a_kernel_that_is_off_refutes():
    (check,) = formula_checks(STATED, CONTROLS, kernel=lambda x, y: 2.0, points=[(0.5, 2.0)])
    found = run_check(check)
    assert found.verdict is Verdict.REFUTED
    assert {"x", "y_FT", "computed", "reference"} == set(found.counterexample)
