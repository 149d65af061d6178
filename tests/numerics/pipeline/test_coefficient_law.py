"""The law of the pretrained coefficient."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from numerics import Initialization
from numerics.penalty import proximal_operator
from numerics.pipeline import CoefficientLaw
from numerics.pipeline.coefficient_law import ScaleRule, finetune_scales

LAWS = [
    CoefficientLaw(1e-3, 0.17, 0.41, "sign", 1.0),
    CoefficientLaw(1e-3, 0.17, 0.41, "sign", 0.0),
    CoefficientLaw(1e-6, 0.14, 0.64, "sign", 1.0),
    CoefficientLaw(2.0, 12.0, 0.25, "sign", 1.0),
    CoefficientLaw(0.1, 0.0, 0.3, "sign", 1.0),
    CoefficientLaw(1e-2, 0.4, 0.5, "gaussian", 2.0),
    CoefficientLaw(1e-2, 0.0, 0.0, "gaussian", 2.0),
    CoefficientLaw(0.05, 0.2, 1e-6, "sign", 0.7),
]


def expectation(law, function):
    """E[function(|beta|)] over z ~ N(offset, spread^2), by adaptive quadrature in z."""

    def integrand(z):
        size = abs(z) if law.tau == 0.0 else abs(proximal_operator(z, law.tau, law.c))
        return function(size) * norm.pdf(z, law.offset, law.spread)

    reach = 12.0 * law.spread
    value, _ = quad(
        integrand, law.offset - reach, law.offset + reach,
        points=[0.0] if abs(law.offset) < reach else None, epsabs=1e-13, epsrel=1e-12, limit=400,
    )  # fmt: skip
    return value


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("init", [(0.0, 0.0), (0.9, 0.3), (-0.99, 0.01)], ids=str)
def test_expectations_of_the_scale(law, init):
    begin = Initialization(law.c, init[0] * law.c, init[1])
    expected = expectation(law, lambda size: np.log(begin.finetune_scale(size)))
    trapezoid = law.trapezoid()
    for rule in (trapezoid, *trapezoid.gauss(1.0, 2.0)):
        assert rule.weight.sum() == pytest.approx(1.0, abs=1e-14)
        found = rule.weight @ np.log(finetune_scales(begin, rule.y))
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_magnitude_cdf(law):
    middle = law.magnitude_cdf([0.0, 1e9])
    assert middle == pytest.approx([0.0, 1.0], abs=1e-15)
    x = abs(law.offset) + 0.3 * law.spread
    size = abs(proximal_operator(x, law.tau, law.c)) if law.tau else x
    expected = norm.cdf((x - law.offset) / law.spread) - norm.cdf((-x - law.offset) / law.spread)
    assert law.magnitude_cdf(size) == pytest.approx(expected, rel=1e-9)
    trapezoid = law.trapezoid()
    magnitude = 2.0 * law.c * np.sqrt(np.expm1(trapezoid.y)) * np.exp(0.5 * trapezoid.y)
    below = trapezoid.weight[magnitude <= size].sum()
    assert below == pytest.approx(expected, abs=2.0 * trapezoid.weight.max())


def test_a_point_mass():
    law = CoefficientLaw(0.1, 0.0, 0.0, "sign", 0.5)
    rule = law.trapezoid()
    init = Initialization(0.1, 0.02, 0.3)
    assert finetune_scales(init, rule.y) == pytest.approx([init.finetune_scale(0.5)], rel=1e-15)
    assert law.magnitude_cdf([0.4, 0.5, 0.6]).tolist() == [0.0, 1.0, 1.0]
    (same,) = rule.gauss(1.0)
    assert same is rule


def test_magnitudes_are_checked():
    with pytest.raises(ValueError, match=r"magnitude must be >= 0, got magnitude=-1\.0 at index"):
        LAWS[0].magnitude_cdf([0.1, -1.0])


@pytest.mark.parametrize("law", LAWS[:5], ids=str)
def test_derivatives_of_expectations(law):
    """By differences of (tau, theta, c), at a scale where y itself depends on c."""
    init = Initialization(law.c, 0.3 * law.c, 0.05)

    def mean(c=1.0, lam=0.3, gamma=0.05, tau=1.0, theta=1.0):
        moved = CoefficientLaw(law.c * c, law.tau * tau, law.theta * theta, law.slab, law.amplitude)
        begin = Initialization(moved.c, lam * moved.c, gamma)
        rule = moved.trapezoid()
        return rule.weight @ np.tanh(np.log(finetune_scales(begin, rule.y)))

    step = 1e-4
    numeric = [
        (mean(c=np.exp(step)) - mean(c=np.exp(-step))) / (2 * step),
        (mean(lam=0.3 + step) - mean(lam=0.3 - step)) / (2 * step),
        (mean(gamma=0.05 + step) - mean(gamma=0.05 - step)) / (2 * step),
        (mean(tau=np.exp(step)) - mean(tau=np.exp(-step))) / (2 * step),
        (mean(theta=np.exp(step / 2)) - mean(theta=np.exp(-step / 2))) / (2 * step),
    ]
    for rule in (law.trapezoid(), *law.trapezoid().gauss(1.0)):
        log_scale = np.log(finetune_scales(init, rule.y))
        slope = 1.0 / np.cosh(log_scale) ** 2
        found = law.scale_slopes(init, rule) @ (rule.weight * slope)
        found[4] += (rule.weight * rule.tilt) @ np.tanh(log_scale)
        assert found == pytest.approx(numeric, rel=1e-5, abs=1e-8)


def test_gauss_rules_are_exact_for_polynomials():
    rule = LAWS[0].trapezoid()
    (small,) = rule.gauss(0.3)
    scaled, nodes = rule.y / rule.y.max(), small.y / rule.y.max()
    for degree in range(2 * nodes.size):
        exact = rule.weight @ scaled**degree
        assert small.weight @ nodes**degree == pytest.approx(exact, rel=1e-12, abs=0.0)
        slope = rule.weight @ (rule.drift * degree * scaled ** max(degree - 1, 0))
        found = small.weight @ (
            small.tilt * nodes**degree * rule.y.max()
            + small.drift * degree * nodes ** max(degree - 1, 0)
        )
        assert found == pytest.approx(slope, rel=1e-9, abs=1e-12)
    beyond = 2 * nodes.size
    exact = rule.weight @ scaled**beyond
    assert small.weight @ nodes**beyond != pytest.approx(exact, rel=1e-9, abs=0.0)


def test_a_law_of_few_values_ends_the_recurrence():
    rule = ScaleRule.fixed(np.repeat([0.5, 2.0, 3.0], 40), np.full(120, 1.0 / 120.0))
    (small,) = rule.gauss(2.0)
    assert small.y == pytest.approx([0.5, 2.0, 3.0])
    assert small.weight == pytest.approx(np.full(3, 1.0 / 3.0))
