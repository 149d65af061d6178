"""Figures of imperfect pretraining: their tables, and drawings made from them."""

import numpy as np
import pytest

from empirics import two_stage_record, two_stage_trained
from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline
from numerics.initialization import REGIMES
from verify.figures import pipeline
from verify.figures.__main__ import FIGURES
from verify.figures.figure import column

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 1.0, slab="gaussian")


@pytest.fixture
def coarse(monkeypatch):
    monkeypatch.setattr(pipeline, "ALPHA_PT", np.array([0.05, 0.2, 0.45, 0.9, 1.1]))
    monkeypatch.setattr(pipeline, "ALPHA", np.array([0.05, 0.2, 0.4]))
    monkeypatch.setattr(pipeline, "FINER_PT", np.array([0.1, 0.5, 1.0, 1.2]))


def curve(regime, alpha_pt, alpha):
    c, ratio, gamma = REGIMES[regime]
    return solve_pipeline(TASK, Initialization(c, ratio * c, gamma), Pretraining(alpha_pt), alpha)


def test_all_are_drawn_by_the_command():
    names = ("map", "worth", "error", "networks")
    assert [FIGURES[f"pretraining-{name}"] for name in names] == list(pipeline.FIGURES)


@pytest.mark.parametrize("regime", REGIMES)
def test_maps_hold_errors_and_slopes(regime, coarse):
    (table,) = pipeline.map_tables().values()
    assert len(table) == 4 * 5 * 3
    at = {"regime": regime, "alpha_pt": 0.45}
    truth = curve(regime, 0.45, [0.05, 0.2, 0.4])
    assert column(table, "alpha", **at) == [0.05, 0.2, 0.4]
    assert column(table, "mse", **at) == pytest.approx(truth.mse, rel=1e-12)
    assert column(table, "slope_pt", **at) == pytest.approx(truth.mse_gradient[4], rel=1e-9)
    assert column(table, "slope_ft", **at) == pytest.approx(truth.mse_gradient[3], rel=1e-9)


def test_rates_are_those_below_the_kink(coarse):
    (table,) = pipeline.worth_tables().values()
    assert max(column(table, "alpha_pt")) < 1.0
    for row in table:
        worth = row["slope_pt"] / row["slope_ft"]
        assert row["finetuning_per_pretraining"] == pytest.approx(worth, rel=1e-12)


def test_errors_are_those_of_every_overlap(coarse):
    tables = pipeline.error_tables()
    assert list(tables) == ["curves"]
    assert len(tables["curves"]) == 3 * 4 * 4
    shown = column(tables["curves"], "mse", regime="II", overlap=1.0)
    truth = [curve("II", alpha_pt, pipeline.AT).mse[0] for alpha_pt in (0.1, 0.5, 1.0, 1.2)]
    assert shown == pytest.approx(truth, rel=1e-12)


def test_networks_stand_against_what_is_predicted_for_them():
    names = two_stage_record.MEASURED
    problem = np.array([3, 3, 3, 20, 20, 20, 7])
    d = np.array([1000, 1000, 500, 1000, 1000, 260, 1000])
    errors = np.array([0.1, 0.3, 9.0, 0.5, 0.7, 9.0, 1.0])
    measured = {name: np.full(7, np.nan) for name in names} | {"error": errors}
    record = two_stage_record.Recorded(problem, d, np.arange(7), measured)
    rows = pipeline.network_rows(record)
    # Of the largest dimension; a single network has no standard error.
    assert [row["problem"] for row in rows] == [
        two_stage_record.problems()[index].name for index in (3, 20)
    ]
    assert column(rows, "mse") == pytest.approx([0.2, 0.6])
    assert column(rows, "standard_error") == pytest.approx([0.1, 0.1])
    stages = two_stage_record.problems()[3].stages
    truth = solve_pipeline(
        stages.task,
        stages.initialization,
        Pretraining(stages.alpha_pt, stages.noise_variance_pt),
        stages.alpha,
        noise_variance=stages.noise_variance,
    )
    assert rows[0]["predicted"] == pytest.approx(truth.mse[0])


def test_trained_networks_stand_at_their_mean_without_a_rate():
    count, names = 3 * len(two_stage_trained.CASES), two_stage_trained.MEASURED
    problem, seed = np.divmod(np.arange(count), 3)
    log = 0.1 * problem + np.array([-0.2, 0.0, 0.2])[seed]
    # Errors that go as exp(2η) are those of η = 0 after extrapolation.
    made = [np.exp(log + 2.0 * rate) for rate in two_stage_trained.RATES]
    record = two_stage_trained.Recorded(
        np.tile(problem, 2),
        np.repeat(two_stage_trained.RATES, count),
        np.tile(seed, 2),
        {name: np.full(2 * count, np.nan) for name in names} | {"error": np.concatenate(made)},
    )
    rows = pipeline.trained_rows(record)
    assert column(rows, "mse") == pytest.approx(np.exp(0.1 * np.arange(10)))
    assert column(rows, "standard_error_log") == pytest.approx([0.2 / 3**0.5] * 10)
    assert column(rows, "noise_pt") == [0.0] * 5 + [0.01] * 5
    assert column(rows, "alpha_pt") == 2 * [0.1, 0.3, 0.5, 0.8, 1.5]


def test_curves_of_trained_networks_pass_where_theory_predicts_them(coarse):
    tables = pipeline.network_tables()
    for row in tables["trained"]:
        if row["alpha_pt"] in (0.1, 0.5):
            (mse,) = column(
                tables["curves"], "mse", noise_pt=row["noise_pt"], alpha_pt=row["alpha_pt"]
            )
            assert mse == pytest.approx(row["predicted"], rel=1e-12)
            assert abs(np.log(row["mse"] / mse)) < 0.4


def test_drawings(coarse):
    drawn = pipeline.draw_map(pipeline.map_tables())
    titles = [axis.get_title() for axis in drawn.axes if axis.get_title()]
    assert [title.split(":")[0] for title in titles] == ["I", "II", "III", "IV"]
    worth = pipeline.draw_worth(pipeline.worth_tables())
    assert all(len(axis.get_lines()) == 6 for axis in worth.axes)
    assert len(pipeline.draw_error(pipeline.error_tables()).axes) == 3
    networks = pipeline.draw_networks(pipeline.network_tables())
    titles = [axis.get_title() for axis in networks.axes]
    assert titles == ["trained networks, d = 300", "convex problems, d = 1000"]
