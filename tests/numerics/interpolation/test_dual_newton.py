"""Parts of the dual Newton solver: coefficients, Gram matrix, factor, and the path's end."""

import numpy as np
import pytest

from numerics.interpolation.dual_newton import (
    DualSystem,
    HessianFactor,
    IllConditionedError,
    coefficients,
    solve_dual,
    weighted_gram,
)


def system(seed=0, m=7, d=30, ridge=0.0, low=-6.0):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((m, d)) / np.sqrt(m)
    log_scale = rng.uniform(low, 1.0, d) * np.log(10.0)
    return DualSystem(rows, rng.standard_normal(m), log_scale, np.full(m, ridge))


class TestCoefficients:
    def test_are_hyperbolic(self):
        slopes, log_scale = np.linspace(-3, 3, 13), np.linspace(-2, 2, 13)
        beta, weights = coefficients(slopes, log_scale)
        assert beta == pytest.approx(np.exp(log_scale) * np.sinh(2 * slopes))
        assert weights == pytest.approx(2 * np.exp(log_scale) * np.cosh(2 * slopes))
        assert weights == pytest.approx(2 * np.hypot(np.exp(log_scale), beta))

    def test_weights_are_the_derivative(self):
        slopes, log_scale, step = np.linspace(-2, 2, 9), np.full(9, -1.0), 1e-6
        rise = coefficients(slopes + step, log_scale)[0] - coefficients(slopes - step, log_scale)[0]
        assert coefficients(slopes, log_scale)[1] == pytest.approx(rise / (2 * step), rel=1e-8)

    def test_tiny_scales_with_large_exponents(self):
        beta, weights = coefficients(np.array([400.0]), np.array([-800.0]))
        assert beta == pytest.approx(0.5)
        assert weights == pytest.approx(1.0)


class TestFactor:
    @pytest.mark.parametrize("d", [5, 255, 256, 257, 600])
    def test_gram_matrix_over_any_number_of_blocks(self, d):
        rng = np.random.default_rng(d)
        rows, weights = rng.standard_normal((4, d)), rng.random(d)
        wanted = np.tril((rows * weights) @ rows.T)
        assert np.tril(weighted_gram(rows, weights)) == pytest.approx(wanted, rel=1e-12, abs=0)

    @pytest.mark.parametrize("ridge", [0.0, 0.5])
    def test_solves_what_it_multiplies(self, ridge):
        here = system(ridge=ridge)
        weights = np.random.default_rng(1).uniform(0.1, 2.0, 30)
        factor = HessianFactor(here, weights)
        right = np.arange(1.0, 8.0)
        dense = (here.rows * weights) @ here.rows.T + ridge * np.eye(7)
        assert factor.solve(right) == pytest.approx(np.linalg.solve(dense, right), rel=1e-10)
        assert factor.multiply(right) == pytest.approx(dense @ right, rel=1e-12, abs=0)

    def test_rough_factors_are_refined(self):
        here = system(2)
        weights = 10.0 ** np.random.default_rng(2).uniform(-10, 0, 30)
        factor = HessianFactor(here, weights)
        right = factor.multiply(np.ones(7))
        defect = factor.multiply(factor.solve(right)) - right
        assert factor.reciprocal_condition < 1e-3
        assert np.abs(defect).max() <= 1e-9 * np.abs(right).max()

    def test_nan_is_an_error(self):
        here = system(3)
        with pytest.raises(FloatingPointError, match="NaN or inf"):
            HessianFactor(here, np.full(30, np.nan))


class TestPath:
    @pytest.mark.parametrize("ridge", [0.0, 1e-3, 10.0])
    @pytest.mark.parametrize("low", [-2.0, -8.0, -300.0])
    def test_ends_where_the_dual_is_stationary(self, ridge, low):
        here = system(4, ridge=ridge, low=low)
        found = solve_dual(here, None, 100, 0.0)
        beta = coefficients(found.slopes, here.log_scale)[0]
        residual = here.targets - here.rows @ beta - ridge * found.dual
        assert found.settled
        assert np.abs(residual).max() < 1e-10
        assert found.slopes == pytest.approx(found.dual @ here.rows, abs=1e-8 * abs(low))

    def test_a_start_from_its_own_end_takes_one_step(self):
        here = system(5)
        first = solve_dual(here, None, 100, 0.0)
        again = solve_dual(here, (first.dual, here.log_scale), 100, 0.0)
        assert again.iterations == 1
        assert again.settled

    def test_the_limit_is_kept_and_said(self):
        found = solve_dual(system(6, low=-300.0), None, 1, 0.0)
        assert found.iterations == 1
        assert not found.settled

    def test_dependent_rows_are_refused_on_request(self):
        here = system(7)
        twice = DualSystem(
            np.vstack([here.rows, here.rows[:1]]),
            np.append(here.targets, here.targets[0]),
            here.log_scale,
            np.zeros(8),
        )
        with pytest.raises(IllConditionedError):
            solve_dual(twice, None, 100, 1e-10)
