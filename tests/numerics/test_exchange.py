"""Rates of exchange against differences, splits against scans, and what has no answer."""

import math
from itertools import pairwise

import numpy as np
import pytest

from numerics import (
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from numerics.exchange import Split, cheapest_split, exchange_rates, least_cost
from numerics.exchange.rates import _ratio
from numerics.exchange.splits import _first_of_the_best, _least

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 1.0, slab="gaussian")
INIT = Initialization(1e-3, 0.0)
LAZY_TASK = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.0, slab="gaussian")
LAZY = Initialization(0.1, 0.0, 0.1)


def error(alpha_pt, alpha, convention="1/n", noise_pt=0.0, noise=0.0):
    by_example = convention == "1/d"
    first = Pretraining(alpha_pt, noise_pt / alpha_pt if by_example else noise_pt)
    variance = noise / alpha if by_example else noise
    return solve_pipeline(TASK, INIT, first, alpha, noise_variance=variance).mse[0]


@pytest.mark.parametrize("convention", ["1/n", "1/d"])
@pytest.mark.parametrize(("noise_pt", "noise"), [(0.0, 0.0), (0.02, 0.0), (0.01, 0.03)])
def test_slopes_are_what_differences_say(convention, noise_pt, noise):
    found = exchange_rates(
        TASK,
        INIT,
        [0.3, 1.5],
        [0.2, 0.4],
        noise_variance_pt=noise_pt,
        noise_variance=noise,
        noise_convention=convention,
    )
    h = 1e-5
    for row, a_pt in enumerate((0.3, 1.5)):
        for column, a in enumerate((0.2, 0.4)):

            def at(x, y):
                return error(x, y, convention, noise_pt, noise)

            assert found.mse[row, column] == pytest.approx(at(a_pt, a), rel=1e-12)
            in_pt = (at(a_pt + h, a) - at(a_pt - h, a)) / (2 * h)
            in_ft = (at(a_pt, a + h) - at(a_pt, a - h)) / (2 * h)
            assert found.slope_pt[row, column] == pytest.approx(in_pt, rel=1e-6, abs=1e-9)
            assert found.slope_ft[row, column] == pytest.approx(in_ft, rel=1e-6)


def test_moving_along_the_rates_keeps_the_error():
    rates = exchange_rates(TASK, INIT, 0.35, 0.25)
    less_ft, less_pt = (
        float(rate[0, 0])
        for rate in (rates.finetuning_per_pretraining, rates.pretraining_per_finetuning)
    )
    h, here = 1e-4, rates.mse[0, 0]
    # One more example of pretraining stands for that many of fine-tuning, and the reverse.
    assert error(0.35 + h, 0.25 - less_ft * h) == pytest.approx(here, rel=1e-6)
    assert error(0.35 - less_pt * h, 0.25 + h) == pytest.approx(here, rel=1e-6)
    assert error(0.35 + h, 0.25) < here * (1 - 1e-4)
    assert less_ft * less_pt == pytest.approx(1.0)


def test_the_table_holds_every_pair():
    found = exchange_rates(TASK, INIT, [0.2, 0.5, math.inf], [0.1, 0.3], ridge_pt=1e-3, ridge=1e-3)
    shapes = {getattr(found, name).shape for name in ("mse", "slope_pt", "slope_ft", "converged")}
    assert shapes == {(3, 2)}
    assert found.converged.all()
    first = Pretraining(0.5, 0.0, 1e-3)
    row = solve_pipeline(TASK, INIT, first, [0.1, 0.3], ridge=1e-3)
    np.testing.assert_array_equal(found.mse[1], row.mse)
    np.testing.assert_array_equal(found.relative_error[1], row.relative_error)
    assert found.mse_pt[1] == row.pretraining.mse
    assert list(found.alpha_pt) == [0.2, 0.5, math.inf]


