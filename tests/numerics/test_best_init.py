"""The best initialisation: against scans, differences of the error, and its bounds."""

import math

import numpy as np
import pytest

from numerics import (
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from numerics.best_init import _edges, best_initialization
from numerics.initialization import REGIMES
from numerics.pipeline import PretrainingError

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
NOISE = 0.05


@pytest.fixture(scope="module")
def found():
    return best_initialization(TASK, 0.2, noise_variance=NOISE, starts=4)


def error(c, ratio, gamma):
    return solve_replica(TASK, Initialization(c, ratio * c, gamma), 0.2, noise_variance=NOISE).mse[
        0
    ]


def test_the_regimes_are_those_of_figure_5_with_their_own_errors(found):
    for candidate in found[1:]:
        c, ratio, gamma = REGIMES[candidate.label]
        assert candidate.init == Initialization(c, ratio * c, gamma)
        assert candidate.mse == pytest.approx(error(c, ratio, gamma), rel=1e-12, abs=0)
        assert candidate.at_bound == ()


def test_no_parameter_can_be_moved_to_lower_the_error(found):
    best = found[0]
    c, ratio, gamma = best.init.c, best.init.relative_scale, best.init.gamma
    assert best.mse == pytest.approx(error(c, ratio, gamma), rel=1e-10)
    moves = {
        "c": [(c * f, ratio, gamma) for f in (0.9, 1.1)],
        "lambda/c": [(c, min((1 + ratio) * f - 1, 1.0), gamma) for f in (0.9, 1.1)],
        "gamma": [(c, ratio, gamma * f) for f in (0.9, 1.1)],
    }
    for name, both in moves.items():
        # Beyond a bound the error may be lower, within it not.
        gains = [error(*moved) < best.mse * (1 - 1e-7) for moved in both]
        assert sum(gains) <= (name in best.at_bound)


def test_the_same_seed_finds_the_same():
    again = [best_initialization(TASK, 0.2, noise_variance=NOISE, starts=5, seed=3) for _ in "12"]
    assert again[0] == again[1]


@pytest.mark.parametrize(
    ("alpha", "options", "said"),
    [
        (0.2, {"starts": 3}, "starts must be an integer >= 4, got starts=3"),
        (0.2, {"starts": 4.5}, "starts must be an integer >= 4, got starts=4.5"),
        (0.2, {"seed": -1}, "seed must be an integer >= 0, got seed=-1"),
        ([1.5], {}, r"alpha must be < 1 without ridge .*got alpha=1\.5"),
        ([0.2, 0.3], {}, r"alpha must be one number, got shape \(2,\)"),
        (1.0, {}, "alpha must be < 1 without ridge"),
        (0.2, {"noise_variance": -1.0}, "noise_variance"),
    ],
)
def test_what_cannot_be_searched_is_refused(alpha, options, said):
    with pytest.raises(ValueError, match=said):
        best_initialization(TASK, alpha, **options)


def test_with_a_ridge_more_data_than_coordinates_are_allowed():
    best, *named = best_initialization(TASK, 1.5, noise_variance=0.5, ridge=0.1, starts=4)
    assert best.mse <= min(candidate.mse for candidate in named) * (1 + 1e-9)


def test_best_initialisation_beats_the_regimes_and_a_scan():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    best, *named = best_initialization(task, 0.2, noise_variance=0.05)
    assert [candidate.label for candidate in named] == ["I", "II", "III", "IV"]
    assert best.mse <= min(candidate.mse for candidate in named) * (1 + 1e-9)
    scanned = min(
        solve_replica(task, Initialization(c, r * c, g), 0.2, noise_variance=0.05).mse[0]
        for c in 10.0 ** np.arange(-8, 3, 2)
        for r in (-0.9999, -0.99, -0.5, 0.0, 0.9)
        for g in (0.0, 0.1, 1.0)
    )
    assert best.mse <= scanned * (1 + 1e-9)


def test_best_initialisation_of_a_single_task_depends_on_c_only():
    best, *_ = best_initialization(TaskDistribution.single_task(0.9), 0.5, noise_variance=0.1)
    assert best.init.relative_scale == 0.0
    assert math.isfinite(best.mse)


def test_only_what_touches_an_end_of_the_range_is_named():
    low, high = np.array([-3.0, 0.0, 1.0]), np.array([3.0, 2.0, 1.0])
    assert _edges(np.array([-3.0 + 1e-7, 2.0 - 1e-5, 1.0]), low, high) == ("c",)
    assert _edges(np.array([3.0 - 1e-5, 2.0 - 1e-7, 1.0]), low, high) == ("lambda/c",)
    assert _edges(np.array([-3.0 + 1e-5, 1e-5, 1.0]), low, high) == ()


REUSED = TaskDistribution.pretrain_finetune(0.1, 0.1, 1.0, slab="gaussian")
FEW = Pretraining(0.3, noise_variance=1e-3)


@pytest.fixture(scope="module")
def after_pretraining():
    return best_initialization(REUSED, 0.2, pretraining=FEW, noise_variance=NOISE, starts=4)


def pipeline_error(c, ratio, gamma):
    init = Initialization(c, ratio * c, gamma)
    return solve_pipeline(REUSED, init, FEW, 0.2, noise_variance=NOISE).mse[0]


def test_regimes_after_pretraining_on_data_have_its_errors(after_pretraining):
    for candidate in after_pretraining[1:]:
        truth = pipeline_error(*REGIMES[candidate.label])
        assert candidate.mse == pytest.approx(truth, rel=1e-12, abs=0)


def test_the_search_goes_through_both_stages(after_pretraining):
    best, *named = after_pretraining
    assert best.mse <= min(candidate.mse for candidate in named) * (1 + 1e-9)
    init = best.init
    place = np.array([np.log(init.c), np.log1p(init.relative_scale), np.log(init.gamma)])

    def at(moved):
        return pipeline_error(np.exp(moved[0]), np.expm1(moved[1]), np.exp(moved[2]))

    assert best.mse == pytest.approx(at(place), rel=1e-10)
    for number, name in enumerate(("c", "lambda/c", "gamma")):
        if name not in best.at_bound:
            for step in (-0.1, 0.1):
                assert at(place + step * np.eye(3)[number]) >= best.mse * (1 - 1e-7)
    scanned = min(
        pipeline_error(c, r, g)
        for c in (1e-6, 1e-3, 1.0)
        for r in (-0.999, -0.5, 0.5)
        for g in (0.0, 0.1, 1.0)
    )
    assert best.mse <= scanned * (1 + 1e-9)


def test_what_is_best_depends_on_how_much_pretraining_has_seen(after_pretraining):
    perfect = best_initialization(REUSED, 0.2, noise_variance=NOISE, starts=4)[0]
    assert perfect.mse < after_pretraining[0].mse
    at_best = perfect.init
    error = pipeline_error(at_best.c, at_best.relative_scale, at_best.gamma)
    assert error > after_pretraining[0].mse * (1 + 1e-6)


def test_unlimited_pretraining_recovers_the_search_without():
    unlimited, without = (
        best_initialization(REUSED, 0.2, pretraining=how, noise_variance=NOISE, starts=4)
        for how in (Pretraining(math.inf), None)
    )
    assert unlimited == without


def test_a_search_needs_a_stage_of_pretraining_and_its_solution(monkeypatch):
    with pytest.raises(ValueError, match="must have a pretraining stage"):
        best_initialization(TaskDistribution.single_task(0.1), 0.2, pretraining=FEW)
    with pytest.raises(ValueError, match=r"pretraining must be a Pretraining, got 0\.3"):
        best_initialization(REUSED, 0.2, pretraining=0.3)

    def unsolved(*arguments):
        raise PretrainingError("not solved")

    monkeypatch.setattr("numerics.pipeline.solve.solve_pretraining", unsolved)
    with pytest.raises(PretrainingError, match="not solved"):
        best_initialization(REUSED, 0.2, pretraining=FEW)
