"""Message passing: its fixed points by certificate, its rule for the strength, unhappy paths."""

import math

import numpy as np
import pytest

from numerics import Initialization, TaskDistribution, minimum_penalty
from numerics.amp import AmpStatus, amp, solve_strength
from numerics.certificate import certificate
from numerics.penalty import penalty_curvature, penalty_derivative, proximal_operator


def instance(seed=0, d=200, alpha=0.5, init=(1e-3, 0.0, 0.0), slab="gaussian", noise=0.0):
    rng = np.random.default_rng(seed)
    task = TaskDistribution.pretrain_finetune(0.4, 0.4, 0.5, slab=slab)
    sample = task.sample(d, alpha, rng, noise_variance=noise)
    return sample, Initialization(*init).finetune_scale(sample.beta_pt)


class TestFixedPoint:
    @pytest.mark.parametrize(("ridge", "slab"), [(0.0, "sign"), (0.3, "gaussian"), (10.0, "sign")])
    @pytest.mark.parametrize(
        "init", [(1e-6, -0.99e-6, 0.0), (1e-3, 0.0, 0.0), (1.0, 0.5, 0.3), (1e3, 0.0, 0.0)]
    )
    def test_is_the_certified_minimiser(self, init, slab, ridge):
        sample, scale = instance(init=init, slab=slab, noise=0.1)
        found = amp(sample.X, sample.y, scale, ridge=ridge, damping=0.3, iterations=3000)
        assert found.converged, found.status
        judged = certificate(sample.X, sample.y, scale, found.beta, found.dual, ridge=ridge)
        assert abs(judged.gap) <= 1e-8 * (1.0 + abs(judged.value))
        assert judged.infeasibility <= 2e-10 * np.abs(sample.y).max()
        beta = minimum_penalty(sample.X, sample.y, scale, ridge=ridge).beta
        assert np.abs(found.beta - beta).max() <= 1e-7 * np.abs(beta).max()

    @pytest.mark.parametrize("unit", [2.0**-700, 2.0**700])
    def test_in_any_units(self, unit):
        """Squares of the targets leave the range of float64; the iteration does not."""
        sample, scale = instance()
        plain = amp(sample.X, sample.y, scale, iterations=20)
        scaled = amp(sample.X, unit * sample.y, unit * scale, iterations=20)
        assert scaled.beta / unit == pytest.approx(plain.beta, rel=1e-9, abs=1e-12)
        assert scaled.theta / unit == pytest.approx(plain.theta, rel=1e-9)

    def test_whatever_the_law_of_the_inputs(self):
        rng = np.random.default_rng(5)
        X = rng.choice([-1.0, 0.0, 0.0, 1.0], size=(60, 150)) / math.sqrt(30)
        y = X @ (rng.standard_normal(150) * (rng.random(150) < 0.3))
        found = amp(X, y, 0.05, damping=0.3)
        assert found.converged
        beta = minimum_penalty(X, y, 0.05).beta
        assert np.abs(found.beta - beta).max() <= 1e-8 * np.abs(beta).max()

    def test_more_inputs_than_coordinates_with_ridge(self):
        sample, scale = instance(alpha=2.0, noise=0.1)
        found = amp(sample.X, sample.y, scale, ridge=0.5)
        beta = minimum_penalty(sample.X, sample.y, scale, ridge=0.5).beta
        assert found.converged
        assert np.abs(found.beta - beta).max() <= 1e-8 * np.abs(beta).max()

    def test_large_scale_is_least_norm(self):
        sample, _ = instance()
        found = amp(sample.X, sample.y, 1e8)
        np.testing.assert_allclose(
            found.beta, np.linalg.pinv(sample.X) @ sample.y, rtol=0, atol=1e-9
        )

    def test_null_targets(self):
        sample, scale = instance()
        found = amp(sample.X, np.zeros_like(sample.y), scale, truth=sample.beta_ft)
        assert found.status is AmpStatus.CONVERGED
        assert found.iterations == 0
        assert not found.beta.any()
        assert not found.dual.any()
        assert found.mse.tolist() == [pytest.approx(np.mean(sample.beta_ft**2))]

    def test_wrong_memory_ends_elsewhere(self):
        sample, scale = instance(init=(1.0, 0.0, 0.3))
        beta = minimum_penalty(sample.X, sample.y, scale).beta
        for onsager in (0.0, 0.5, 0.99):
            found = amp(sample.X, sample.y, scale, onsager=onsager, iterations=400)
            assert not found.converged
            assert np.abs(found.beta - beta).max() > 1e-3 * np.abs(beta).max()


