"""ℓ, PD, κ and their derivatives: the symbolic forms against values and differences at networks."""

import mpmath
import pytest
import sympy as sp

from theory import regime_bounds as bounds
from theory import regimes
from theory.regime_bounds import Parameter, at_network
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, H

NETWORKS = [
    {BETA_FT: 2, BETA_PT: 1, ABSOLUTE: sp.Rational(1, 3), RATIO: sp.Rational(1, 4), GAMMA: 1},
    {BETA_FT: sp.Rational(1, 5), BETA_PT: 3, ABSOLUTE: 2, RATIO: sp.Rational(-3, 4), GAMMA: 2},
    {BETA_FT: 7, BETA_PT: 1, ABSOLUTE: sp.Rational(1, 50), RATIO: 1, GAMMA: sp.Rational(1, 9)},
]


def value(network, symbol):
    return mpmath.mpf(str(sp.N(network[symbol], 60)))


def scale(network):
    c, gamma = value(network, ABSOLUTE), value(network, GAMMA)
    return (1 + value(network, RATIO)) * (c + mpmath.hypot(c, value(network, BETA_PT))) + gamma**2


def order(network, factor=1):
    z = value(network, BETA_FT) / (scale(network) * factor)
    a = mpmath.asinh(z)
    return z * a / (1 - mpmath.sqrt(1 + z * z) + z * a)


def moved(network, parameter, step):
    """Return the network with `parameter` moved by `step`."""
    new, step = dict(network), sp.Rational(step)
    if parameter in (Parameter.BETA_FT, Parameter.BETA_PT):
        symbol = BETA_FT if parameter is Parameter.BETA_FT else BETA_PT
        new[symbol] = new[symbol] * (1 + step)
    elif parameter is Parameter.RATIO:
        new[RATIO] = new[RATIO] + step
    elif parameter is Parameter.GAMMA:
        new[GAMMA] = sp.sqrt(new[GAMMA] ** 2 + step)
    else:
        new[ABSOLUTE] = new[ABSOLUTE] * (1 + step)
        if parameter is Parameter.ABSOLUTE_AT_LAMBDA:
            new[RATIO] = new[RATIO] / (1 + step)
    return new


@pytest.mark.parametrize("network", NETWORKS)
def test_l_order_at_networks(network):
    with mpmath.workdps(40):
        found = mpmath.mpf(str(at_network(regimes.regime_point().l_order, network)))
        assert mpmath.almosteq(found, order(network), 1e-30)


@pytest.mark.parametrize("network", NETWORKS)
def test_elasticity_is_the_logarithmic_derivative_of_the_excess(network):
    with mpmath.workdps(40):
        slope = mpmath.diff(lambda t: mpmath.log(order(network, mpmath.exp(t)) - 1), 0)
        half = mpmath.asinh(value(network, BETA_FT) / scale(network)) / 2
        found = mpmath.mpf(str(sp.N(bounds.elasticity().subs(H, sp.Float(half, 40)), 40)))
        assert mpmath.almosteq(found, slope, 1e-15)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("parameter", [one for one in Parameter if one is not Parameter.SCALE])
@pytest.mark.parametrize("quantity", ["l_order", "scale"])
def test_derivatives_are_differences(network, parameter, quantity):
    with mpmath.workdps(50):
        expression = getattr(regimes.regime_point(), quantity)
        direct = order if quantity == "l_order" else scale
        ahead, behind = (direct(moved(network, parameter, step)) for step in ("1e-9", "-1e-9"))
        found = mpmath.mpf(str(at_network(bounds.derivative(expression, parameter), network)))
        assert mpmath.almosteq(found, (ahead - behind) / mpmath.mpf("2e-9"), 1e-12, 1e-14)


def test_the_scale_moves_the_order_as_the_argument_does():
    order = regimes.regime_point().l_order
    with_scale, with_argument = (
        bounds.derivative(order, parameter) for parameter in (Parameter.SCALE, Parameter.BETA_FT)
    )
    assert sp.simplify(with_scale + with_argument) == 0
    with pytest.raises(ValueError, match="through z alone"):
        bounds.derivative(regimes.regime_point().transfer, Parameter.SCALE)


def test_sum_of_order_and_dependence():
    point = regimes.regime_point()
    for network in NETWORKS:
        kappa = sp.N(at_network(point.transfer, network), 30)
        dependence = sp.N(at_network(point.pretraining_dependence, network), 30)
        own = sp.N(at_network(point.l_order, network), 30)
        assert abs(dependence - kappa * (1 - own)) < sp.Float("1e-25")
