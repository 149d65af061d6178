"""The first stage of the pipeline."""

import math
from fractions import Fraction

import numpy as np
import pytest

from numerics import Initialization, Pretraining, TaskDistribution, solve_replica
from numerics.pipeline import solve_pretraining

TASK = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.3)


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("ridge", [0.0, 0.1])
@pytest.mark.parametrize("alpha", [1e-3, 0.3, 0.97])
def test_it_is_a_single_task_of_scale_c(alpha, noise, ridge):
    init = Initialization(1e-2, -5e-3, 0.1)
    found = solve_pretraining(TASK, init, Pretraining(alpha, noise, ridge))
    task = TaskDistribution.single_task(0.2, amplitude=1.0)
    exact = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    assert found.mse == pytest.approx(exact.mse[0], rel=1e-13)
    assert found.tau == pytest.approx(exact.tau[0], rel=1e-13)
    assert found.theta == pytest.approx(exact.theta[0], rel=1e-13)
    assert found.relative_error < 1e-11
    # Groups with the same law of pretraining have the same error.
    active, idle = exact.group_mse[:, 0]
    assert found.group_names == ("overlap", "new", "pt-only", "none")
    assert found.group_mse == pytest.approx([active, idle, active, idle], rel=1e-12)


def test_slopes_of_the_state():
    init = Initialization(1e-2, 0.0)
    at = np.array([math.log(init.c), 0.3, 0.2])

    def state(x):
        begin = Initialization(math.exp(x[0]), 0.0)
        found = solve_pretraining(TASK, begin, Pretraining(x[1], x[2] ** 2, 0.05))
        return np.array([math.log(found.tau), 2.0 * math.log(found.theta)])

    slopes = solve_pretraining(TASK, init, Pretraining(0.3, 0.04, 0.05)).state_slopes
    for index in range(3):
        step = 1e-5 * np.eye(3)[index]
        numeric = (state(at + step) - state(at - step)) / 2e-5
        assert slopes[:, index] == pytest.approx(numeric, rel=1e-7)


def test_least_squares():
    found = solve_pretraining(TASK, Initialization(1e-2, 0.0), Pretraining(4.0, 0.3))
    assert (found.tau, found.theta**2) == (0.0, pytest.approx(0.4, rel=1e-15))
    assert found.group_mse == pytest.approx(np.full(4, 0.4), rel=1e-15)
    # theta^2 = sigma^2 alpha / (alpha - 1).
    assert found.state_slopes[0].tolist() == [0.0, 0.0, 0.0]
    assert found.state_slopes[1] == pytest.approx(
        [0.0, 1.0 / 4.0 - 1.0 / 3.0, 2.0 / math.sqrt(0.3)], rel=1e-14
    )


@pytest.mark.parametrize("excess", [1e-3, 1e-6, 1e-9, 1e-12])
def test_least_squares_next_to_the_pole(excess):
    """The error keeps its digits: alpha is taken as it is, and 1 - 1/alpha would cancel."""
    alpha, noise = Fraction(1.0 + excess), Fraction(0.1 * excess)
    found = solve_pretraining(
        TASK, Initialization(1e-2, 0.0), Pretraining(float(alpha), float(noise))
    )
    assert found.mse == pytest.approx(float(noise * alpha / (alpha - 1)), rel=4e-16)
    assert found.relative_error < 1e-14


def test_nothing_to_learn():
    task = TaskDistribution.pretrain_finetune(0.0, 0.1, 0.0)
    found = solve_pretraining(task, Initialization(1e-2, 0.0), Pretraining(0.3))
    assert (found.tau, found.theta, found.mse) == (0.0, 0.0, 0.0)
    noisy = solve_pretraining(task, Initialization(1e-2, 0.0), Pretraining(0.3, 0.1))
    assert noisy.mse > 0.0


@pytest.mark.parametrize("alpha", [0.0, -1.0, 9e-4, math.nan, "0.3", None, True, [0.3, 0.4]])
def test_alpha_is_checked(alpha):
    with pytest.raises(ValueError, match=r"alpha of pretraining must be a number >= 0\.001"):
        Pretraining(alpha)


def test_the_rest_is_checked():
    with pytest.raises(ValueError, match=r"noise_variance of pretraining must lie .* got .*=-0\.1"):
        Pretraining(0.3, -0.1)
    with pytest.raises(ValueError, match="noise_variance of pretraining must be finite"):
        Pretraining(0.3, math.nan)
    with pytest.raises(ValueError, match=r"ridge of pretraining must lie .* got ridge=2000\.0"):
        Pretraining(0.3, 0.0, 2e3)
    with pytest.raises(ValueError, match=r"must not be 1 with noise and without ridge .* got alp"):
        Pretraining(1.0, 0.1)
    assert Pretraining(1.0, 0.1, 0.1).alpha == 1.0
    assert Pretraining(math.inf).is_perfect
    assert not Pretraining(math.inf, 0.1).is_perfect
    assert not Pretraining(0.99).is_perfect