class TestHistories:
    def test_first_step_by_hand(self):
        sample, scale = instance(d=40)
        found = amp(sample.X, sample.y, scale, iterations=2, tolerance=0.0, truth=sample.beta_ft)
        n, d = sample.X.shape
        first = proximal_operator(sample.X.T @ sample.y, found.tau[0], scale)
        mean = np.mean(1.0 / (1.0 + found.tau[0] * penalty_curvature(first, scale)))
        r = sample.y - sample.X @ first + (d / n) * mean * sample.y
        second = proximal_operator(first + sample.X.T @ r, found.tau[1], scale)
        assert found.response[0] == pytest.approx(mean, rel=1e-12, abs=0)
        assert found.response[0] == pytest.approx(n / d, rel=1e-12, abs=0)
        np.testing.assert_allclose(found.beta, second, rtol=1e-9, atol=1e-12)
        assert found.theta[0] == pytest.approx(np.sqrt(np.mean(sample.y**2)))
        assert found.theta[1] == pytest.approx(np.sqrt(np.mean(r**2)))
        assert found.mse[:2] == pytest.approx(
            [np.mean(sample.beta_ft**2), np.mean((first - sample.beta_ft) ** 2)]
        )
        assert (found.theta.size, found.tau.size, found.mse.size) == (3, 2, 3)

    def test_measures_are_those_of_the_optimality_conditions(self):
        sample, scale = instance(d=60)
        found = amp(sample.X, sample.y, scale, ridge=0.2, iterations=5, tolerance=0.0)
        force = sample.X.T @ found.dual - penalty_derivative(found.beta, scale)
        missed = sample.y - sample.X @ found.beta - 0.2 * found.dual
        assert found.infeasibility[-1] == pytest.approx(
            np.abs(missed).max() / np.abs(sample.y).max(), rel=1e-10
        )
        assert found.step[-1] == pytest.approx(
            found.tau[-1] * np.abs(force).max() / np.abs(found.beta).max(), rel=1e-6
        )

    def test_given_strengths_are_used(self):
        sample, scale = instance(d=60)
        given = [0.3, 0.2, 0.1]
        found = amp(sample.X, sample.y, scale, tau=given, iterations=3, tolerance=0.0)
        assert found.tau.tolist() == given
        constant = amp(sample.X, sample.y, scale, tau=0.3, iterations=3, tolerance=0.0)
        assert constant.tau.tolist() == [0.3] * 3

    def test_damping_and_limit_change_the_path_only(self):
        sample, scale = instance()
        plain = amp(sample.X, sample.y, scale)
        damped = amp(sample.X, sample.y, scale, damping=0.5)
        assert plain.converged
        assert damped.converged
        assert damped.iterations > plain.iterations
        np.testing.assert_allclose(plain.beta, damped.beta, atol=1e-8)
        short = amp(sample.X, sample.y, scale, iterations=5)
        assert short.status is AmpStatus.ITERATION_LIMIT
        assert short.iterations == 5
        assert "iterations" in short.status.advice
        assert short.mse is None

    @pytest.mark.parametrize("factor", [3.0, 1e6, 1e200])
    def test_divergence_is_reported(self, factor):
        sample, scale = instance()
        found = amp(factor * sample.X, sample.y, scale, truth=sample.beta_ft)
        assert found.status is AmpStatus.DIVERGED
        assert not found.converged
        assert "1/n" in found.status.advice
        assert found.iterations < 1000

    def test_equivariance(self):
        sample, scale = instance()
        rng = np.random.default_rng(0)
        order = rng.permutation(scale.size)
        signs = rng.choice([-1.0, 1.0], scale.size)
        plain = amp(sample.X, sample.y, scale, iterations=20, tolerance=0.0)
        moved = amp(
            (sample.X * signs)[:, order], 8 * sample.y, 8 * scale[order],
            iterations=20, tolerance=0.0,
        )  # fmt: skip
        np.testing.assert_allclose(moved.beta, 8 * (signs * plain.beta)[order], rtol=1e-6)
        np.testing.assert_allclose(moved.tau, 8 * plain.tau, rtol=1e-9)


