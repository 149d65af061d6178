"""The experiments as data: which settings, which tasks; a task's rows."""

import json

import numpy as np
import pytest

from empirics import experiments
from empirics.diagonal_tasks import curvature, curve_data, train_curves
from empirics.experiments import SCALES, sweep_names, sweep_settings, sweep_tasks
from numerics import minimum_penalty
from numerics.initialization import LayerWeights


def plain(task):
    return json.loads(task.text)


def test_counts_are_those_of_the_paper():
    counts = {name: len(experiments.settings(name)) for name in experiments.EXPERIMENTS}
    assert counts == {
        "reuse": 24,
        "new-features": 16,
        "nested-features": 32,
        "single-task": 48,
        "regimes": 16,
    }
    # Eight settings of Experiment 2 are settings of Experiment 1, too.
    assert len(sweep_settings("all")) == sum(counts.values()) - 8


@pytest.mark.parametrize("slab", experiments.SLABS)
def test_names_are_unique_and_every_setting_of_the_paper_is_feasible(slab):
    for name in experiments.TRAINED:
        chosen = experiments.settings(name, slab)
        assert len({setting.name for setting in chosen}) == len(chosen)
        assert experiments.infeasible(chosen) == {}


def test_what_the_groups_forbid_is_listed_with_the_reason():
    setting = experiments.Setting("reuse", "too much", 0.9, 0.5, 1e-3, 0.0, 0.0)
    found = experiments.infeasible((setting, experiments.settings("reuse")[0]))
    assert list(found) == [setting.name]
    assert "overlap" in found[setting.name]


def test_scales_are_those_published():
    paper = SCALES["paper"]
    assert (paper.d, paper.rate, paper.threshold) == (5000, "published", "published")
    assert (paper.look_every, paper.most_epochs, paper.test_inputs) == (5000, 5_000_000, 10_000)
    assert paper.largest_product == SCALES["desk"].largest_product == 0.55
    assert paper.seeds == tuple(range(6, 20))
    assert paper.alphas == pytest.approx(experiments.empirical_grid())
    desk = SCALES["desk"]
    assert desk.alphas == paper.alphas
    assert (desk.rate, desk.threshold) == (paper.rate, paper.threshold)
    # Looks are one unit of the flow's time apart in both, where the rate is 1/d.
    assert desk.look_every / desk.d == paper.look_every / paper.d == 1.0
    assert not set(desk.seeds) & set(paper.seeds)
    # Every data scale is a whole number of examples, so that n/d is α itself.
    assert all(round(alpha * 1000) == pytest.approx(alpha * 1000) for alpha in paper.alphas)


def test_a_sweep_is_a_task_for_each_seed_and_data_scale():
    for name in sweep_names():
        tasks = sweep_tasks(name, "smoke")
        keys = {(task.text, task.seed) for task in tasks}
        assert len(keys) == len(tasks)
        count = len(SCALES["smoke"].alphas) * len(SCALES["smoke"].seeds)
        assert len(tasks) == count * (5 if name.startswith("finite") else 1)
        slab = "sign" if name.endswith("-sign") else "gaussian"
        assert {task.configuration["slab"] for task in tasks} == {slab}


@pytest.mark.parametrize(
    ("experiment", "scale", "named"),
    [("nothing", "smoke", "experiment must be one of"), ("reuse", "huge", "scale must be one of")],
)
def test_unknown_sweeps(experiment, scale, named):
    with pytest.raises(ValueError, match=named):
        sweep_tasks(experiment, scale)


def test_data_are_shared_where_they_should_be_and_drawn_anew_elsewhere():
    first, second = sweep_tasks("all", "smoke")[:2]
    data, other = curve_data(plain(first), first.seed), curve_data(plain(second), second.seed)
    again = curve_data(plain(first), first.seed)
    assert (data.X == again.X).all()
    assert (data.beta_ft == again.beta_ft).all()
    rows = first.configuration["settings"]
    truths = [(row["rho_ft"], row["overlap"]) for row in rows]
    for truth in set(truths):
        which = [i for i, found in enumerate(truths) if found == truth]
        assert (data.beta_ft[which] == data.beta_ft[which[0]]).all()
    assert (data.y == data.beta_ft @ data.X.T).all()
    assert data.X.shape[0] * (data.X**2).mean() == pytest.approx(1.0, abs=0.1)
    assert not (data.beta_ft == other.beta_ft).all()
    with pytest.raises(ValueError, match="must be at least 1"):
        curve_data({**plain(first), "alpha": 1e-4}, 0)


