"""False statements that came out proved once, each beside a true one that must be."""

import pytest
import sympy as sp

from theory.regime_bounds import sign_on
from theory.regimes import BETA_PT, E, S
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.orthant import by_exponential, decide_on_orthant, on_line, u

x, y = sp.symbols("x y", positive=True)
r = sp.Symbol("r", real=True)
TINY = sp.log(1 + sp.Rational(1, 10**130))
# √(5 + 2√6) = √2 + √3
HIDDEN = sp.sqrt(5 + 2 * sp.sqrt(6)) - sp.sqrt(2) - sp.sqrt(3)
B, D = sp.symbols("B D", commutative=False)


def test_relations_of_tiny_constants():
    assert prove_all([("log(1 + 10⁻¹³⁰) ≤ 0", TINY <= 0)]).holds is False
    assert prove_all([("log(1 + 10⁻¹³⁰) > 0", TINY > 0)]).holds is True
    assert equal(sp.Piecewise((x, TINY <= 0), (2 * x, True)), x).holds is False


def test_a_power_of_zero_is_not_zero_everywhere():
    assert equal(sp.Integer(0) ** (10 - r), 0).holds is not True
    assert equal(x + sp.Integer(0) ** (5 - x), x).holds is not True
    assert equal((x + 1) ** 2, x**2 + 2 * x + 1).holds is True


def test_functions_of_what_does_not_commute():
    assert (
        equal(sp.cosh(B + D), sp.cosh(B) * sp.cosh(D) + sp.sinh(B) * sp.sinh(D)).holds is not True
    )
    assert equal((B + D) * B, B**2 + D * B).holds is True


def test_a_hidden_zero_is_not_positive():
    assert decide_on_orthant("", x * HIDDEN**2).holds is not True
    assert decide_on_orthant("", x * (HIDDEN + 1) ** 2).holds is True


def test_a_divergent_integral_has_no_value():
    s = sp.Symbol("s", real=True)
    assert equal(sp.Integral(1 / s**2, (s, -1, x)), -1 / x - 1).holds is not True


def test_what_is_inserted_must_not_be_there_already():
    d, w = sp.Symbol("d", positive=True), sp.Symbol("w", nonnegative=True)
    for expression in (BETA_PT - E - d / 2, S * (1 + w) - 1):
        with pytest.raises(ValueError, match="an expression must not have it already"):
            sign_on(expression)
    for call in (lambda: on_line(r - u, r, x), lambda: by_exponential(u * sp.exp(2 * r), r)):
        with pytest.raises(ValueError, match="must not have it already"):
            call()


def test_the_scale_of_a_line_is_positive():
    c = sp.Symbol("c", nonnegative=True)
    with pytest.raises(ValueError, match="c must be positive, got c"):
        on_line(c / sp.sqrt(c**2 + r**2), r, c)
    assert decide_on_orthant("", on_line(x / sp.sqrt(x**2 + r**2), r, x)).holds is True


def test_a_float_is_not_the_number_that_it_equals():
    assert decide_on_half_line("", sp.Integer(2), x).holds is True
    assert decide_on_half_line("", 2.0, x).holds is not True
    with pytest.raises(ValueError, match="must stand for all real numbers"):
        decide_on_half_line("", 2 * y - 1, sp.Symbol("n", integer=True, positive=True))


def test_huge_values_are_not_written_out():
    assert sp.N(sp.cosh(10**10), 5) > 10**9
    assert (sp.cosh(10**10) > 5) == True  # noqa: E712 - a SymPy boolean
