"""The replica equations: moments against integrals, limits against fixed points in floats."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from theory.replica import (
    alpha,
    effective_parameters,
    error,
    estimator_derivative,
    gaussian_moment,
    marchenko_pastur_moment,
    moment_recurrence,
    noise,
    omega,
    quadratic_error,
    r_transform_series,
    recurrence_as_differential_equation,
    ridge,
    soft_threshold_moments,
    stein_integrand,
    stieltjes_equation,
    susceptibility,
    tau,
    theta,
)

Y = sp.Symbol("y", positive=True)
BY_HAND = [1, 1 + Y, 1 + 3 * Y + Y**2, 1 + 6 * Y + 6 * Y**2 + Y**3]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_moments_of_the_spectrum(order):
    assert sp.expand(gaussian_moment(order) - BY_HAND[order - 1]) == 0
    assert sp.expand(marchenko_pastur_moment(order) - BY_HAND[order - 1]) == 0


@pytest.mark.parametrize("order", [0, -2])
def test_the_order_of_a_moment_is_at_least_one(order):
    with pytest.raises(ValueError, match=f"order of a moment must be at least 1, got {order}"):
        gaussian_moment(order)


@pytest.mark.parametrize("aspect", ["0.4", "2.5"])
@pytest.mark.parametrize("order", [1, 5])
def test_moments_are_integrals_over_the_density(aspect, order):
    y = mpmath.mpf(aspect)
    low, high = (1 - mpmath.sqrt(y)) ** 2, (1 + mpmath.sqrt(y)) ** 2

    # x = mid + half·cos φ removes the square roots at both edges.
    def integrand(phi):
        at = (low + high) / 2 + (high - low) / 2 * mpmath.cos(phi)
        return at ** (order - 1) * ((high - low) / 2 * mpmath.sin(phi)) ** 2 / (2 * mpmath.pi * y)

    integral = mpmath.quad(integrand, [0, mpmath.pi])
    assert float(marchenko_pastur_moment(order).subs(Y, sp.Float(aspect))) == pytest.approx(
        float(integral), rel=1e-12
    )


def test_free_cumulants():
    assert [sp.expand(r - Y**k) for k, r in enumerate(r_transform_series(BY_HAND))] == [0] * 4
    # The semicircle has one, the free Poisson law with rate 2 has all equal to 2.
    assert r_transform_series([0, 1, 0, 2, 0, 5]) == [0, 1, 0, 0, 0, 0]
    assert r_transform_series([2, 6, 22]) == [2, 2, 2]


def series(length):
    x = sp.Symbol("x")
    return x, 1 + sum(marchenko_pastur_moment(k) * x**k for k in range(1, length))


def lowest(expression, x, count):
    return [sp.expand(sp.expand(expression).coeff(x, n)) for n in range(count)]


def test_the_moments_solve_the_equation_of_the_r_transform():
    x, moments = series(6)
    equation = stieltjes_equation(1 / (1 - Y * omega), moments, x)
    assert lowest(equation, x, 6) == [0] * 6
    wrong = stieltjes_equation(1 / (1 + Y * omega), moments, x)
    assert any(lowest(wrong, x, 6))


def test_the_moments_obey_the_recurrence_in_both_forms():
    def narayana(k, r):
        return sp.binomial(k, r) * sp.binomial(k - 1, r) / (r + 1)

    k, r = sp.symbols("k r", positive=True, integer=True)
    assert sp.simplify(moment_recurrence(narayana, k, r)) == 0
    assert sp.simplify(moment_recurrence(lambda k, r: sp.binomial(k, r), k, r)) != 0
    x, moments = series(6)
    equation = recurrence_as_differential_equation(moments, x, Y)
    assert lowest(equation, x, 5) == [0] * 5
    spoiled = recurrence_as_differential_equation(moments + x**3, x, Y)
    assert any(lowest(spoiled, x, 5))


def test_effective_parameters_of_gaussian_designs():
    regularisation, level = effective_parameters(1 / (1 - omega / alpha))
    assert sp.simplify(regularisation - (ridge + susceptibility / alpha)) == 0
    assert sp.simplify(level - (noise**2 + error / alpha)) == 0
    # Rows that are orthonormal up to scale have R = 1: nothing is amplified.
    assert effective_parameters(sp.Integer(1) + 0 * omega) == (ridge, noise**2)


def test_the_derivative_of_a_linear_and_of_a_curved_estimator():
    K = sp.Symbol("K", positive=True)
    assert sp.simplify(estimator_derivative(1 / K) - K / (K + tau)) == 0
    assert sp.simplify(tau * estimator_derivative(K) - 1 / (1 / tau + K)) == 0
    # q = b⁴/4 at τ = 1: b + b³ = z, differentiated numerically.
    at = 2.0
    root, ahead = (brentq(lambda b, z=z: b + b**3 - z, 0, 3, xtol=1e-15) for z in (at, at + 1e-6))
    found = float(estimator_derivative(3 * sp.Float(root) ** 2).subs(tau, 1))
    assert found == pytest.approx((ahead - root) / 1e-6, rel=1e-5)


def test_steins_integrand_by_hand():
    z, s, t = sp.symbols("Z s t", real=True)
    for function, slope in ((t, 1), (t**3, 3 * t**2), (sp.sin(t), sp.cos(t))):
        by_hand = (theta * slope - z * function).subs(t, s + theta * z)
        assert sp.simplify(stein_integrand(function, t, s, z) - by_hand) == 0


def fixed_point(data_scale, rho, sigma, K, signal):
    """Error of ridge-like estimators: τ by bracketing, then the balance of the errors."""

    def closure(level):
        return level - rho - level * K / (K + level) / data_scale

    level = brentq(closure, 1e-9, 1e6, xtol=1e-14)
    gain = K / (K + level)
    return ((1 - gain) ** 2 * signal + gain**2 * sigma**2) / (1 - gain**2 / data_scale)


def test_quadratic_penalties_with_ridge():
    K, signal = sp.symbols("K S", positive=True)
    exact = quadratic_error(signal, K, with_ridge=True)
    for data_scale in (0.3, 0.9, 2.0):
        values = {alpha: data_scale, ridge: 0.2, noise: 0.4, K: 1.7, signal: 0.8}
        truth = fixed_point(data_scale, 0.2, 0.4, 1.7, 0.8)
        assert float(exact.subs(values)) == pytest.approx(truth, rel=1e-9)


def test_quadratic_penalties_without_ridge():
    K, signal = sp.symbols("K S", positive=True)
    by_hand = (1 - alpha) * signal + alpha**2 * noise**2 / (1 - alpha)
    assert sp.simplify(quadratic_error(signal, K, with_ridge=False) - by_hand) == 0


def test_soft_thresholding_of_pure_noise_and_of_large_signals():
    level, rho = sp.symbols("level rho", positive=True)
    moments = sp.lambdify((level, rho), soft_threshold_moments(level, rho), "scipy")
    for threshold in (0.0, 0.7, 2.5):
        square = 2 * quad(lambda z, k=threshold: (z - k) ** 2 * norm.pdf(z), threshold, np.inf)[0]
        for density in (0.0, 0.2, 1.0):
            moment = density * (1 + threshold**2) + (1 - density) * square
            mass = density + (1 - density) * 2 * norm.sf(threshold)
            found = moments(threshold, density)
            assert found == pytest.approx((moment, mass), rel=1e-9, abs=1e-12)
