"""Curves as records, CSV, JSON and plots: every digit, and what is not finite."""

import csv
import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics import (
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from numerics.certified import certify_pipeline, certify_replica, float_bounds
from numerics.certified.exact import ends
from numerics.curve_export import (
    BOUNDED,
    PLOT_SUFFIXES,
    bound_columns,
    rows,
    write_csv,
    write_json,
    write_plot,
)
from numerics.pipeline import PIPELINE_PARAMETERS
from numerics.replica import PARAMETERS


@pytest.fixture(scope="module")
def curve():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    return solve_replica(task, Initialization(1e-3, 0.0), [0.2, 0.4], noise_variance=0.1)


def test_a_record_for_each_data_scale(curve):
    records = rows(curve)
    assert [record["alpha"] for record in records] == [0.2, 0.4]
    for index, record in enumerate(records):
        assert record["mse"] == curve.mse[index]
        assert record["tau"] == curve.tau[index]
        assert record["theta"] == curve.theta[index]
        assert record["relative_error"] == curve.relative_error[index]
        for name, errors in zip(curve.group_names, curve.group_mse, strict=True):
            assert record[f"mse[{name}]"] == errors[index]
        for name, penalties in zip(curve.group_names, curve.group_penalty, strict=True):
            assert record[f"penalty[{name}]"] == penalties[index]
        for name in (
            "penalty", "training_error", "objective", "cross_moment", "second_moment",
        ):  # fmt: skip
            assert record[name] == getattr(curve, name)[index]
        for name, slopes in zip(PARAMETERS, curve.mse_gradient, strict=True):
            assert record[f"d mse/d {name}"] == slopes[index]
        assert type(record["converged"]) is bool
        assert type(record["iterations"]) is int
        assert type(record["mse"]) is float
    assert "threshold" not in records[0]
    with_threshold = rows(replace(curve, threshold=np.array([0.5, 0.6])))
    assert [record["threshold"] for record in with_threshold] == [0.5, 0.6]


@pytest.fixture(scope="module")
def pipeline():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    return solve_pipeline(task, Initialization(1e-3, 0.0), Pretraining(0.3, 0.01), [0.2, 0.4])


def test_a_record_says_what_pretraining_has_learnt(curve, pipeline):
    records, learnt = rows(pipeline), pipeline.pretraining
    for index, record in enumerate(records):
        for name, slopes in zip(PIPELINE_PARAMETERS, pipeline.mse_gradient, strict=True):
            assert record[f"d mse/d {name}"] == slopes[index]
        for name in ("mse", "relative_error", "tau", "theta"):
            assert record[f"{name}_pt"] == getattr(learnt, name)
        for name, error in zip(learnt.group_names, learnt.group_mse, strict=True):
            assert record[f"mse_pt[{name}]"] == error
    before = [name for name in rows(curve)[0] if name in records[0]]
    assert before == list(rows(curve)[0])


def test_plots_show_the_error_of_pretraining(curve, pipeline, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "matplotlib.figure.Figure.savefig", lambda figure, path: drawn.append(figure.axes[0])
    )
    perfect = replace(pipeline, pretraining=replace(pipeline.pretraining, mse=0.0))
    for shown in (curve, pipeline, perfect):
        write_plot(tmp_path / "curve.png", shown)
    plain, dotted, without = drawn
    assert plain.get_legend() is None
    assert list(dotted.lines[1].get_ydata()) == [pipeline.pretraining.mse] * 2
    assert "pretraining: 0.0" in dotted.get_legend().get_texts()[1].get_text()
    assert np.isnan(without.lines[1].get_ydata()).all()
    assert "pretraining: 0 (" in without.get_legend().get_texts()[1].get_text()


def test_the_groups_errors_add_up_to_the_whole(curve):
    shares = {"overlap": 0.05, "new": 0.05, "pt-only": 0.05, "none": 0.85}
    for record in rows(curve):
        for quantity in ("mse", "penalty"):
            total = sum(p * record[f"{quantity}[{name}]"] for name, p in shares.items())
            assert total == pytest.approx(record[quantity], rel=1e-9)


def test_csv_keeps_every_digit(curve, tmp_path):
    path = tmp_path / "curve.csv"
    write_csv(path, curve)
    with path.open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    for record, line in zip(rows(curve), read, strict=True):
        assert list(line) == list(record)
        numbers = {k: v for k, v in record.items() if type(v) is float}
        assert {name: float(line[name]) for name in numbers} == numbers
        assert line["converged"] == str(record["converged"])


def test_json_holds_inputs_and_names_what_is_not_finite(curve, tmp_path):
    path = tmp_path / "curve.json"
    odd = replace(curve, mse=np.array([np.inf, np.nan]), tau=np.array([-np.inf, 0.25]))
    write_json(path, odd, {"c": 1e-3})
    document = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert document["inputs"] == {"c": 1e-3}
    assert [record["mse"] for record in document["curve"]] == ["inf", "nan"]
    assert [record["tau"] for record in document["curve"]] == ["-inf", 0.25]
    assert [record["alpha"] for record in document["curve"]] == [0.2, 0.4]
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, curve, {"c": np.inf})


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml"), (".PNG", b"\x89PNG")],
)
def test_plots_are_of_the_kind_that_the_name_says(curve, tmp_path, suffix, begins):
    path = tmp_path / f"curve{suffix}"
    write_plot(path, curve)
    assert path.read_bytes().startswith(begins)
    assert suffix.lower() in PLOT_SUFFIXES