def test_pretraining_that_hurts_has_a_negative_worth():
    found = exchange_rates(LAZY_TASK, LAZY, 0.5, 0.4)
    assert found.slope_pt[0, 0] > 0.0 > found.slope_ft[0, 0]
    assert found.finetuning_per_pretraining[0, 0] < 0.0
    assert found.pretraining_per_finetuning[0, 0] < 0.0


def test_where_more_pretraining_changes_nothing_no_number_is_enough():
    found = exchange_rates(TASK, INIT, [1.0, 1.5, math.inf], [0.3, 1.5])
    # The error has a kink at α_PT = 1, and is 0 at α ≥ 1 whatever pretraining learns.
    assert np.isnan(found.pretraining_per_finetuning[0]).all()
    np.testing.assert_array_equal(found.finetuning_per_pretraining[1:, 0], [0.0, 0.0])
    np.testing.assert_array_equal(found.pretraining_per_finetuning[1:, 0], [math.inf, math.inf])
    assert np.isnan(found.finetuning_per_pretraining[1:, 1]).all()


def test_quotients_by_zero_have_no_sign():
    top, bottom = np.array([1.0, -1.0, 0.0, 0.0, -2.0]), np.array([-0.0, 0.0, 0.0, -3.0, 4.0])
    np.testing.assert_array_equal(_ratio(top, bottom), [math.inf, math.inf, math.nan, 0.0, -0.5])
    assert math.copysign(1.0, _ratio(top, bottom)[3]) == 1.0


@pytest.fixture(scope="module")
def split():
    return cheapest_split(TASK, INIT, 0.3, 0.2, 1.0)


def test_at_the_best_split_an_example_of_each_is_worth_its_price(split):
    assert 0.2 * split.alpha_pt + split.alpha == pytest.approx(0.3, rel=1e-12)
    assert split.cost == pytest.approx(0.3, rel=1e-12)
    assert split.finetuning_per_pretraining == pytest.approx(0.2, rel=1e-5)
    assert split.mse == pytest.approx(error(split.alpha_pt, split.alpha), rel=1e-12)


def test_no_other_split_is_better(split):
    for share in np.linspace(0.01, 0.99, 25):
        assert error(share * 0.3 / 0.2, (1 - share) * 0.3) >= split.mse


def test_units_of_money_do_not_matter(split):
    other = cheapest_split(TASK, INIT, 300.0, 200.0, 1000.0)
    assert other.alpha_pt == pytest.approx(split.alpha_pt, rel=1e-5)
    assert other.mse == pytest.approx(split.mse, rel=1e-10)
    assert other.cost == pytest.approx(300.0)


def test_a_kink_can_be_the_best_split():
    found = cheapest_split(TASK, INIT, 0.6, 0.2, 1.0)
    assert (found.alpha_pt, found.alpha) == (1.0, pytest.approx(0.4))
    assert math.isnan(found.finetuning_per_pretraining)
    for near in (1.0 - 1e-3, 1.0 + 1e-3):
        assert error(near, 0.6 - 0.2 * near) > found.mse


def test_both_ends_can_be_the_best_split():
    without = cheapest_split(LAZY_TASK, LAZY, 0.4, 1.0, 1.0)
    nothing = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.0, slab="gaussian", pt_amplitude=0.0)
    assert (without.alpha_pt, without.alpha) == (0.0, 0.4)
    assert without.mse == pytest.approx(solve_replica(nothing, LAZY, 0.4).mse[0], rel=1e-12)
    # So noisy that every estimate is worse than none.
    blank = cheapest_split(
        LAZY_TASK,
        Initialization(1e3, 0.0),
        0.8,
        1.0,
        1.0,
        noise_variance=1.0,
        noise_convention="1/d",
    )
    assert (blank.alpha, blank.mse, blank.alpha_pt) == (0.0, LAZY_TASK.second_moment, 0.8)


