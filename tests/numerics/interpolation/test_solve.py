"""The minimum-penalty interpolator of Theorem 4.1 against references, limits and restatements."""

import itertools

import mpmath as mp
import numpy as np
import pytest
from scipy.optimize import linprog

from numerics.certificate import SolverStatus, certificate
from numerics.interpolation import minimum_penalty

GRID = np.linspace(0.01, 0.5, 11)


def mp_minimum(X, y, scale, ridge=0, digits=50):
    """Solve the KKT conditions in mpmath: Newton on the dual with backtracking, its own code."""
    with mp.workdps(digits + 15):
        n, d = len(X), len(X[0])
        X = [[mp.mpf(float(v)) for v in row] for row in X]
        y = [mp.mpf(float(v)) for v in y]
        c = [mp.mpf(float(v)) for v in scale]
        rho = mp.mpf(float(ridge))
        nu = [mp.mpf(0)] * n

        def force(nu):
            return [mp.fsum(X[a][i] * nu[a] for a in range(n)) for i in range(d)]

        def dual(nu):
            s = force(nu)
            return (
                mp.fsum(y[a] * nu[a] for a in range(n))
                - mp.fsum(c[i] / 2 * (mp.cosh(2 * s[i]) - 1) for i in range(d))
                - rho / 2 * mp.fsum(v * v for v in nu)
            )

        for _ in range(500):
            s = force(nu)
            beta = [c[i] * mp.sinh(2 * s[i]) for i in range(d)]
            grad = mp.matrix(
                [
                    y[a] - mp.fsum(X[a][i] * beta[i] for i in range(d)) - rho * nu[a]
                    for a in range(n)
                ]
            )
            if mp.norm(grad, mp.inf) < mp.mpf(10) ** (-digits) * max(abs(v) for v in y):
                return np.array([float(b) for b in beta]), np.array([float(v) for v in nu])
            hess = mp.matrix(n, n)
            for a in range(n):
                for b in range(n):
                    hess[a, b] = mp.fsum(
                        2 * c[i] * mp.cosh(2 * s[i]) * X[a][i] * X[b][i] for i in range(d)
                    )
                hess[a, a] += rho
            step = mp.lu_solve(hess, grad)
            t, here = mp.mpf(1), dual(nu)
            if mp.norm(grad, mp.inf) > mp.mpf(10) ** -20:  # later steps are lost in the dual value
                while dual([nu[a] + t * step[a] for a in range(n)]) < here:
                    t /= 2
            nu = [nu[a] + t * step[a] for a in range(n)]
        raise AssertionError("the reference did not converge")


def gaussian_problem(seed, n=20, d=60):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) / np.sqrt(n)
    return X, X @ (rng.standard_normal(d) * (rng.random(d) < 0.3)), rng


