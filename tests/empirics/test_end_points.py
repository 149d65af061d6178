"""Exact end points of the experiments' instances: settings, instances, files."""

import json

import numpy as np
import pytest

from empirics import end_points
from empirics.diagonal_tasks import curve_data
from empirics.end_points import (
    ALPHAS,
    SEEDS,
    column,
    draw,
    end_settings,
    length_column,
    load,
    main,
    measure,
    plan,
    scale_of,
    settings_at,
    steep,
)
from empirics.experiments import SCALES, sweep_settings, sweep_tasks
from numerics import solve_replica
from numerics.interpolation import minimum_penalty


def test_settings_are_those_that_train_each_end_point_once():
    for slab, sweep in (("gaussian", "all"), ("sign", "all-sign")):
        chosen = end_settings(slab)
        assert len({column(one) for one in chosen}) == len(chosen)
        assert {one.slab for one in chosen} == {slab}
        left = set(sweep_settings(sweep)) - set(chosen)
        assert all(
            (one.relative_scale == -1.0 and one.gamma == 0.0) or one.overlap is None for one in left
        )
        # In a single task λ has no influence: every law is there, with λ = 0.
        single = {(one.rho_ft, one.c) for one in sweep_settings(sweep) if one.overlap is None}
        assert single == {(one.rho_ft, one.c) for one in chosen if one.overlap is None}


def test_instances_are_those_of_the_trained_networks():
    desk = SCALES["desk"]
    (task,) = [t for t in sweep_tasks("all", "desk") if t.seed == 203 and '"alpha":0.059' in t.text]
    configuration = json.loads(task.text)
    trained = curve_data(configuration, task.seed)
    chosen = end_settings("gaussian")
    drawn = draw(chosen, desk.d, 0.059, 203)
    assert (drawn.X == trained.X).all()
    rows = [(row["experiment"], row["curve"]) for row in configuration["settings"]]
    for i in (0, 5, len(chosen) - 1):
        other = rows.index((chosen[i].experiment, chosen[i].label))
        assert (drawn.beta_ft[i] == trained.beta_ft[other]).all()
        assert (drawn.beta_pt[i] == trained.beta_pt[other]).all()
        # Products with another number of rows are rounded in another order.
        assert drawn.y[i] == pytest.approx(trained.y[other], rel=1e-12, abs=1e-12)


def test_errors_are_of_the_minimiser():
    chosen = end_settings("sign")[::30]
    found = measure(chosen, 60, 0.5, 7)
    data = draw(chosen, 60, 0.5, 7)
    for i, setting in enumerate(chosen):
        init = setting.initialization
        scale = init.c * np.ones(60)
        if setting.overlap is not None:
            scale = (init.c + init.lam) * (
                1 + np.sqrt(1 + (data.beta_pt[i] / init.c) ** 2)
            ) + init.gamma**2
        assert scale_of(setting, data.beta_pt[i]) == pytest.approx(scale, rel=1e-14)
        beta = minimum_penalty(data.X, data.y[i], scale).beta
        error = ((beta - data.beta_ft[i]) ** 2).mean()
        assert found[column(setting)] == pytest.approx(error, rel=1e-6)
        assert found[length_column(setting)] == pytest.approx((data.beta_ft[i] ** 2).mean())


def test_steep_points_alone_are_large():
    every = end_settings("gaussian")
    assert settings_at("gaussian", 1000, 0.35) == every
    large = {alpha: settings_at("gaussian", 5000, alpha) for alpha in ALPHAS}
    # Where no network is trained, none is needed.
    assert all(large[alpha] == () for alpha in ALPHAS if alpha not in SCALES["desk"].alphas)
    assert 0 < sum(map(len, large.values())) < 0.2 * len(every) * len(ALPHAS)
    for alpha in (0.108, 0.402):
        for setting in large[alpha]:
            around = solve_replica(
                setting.task, setting.initialization, [alpha / 1.001, alpha * 1.001]
            )
            assert abs(np.log(around.mse[1] / around.mse[0])) / np.log(1.001**2) > 9.0
    lazy = next(one for one in every if one.gamma == 10.0)
    assert steep(lazy) == ()


def test_every_seed_is_planned_once():
    rows = list(plan())
    assert len(set(rows)) == len(rows) == len(ALPHAS) * sum(map(len, SEEDS.values()))
    assert SEEDS[SCALES["desk"].d] == range(200, 214)
    assert tuple(SEEDS[SCALES["desk"].d]) == SCALES["desk"].seeds
    assert {row[0] for row in plan([500])} == {500.0}
    assert {row[2] for row in plan([500], range(3, 5))} == {3.0, 4.0}


def test_a_file_is_made_continued_and_read(tmp_path, monkeypatch):
    monkeypatch.setattr(end_points, "ALPHAS", (0.3, 0.5))
    monkeypatch.setattr(end_points, "SEEDS", {40: range(2)})
    few = end_settings("gaussian")[:40:13]
    monkeypatch.setattr(end_points, "end_settings", lambda slab: few)
    out = tmp_path / "end-points.csv"
    arguments = ["--slab", "gaussian", "--out", str(out), "--revision", "abc", "--plan", "def"]
    assert main(arguments) == 0
    whole = out.read_text("utf-8")
    out.write_text(whole[: whole.rindex("\n", 0, -1) + 4], encoding="utf-8")  # killed in a row
    assert main(arguments) == 0
    assert out.read_text("utf-8") == whole
    assert "empirics.end_points --slab gaussian" in whole
    assert "# plan: verify/plans.toml at def\n" in whole
    found = load("gaussian", whole)
    alphas, errors, lengths = found.of(few[0], 40)
    assert alphas.tolist() == [0.3, 0.5]
    assert errors.shape == lengths.shape == (2, 2)
    again = measure(few, 40, 0.5, 1)
    assert errors[1, 1] == pytest.approx(again[column(few[0])], rel=1e-9)
    assert lengths[1, 1] == pytest.approx(again[length_column(few[0])], rel=1e-9)
    with pytest.raises(KeyError, match="no end points"):
        found.of(few[0], 41)
    lines = whole.splitlines(keepends=True)
    for other in (lines[:-1], [*lines[:-1], lines[-2]]):
        with pytest.raises(ValueError, match="must have every seed once at each α, got"):
            load("gaussian", "".join(other)).of(few[0], 40)
