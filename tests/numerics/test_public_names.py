"""The names and signatures that scripts rely on (the design's contract)."""

import inspect

import numpy as np
import pytest

import numerics.convex
from numerics import (
    ConvergenceError,
    Initialization,
    Pretraining,
    TaskDistribution,
    minimum_penalty,
    potential,
    solve_pipeline,
    solve_replica,
)
from numerics.best_init import best_initialization
from numerics.exchange import cheapest_split, exchange_rates, least_cost
from numerics.regimes import l_order, pretraining_dependence

REQUIRED = inspect.Parameter.empty
TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
INIT = Initialization(1e-2, 0.0, 0.1)


def parameters(function):
    """Return {name: (default, keyword only)} in order."""
    return {
        name: (value.default, value.kind is inspect.Parameter.KEYWORD_ONLY)
        for name, value in inspect.signature(function).parameters.items()
    }


@pytest.mark.parametrize(
    ("function", "stated"),
    [
        (
            Initialization,
            {"c": (REQUIRED, False), "lam": (REQUIRED, False), "gamma": (0.0, False)},
        ),
        (
            TaskDistribution.pretrain_finetune,
            {
                "rho_pt": (REQUIRED, False),
                "rho_ft": (REQUIRED, False),
                "overlap": (REQUIRED, False),
                "slab": ("sign", True),
                "pt_amplitude": (1.0, True),
                "ft_amplitude": (None, True),
            },
        ),
        (
            TaskDistribution.single_task,
            {"rho": (REQUIRED, False), "slab": ("sign", True), "amplitude": (None, True)},
        ),
        (
            solve_replica,
            {
                "task": (REQUIRED, False),
                "init": (REQUIRED, False),
                "alpha": (REQUIRED, False),
                "noise_variance": (0.0, True),
                "ridge": (0.0, True),
                "throw": (True, True),
            },
        ),
        (
            solve_pipeline,
            {
                "task": (REQUIRED, False),
                "init": (REQUIRED, False),
                "pretraining": (REQUIRED, False),
                "alpha": (REQUIRED, False),
                "noise_variance": (0.0, True),
                "ridge": (0.0, True),
                "throw": (True, True),
            },
        ),
        (
            Pretraining,
            {"alpha": (REQUIRED, False), "noise_variance": (0.0, False), "ridge": (0.0, False)},
        ),
        (
            best_initialization,
            {
                "task": (REQUIRED, False),
                "alpha": (REQUIRED, False),
                "pretraining": (None, True),
                "noise_variance": (0.0, True),
                "ridge": (0.0, True),
                "starts": (12, True),
                "seed": (0, True),
            },
        ),
        (
            exchange_rates,
            {
                "task": (REQUIRED, False),
                "init": (REQUIRED, False),
                "alpha_pt": (REQUIRED, False),
                "alpha": (REQUIRED, False),
                "noise_variance_pt": (0.0, True),
                "ridge_pt": (0.0, True),
                "noise_variance": (0.0, True),
                "ridge": (0.0, True),
                "noise_convention": ("1/n", True),
                "throw": (True, True),
            },
        ),
        (
            cheapest_split,
            {
                "task": (REQUIRED, False),
                "init": (REQUIRED, False),
                "budget": (REQUIRED, False),
                "price_pt": (REQUIRED, False),
                "price_ft": (REQUIRED, False),
                "noise_convention": ("1/n", True),
            },
        ),
        (
            least_cost,
            {
                "task": (REQUIRED, False),
                "init": (REQUIRED, False),
                "target": (REQUIRED, False),
                "price_pt": (REQUIRED, False),
                "price_ft": (REQUIRED, False),
                "noise_convention": ("1/n", True),
            },
        ),
        (
            potential,
            {
                "task": (REQUIRED, False),
                "init": (REQUIRED, False),
                "alpha": (REQUIRED, False),
                "theta": (REQUIRED, False),
                "b": (REQUIRED, False),
                "noise_variance": (0.0, True),
                "ridge": (0.0, True),
            },
        ),
        (
            minimum_penalty,
            {"X": (REQUIRED, False), "y": (REQUIRED, False), "scale": (REQUIRED, False)},
        ),
        (l_order, {"beta_ft": (REQUIRED, False), "scale": (REQUIRED, False)}),
        (
            pretraining_dependence,
            {"beta_pt": (REQUIRED, False), "beta_ft": (REQUIRED, False), "init": (REQUIRED, False)},
        ),
    ],
)
def test_signatures(function, stated):
    """Stated parameters, in their order; others may follow, but must have defaults."""
    found = parameters(function)
    assert [name for name in found if name in stated] == list(stated)
    assert {name: found[name] for name in stated} == stated
    assert all(found[name][0] is not REQUIRED for name in found if name not in stated)