def test_plots_show_points_alone_and_do_not_run_back(curve, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "matplotlib.figure.Figure.savefig", lambda figure, path: drawn.append(figure.axes[0])
    )
    backwards = replace(curve, alpha=curve.alpha[::-1], mse=curve.mse[::-1])
    alone = replace(curve, mse=np.array([0.0, curve.mse[1]]))
    for shown in (curve, backwards, alone):
        write_plot(tmp_path / "curve.png", shown)
    (plain,), (turned,), (point,) = (axes.lines for axes in drawn)
    assert list(turned.get_xdata()) == list(plain.get_xdata()) == [0.2, 0.4]
    assert list(turned.get_ydata()) == list(plain.get_ydata()) == list(curve.mse)
    assert list(point.get_xdata()) == [0.4]
    assert point.get_marker() == "o"


def test_errors_that_a_logarithm_cannot_show_are_left_out(curve, tmp_path):
    for errors in ([0.0, 0.3], [np.inf, 0.3], [0.0, np.inf]):
        write_plot(tmp_path / "curve.png", replace(curve, mse=np.array(errors)))
        assert (tmp_path / "curve.png").stat().st_size > 0


@pytest.mark.parametrize("name", ["curve.txt", "curve", "png", "curve.png.gz"])
def test_other_files_are_refused(curve, tmp_path, name):
    with pytest.raises(ValueError, match=r"a plot's file must end in one of .*, got '.*'"):
        write_plot(tmp_path / name, curve)
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def certified():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    return certify_replica(task, Initialization(1e-3, 0.0), [0.2, 0.4], noise_variance=0.1)


def _spread(certified, *shares):
    """The curve with balls of the error that are so much wider."""
    points = (
        replace(point, mse=point.mse * arb(1, share))
        for point, share in zip(certified.points, shares, strict=True)
    )
    return replace(certified, points=tuple(points))


def test_records_of_a_certified_curve_end_with_bounds(curve, certified):
    records, before = rows(curve, certified), rows(curve)
    added = list(records[0])[len(before[0]) :]
    named = [f"{name}_{end}" for name in BOUNDED for end in ("low", "high")]
    assert added == [*named, "certified", "reason"]
    for record, point, plain in zip(records, certified.points, before, strict=True):
        assert {name: record[name] for name in plain} == plain
        assert record["certified"] is True
        assert record["reason"] == ""
        for name in BOUNDED:
            low, high = record[f"{name}_low"], record[f"{name}_high"]
            below, above = ends(getattr(point, name))
            assert low <= below <= above <= high
            assert high - low <= 1e-14 * high
            error = 0.0 if name == "degrees_of_freedom" else plain["relative_error"]
            assert low * (1 - error - 1e-15) <= plain[name] <= high * (1 + error + 1e-15)


