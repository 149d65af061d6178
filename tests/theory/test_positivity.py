"""Certificates of sign: granted where they are due, and never where the function is negative."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.positivity import (
    Orthant,
    exponential_certificate,
    rational_certificate,
    smooth_on_half_line,
)

x, y, e, t, other = sp.symbols("x y e t other")
DOMAIN = (Orthant(frozenset({x, y}), frozenset({e})),)


def test_the_values_of_a_case_are_exact():
    # Python's 1 is equal to 1.0, and a cache would take the one for the other.
    assert Orthant(frozenset({x}), fixed=((e, 1),)).fixed == ((e, sp.Integer(1)),)
    for value in (1.0, sp.Float("0.5"), y + 0.1):
        with pytest.raises(ValueError, match="must be exact, got the float"):
            Orthant(frozenset({x}), fixed=((e, value),))


@pytest.mark.parametrize(
    ("expression", "strict", "nonnegative"),
    [
        (x**2 + x * y, True, True),
        (x + e, True, True),
        (x**2 - x * y, False, False),
        (e, False, True),
        (e**2 * x, False, True),
        ((x - y) ** 2, False, True),
        ((x - y) ** 3, False, False),
        ((x - y) ** 2 * x / (x + y), False, True),
        (-x / (-y - e), True, True),
        (-x / y, False, False),
        (x / e, False, False),  # the denominator may vanish
        (x / (x - y) ** 2, False, False),
        (4 * x**3 + x**2 + x + 4, True, True),  # one of its factors is 4x² − 3x + 4
        (-e / (4 * x**3 + x**2 + x + 4), False, False),
        (e / (4 * x**3 + x**2 + x + 4), False, True),
        (sp.Integer(3), True, True),
        (sp.Integer(-3), False, False),
        (sp.Integer(0), False, True),
        ((x + y) / (x + y) - 1, False, True),
        (x * other, False, False),  # of whose sign nothing is known
        (x**2 - x * y + y**2, False, False),  # positive, but not by its coefficients
    ],
)
def test_rational_certificates(expression, strict, nonnegative):
    for wanted, due in ((True, strict), (False, nonnegative)):
        found = rational_certificate(expression, DOMAIN, strict=wanted)
        assert (found is not None) is due
        if found is not None:
            assert found.strict is wanted
            assert found.expression == expression
            assert len(found.steps) == 1
            assert ("> 0 where" if wanted else "≥ 0 where") in found.steps[0]


def test_a_sum_that_falls_behind_only_later_is_not_called_positive():
    """Its Taylor coefficients are positive up to the fourth, and negative from n = 5 to 15."""
    behind = 1 + sp.exp(3 * t) - sp.Rational(3, 2) * t**3 * sp.exp(2 * t)
    assert behind.subs(t, 3).evalf() < 0
    assert exponential_certificate(behind, t) is None
    ahead = 1 + sp.exp(3 * t) - sp.Rational(1, 2) * t**3 * sp.exp(2 * t)
    assert exponential_certificate(ahead, t) is not None


@pytest.mark.parametrize(
    ("expression", "value", "due"),
    [
        # Undefined at the value that y has, although the denominator cancels there.
        ((x**2 - y**2) / (x - y), x, False),
        (((x + y) ** 2 - x**2) / y, sp.Integer(0), False),
        (1 / y, sp.Integer(0), False),
        ((x**2 - y**2) / (x - y), 3 * x, True),
        ((x**2 - y**2) / (x + y) + 2 * y, x, True),
        (x / (1 + y * (x - 1)), sp.Integer(1), True),
        (x / (1 + y), 1 / x, True),
        (x / (1 + y), 1 / (x - e), False),
    ],
)
def test_a_fixed_value_must_not_hide_a_pole(expression, value, due):
    case = Orthant(frozenset({x}), frozenset({e}), ((y, value),))
    assert (rational_certificate(expression, (case,), strict=True) is not None) is due


def test_a_domain_without_cases_is_refused():
    with pytest.raises(ValueError, match="at least one case"):
        rational_certificate(-x, (), strict=True)


@pytest.mark.parametrize("expression", [sp.asinh(x) - x, sp.sqrt(x) + 1, sp.exp(x)])
def test_what_is_not_rational_gets_no_certificate(expression):
    assert rational_certificate(expression, DOMAIN, strict=True) is None


def test_every_case_must_be_proved():
    inside = Orthant(frozenset({x, y}))
    edge = Orthant(frozenset({y}), fixed=((x, sp.Integer(0)),))
    assert len(rational_certificate(x + y, (inside, edge), strict=True).steps) == 2
    assert rational_certificate(x * y, (inside, edge), strict=True) is None
    assert rational_certificate(x * y, (inside, edge), strict=False) is not None
    assert edge.describe() == "x = 0, y > 0"
    assert DOMAIN[0].describe() == "x > 0, y > 0, e ≥ 0"


coefficients = st.lists(st.integers(-3, 3), min_size=6, max_size=6)
points = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 9))


@settings(deadline=None, max_examples=40)
@given(coefficients, coefficients, st.booleans(), st.lists(points, min_size=4, max_size=4))
def test_what_is_certified_is_positive(above, below, strict, places):
    monomials = (1, x, y * e, x * y, e**2, y**2)
    numerator, denominator = (
        sum(c * m for c, m in zip(side, monomials, strict=True)) for side in (above, below)
    )
    if denominator == 0:
        return
    if rational_certificate(numerator / denominator, DOMAIN, strict=strict) is None:
        return
    for place in places:
        at = dict(zip((x, y, e), (sp.Rational(n, 4) for n in place), strict=True))
        found = (sp.sympify(numerator) / denominator).subs(at)
        assert found > 0 if strict else found >= 0


@pytest.mark.parametrize(
    ("expression", "order"),
    [
        (sp.sinh(t) - t, 3),
        (sp.cosh(t) - 1 - t**2 / 2, 4),
        (sp.cosh(t) - 1 - t**2 / 2 - t**4 / 25, 4),
        (sp.exp(t) - 1 - t - t**2 / 2, 3),
        (sp.exp(-t), 0),
        (t * sp.cosh(t) - sp.sinh(t), 3),
        (sp.sinh(t / 3) - sp.sinh(t / 4), 1),
        (3 * sp.exp(2 * t) - 2 * sp.exp(t) - 1, 1),
        (t**2 + t, 1),
    ],
)
def test_exponential_certificates_and_where_their_series_begin(expression, order):
    found = exponential_certificate(expression, t)
    assert found.strict
    assert f"vanish below order {order}, and" in found.steps[0]


def test_quotients_are_proved_part_by_part():
    for expression in (t - sp.tanh(t), sp.sinh(t) / t, -sp.sinh(t) / (-t), 1 - 1 / sp.cosh(t)):
        assert exponential_certificate(expression, t) is not None
        assert exponential_certificate(-expression, t) is None


@pytest.mark.parametrize(
    "expression",
    [
        sp.Integer(0),
        t - sp.sinh(t),
        sp.exp(t) - 1 - t - t**2,  # negative at first
        sp.cosh(t) - 1 - t**2 / 2 - t**4 / 23,
        1 - t,
        100 - sp.exp(t),
        sp.sin(t),
        sp.log(1 + t),
        sp.sinh(sp.sqrt(2) * t),
        sp.exp(t + 1),
        sp.exp(t**2),
        other * sp.exp(t),
        1 / t - 1,
        sp.exp(2 * t) - sp.exp(other),
        (t - 1) * (1 / (t - 1) + 1),  # undefined at t = 1
        0.5 * t,
    ],
)
def test_no_certificate_of_what_is_negative_somewhere_or_of_another_class(expression):
    assert exponential_certificate(expression, t) is None


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        (sp.exp(-t) + sp.log(1 - sp.exp(-t)), True),
        (sp.coth(t) / (t * sp.coth(t) - 1) + sp.sqrt(sp.sinh(t)), True),
        (sp.log(1 - 90 * sp.exp(-t) + 2000 * sp.exp(-2 * t)), False),
        (1 / (t - 1), False),
        (sp.coth(t - 1), False),
        (sp.sqrt(t - 1), False),
        (sp.sign(t - 1), False),
        (sp.Piecewise((t - 5, t < 1), (t, True)), False),
        (t + other, False),
        (sp.I * t, False),
    ],
)
def test_what_is_real_and_smooth_for_every_positive_t(expression, due):
    assert smooth_on_half_line(expression, t) is due