class TestStrength:
    @pytest.mark.parametrize("guess", [1e-200, 1e-6, 1.0, 1e6, 1e200])
    @pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 1e8])
    @pytest.mark.parametrize(("alpha", "ridge"), [(0.01, 0.0), (0.9, 0.0), (0.5, 0.3), (3.0, 0.3)])
    def test_solves_the_rule_from_any_guess(self, guess, scale, alpha, ridge):
        z = np.random.default_rng(2).standard_normal(50)
        tau, value, response = solve_strength(z, np.full(50, scale), alpha, ridge, guess)
        np.testing.assert_array_equal(value, proximal_operator(z, tau, scale))
        # Where 1 − ϱ/τ is small, rounding of τ shows in it.
        assert response == pytest.approx(alpha * (1 - ridge / tau), rel=1e-9, abs=1e-13)

    def test_mixed_scales_and_zeros(self):
        z = np.concatenate([np.zeros(10), np.linspace(-3, 3, 40)])
        scale = 10.0 ** np.linspace(-8, 4, 50)
        tau, _, response = solve_strength(z, scale, 0.3, 0.0, 1.0)
        assert tau > 0
        assert response == pytest.approx(0.3, abs=1e-13)

    def test_no_solution_is_an_error(self):
        with pytest.raises(ArithmeticError, match="no strength solves"):
            solve_strength(np.ones(5), np.ones(5), 1.5, 0.0, 1.0)


class TestRequirements:
    X = np.random.default_rng(0).standard_normal((4, 9)) / 2.0
    y = np.ones(4)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"X": np.ones(4)}, "X must have 2 dimension"),
            (
                {"X": np.ones((0, 9)), "y": np.ones(0)},
                "X must have at least one row and one column",
            ),
            ({"X": np.full((4, 9), np.nan)}, "X must be finite"),
            ({"X": np.ones((9, 9)), "y": np.ones(9)}, "n < d is required without ridge"),
            ({"y": np.ones(5)}, "y must have shape \\(4,\\)"),
            ({"y": [1.0, np.inf, 0.0, 0.0]}, "y must be finite"),
            ({"scale": np.ones(4)}, "scale must be a scalar or have shape \\(9,\\)"),
            ({"scale": 0.0}, "scale must satisfy scale > 0"),
            ({"scale": -1.0}, "scale must satisfy scale > 0"),
            ({"ridge": -0.1}, "ridge must satisfy"),
            ({"damping": 1.0}, "damping must lie in"),
            ({"damping": -0.1}, "damping must lie in"),
            ({"iterations": 0}, "iterations must be an integer >= 1"),
            ({"iterations": 2.0}, "iterations must be an integer"),
            ({"iterations": True}, "iterations must be an integer"),
            ({"tolerance": -1e-3}, "tolerance must satisfy >= 0"),
            ({"tolerance": math.nan}, "tolerance must be finite"),
            ({"onsager": math.inf}, "onsager must be finite"),
            ({"tau": [1.0, 2.0]}, "tau must be a scalar or have shape"),
            ({"tau": 0.0}, "tau must satisfy tau > 0"),
            ({"truth": np.ones(4)}, "truth must have shape \\(9,\\)"),
            ({"truth": np.full(9, np.nan)}, "truth must be finite"),
        ],
    )
    def test_are_named(self, changes, message):
        arguments = {"X": self.X, "y": self.y, "scale": 1.0, **changes}
        X, y, scale = (arguments.pop(name) for name in ("X", "y", "scale"))
        with pytest.raises(ValueError, match=message):
            amp(X, y, scale, **arguments)