def test_without_data_of_pretraining_is_the_limit_of_little_data():
    nothing = TaskDistribution.pretrain_finetune(0.1, 0.1, 1.0, slab="gaussian", pt_amplitude=0.0)
    init = Initialization(0.1, 0.0)
    limit = solve_replica(nothing, init, 0.3).mse[0]
    errors = [
        solve_pipeline(TASK, init, Pretraining(a_pt), 0.3).mse[0] for a_pt in (0.016, 0.004, 0.001)
    ]
    gaps = np.abs(errors / limit - 1)
    assert all(after < 0.4 * before for before, after in pairwise(gaps))
    assert gaps[-1] < 1e-3


def test_enough_data_need_no_pretraining(monkeypatch):
    monkeypatch.setattr("numerics.exchange.splits._SCAN", 4)
    found = cheapest_split(TASK, INIT, 1.5, 1.0, 1.0)
    assert (found.alpha_pt, found.alpha, found.mse) == (0.0, 1.5, 0.0)


def test_examples_that_are_alike_are_bought_by_their_own_noise():
    options = {"noise_variance_pt": 0.01, "noise_variance": 0.01, "noise_convention": "1/d"}
    found = cheapest_split(TASK, INIT, 1.0, 0.1, 1.0, **options)
    assert found.finetuning_per_pretraining == pytest.approx(0.1, rel=1e-4)
    truth = error(found.alpha_pt, found.alpha, "1/d", 0.01, 0.01)
    assert found.mse == pytest.approx(truth, rel=1e-12)
    # With noise at α_PT = 1 the error of pretraining has a pole.
    for near in (0.99, 1.01):
        assert error(near, 1.0 - 0.1 * near, "1/d", 0.01, 0.01) > found.mse


def test_the_least_cost_buys_what_its_own_budget_buys(monkeypatch):
    monkeypatch.setattr("numerics.exchange.splits._SCAN", 8)
    cheapest = least_cost(TASK, INIT, 0.05, 0.2, 1.0)
    assert cheapest.mse == pytest.approx(0.05, rel=1e-9)
    assert cheapest.finetuning_per_pretraining == pytest.approx(0.2, rel=1e-5)
    assert cheapest.cost == pytest.approx(0.2 * cheapest.alpha_pt + cheapest.alpha, rel=1e-12)
    back = cheapest_split(TASK, INIT, cheapest.cost, 0.2, 1.0)
    assert back.alpha_pt == pytest.approx(cheapest.alpha_pt, rel=1e-5)
    assert back.mse == pytest.approx(0.05, rel=1e-8)


def test_a_target_that_needs_no_data_costs_nothing():
    assert least_cost(TASK, INIT, 1.5, 1.0, 1.0).cost == 0.0


def test_dear_pretraining_is_not_bought():
    found = least_cost(TASK, INIT, 0.3, 1e4, 1.0)
    assert found.alpha_pt == 0.0
    assert found.mse == pytest.approx(0.3, rel=1e-9)


def test_of_several_valleys_the_deepest_is_found():
    def at(x):
        return Split(x, 0.0, min((x - 0.2) ** 2 + 1.0, 40.0 * abs(x - 0.61) + 0.5), x, math.nan)

    found = _first_of_the_best(_least(at, 0.001, 1.0, (0.9, 7.0), lambda s: s.mse), lambda s: s.mse)
    assert found.alpha_pt == pytest.approx(0.61, abs=1e-6)