def task_problem(seed, d, alpha, init, *, rho_ft=0.1, overlap=0.5, slab="sign", single=False):
    """Draw an instance of the paper's teacher (section 3.3) with c_FT of eqs. 4-5; rho_pt = 0.1."""
    rng = np.random.default_rng(seed)
    c, lam, gamma = init
    groups = [overlap * rho_ft, (1 - overlap) * rho_ft, 0.1 - overlap * rho_ft]
    group = np.searchsorted(np.cumsum(groups), rng.random(d), side="right")
    beta_pt = np.isin(group, [0, 2]).astype(float)
    draws = rng.choice([-1.0, 1.0], d) if slab == "sign" else rng.standard_normal(d)
    truth = np.isin(group, [0, 1]) * draws / np.sqrt(rho_ft)
    n = max(1, round(alpha * d))
    X = rng.standard_normal((n, d)) / np.sqrt(n)
    scale = (c + lam) * (1 + np.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2
    return X, X @ truth, np.full(d, c) if single else scale


def assert_solved(sol, X, y, scale, ridge=0.0):
    judged = certificate(X, y, scale, sol.beta, sol.dual, ridge)
    assert sol.status is SolverStatus.CONVERGED, (sol.status, judged)
    assert abs(judged.gap) <= 1e-10 * (1 + abs(judged.value))
    assert judged.infeasibility <= 1e-10 * np.abs(y).max()
    assert (sol.gap, sol.infeasibility, sol.value, sol.kkt_residual) == (
        judged.gap,
        judged.infeasibility,
        judged.value,
        judged.kkt_residual,
    )


class TestReference:
    @pytest.mark.parametrize("ridge", [0.0, 1e-6, 0.3, 1e3])
    @pytest.mark.parametrize(
        "scale",
        [
            [1.0, 1.0, 1.0, 1.0, 1.0],
            [1e-6, 1e-6, 1e-6, 1e-6, 1e-6],
            [1e-8, 1e4, 1e-3, 1e-8, 1.0],
            [1e-8, 1e-8, 1e-2, 1e-5, 1e-8],
        ],
    )
    def test_matches_fifty_digits(self, scale, ridge):
        rng = np.random.default_rng(3)
        X, y = rng.standard_normal((2, 5)), rng.standard_normal(2)
        beta, dual = mp_minimum(X, y, scale, ridge)
        sol = minimum_penalty(X, y, scale, ridge=ridge)
        assert_solved(sol, X, y, np.array(scale), ridge)
        # Coefficients inherit the rounding of their exponent, 2|s| eps relative to their weight.
        size = np.hypot(beta, scale)
        assert np.abs((sol.beta - beta) / size).max() < 1e-12
        np.testing.assert_allclose(sol.dual, dual, rtol=1e-11, atol=1e-13 * np.abs(dual).max())

    def test_reference_would_notice_a_doubled_scale(self):
        rng = np.random.default_rng(3)
        X, y = rng.standard_normal((2, 5)), rng.standard_normal(2)
        beta, _ = mp_minimum(X, y, [2e-3] * 5)
        assert np.abs(minimum_penalty(X, y, 1e-3).beta - beta).max() > 1e-3

    def test_one_equation(self):
        sol = minimum_penalty([[1.0, 2.0, -3.0]], [4.0], [1e-8, 1e-3, 1e4])
        beta, dual = mp_minimum([[1.0, 2.0, -3.0]], [4.0], [1e-8, 1e-3, 1e4])
        np.testing.assert_allclose(sol.beta, beta, rtol=1e-13)
        np.testing.assert_allclose(sol.dual, dual, rtol=1e-13)


class TestLimits:
    def test_large_scale_is_least_norm(self):
        X, y, _ = gaussian_problem(0)
        # β = c sinh 2s = 2cs (1 + O(β²/c²)): at c = 1e9 the correction is below rounding.
        np.testing.assert_allclose(
            minimum_penalty(X, y, 1e9).beta, np.linalg.pinv(X) @ y, rtol=1e-10, atol=1e-13
        )

    def test_large_mixed_scale_is_weighted_least_norm(self):
        X, y, rng = gaussian_problem(1)
        weights = rng.uniform(0.5, 2.0, X.shape[1])
        expected = np.sqrt(weights) * (np.linalg.pinv(X * np.sqrt(weights)) @ y)
        sol = minimum_penalty(X, y, 1e9 * weights)
        np.testing.assert_allclose(sol.beta, expected, rtol=1e-10, atol=1e-13)

    def test_small_scale_tends_to_basis_pursuit_logarithmically(self):
        X, y, _ = gaussian_problem(2)
        limit = np.abs(minimum_penalty(X, y, 0.0).beta).sum()
        excess = [
            np.abs(minimum_penalty(X, y, c).beta).sum() - limit for c in (1e-2, 1e-6, 1e-12, 1e-30)
        ]
        assert all(later < earlier for earlier, later in itertools.pairwise(excess))
        assert excess[0] > 1e-3
        # q_k ~ (|β|/2) log(2|β|/c): the ℓ1 excess is at most Σ|β| (spread of log|β|)/log(1/c).
        assert 0.0 <= excess[-1] < 1e-2 * limit

    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize(("n", "d"), [(10, 40), (40, 60), (1, 8), (30, 30)])
    def test_zero_scale_matches_the_plain_linear_programme(self, seed, n, d):
        X, y, _ = gaussian_problem(seed, n, d)
        sol = minimum_penalty(X, y, np.zeros(d))
        plain = linprog(np.ones(2 * d), A_eq=np.hstack([X, -X]), b_eq=y, bounds=(0, None))
        assert sol.value == pytest.approx(plain.fun, rel=1e-7)
        assert np.abs(X.T @ sol.dual).max() <= 1 + 1e-9
        assert_solved(sol, X, y, 0.0)

    def test_ridge_tends_to_interpolation(self):
        X, y, _ = gaussian_problem(4)
        exact = minimum_penalty(X, y, 1e-3).beta
        misses = [
            np.abs(minimum_penalty(X, y, 1e-3, ridge=r).beta - exact).max()
            for r in (1e-2, 1e-4, 1e-8)
        ]
        assert misses[0] > misses[1] > misses[2]
        assert misses[2] < 1e-6


class TestRestatements:
    scale = np.logspace(-8, 4, 60)

    def test_permuting_coordinates(self):
        X, y, rng = gaussian_problem(5)
        order = rng.permutation(60)
        plain = minimum_penalty(X, y, self.scale)
        shuffled = minimum_penalty(X[:, order], y, self.scale[order])
        np.testing.assert_allclose(shuffled.beta, plain.beta[order], rtol=1e-9, atol=1e-13)

    def test_mixing_equations(self):
        X, y, rng = gaussian_problem(6)
        mix = np.linalg.qr(rng.standard_normal((20, 20)))[0] * rng.uniform(0.1, 10, 20)
        plain = minimum_penalty(X, y, self.scale)
        mixed = minimum_penalty(mix @ X, mix @ y, self.scale)
        np.testing.assert_allclose(mixed.beta, plain.beta, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(mix.T @ mixed.dual, plain.dual, rtol=1e-8, atol=1e-12)

    @pytest.mark.parametrize("factor", [1e-6, 3.0, 1e7])
    def test_scaling_coefficients_and_scale_together(self, factor):
        # q at scale s·c satisfies q(sβ; sc) = s q(β; c).
        X, y, _ = gaussian_problem(7)
        plain = minimum_penalty(X, y, self.scale)
        scaled = minimum_penalty(X, factor * y, factor * self.scale)
        np.testing.assert_allclose(scaled.beta, factor * plain.beta, rtol=1e-8, atol=1e-12 * factor)
        assert scaled.value == pytest.approx(factor * plain.value, rel=1e-11, abs=0)

    def test_flipping_a_feature(self):
        X, y, _ = gaussian_problem(8)
        signs = np.where(np.arange(60) % 2, 1.0, -1.0)
        plain, flipped = minimum_penalty(X, y, 1e-3), minimum_penalty(X * signs, y, 1e-3)
        np.testing.assert_allclose(flipped.beta, signs * plain.beta, rtol=1e-9, atol=1e-13)

    def test_a_row_twice_changes_nothing(self):
        X, y, _ = gaussian_problem(9)
        twice = minimum_penalty(np.vstack([X, X[3]]), np.append(y, y[3]), self.scale)
        plain = minimum_penalty(X, y, self.scale)
        np.testing.assert_allclose(twice.beta, plain.beta, rtol=1e-8, atol=1e-12)

    def test_extreme_units_of_design_and_targets(self):
        X, y, rng = gaussian_problem(10)
        plain = minimum_penalty(X, y, 1e-3)
        units = 10.0 ** rng.uniform(-120, 120, 20)
        sol = minimum_penalty(units[:, None] * X, units * y, 1e-3)
        np.testing.assert_allclose(sol.beta, plain.beta, rtol=1e-8, atol=1e-12)

    @pytest.mark.parametrize("scale", [0.0, 1e-3])
    @pytest.mark.parametrize("unit", [1e-12, 1e-10, 1e-8, 1e8, 1e12])
    def test_units_of_the_design(self, scale, unit):
        """With zero scale a linear programme whose solver drops coefficients below 1e-9."""
        X, y, _ = gaussian_problem(11)
        plain = minimum_penalty(X, y, scale)
        equations = minimum_penalty(unit * X, unit * y, scale)
        coefficients = minimum_penalty(unit * X, y, scale / unit)
        assert equations.converged
        assert coefficients.converged
        np.testing.assert_allclose(equations.beta, plain.beta, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(coefficients.beta * unit, plain.beta, rtol=1e-8, atol=1e-12)

    def test_units_of_the_columns_in_the_l1_limit(self):
        """No coefficient is lost for being small: those of the large columns are."""
        X, y, rng = gaussian_problem(12)
        sizes = 10.0 ** rng.permutation(np.linspace(-7, 7, 60))
        sol = minimum_penalty(X * sizes, y, 0.0)
        assert sol.converged
        assert np.count_nonzero(sol.beta) == 20


class TestSteps:
    @pytest.mark.parametrize("slab", ["sign", "gaussian"])
    @pytest.mark.parametrize(
        "init",
        [
            (1e-6, 0.0, 0.0),
            (1e-3, 0.0, 0.0),
            (1.0, 0.0, 0.0),
            (1e-3, -0.99e-3, 0.0),
            (1e-3, 0.99e-3, 0.0),
            (1e-3, 0.0, 1.0),
            (1e-3, 0.0, 10.0),
            (1e-6, -0.9999e-6, 0.0),
            (1e-6, 0.99e-6, 0.0),
        ],
    )
    def test_experiments_within_25_steps(self, init, slab):
        tasks = [(0.1, 0.0), (0.1, 0.5), (0.1, 1.0), (0.9, 0.0), (0.01, 1.0), (0.04, 0.0)]
        for rho_ft, overlap in tasks:
            for alpha in GRID[::4]:
                X, y, scale = task_problem(
                    11, 250, alpha, init, rho_ft=rho_ft, overlap=overlap, slab=slab
                )
                sol = minimum_penalty(X, y, scale)
                assert_solved(sol, X, y, scale)
                assert sol.iterations <= 25, (rho_ft, overlap, alpha)

    @pytest.mark.parametrize("c", [1e-6, 1e-3, 1.0])
    @pytest.mark.parametrize("rho", [0.01, 0.1, 0.9])
    def test_single_task_within_25_steps(self, c, rho):
        for alpha in GRID[1::3]:
            X, y, scale = task_problem(
                12, 250, alpha, (c, 0.0, 0.0), rho_ft=rho, overlap=0.0, single=True
            )
            sol = minimum_penalty(X, y, scale)
            assert_solved(sol, X, y, scale)
            assert sol.iterations <= 25

    def test_saddle_is_basis_pursuit(self):
        X, y, scale = task_problem(13, 250, 0.3, (1e-3, -1e-3, 0.0))
        assert not scale.any()
        assert_solved(minimum_penalty(X, y, scale), X, y, scale)

    @pytest.mark.parametrize("seed", range(5))
    def test_mixed_scales_over_twelve_decades(self, seed):
        X, y, rng = gaussian_problem(seed, 60, 200)
        for scale in (10 ** rng.uniform(-8, 4, 200), np.where(rng.random(200) < 0.8, 1e-8, 1e4)):
            sol = minimum_penalty(X, y, scale)
            assert_solved(sol, X, y, scale)
            assert sol.iterations <= 25

    def test_the_limit_is_reported(self):
        X, y, _ = gaussian_problem(14)
        sol = minimum_penalty(X, y, 1e-8, max_iterations=1)
        assert sol.status is SolverStatus.ITERATION_LIMIT
        assert not sol.converged
        assert "max_iterations" in sol.status.advice


class TestWarmStart:
    def test_its_own_solution_needs_one_step(self):
        X, y, _ = gaussian_problem(15)
        first = minimum_penalty(X, y, 1e-4)
        again = minimum_penalty(X, y, 1e-4, dual=first.dual)
        assert again.iterations == 1
        np.testing.assert_allclose(again.beta, first.beta, rtol=1e-9, atol=1e-14)

    @pytest.mark.parametrize("name_scale", [True, False])
    def test_path_of_scales_costs_less_than_cold_starts(self, name_scale):
        X, y, _ = gaussian_problem(16, 60, 200)
        scales = np.logspace(0, -8, 17)
        warm = cold = 0
        previous, dual = None, None
        for c in scales:
            known = {"dual_scale": previous} if name_scale and previous else {}
            sol = minimum_penalty(X, y, c, dual=dual, **known)
            plain = minimum_penalty(X, y, c)
            assert_solved(sol, X, y, c)
            np.testing.assert_allclose(sol.beta, plain.beta, rtol=1e-6, atol=1e-11)
            warm, cold = warm + sol.iterations, cold + plain.iterations
            previous, dual = c, sol.dual
        assert warm < 0.7 * cold

    def test_a_start_of_unknown_scale_is_used_in_any_units(self):
        X, y, _ = gaussian_problem(16, 60, 200)
        dual = minimum_penalty(X, y, 1e-4).dual
        plain = minimum_penalty(X, y, 1e-6)
        for unit in (1e-9, 1.0, 1e9):
            sol = minimum_penalty(unit * X, unit * y, 1e-6, dual=dual / unit)
            np.testing.assert_allclose(sol.beta, plain.beta, rtol=1e-6, atol=1e-11)
            assert sol.iterations < plain.iterations

    def test_path_of_ridges(self):
        X, y, _ = gaussian_problem(17)
        dual, warm, cold = None, 0, 0
        for ridge in np.logspace(1, -8, 28):
            sol = minimum_penalty(X, y, 1e-3, ridge=ridge, dual=dual)
            assert_solved(sol, X, y, 1e-3, ridge)
            plain = minimum_penalty(X, y, 1e-3, ridge=ridge)
            warm, cold, dual = warm + sol.iterations, cold + plain.iterations, sol.dual
        assert warm < 0.7 * cold

    def test_growing_the_number_of_equations(self):
        X, y, _ = gaussian_problem(18, 40, 120)
        dual = np.zeros(0)
        for n in range(30, 41, 2):
            start = np.concatenate([dual, np.zeros(n - dual.size)])
            sol = minimum_penalty(X[:n], y[:n], 1e-3, dual=start)
            assert_solved(sol, X[:n], y[:n], 1e-3)
            dual = sol.dual

    @pytest.mark.parametrize("size", [1.0, 1e3, 1e300])
    def test_a_bad_start_is_survived(self, size):
        X, y, rng = gaussian_problem(19)
        sol = minimum_penalty(X, y, 1e-6, dual=size * rng.standard_normal(20))
        assert_solved(sol, X, y, 1e-6)
        assert sol.iterations <= 25