def test_bounds_of_what_is_not_certified_are_no_numbers(certified):
    nan = dict.fromkeys(BOUNDED, arb.nan())
    failed = replace(certified.points[0], reason="no box, no ball", **nan)
    record = bound_columns(failed)
    assert record.pop("certified") is False
    assert record.pop("reason") == "no box, no ball"
    assert len(record) == 10
    assert all(map(math.isnan, record.values()))


def test_bounds_after_pretraining_on_data_leave_out_the_penalty():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    problem = task, Initialization(1e-3, 0.0), Pretraining(0.3), [0.2]
    curve, found = solve_pipeline(*problem), certify_pipeline(*problem, digits=8)
    (record,), (plain,), (point,) = rows(curve, found), rows(curve), found.points
    bounded = ("mse", "tau", "theta", "degrees_of_freedom")
    named = [f"{name}_{end}" for name in bounded for end in ("low", "high")]
    assert list(record)[len(plain) :] == [*named, "certified", "reason"]
    assert (record["certified"], record["reason"]) == (True, "")
    for name in bounded:
        low, high = record[f"{name}_low"], record[f"{name}_high"]
        below, above = ends(getattr(point, name))
        assert low <= below <= above <= high
        assert low * (1 - 1e-12) <= plain[name] <= high * (1 + 1e-12)
    failed = replace(point, reason="no box", **dict.fromkeys(bounded, arb.nan()))
    assert [name for name in named if math.isnan(bound_columns(failed)[name])] == named


def test_files_keep_bounds(curve, certified, tmp_path):
    records = rows(curve, certified)
    write_csv(tmp_path / "curve.csv", curve, certified)
    write_json(tmp_path / "curve.json", curve, {}, certified)
    with (tmp_path / "curve.csv").open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    for record, line in zip(records, read, strict=True):
        for name in ("mse_low", "mse_high", "penalty_low", "penalty_high"):
            assert float(line[name]) == record[name]
        assert (line["certified"], line["reason"]) == ("True", "")
    assert json.loads((tmp_path / "curve.json").read_text())["curve"] == records


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((1e-6, 3.5e-4), "at most 7.1e-04 of the error apart: thinner than the line"),
        ((0.0, 0.0), "e-15 of the error apart: thinner than the line"),
        ((0.1, 0.2), "at most 5.1e-01 of the error apart"),
    ],
)
def test_plots_say_how_wide_the_bounds_are(curve, certified, tmp_path, monkeypatch, shares, said):
    drawn = []
    monkeypatch.setattr(
        "matplotlib.figure.Figure.savefig", lambda figure, path: drawn.append(figure.axes[0])
    )
    wide = _spread(certified, *shares)
    note = write_plot(tmp_path / "curve.png", curve, wide)
    assert note.startswith("certified at 2 of 2 data scales, bounds at most ")
    assert note.endswith(said)
    (axes,) = drawn
    assert axes.get_legend().get_texts()[1].get_text().replace("\n", " ") == note
    widths = []
    for ball in wide.mse:
        low, high = map(Fraction, float_bounds(ball))
        widths.append((high - low) / low)
    stated = Fraction(note.partition("at most ")[2].partition(" of")[0])
    assert max(widths) <= stated <= max(widths) * Fraction("1.3")
    # A band where it can be seen.
    assert len(axes.collections) == (0 if "thinner" in note else 1)
    assert not any(line.get_xdata().size for line in axes.lines[1:])


def test_plots_of_nothing_certified_say_so(curve, certified, tmp_path):
    failed = tuple(replace(point, mse=arb.nan(), reason="no box") for point in certified.points)
    note = write_plot(tmp_path / "curve.png", curve, replace(certified, points=failed))
    assert note == "certified at 0 of 2 data scales"
    assert write_plot(tmp_path / "curve.png", curve) == ""
