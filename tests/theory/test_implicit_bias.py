"""Penalty, its transform and its other forms, derived from the flow."""

import mpmath
import pytest
import sympy as sp

from theory import implicit_bias as ib

BETA, M, Z = sp.symbols("beta m z", real=True)
C = sp.Symbol("c", positive=True)
POINTS = [(0, 1), (sp.Rational(1, 1000), 2), (-3, sp.Rational(1, 2)), (1000, 1)]


def number(expression):
    return mpmath.mpf(str(sp.N(expression, 30)))


@pytest.mark.parametrize("lam", [0, 1, -1, sp.Rational(1, 2)])
def test_speed_is_free_of_the_relative_scale(lam):
    assert sp.simplify(ib.mirror_speed(BETA, sp.Integer(1), lam) - 2 * sp.sqrt(1 + BETA**2)) == 0


@pytest.mark.parametrize(("beta", "c"), POINTS)
def test_penalty_is_the_double_integral_of_the_metric(beta, c):
    with mpmath.workdps(30):
        b, s = mpmath.mpf(str(sp.N(beta, 30))), mpmath.mpf(str(sp.N(c, 30)))
        integral = mpmath.quad(lambda u: (b - s * mpmath.sinh(u)) / 2, [0, mpmath.asinh(b / s)])
        assert mpmath.almosteq(
            number(ib.penalty(BETA, C).subs({BETA: beta, C: c})), integral, 1e-18
        )


def test_slope_and_curvature_are_the_derivatives():
    q = ib.penalty(BETA, C)
    assert sp.simplify(sp.diff(q, BETA) - ib.penalty_slope(BETA, C)) == 0
    assert sp.simplify(sp.diff(q, BETA, 2) - ib.penalty_curvature(BETA, C)) == 0


def test_penalty_scales_with_its_scale():
    factor = sp.Symbol("t", positive=True)
    scaled = ib.penalty(factor * BETA, factor * C)
    assert sp.simplify(scaled - factor * ib.penalty(BETA, C)) == 0


@pytest.mark.parametrize(("slope", "c"), [(0, 1), (sp.Rational(3, 4), 2), (-2, sp.Rational(1, 3))])
def test_conjugate_is_the_largest_gap(slope, c):
    best = ib.stationary_weight(sp.sympify(slope), c)
    gap = slope * BETA - ib.penalty(BETA, c)
    at_best = number(gap.subs(BETA, best))
    assert abs(at_best - number(ib.conjugate(sp.sympify(slope), c))) < mpmath.mpf(10) ** -25
    for step in (sp.Rational(1, 10), -sp.Rational(1, 10)):
        assert number(gap.subs(BETA, best + step)) < at_best


def test_dual_bounds_the_penalty_of_every_interpolator():
    X, y = sp.Matrix([[1, 2]]), sp.Matrix([3])
    scales = [sp.Integer(1), sp.Rational(1, 2)]
    dual = number(ib.dual_objective([sp.Rational(1, 3)], X, y, scales))
    for first in (-1, 0, 1, 3):
        beta = [sp.Integer(first), sp.Rational(3 - first, 2)]
        assert dual < number(sum(ib.penalty(b, c) for b, c in zip(beta, scales, strict=True)))


def test_lagrangian_at_an_interpolator_is_its_penalty():
    value = ib.lagrangian([1, 1], [sp.Symbol("nu")], sp.Matrix([[1, 2]]), sp.Matrix([3]), [1, 2])
    expected = ib.penalty(sp.Integer(1), sp.Integer(1)) + ib.penalty(sp.Integer(1), sp.Integer(2))
    assert sp.simplify(value - expected) == 0


def test_lagrangian_wants_sizes_that_fit():
    with pytest.raises(ValueError, match=r"X must be 2x1 and y 2x1, got \(1, 1\)"):
        ib.lagrangian([BETA], [M, Z], sp.Matrix([[1]]), sp.Matrix([1]), [C])
    X, y = sp.Matrix([[1, 2, 3]]), sp.Matrix([1])
    with pytest.raises(ValueError, match="scales must be 3, as many as weights, got 2"):
        ib.lagrangian([BETA, M, Z], [M], X, y, [C, C])
    with pytest.raises(ValueError, match=r"X must be 1x2 and y 1x1, got \(1, 3\)"):
        ib.dual_objective([M], X, y, [C, C])


@pytest.mark.parametrize("z", [0, sp.Rational(3, 4), -sp.Rational(12, 5), 100])
def test_split_attains_the_penalty(z):
    def objective(p, m):
        return 1 + p * sp.log(2 * p) - p + m * sp.log(2 * m) - m

    p, m, least = (part.subs(Z, z) for part in ib.minimise_split(objective, Z))
    assert number(p) > 0
    assert number(m) > 0
    assert sp.simplify(p - m - z) == 0
    assert abs(number(least) - 2 * number(ib.penalty(sp.sympify(z), sp.Integer(1)))) < 1e-20
    for factor in (sp.Rational(11, 10), sp.Rational(12, 10)):
        shift = m * (factor - 1)
        assert number(objective(p + shift, m + shift)) > number(least)


def test_squared_weights_have_a_quarter_of_the_doubled_metric():
    alpha = sp.Symbol("alpha", positive=True)
    derived = ib.squared_weights_curvature(BETA, alpha)
    assert sp.simplify(2 * derived - ib.penalty_curvature(BETA, 2 * alpha**2)) == 0