def test_of_equally_good_splits_that_with_least_pretraining_is_taken():
    splits = [Split(x, 0.0, 1.0 + 1e-15 * x, 0.0, math.nan) for x in (3.0, 1.0, 2.0)]
    assert _first_of_the_best(splits, lambda s: s.mse).alpha_pt == 1.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alpha_pt": 0.0}, r"alpha of pretraining must be a number >= 0\.001 .*alpha=0\.0"),
        ({"alpha_pt": math.nan}, "got alpha=nan"),
        ({"alpha_pt": [[0.3]]}, r"alpha_pt must be a number or a list .*got \[\[0\.3\]\]"),
        ({"alpha_pt": []}, r"alpha_pt must be a number or a list .*not empty, got \[\]"),
        ({"alpha_pt": "0.3"}, "alpha_pt must be a number or a list .*got '0.3'"),
        ({"alpha_pt": [1.0, [2.0, 3.0]]}, "alpha_pt must be a number or a list"),
        ({"alpha": math.inf}, "alpha must be finite"),
        ({"alpha": -1.0}, "alpha must lie in"),
        ({"noise_variance_pt": -1.0}, r"noise_variance_pt must lie in \[0, 1000\], got -1\.0"),
        ({"noise_variance": math.nan}, "noise_variance must be finite, got nan"),
        ({"noise_convention": "1/m"}, "noise_convention must be one of .*got '1/m'"),
        ({"task": TaskDistribution.single_task(0.1)}, "must have a pretraining stage"),
        ({"init": 1.0}, "init must be an Initialization, got 1.0"),
    ],
)
def test_rates_of_what_is_out_of_range_are_refused(changes, said):
    arguments = {"task": TASK, "init": INIT, "alpha_pt": 0.3, "alpha": 0.3} | changes
    with pytest.raises(ValueError, match=said):
        exchange_rates(**arguments)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"budget": 0.0}, r"budget must be positive, got budget=0\.0"),
        ({"budget": 1e-3}, r"budget must lie in .* = \[0\.002, 1000\], got budget=0\.001"),
        ({"budget": 1e4}, "got budget=10000"),
        ({"budget": math.inf}, "budget must be finite"),
        ({"price_pt": 0.0}, r"price_pt must be positive, got price_pt=0\.0"),
        ({"price_ft": -1.0}, r"price_ft must be positive, got price_ft=-1\.0"),
        ({"price_ft": "1"}, "price_ft must be real numbers"),
        ({"task": 3}, "task must be a TaskDistribution, got 3"),
        ({"task": TaskDistribution.single_task(0.1)}, "must have a pretraining stage"),
        ({"init": None}, "init must be an Initialization, got None"),
        ({"noise_variance": 2.0, "noise_convention": "1/d"}, r"at most 1 .*got 2\.0"),
    ],
)
def test_budgets_that_cannot_be_split_are_refused(changes, said):
    arguments = {"task": TASK, "init": INIT, "budget": 1.0, "price_pt": 1.0, "price_ft": 1.0}
    with pytest.raises(ValueError, match=said):
        cheapest_split(**arguments | changes)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (0.0, r"target must be positive, got target=0\.0"),
        (math.nan, "target must be finite"),
        (1e-9, "target must be an error that data scales up to 1000 reach, got target=1e-09"),
    ],
)
def test_targets_that_cannot_be_reached_are_refused(target, said, monkeypatch):
    monkeypatch.setattr("numerics.exchange.splits._SCAN", 3)
    with pytest.raises(ValueError, match=said):
        least_cost(TASK, INIT, target, 1.0, 1.0, noise_variance=0.1)


@pytest.mark.parametrize("target", [1e-300, 1e-14, 1e-10, 0.01])
@pytest.mark.parametrize("init", [INIT, Initialization(1.0, 0.0)], ids=["rich", "lazy"])
def test_the_data_found_reach_the_target(target, init):
    """Also where the error falls to 0 within rounding of a data scale."""
    found = least_cost(TASK, init, target, 1.0, 1.0)
    assert 0.0 <= found.mse <= target
    assert found.cost <= 1.0


def test_noise_of_few_examples_that_are_alike_is_named():
    with pytest.raises(ValueError, match=r"noise_variance_pt / alpha_pt must be .* 5\.0 / 0\.001"):
        exchange_rates(TASK, INIT, 1e-3, 0.3, noise_variance_pt=5.0, noise_convention="1/d")
    with pytest.raises(ValueError, match=r"ridge of pretraining must lie in .* got ridge=-1\.0"):
        exchange_rates(TASK, INIT, 0.3, 0.3, ridge_pt=-1.0)
