"""State evolution: its integrals over z and by sampling, closed forms, rest points, errors."""

import math

import numpy as np
import pytest

from numerics import CoordinateGroup, Initialization, TaskDistribution
from numerics.penalty import solve_proximal
from numerics.state_evolution import state_evolution

INITS = [(1e-8, -0.99e-8, 0.0), (1e-6, 0.99e-6, 0.0), (1e-3, 0.0, 0.0), (0.1, 0.0, 1.0)]


def task(slab="gaussian", **options):
    return TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab, **options)


def reference_moments(groups, scales, tau, theta2):
    """E[η′] and E[(η − β*)²] over z, with the denoiser of numerics.penalty, by fine panels."""
    points, weights = np.polynomial.legendre.leggauss(16)
    response = error = 0.0
    for group, c in zip(groups, scales, strict=True):
        a = group.ft_amplitude
        gaussian = group.slab == "gaussian"
        centre, spread = (0.0, math.hypot(math.sqrt(theta2), a)) if gaussian else (a, theta2**0.5)
        near = (c + tau) * np.geomspace(1e-4, 10.0, 100)
        edges = np.unique(
            np.concatenate([centre + spread * np.linspace(-10, 10, 300), near, -near])
        )
        half = 0.5 * np.diff(edges)[:, None]
        z = (edges[:-1, None] + half * (1.0 + points)).ravel()
        density = np.exp(-0.5 * ((z - centre) / spread) ** 2) / (math.sqrt(2 * math.pi) * spread)
        measure = (half * weights).ravel() * density
        solved = solve_proximal(z, tau, c)
        share = (a / spread) ** 2 if gaussian else 0.0
        expected = z * share if gaussian else a
        response += group.probability * (measure @ solved.derivative)
        error += group.probability * (measure @ ((solved.value - expected) ** 2 + theta2 * share))
    return response, error


@pytest.mark.parametrize(("slab", "init"), [("gaussian", INITS[2]), ("sign", INITS[3])])
def test_first_step_to_twelve_digits(slab, init):
    teachers, start = task(slab), Initialization(*init)
    found = state_evolution(teachers, start, 0.3, iterations=1, noise_variance=0.2, ridge=0.05)
    response, error = reference_moments(
        teachers.groups, teachers.penalty_scales(start), found.tau[0], found.theta_squared[0]
    )
    assert found.theta_squared[0] == pytest.approx(0.2 + 1 / 0.3, rel=1e-15, abs=0)
    assert response == pytest.approx(0.3 * (1 - 0.05 / found.tau[0]), rel=1e-12, abs=0)
    assert error == pytest.approx(found.mse[1], rel=1e-12, abs=0)
    assert found.theta_squared[1] == pytest.approx(0.2 + found.mse[1] / 0.3, rel=1e-15, abs=0)


@pytest.mark.parametrize("slab", ["gaussian", "sign"])
@pytest.mark.parametrize("init", INITS)
def test_each_step_by_sampling_the_denoiser(slab, init):
    teachers, start = task(slab), Initialization(*init)
    found = state_evolution(teachers, start, 0.4, iterations=4, noise_variance=0.1)
    rng = np.random.default_rng(4)
    count = 100_000
    for t in range(4):
        response = error = variance = 0.0
        for group, scale in zip(teachers.groups, teachers.penalty_scales(start), strict=True):
            draws = rng.standard_normal(count)
            truth = group.ft_amplitude * (draws if group.slab == "gaussian" else np.sign(draws))
            z = truth + math.sqrt(found.theta_squared[t]) * rng.standard_normal(count)
            solved = solve_proximal(z, found.tau[t], scale)
            squared = (solved.value - truth) ** 2
            response += group.probability * solved.derivative.mean()
            error += group.probability * squared.mean()
            variance += group.probability**2 * squared.var() / count
        assert response == pytest.approx(0.4, abs=5 * 0.5 / math.sqrt(count))
        assert abs(error - found.mse[t + 1]) < 5 * math.sqrt(variance)


