"""Stopped flows: what a row measures, the matching ridge, the recorded file, and its command."""

import math
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from empirics import published_networks, stopped_flow
from empirics.finite_problems import UnsolvedError
from empirics.stopped_flow import (
    CONDITIONS,
    KEYS,
    MATCHED,
    MEASURED,
    SHOWN,
    draw,
    load,
    measure,
    plan,
    predicted,
    produce,
)
from numerics import minimum_penalty, solve_replica
from numerics.gradient_flow import mirror_flow


@pytest.fixture
def small(monkeypatch):
    """Conditions at d = 200, where epochs between looks are the time 25."""
    shrunk = tuple(replace(one, d=200) for one in published_networks.load())
    monkeypatch.setattr(stopped_flow, "conditions", lambda: shrunk)
    return shrunk


class TestPredicted:
    def test_it_has_the_ridge_of_the_threshold(self):
        condition = published_networks.load()[15]
        found = predicted(condition)
        setting, alpha = condition.setting, condition.n / condition.d
        curve = solve_replica(setting.task, setting.initialization, alpha, ridge=found.ridge)
        assert curve.training_error[0] == pytest.approx(1e-4 / 0.402, rel=1e-6)
        assert curve.mse[0] == pytest.approx(found.ridge_error)
        assert found.minimiser == pytest.approx(0.0098878, rel=1e-4)
        assert found.shown

    def test_the_rule_shows_in_five_conditions_all_of_them_in_the_plan(self):
        shown = {i for i, one in enumerate(stopped_flow.conditions()) if predicted(one).shown}
        assert shown == {3, 4, 6, 15, 16}
        assert shown < set(CONDITIONS)

    def test_a_training_error_that_no_ridge_has_is_refused(self):
        condition = replace(published_networks.load()[0], threshold_published=1e3)
        with pytest.raises(ValueError, match="a ridge must have the training error, got"):
            predicted(condition)


@pytest.mark.parametrize("index", [4, 15])
def test_a_row_is_the_flow_the_minimiser_and_a_ridge_of_one_instance(small, index):
    condition, (X, y, truth, scale) = small[index], draw(index, 3)
    found = measure(index, 3)
    assert X.shape == (condition.n, 200)
    # Quantiles have the second moment of the law, and signs do not change it.
    assert np.mean(truth**2) == pytest.approx(1.0)
    flow = mirror_flow(scale, X, y, target=1e-300, longest=found.time, method="RK45", rtol=1e-9)
    assert found.time / condition.looks == round(found.time / condition.looks)
    assert found.training_error == pytest.approx(flow.training_error[-1], rel=1e-3)
    assert found.training_error <= condition.run.threshold
    before = np.searchsorted(flow.times, found.time - condition.looks)
    assert flow.training_error[before - 1] > condition.run.threshold
    assert found.stopped == pytest.approx(np.mean((flow.beta[-1] - truth) ** 2), rel=5e-3)
    exact = minimum_penalty(X, y, scale).beta
    assert found.minimiser == pytest.approx(np.mean((exact - truth) ** 2), rel=1e-6)
    ridge = minimum_penalty(X, y, scale, ridge=found.ridge).beta
    assert np.mean((X @ ridge - y) ** 2) == pytest.approx(found.training_error, rel=MATCHED)
    assert found.ridge_error == pytest.approx(np.mean((ridge - truth) ** 2), rel=1e-6)


def test_a_flow_that_does_not_stop_is_an_error(small, monkeypatch):
    never = replace(small[4], threshold_published=1e-30)
    monkeypatch.setattr(stopped_flow, "conditions", lambda: (never,) * 17)
    monkeypatch.setattr(type(never), "longest", 25.0)
    with pytest.raises(UnsolvedError, match="the flow did not stop"):
        measure(4, 0)


def test_other_conditions_are_refused():
    with pytest.raises(ValueError, match="condition must be one of 17, got 17"):
        draw(17, 0)


class TestRecorded:
    """The file that comes with the code."""

    def test_it_says_how_it_was_made(self):
        text = (files("empirics") / "recorded" / stopped_flow.RECORDED).read_text(encoding="utf-8")
        for word in ("command", "code", "hardware", "versions", "seeds", "begun", "condition 16"):
            assert f"\n# {word}: " in text

    def test_it_holds_every_row_of_the_plan_once(self):
        kept = load()
        assert list(zip(kept.condition.tolist(), kept.seed.tolist(), strict=True)) == list(plan())

    def test_flows_stopped_by_the_rule(self):
        kept = load()
        for index in CONDITIONS:
            condition, rows = stopped_flow.conditions()[index], kept.of(index)
            assert (rows["training_error"] <= condition.run.threshold).all()
            assert rows["time"] / condition.looks == pytest.approx(np.round(rows["time"]))

    def test_stopping_changes_nothing_where_it_does_not_show(self):
        kept = load()
        for index in CONDITIONS:
            rows = kept.of(index)
            off = np.abs(np.log(rows["stopped"] / rows["minimiser"])).max()
            assert (off < SHOWN) is not predicted(stopped_flow.conditions()[index]).shown

    def test_minimisers_are_of_the_size_predicted(self):
        for index in (2, 10, 15):
            found = load().of(index)["minimiser"]
            exact = predicted(stopped_flow.conditions()[index]).minimiser
            assert found.mean() == pytest.approx(exact, rel=0.1)

    def test_a_condition_without_rows_is_refused(self):
        with pytest.raises(KeyError, match="no stopped flow recorded of condition 0"):
            load().of(0)


class TestFile:
    @pytest.fixture(autouse=True)
    def few(self, small, monkeypatch):
        rows = [(index, seed) for seed in (7, 8) for index in (2, 6)]
        monkeypatch.setattr(stopped_flow, "plan", lambda: iter(rows))

    def test_a_killed_run_continues_to_the_same_file(self, tmp_path):
        whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
        assert produce(whole, "abc") == 4
        text = whole.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        broken.write_text("".join(lines[:-2]) + lines[-2][:9], encoding="utf-8")
        assert produce(broken, "abc") == 2
        assert broken.read_text(encoding="utf-8") == text
        kept = load(text)
        assert kept.of(6)["stopped"][1] == pytest.approx(measure(6, 8).stopped, rel=1e-7)

    def test_other_files_are_refused(self, tmp_path):
        path = tmp_path / "measured.csv"
        produce(path, "abc")
        text = path.read_text(encoding="utf-8")
        *lines, last = text.splitlines()
        cells = last.split(",")
        for bad in ("nan", "inf", "0", "-1"):
            with pytest.raises(ValueError, match="row 3 must have a finite and positive time"):
                load("\n".join([*lines, ",".join([*cells[:2], bad, *cells[3:]])]))
        with pytest.raises(ValueError, match="each condition and seed once"):
            load(text + last + "\n")
        with pytest.raises(ValueError, match="must have the columns"):
            load("a,b\n1,2\n")
        with pytest.raises(ValueError, match="must say what its conditions are"):
            load(text.replace("# condition 2: ", "# condition 1: "))

    def test_the_command_writes_it(self, tmp_path, capsys):
        out = tmp_path / "out.csv"
        assert stopped_flow.main(["--out", str(out), "--revision", "abc"]) == 0
        assert capsys.readouterr().out == "4 new rows\n"
        assert ",".join([*KEYS, *MEASURED]) in out.read_text(encoding="utf-8")
        assert math.isfinite(load(out.read_text(encoding="utf-8")).measured["ridge"][0])
