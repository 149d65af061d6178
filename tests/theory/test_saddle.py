"""Slopes and curvatures of least values, against penalties with closed forms."""

import pytest
import sympy as sp

from theory import saddle
from theory.saddle import w, z

tau, K = sp.symbols("tau K", positive=True)
# q(β) = β²/(2K): β̂ = Kz/(K + τ) and e = z²/(2(K + τ)).
QUADRATIC = saddle.proximal(w, z, tau).subs(saddle.penalty(w), w**2 / (2 * K))
ESTIMATE, ENVELOPE = K * z / (K + tau), z**2 / (2 * (K + tau))


@pytest.mark.parametrize("parameter", [z, tau, K])
def test_slope_of_an_envelope(parameter):
    slope = saddle.stationary_slope(QUADRATIC, (w,), parameter)
    assert sp.simplify(slope.subs(w, ESTIMATE) - sp.diff(ENVELOPE, parameter)) == 0


@pytest.mark.parametrize("parameter", [z, tau, K])
def test_curvature_of_an_envelope(parameter):
    curvature = saddle.curvature_of_minimum(QUADRATIC, w, parameter)
    assert sp.simplify(curvature.subs(w, ESTIMATE) - sp.diff(ENVELOPE, (parameter, 2))) == 0


@pytest.mark.parametrize("parameter", [z, tau])
def test_how_the_minimiser_moves(parameter):
    moves = saddle.minimiser_slope(QUADRATIC, w, parameter)
    assert sp.simplify(moves.subs(w, ESTIMATE) - sp.diff(ESTIMATE, parameter)) == 0


def test_slope_of_a_saddle():
    x, y, a = sp.symbols("x y a", real=True)
    function = x**2 - y**2 + a * x * y + a**2 * x + 3 * y
    at = sp.solve([sp.diff(function, x), sp.diff(function, y)], [x, y])
    slope = saddle.stationary_slope(function, (x, y), a)
    value = function.subs(at, simultaneous=True)
    assert sp.simplify(slope.subs(at) - sp.diff(value, a)) == 0


def test_covariance_of_linear_forms():
    x, y, c = sp.symbols("x y c")
    assert saddle.covariance(2 * x - y, x + c * y, (x, y)) == 2 - c
    assert saddle.covariance(x, y, (x, y)) == 0