def test_curvature_is_the_largest_eigenvalue():
    rng = np.random.default_rng(0)
    X, beta = rng.standard_normal((8, 20)), rng.standard_normal((3, 20))
    start = LayerWeights(*(rng.standard_normal((3, 20)) for _ in range(4)))
    invariant = start.w_plus * start.w_minus + start.v_plus * start.v_minus
    norms = 2 * np.sqrt(invariant**2 + beta**2)
    exact = [np.linalg.eigvalsh((X * row) @ X.T)[-1] for row in norms]
    assert curvature(start, X, beta) == pytest.approx(exact, rel=0.01)
    # At the teacher itself the squared norm of a coordinate's four weights is D.
    assert (norms >= 2 * np.abs(beta)).all()


def test_rows_of_a_task_describe_its_networks():
    pytest.importorskip("torch")
    task = sweep_tasks("all", "smoke")[1]
    rows = train_curves(plain(task), task.seed)
    assert len(rows) == len(task.configuration["settings"])
    assert rows == train_curves(plain(task), task.seed)
    data = curve_data(plain(task), task.seed)
    for index, row in enumerate(rows):
        assert (row["d"], row["n"], row["seed"]) == (100, 50, task.seed)
        stuck = row["overlap"] is not None and row["relative_scale"] == -1 and row["gamma"] == 0
        assert row["stop_reason"] == ("stationary" if stuck else "converged")
        if stuck:
            assert row["squared_error"] == row["null_error"]
            continue
        assert row["training_error"] <= 1e-4
        assert row["test_error"] == pytest.approx(2 * row["squared_error"])
        assert row["null_error"] == pytest.approx((data.beta_ft[index] ** 2).mean())
    lazy = [i for i, row in enumerate(rows) if row["gamma"] == 10.0]
    assert lazy
    for index in lazy:
        row = rows[index]
        scale = (row["c"] + row["relative_scale"] * row["c"]) * (
            1 + np.hypot(1, data.beta_pt[index] / row["c"])
        ) + row["gamma"] ** 2
        best = minimum_penalty(data.X, data.y[index], scale).beta
        gap = ((best - data.beta_ft[index]) ** 2).mean()
        assert row["squared_error"] == pytest.approx(gap, rel=0.05)


def test_pretraining_on_data_is_accounted_for():
    pytest.importorskip("torch")
    tasks = sweep_tasks("finite-pretraining", "smoke")
    few, many = (
        next(t for t in tasks if t.configuration["alpha_pt"] == alpha_pt)
        for alpha_pt in (0.25, 2.0)
    )
    worse, better = (train_curves(plain(task), task.seed) for task in (few, many))
    assert {row["n_pt"] for row in worse} == {25}
    for short, long in zip(worse, better, strict=True):
        assert long["pt_stop_reason"] == "converged"
        assert long["pt_error"] < 1e-3 < short["pt_error"]


def test_a_divergent_rate_is_reported_and_has_no_errors():
    pytest.importorskip("torch")
    task = sweep_tasks("regimes", "smoke")[0]
    rows = train_curves({**plain(task), "rate": 50.0}, task.seed)
    assert {row["stop_reason"] for row in rows} == {"diverged"}
    assert {row["squared_error"] for row in rows} == {None}
    assert {row["test_error"] for row in rows} == {None}
    first = sweep_tasks("finite-pretraining", "smoke")[1]
    with pytest.raises(ArithmeticError, match="pretraining must not diverge"):
        train_curves({**plain(first), "rate": 50.0}, first.seed)


def test_theory_lines_reach_over_the_published_data_scales():
    grid = experiments.theory_grid()
    assert (grid.size, grid[0], grid[-1]) == (80, 0.01, 0.5)
    assert np.diff(grid) == pytest.approx(0.49 / 79)
