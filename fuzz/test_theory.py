"""The functions of `theory` that take numbers: exact values, errors for what is out of range."""

import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import attempt
from numerics import penalty as kernels
from numerics.initialization import Initialization
from theory import implicit_bias, invariants, network, positivity, regime_bounds, regimes, replica

rationals = st.fractions(-50, 50, max_denominator=64).map(
    lambda value: sp.Rational(value.numerator, value.denominator)
)
positives = rationals.map(lambda value: abs(value) + sp.Rational(1, 64))


@fuzzes(400, network.initial_weights, network.absolute_scale, network.relative_scale)
@given(c=rationals, lam=rationals)
def test_initial_weights(c, lam):
    state = attempt(network.initial_weights, c, lam)
    assert (state is not None) == (c > 0 and abs(lam) <= c)
    if state is not None:
        assert network.absolute_scale(state) == c
        assert set(network.relative_scale(state)) == {lam}


@fuzzes(250, network.layer_weights, network.growth_factor, network.finetune_scale,
        network.rebalanced, network.effective_weight, network.squared_norm)  # fmt: skip
@given(beta=rationals, c=positives, share=st.fractions(-1, 1, max_denominator=16), gamma=positives)
def test_weights_after_pretraining(beta, c, share, gamma):
    lam = c * sp.Rational(share.numerator, share.denominator)
    state = network.layer_weights(beta, c, lam)
    assert abs(sp.N(network.effective_weight(state) - beta, 30)) < 1e-20
    assert abs(sp.N(network.absolute_scale(state) - c, 30)) < 1e-20
    assert sp.N(network.squared_norm(state), 20) >= 0
    scale = float(sp.N(network.finetune_scale(beta, c, lam, gamma), 20))
    double = float(Initialization(float(c), float(lam), float(gamma)).finetune_scale(float(beta)))
    assert abs(scale - double) <= 1e-13 * scale


@fuzzes(60, network.sign_change)
@given(
    c=positives,
    share=st.fractions(-1, 1, max_denominator=8),
    layer=st.sampled_from(["w_minus", "v_minus", "w_plus"]),
)
def test_sign_changes(c, share, layer):
    lam = c * sp.Rational(share.numerator, share.denominator)
    if abs(share) == 1:
        return
    found = attempt(network.sign_change, c, lam, layer)
    if found:
        expected = Initialization(float(c), float(lam)).sign_change
        assert abs(float(found[0]) - expected) <= 1e-12 * expected


@fuzzes(400, implicit_bias.penalty, implicit_bias.penalty_slope, implicit_bias.penalty_curvature,
        implicit_bias.conjugate, implicit_bias.stationary_weight)  # fmt: skip
@given(beta=rationals, c=positives)
def test_penalty_at_numbers(beta, c):
    b, s = float(beta), float(c)
    pairs = (
        (implicit_bias.penalty(beta, c), kernels.penalty(b, s)),
        (implicit_bias.penalty_slope(beta, c), kernels.penalty_derivative(b, s)),
        (implicit_bias.penalty_curvature(beta, c), kernels.penalty_curvature(b, s)),
        (implicit_bias.conjugate(beta, c), kernels.conjugate(b, s)),
        (implicit_bias.stationary_weight(beta, c), kernels.conjugate_derivative(b, s)),
    )
    for symbolic, double in pairs:
        value = sp.N(symbolic, 30)
        assert abs(value - sp.Float(float(double), 30)) <= 1e-13 * abs(value)


@fuzzes(40, replica.gaussian_moment, replica.marchenko_pastur_moment)
@given(order=st.integers(-1, 5))
def test_moments(order):
    """By pairings of Gaussian factors, and by the counting formula."""
    by_pairings = attempt(replica.gaussian_moment, order)
    by_formula = attempt(replica.marchenko_pastur_moment, order)
    assert (by_pairings is None) == (order < 1)
    if by_pairings is not None:
        assert sp.expand(by_pairings - by_formula) == 0


networks = st.tuples(
    positives, positives, positives, st.fractions(-1, 1, max_denominator=16), positives
)


@fuzzes(150, regime_bounds.at_network, regime_bounds.contains, regimes.regime_point)
@given(values=networks)
def test_regimes_at_networks(values):
    from numerics import regimes as numbers

    beta_ft, beta_pt, c, ratio, gamma = values
    ratio = sp.Rational(ratio.numerator, ratio.denominator)
    symbols = (regimes.BETA_FT, regimes.BETA_PT, regimes.ABSOLUTE, regimes.RATIO, regimes.GAMMA)
    point = dict(zip(symbols, (beta_ft, beta_pt, c, ratio, gamma), strict=True))
    assert regime_bounds.contains(regime_bounds.ALL_NETWORKS, point)
    init = Initialization(float(c), float(ratio * c), float(gamma))
    place = regimes.regime_point()
    order = sp.N(regime_bounds.at_network(place.l_order, point), 20)
    scale = init.finetune_scale(float(beta_pt))
    assert abs(float(order) - float(numbers.l_order(float(beta_ft), scale))) <= 1e-13
    kappa = sp.N(regime_bounds.at_network(place.transfer, point), 20)
    assert abs(float(kappa) - float(numbers.transfer(float(beta_pt), init))) <= 1e-13


@fuzzes(300, positivity.rational_certificate, positivity.Orthant)
@given(coefficients=st.lists(st.integers(-3, 5), min_size=1, max_size=4), strict=st.booleans())
def test_certificates_of_sign_are_never_wrong(coefficients, strict):
    x = sp.Symbol("x", positive=True)
    expression = sum(a * x**k for k, a in enumerate(coefficients))
    case = positivity.Orthant(frozenset({x}))
    found = positivity.rational_certificate(expression, [case], strict=strict)
    if found is not None:
        lowest = (
            min(float(expression.subs(x, sp.Rational(k, 8))) for k in range(1, 60))
            if coefficients
            else 0
        )
        assert lowest > 0 if strict else lowest >= 0
    elif all(a >= 0 for a in coefficients) and any(a > 0 for a in coefficients):
        raise AssertionError(f"{expression} is positive by its coefficients")


@fuzzes(150, positivity.exponential_certificate)
@given(
    terms=st.lists(
        st.tuples(st.integers(-4, 4), st.integers(0, 2), st.integers(-2, 2)), min_size=1, max_size=3
    )
)
def test_certificates_of_exponential_sums_are_never_wrong(terms):
    t = sp.Symbol("t", positive=True)
    expression = sum(c * t**j * sp.exp(k * t) for c, j, k in terms)
    found = attempt(positivity.exponential_certificate, expression, t)
    if found is not None:
        for value in (sp.Rational(1, 100), sp.Rational(1, 2), 1, 3, 10):
            assert sp.N(expression.subs(t, value), 30) > 0


@fuzzes(30, invariants.count_states_like)
@given(values=st.tuples(positives, positives, positives, positives))
def test_states_with_the_same_invariants(values):
    state = network.Weights(*values)
    count = attempt(invariants.count_states_like, state)
    assert count is not None
    assert count >= 1
