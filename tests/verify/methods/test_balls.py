"""Formulas at balls: the value is held, and what is no real number is refused."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, ctx

from verify.methods.balls import Approach, applied_enclosed, enclosed, exactly, holds
from verify.methods.formula import Formula
from verify.methods.notation import Mean
from verify.methods.relations import POSITIVE, Limit, Relation

X, Y = sp.symbols("x y", real=True)
N = sp.Symbol("n", positive=True)
F = sp.Function("f")


def test_an_expression_is_enclosed_at_balls_and_rational_numbers():
    found = enclosed(sp.log(X) / Y**2, {X: arb(2, 0.5), Y: Fraction(1, 3)})
    assert all(found.contains(9 * arb(one).log()) for one in (1.5, 2, 2.5))
    assert found.rad() < 3


@pytest.mark.parametrize(
    ("expression", "message"),
    [(X + sp.Symbol("z"), "Symbol"), (F(X), "not evaluated"), (sp.sqrt(-X), "a real value")],
)
def test_what_has_no_real_value_is_refused(expression, message):
    with pytest.raises(ValueError, match=message):
        enclosed(expression, {X: arb(2)})


def test_functions_are_computed_at_their_arguments():
    found = applied_enclosed(sp.Abs(F(2 * X) - F(X)), {F: lambda at: arb(at) ** 2}, {X: 3.0})
    assert found == 27
    with pytest.raises(ValueError, match="functions must be among"):
        applied_enclosed(F(X), {}, {X: 1.0})


def test_decimals_are_enclosed():
    with ctx.workprec(200):
        tenth = exactly("0.1")
        assert (10 * tenth).contains(1)
        assert tenth.rad() < arb("1e-58")
        assert not tenth.contains(arb(0.1))


@pytest.mark.parametrize(
    ("relation", "left", "right", "expected"),
    [
        (Relation.AT_MOST, arb(1), arb(1), True),
        (Relation.BELOW, arb(1), arb(1), False),
        (Relation.BELOW, arb(1, 0.1), arb(2), True),
        (Relation.AT_MOST, arb(2, 0.1), arb(2), None),
        (Relation.AT_LEAST, arb(1), arb(2), False),
        (Relation.ABOVE, arb.nan(), arb(2), None),
    ],
)
def test_balls_decide_an_inequality_or_leave_it_open(relation, left, right, expected):
    assert holds(relation, left, right) is expected


# (1 + 1/n)² = 1 + 2/n + 1/n²
EQUATION = Formula(N * X, (), lambda: 2)
NEAR = Approach(EQUATION, "0.51", 1 / N)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (NEAR, True),
        (replace(NEAR, most="0.49"), False),
        (replace(NEAR, most="0.5"), None),
        (replace(NEAR, small=1 / N**2), False),
        (replace(NEAR, relation=Relation.ABOVE), False),
        (replace(NEAR, equation=replace(EQUATION, body=lambda: 3)), False),
    ],
)
def test_how_near_an_equation_is_to_its_limit(stated, expected):
    n = arb(1000)
    name, evidence = stated.step("n", {N: n, X: (2 + 1 / n) / n * arb(1, 1e-15)})
    assert evidence.holds is expected
    assert name.startswith("n: ")


def test_means_are_given_as_symbols_with_balls():
    mean = sp.Symbol("m")
    stated = Approach(Formula(X, (Mean(Y**2),), lambda m: 2 * m), "1", 1 / N)
    at = {X: arb(4), mean: arb(2), N: 10}
    assert stated.step("", at, lambda of: mean if of == Y**2 else None)[1].holds is True
    assert stated.latex() == (
        r"x = \left(1 + \varepsilon\right) 2 E\left[y^{2}\right],"
        r"\quad \left|\varepsilon\right| \le \frac{1}{n}"
    )


@pytest.mark.parametrize(
    "change",
    [{"relation": Relation.BELOW}, {"bounds": (POSITIVE,)}, {"limit": Limit(N, sp.oo)}],
)
def test_only_an_equation_can_be_nearly_true(change):
    with pytest.raises(ValueError, match="an equation without"):
        replace(NEAR, equation=replace(EQUATION, **change))