def test_least_norm_has_a_closed_form():
    # At c → ∞ the denoiser is linear: η = αz, so p' = (1 − α)² E[β*²] + α² θ².
    found = state_evolution(task(), Initialization(1e9, 0.0), 0.3, iterations=6)
    p = 1.0
    for t in range(6):
        p = 0.7**2 + 0.3**2 * p / 0.3
        assert found.mse[t + 1] == pytest.approx(p, rel=1e-12, abs=0)


@pytest.mark.parametrize("slab", ["gaussian", "sign"])
@pytest.mark.parametrize("alpha", [0.05, 0.9])
@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_rests_where_the_error_reproduces_itself(slab, alpha, init, ridge):
    found = state_evolution(
        task(slab), Initialization(*init), alpha,
        iterations=1000, noise_variance=0.5, ridge=ridge, tolerance=1e-10,
    )  # fmt: skip
    assert found.change < 1e-10
    assert found.theta_squared[-1] == pytest.approx(0.5 + found.mse[-1] / alpha, rel=1e-14, abs=0)
    assert found.theta_squared[-2] == pytest.approx(found.theta_squared[-1], rel=1e-9)


def test_above_the_recovery_threshold_errors_fall_to_the_scale():
    start = Initialization(1e-4, -0.99e-4)
    found = state_evolution(task("sign"), start, 0.8, iterations=100, tolerance=1e-2)
    assert (np.diff(found.mse) < 0).all()
    assert 0.0 < found.mse[-1] < 1e-6


def test_splitting_a_group_changes_nothing():
    whole = task()
    split = TaskDistribution(
        tuple(
            CoordinateGroup(g.name, g.probability / 2, g.pt_magnitude, g.slab, g.ft_amplitude)
            for g in whole.groups
            for _ in range(2)
        )
    )
    init = Initialization(1e-3, 0.0)
    one, two = (state_evolution(t, init, 0.3, iterations=5) for t in (whole, split))
    np.testing.assert_allclose(one.mse, two.mse, rtol=1e-12)
    np.testing.assert_allclose(one.tau, two.tau, rtol=1e-11)


def test_given_strengths_and_length():
    init = Initialization(1e-3, 0.0)
    free = state_evolution(task(), init, 0.3, iterations=5)
    again = state_evolution(task(), init, 0.3, iterations=5, tau=free.tau)
    np.testing.assert_allclose(again.mse, free.mse, rtol=1e-12)
    assert (free.iterations, free.mse.size, free.theta_squared.size) == (5, 6, 6)
    constant = state_evolution(task(), init, 0.3, iterations=3, tau=0.5)
    assert constant.tau == pytest.approx([0.5] * 3)


def test_more_data_than_coordinates_needs_ridge():
    found = state_evolution(task(), Initialization(1e-3, 0.0), 3.0, ridge=0.2, iterations=10)
    assert np.all(np.diff(found.mse) < 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alpha": 0.0}, "alpha must satisfy alpha > 0"),
        ({"alpha": math.nan}, "alpha must be finite"),
        ({"alpha": 1.0}, "alpha must be < 1 without ridge"),
        ({"noise_variance": -1.0}, "noise_variance must satisfy"),
        ({"ridge": -1.0}, "ridge must satisfy"),
        ({"tolerance": -1.0}, "tolerance must satisfy"),
        ({"iterations": 0}, "iterations must be an integer >= 1"),
        ({"iterations": 1.5}, "iterations must be an integer"),
        ({"tau": [0.1]}, "tau must be a scalar or have shape"),
        ({"tau": -1.0}, "tau must satisfy tau > 0"),
        ({"init": Initialization(1e-3, -1e-3)}, "requires c_FT > 0"),
    ],
)
def test_requirements_are_named(changes, message):
    arguments = {"init": Initialization(1e-3, 0.0), "alpha": 0.3, "iterations": 3, **changes}
    init, alpha = arguments.pop("init"), arguments.pop("alpha")
    with pytest.raises(ValueError, match=message):
        state_evolution(task(), init, alpha, **arguments)