@pytest.mark.parametrize(
    ("c", "lam", "gamma"),
    [
        (0.0, 0.0, 0.0),
        (-1.0, 0.0, 0.0),
        (1.0, 1.5, 0.0),
        (1.0, -1.5, 0.0),
        (1.0, 0.0, -1.0),
        (np.inf, 0.0, 0.0),
        (1.0, np.nan, 0.0),
        (1.0, 0.0, np.inf),
    ],
)
def test_initializations_are_validated(c, lam, gamma):
    with pytest.raises(ValueError, match=r"must|c > 0"):
        Initialization(c, lam, gamma)


def test_second_moment_is_one_unless_an_amplitude_is_given():
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.5, slab=slab)
        assert task.second_moment == pytest.approx(1.0)
        assert TaskDistribution.single_task(0.1, slab=slab).second_moment == pytest.approx(1.0)
    louder = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.5, pt_amplitude=2.0, ft_amplitude=3.0)
    assert louder.second_moment == pytest.approx(0.9)
    assert {group.pt_magnitude for group in louder.groups} == {0.0, 2.0}
    assert TaskDistribution.single_task(0.1, amplitude=3.0).second_moment == pytest.approx(0.9)


def test_single_tasks_are_penalised_at_the_scale_c():
    task = TaskDistribution.single_task(0.1)
    np.testing.assert_array_equal(task.penalty_scales(INIT), INIT.c)


@pytest.mark.parametrize("alpha", [0.3, [0.1, 0.3, 0.6]])
def test_curves_have_the_stated_fields(alpha):
    curve = solve_replica(TASK, INIT, alpha, noise_variance=0.1, ridge=0.01)
    size = np.size(alpha)
    for name in (
        "alpha", "mse", "tau", "theta", "residual",
        "penalty", "training_error", "cross_moment", "second_moment", "objective",
    ):  # fmt: skip
        values = getattr(curve, name)
        assert (values.shape, values.dtype) == ((size,), np.float64)
    assert (curve.converged.shape, curve.converged.dtype) == ((size,), np.bool_)
    np.testing.assert_array_equal(curve.alpha, np.atleast_1d(alpha))


def test_unsolved_points_are_an_error_unless_asked_otherwise():
    assert issubclass(ConvergenceError, Exception)
    assert not issubclass(ConvergenceError, ValueError)
    assert solve_replica(TASK, INIT, 0.3, throw=False).converged.all()


def test_samples_unpack_into_data_and_teachers():
    X, y, beta_pt, beta_ft = TASK.sample(40, 0.5, np.random.default_rng(1))
    assert [part.shape for part in (X, y, beta_pt, beta_ft)] == [(20, 40), (20,), (40,), (40,)]
    np.testing.assert_allclose(y, X @ beta_ft)
    assert np.count_nonzero(beta_pt) == 4


def test_penalty_minimisers_agree_in_type_and_value():
    X, y, beta_pt, _ = TASK.sample(30, 0.5, np.random.default_rng(2))
    scale = INIT.finetune_scale(beta_pt)
    found = minimum_penalty(X, y, scale)
    assert (found.beta.shape, found.dual.shape) == ((30,), (15,))
    assert found.gap < 1e-9
    assert found.infeasibility < 1e-9
    assert found.iterations > 0
    assert found.status.advice
    for options in ((), ("CLARABEL",)):
        conic = numerics.convex.minimum_penalty(X, y, scale, *options)
        assert isinstance(conic, type(found))
        np.testing.assert_allclose(conic.beta, found.beta, atol=1e-6)


def test_penalty_minimisers_reach_the_l1_limit():
    X, y, _, _ = TASK.sample(30, 0.5, np.random.default_rng(3))
    found = minimum_penalty(X, y, np.zeros(30))
    np.testing.assert_allclose(X @ found.beta, y, atol=1e-9)
    assert np.count_nonzero(np.abs(found.beta) > 1e-9) <= 15


def test_regime_functions_broadcast():
    z = np.array([[0.1], [1.0]])
    assert l_order(z, np.array([1.0, 2.0, 3.0])).shape == (2, 3)
    assert l_order(z, 1.0).dtype == np.float64
    found = pretraining_dependence(np.array([0.5, 1.0]), z, INIT)
    assert (found.shape, found.dtype) == ((2, 2), np.float64)
    assert ((found > -1.0) & (found <= 0.0)).all()
