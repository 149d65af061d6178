"""Domains, expansions and limits of the regimes: against values to many digits and by hand."""

import mpmath
import pytest
import sympy as sp

from theory.positivity import exponential_certificate
from theory.regime_bounds import (
    ALL_NETWORKS,
    COUPLED,
    COUPLED_REINITIALISED,
    INACTIVE,
    INACTIVE_ALL,
    Parameter,
    T,
    contains,
    decay_certificate,
    derivative,
    elasticity,
    inverse_excess,
    l_order_series,
    logarithm_of_double_argument,
    sign_on,
)
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, E, G, H, S, Y, Z

_W = 1 - 90 * sp.exp(-T) + 2000 * sp.exp(-2 * T)
DOMAINS = (ALL_NETWORKS, COUPLED, COUPLED_REINITIALISED, INACTIVE, INACTIVE_ALL)


def order(z):
    """ℓ at z = |β_FT|/c_FT, from the penalty q ∝ 1 − √(1+z²) + z asinh z."""
    a = mpmath.asinh(z)
    return z * a / (1 - mpmath.sqrt(1 + z * z) + z * a)


def test_a_float_that_equals_an_exact_number_has_no_certificate():
    assert sign_on(sp.Integer(2)) is not None
    assert sign_on(2.0) is None
    assert exponential_certificate(sp.Integer(2), T) is not None
    assert exponential_certificate(2.0, T) is None


@pytest.mark.parametrize(
    ("beta_pt", "ratio", "gamma", "inside"),
    [
        (1, 0, 1, (True, True, True, False, False)),
        (1, 0, 0, (True, True, False, False, False)),
        (1, -1, 1, (True, False, False, False, False)),
        (1, -1, 0, (False, False, False, False, False)),  # c_FT = 0
        (0, 0, 0, (True, False, False, True, True)),
        (0, -1, 1, (True, False, False, False, True)),
        (0, -1, 0, (False, False, False, False, False)),
        (0, 1, 2, (True, False, False, True, True)),
    ],
)
def test_which_networks_the_domains_hold(beta_pt, ratio, gamma, inside):
    network = {BETA_FT: 1, BETA_PT: beta_pt, ABSOLUTE: sp.Rational(1, 2)}
    network |= {RATIO: ratio, GAMMA: gamma}
    assert tuple(bool(contains(domain, network)) for domain in DOMAINS) == inside


def test_signs_depend_on_the_domain():
    assert sign_on(Y + E) is not None
    assert sign_on(E) is None
    assert sign_on(E, strict=False) is not None
    assert sign_on(E, COUPLED) is not None
    assert sign_on(S) is None
    assert sign_on(S + G) is not None
    assert sign_on(G, COUPLED) is None
    assert sign_on(G, COUPLED_REINITIALISED) is not None
    assert sign_on(E - Y, strict=False) is None


def test_what_needs_lambda_up_to_c_and_what_depends_on_the_magnitude():
    assert sign_on(2 - S, strict=False) is not None
    assert sign_on(2 - S) is None
    assert sign_on(2 - S, INACTIVE) is None
    assert sign_on(sp.Rational(199, 100) - S, strict=False) is None
    # |β_PT|² = e(e + 2c).
    assert sign_on(BETA_PT - E, COUPLED) is not None
    assert sign_on(BETA_PT - E) is None
    assert sign_on(BETA_PT - E, strict=False) is not None
    assert sign_on(E + ABSOLUTE - BETA_PT) is not None
    assert sign_on(E + ABSOLUTE / 2 - BETA_PT, strict=False) is None
    assert sign_on(BETA_FT) is not None
    with pytest.raises(ValueError, match="at least one case"):
        sign_on(Y, ())


@pytest.mark.parametrize("expression", [Z, Y + BETA_FT, GAMMA])
def test_a_derivative_is_that_of_a_function_of_the_coordinates(expression):
    """Not 0, as if z did not depend on λ."""
    with pytest.raises(ValueError, match="must depend on y, e, c, s and g alone"):
        derivative(expression, Parameter.RATIO)
    assert derivative(S, Parameter.RATIO) == 1


def test_the_elasticity_lies_between_0_and_1():
    with mpmath.workdps(30):
        for h in ("1e-3", "0.5", "4"):
            z = mpmath.sinh(2 * mpmath.mpf(h))
            # c_FT grows as z falls.
            slope = -mpmath.diff(lambda s, z=z: mpmath.log(order(z * mpmath.exp(s)) - 1), 0)
            found = mpmath.mpf(str(sp.N(elasticity().subs(H, sp.Rational(h)), 30)))
            assert mpmath.almosteq(found, slope, 1e-9)
            assert 0 < found < 1


@pytest.mark.parametrize("t", ["0.01", "1", "12"])
def test_the_forms_in_asinh_z(t):
    with mpmath.workdps(30):
        z = mpmath.sinh(mpmath.mpf(t))
        pairs = [
            (logarithm_of_double_argument(), mpmath.log(2 * z)),
            (inverse_excess(), 1 / (order(z) - 1)),
        ]
        for expression, truth in pairs:
            found = mpmath.mpf(str(sp.N(expression.subs(T, sp.Rational(t)), 30)))
            assert mpmath.almosteq(found, truth, 1e-20)


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        (sp.exp(-T), True),
        (1 - sp.tanh(T), True),
        (T * sp.exp(-T), False),  # rises first
        (1 + sp.exp(-T), False),  # does not fall to 0
        (sp.exp(-T) - 1, False),
        (-sp.exp(-T), False),
        (sp.exp(-T) + sp.log(1 + sp.exp(-T)), True),
        # Complex at t = 3.8, where the argument of the logarithms is negative.
        (sp.exp(-T) + (2 * sp.log(_W) - sp.log(_W**2)) ** 2, False),
        # Jumps from below 0 to what it decays from.
        (sp.Piecewise((sp.exp(-T) - 5, T < 1), (sp.exp(-T), True)), False),
    ],
)
def test_what_falls_to_zero_is_positive(expression, due):
    found = decay_certificate(expression, T)
    assert (found is not None) is due
    if due:
        assert found.steps[0] == f"{expression} decreases to 0 as t → ∞"


def test_the_expansion_of_the_order_at_zero():
    with mpmath.workdps(40):
        truth = mpmath.taylor(order, mpmath.mpf("1e-9"), 0)[0]
        assert mpmath.almosteq(truth, 2, 1e-15)
        # q ∝ z²/2 − z⁴/24 + ..., hence ℓ = z q′/q = 2 (1 − z²/6)/(1 − z²/12) + ... = 2 − z²/6 + ...
        found = l_order_series(6)
        assert [found.coeff(Z, n) for n in range(4)] == [2, 0, -sp.Rational(1, 6), 0]
        z = mpmath.mpf("1e-3")
        series = mpmath.mpf(str(sp.N(found.subs(Z, sp.Rational("1e-3")), 40)))
        assert abs(series - order(z)) < 1e-18
