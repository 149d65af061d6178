"""The predictor's command line: output, files, exit status."""

import csv
import inspect
import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from numerics import (
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from numerics.__main__ import _parser, alpha_grid, main
from numerics.best_init import best_initialization
from numerics.certified import ExactPretraining, Mixture, certify_pipeline, certify_replica
from numerics.certified.fixed_point import NotCertifiedError, enclose
from numerics.exchange import Split, cheapest_split, exchange_rates, least_cost
from numerics.initialization import REGIMES
from numerics.replica.newton import solve_fixed_points
from regression.table import read_table

TASK = ["--rho-pt", "0.1", "--rho-ft", "0.1", "--overlap", "0.5"]
IMPOSSIBLE = ["curve", "--rho-pt", "0.1", "--rho-ft", "0.9", "--overlap", "1"]
SINGLE_TASK = ["-m", "numerics", "curve", "--single-task", "0.1"]
CURVE = ["curve", *TASK, "--c", "1e-3"]


def test_printed_curve_keeps_its_digits(capsys):
    assert main([*CURVE, "--alpha", "0.17126582,0.3635443"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["alpha", "error"]
    assert float(lines[1].split()[1]) == pytest.approx(0.49146810, abs=5e-9)
    assert lines[2].split()[-1] == "yes"


def test_files_hold_the_curve(tmp_path):
    files = {kind: tmp_path / f"curve.{kind}" for kind in ("csv", "json", "png", "svg")}
    base = [*CURVE, "--alpha", "0.01:0.5:5", "--slab", "sign", "--noise-variance", "0.1"]
    assert main([*base, "--csv", str(files["csv"]), "--json", str(files["json"])]) == 0
    assert main([*base, "--plot", str(files["png"])]) == 0
    assert main([*base, "--plot", str(files["svg"])]) == 0
    truth = solve_replica(
        TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5),
        Initialization(1e-3, 0.0),
        np.linspace(0.01, 0.5, 5),
        noise_variance=0.1,
    )
    with files["csv"].open(newline="") as file:
        assert [float(row["mse"]) for row in csv.DictReader(file)] == list(truth.mse)
    document = json.loads(files["json"].read_text())
    assert [row["mse"] for row in document["curve"]] == list(truth.mse)
    assert document["inputs"]["noise_variance"] == 0.1
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert "<svg" in files["svg"].read_text()


def test_imperfect_pretraining_is_solved_and_printed(capsys):
    options = ["--alpha-pt", "0.3", "--noise-pt", "0.01", "--ridge-pt", "0.001"]
    assert main([*CURVE, *options, "--pt-slab", "gaussian", "--alpha", "0.2,0.3"]) == 0
    head, first, blank, *table = capsys.readouterr().out.splitlines()
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian", pt_slab="gaussian")
    truth = solve_pipeline(
        task, Initialization(1e-3, 0.0), Pretraining(0.3, 0.01, 0.001), [0.2, 0.3]
    )
    learnt = truth.pretraining
    assert head.split() == ["stage", "error", "relative", "error", "tau_1", "theta_1"]
    assert first.split()[0] == "pretraining"
    shown = [float(first.split()[column]) for column in (1, 3, 4)]
    assert shown == pytest.approx([learnt.mse, learnt.tau, learnt.theta], rel=1e-7)
    assert blank == ""
    assert [float(line.split()[1]) for line in table[1:]] == pytest.approx(truth.mse, rel=1e-11)


def test_files_hold_what_pretraining_has_learnt(tmp_path):
    files = {kind: tmp_path / f"curve.{kind}" for kind in ("csv", "json", "svg")}
    options = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]
    options[options.index("--svg")] = "--plot"
    assert main([*CURVE, "--alpha-pt", "inf", "--noise-pt", "0.1", "--alpha", ".2", *options]) == 0
    with files["csv"].open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["mse_pt"]) == pytest.approx(0.1)
    assert float(row["theta_pt"]) == pytest.approx(0.1**0.5)
    document = json.loads(files["json"].read_text())
    assert document["curve"][0]["tau_pt"] == 0.0
    inputs = document["inputs"]
    assert [inputs[name] for name in ("alpha_pt", "noise_variance_pt", "ridge_pt", "pt_slab")] == [
        "inf", 0.1, 0.0, "sign",
    ]  # fmt: skip
    assert "<svg" in files["svg"].read_text()


def test_the_variance_of_the_noise_in_pretraining_has_two_names(capsys):
    for name in ("--noise-pt", "--noise-variance-pt"):
        assert main([*CURVE, "--alpha-pt", "0.3", name, "0.01", "--alpha", "0.2"]) == 0
    shown = capsys.readouterr().out
    assert shown[: len(shown) // 2] == shown[len(shown) // 2 :]


def test_pretraining_that_recovers_its_teacher_changes_no_digit(capsys):
    assert main([*CURVE, "--alpha", "0.2,0.3"]) == 0
    without = capsys.readouterr().out
    assert main([*CURVE, "--alpha", "0.2,0.3", "--alpha-pt", "inf"]) == 0
    assert capsys.readouterr().out.partition("\n\n")[2] == without


def test_files_without_pretraining_on_data_say_nothing_of_it(tmp_path):
    target = tmp_path / "c.json"
    assert main([*CURVE, "--alpha", "0.2", "--json", str(target)]) == 0
    document = json.loads(target.read_text())
    assert list(document["inputs"]) == [
        "alpha", "c", "gamma", "lam", "noise_variance", "overlap", "rho_ft", "rho_pt", "ridge",
        "single_task", "slab",
    ]  # fmt: skip
    assert not [name for name in document["curve"][0] if "pt" in name.split("[")[0]]


@pytest.mark.parametrize("lam", ["-1e-3", "-0.5E-3", "-.0002"])
def test_negative_relative_scales_in_any_notation(capsys, lam):
    assert main([*CURVE, "--lam", lam, "--alpha", "0.2"]) == 0
    apart = capsys.readouterr().out
    assert main([*CURVE, f"--lam={lam}", "--alpha", "0.2"]) == 0
    assert capsys.readouterr().out == apart
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    truth = solve_replica(task, Initialization(1e-3, float(lam)), 0.2)
    assert float(apart.splitlines()[1].split()[1]) == pytest.approx(truth.mse[0], rel=1e-11, abs=0)


def test_a_missing_relative_scale_is_bad_usage(capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*CURVE, "--lam", "--alpha", "0.2"])
    assert stopped.value.code == 2
    assert "--lam: expected one argument" in capsys.readouterr().err


def test_unsolved_points_end_in_1(capsys, monkeypatch):
    def stopped(problem, **options):
        found = solve_fixed_points(problem, **options)
        return replace(found, converged=np.zeros(problem.alpha.size, dtype=bool))

    monkeypatch.setattr("numerics.replica.solve.solve_fixed_points", stopped)
    assert main([*CURVE, "--alpha", "0.2,0.3"]) == 1
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()[1:]] == ["NO", "NO"]
    assert main(["best-init", *TASK, "--alpha", "0.2"]) == 1
    assert "did not converge at 1 of 1 data scales, alpha=0.2" in capsys.readouterr().err


BOUNDS = ("mse", "tau", "theta", "penalty")


@pytest.mark.parametrize("row", read_table().replica, ids=lambda row: row.name)
def test_bounds_hold_the_fifty_digits_of_the_problem_as_it_is_written(row, tmp_path):
    """Of 0.1 itself, for example, not of the float64 next to it."""
    target = tmp_path / "c.json"
    names = {"rho_pt", "rho_ft", "overlap", "slab", "c", "lam", "gamma", "alpha"}
    words = [
        word
        for name in (*sorted(names), "noise_variance", "ridge")
        for word in (f"--{name.replace('_', '-')}", row.problem[name])
    ]
    assert main(["curve", *words, "--certify", "--json", str(target)]) == 0
    (record,) = json.loads(target.read_text())["curve"]
    assert record["certified"] is True
    for name in BOUNDS:
        low, high = record[f"{name}_low"], record[f"{name}_high"]
        assert low <= Fraction(Decimal(row.values[name])) <= high
        assert high - low <= 1e-11 * high


def test_bounds_are_those_of_the_written_single_task(tmp_path):
    target = tmp_path / "c.json"
    words = ["--single-task", "0.1", "--slab", "sign", "--c", "0.01", "--alpha", "0.3,0.7"]
    assert main(["curve", *words, "--certify", "30", "--json", str(target)]) == 0
    document = json.loads(target.read_text())
    assert document["inputs"]["certify"] == 30
    task = TaskDistribution.single_task(0.1, slab="sign")
    rounded = certify_replica(task, Initialization(0.01, 0.0), [0.3, 0.7])
    for record, point in zip(document["curve"], rounded.points, strict=True):
        assert record["mse_low"] == pytest.approx(float(point.mse.mid()), rel=1e-14)
        assert record["mse_high"] - record["mse_low"] <= 5e-16 * record["mse_high"]


def test_bounds_are_printed_below_the_curve(capsys):
    assert main([*CURVE, "--alpha", "0.2,0.3", "--certify"]) == 0
    curve, _, bounds = capsys.readouterr().out.partition("\n\n")
    assert main([*CURVE, "--alpha", "0.2,0.3"]) == 0
    assert capsys.readouterr().out == curve + "\n"
    head, *lines = (line.split() for line in bounds.splitlines())
    assert head == ["alpha", "bound", "error", "tau", "theta", "E[eta']", "penalty", "certified"]
    assert [line[:2] for line in lines] == [
        [alpha, end] for alpha in ("0.2", "0.3") for end in ("low", "high")
    ]
    assert {line[-1] for line in lines} == {"yes"}
    shown = [line.split() for line in curve.splitlines()[1:]]
    for point, low, high in zip(shown, lines[::2], lines[1::2], strict=True):
        for cell, column in ((1, 2), (3, 3), (4, 4), (5, 5), (6, 6)):
            below, above = Fraction(low[column]), Fraction(high[column])
            assert below < above <= below * (1 + Fraction(1, 10**14))
            assert float(point[cell]) == pytest.approx(float(above), rel=1e-7)
    # E[η′] = α without a ridge: decimals are rounded outward, too.
    assert [Fraction(line[5]) < Fraction(line[0]) for line in lines[::2]] == [True, True]
    assert [Fraction(line[5]) > Fraction(line[0]) for line in lines[1::2]] == [True, True]


def test_points_that_are_not_certified_are_named(capsys, tmp_path, monkeypatch):
    def stopped(problem, alpha, *arguments, **options):
        if alpha.low == Fraction("0.3"):
            raise NotCertifiedError("no box, no ball")
        return enclose(problem, alpha, *arguments, **options)

    monkeypatch.setattr("numerics.certified.solve.enclose", stopped)
    base = [*CURVE, "--alpha", "0.2,0.3", "--certify"]
    assert main(base) == 1
    printed = capsys.readouterr()
    head, *lines = printed.out.partition("\n\n")[2].splitlines()
    assert head.split()[-2:] == ["certified", "reason"]
    assert [line.split()[7] for line in lines] == ["yes", "yes", "NO", "NO"]
    assert lines[2].split()[2:7] == ["nan"] * 5
    assert lines[2].endswith("no box, no ball")
    assert "1 of 2 points not certified\n  alpha=0.3: no box, no ball" in printed.err
    files = {kind: tmp_path / f"c.{kind}" for kind in ("csv", "json", "png")}
    words = ["--csv", str(files["csv"]), "--json", str(files["json"]), "--plot", str(files["png"])]
    assert main([*base, *words]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{files['png']}: certified at 1 of 2 data scales, bounds at mo")
    assert "alpha=0.3: no box" in printed.err
    with files["csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["certified"], row["reason"]) for row in rows] == [
        ("True", ""),
        ("False", "no box, no ball"),
    ]
    assert json.loads(files["json"].read_text())["curve"][1]["mse_low"] == "nan"


@pytest.mark.parametrize("row", read_table().pipeline, ids=lambda row: row.name)
def test_bounds_after_pretraining_on_data_hold_fifty_digits(row, tmp_path):
    """Again of the numbers as they are written, those of both stages."""
    target = tmp_path / "c.json"
    words = [
        word
        for name, value in row.problem.items()
        for word in (f"--{name.replace('_', '-')}", value)
    ]
    assert main(["curve", *words, "--certify", "--json", str(target)]) == 0
    (record,) = json.loads(target.read_text())["curve"]
    assert (record["certified"], record["reason"]) == (True, "")
    for name in ("mse", "tau", "theta"):
        low, high = record[f"{name}_low"], record[f"{name}_high"]
        assert low <= Fraction(Decimal(row.values[name])) <= high
        assert high - low <= 1e-11 * high
    low, high = record["degrees_of_freedom_low"], record["degrees_of_freedom_high"]
    estimate = record["degrees_of_freedom"]
    assert low * (1 - 1e-12) <= estimate <= high * (1 + 1e-12)
    assert "penalty_low" not in record


def test_both_stages_are_certified_as_written(capsys, monkeypatch):
    given = {}

    def caught(mixture, init, pretraining, alpha, **options):
        given.update(options, mixture=mixture, pretraining=pretraining, alpha=alpha)
        return certify_pipeline(mixture, init, pretraining, alpha, **options)

    monkeypatch.setattr("numerics.__main__.certify_pipeline", caught)
    words = "--alpha 0.3,1.1 --noise-variance 0.1 --ridge 0 --lam -1e-4 --gamma 0.3 --certify 7"
    base = [*CURVE, *words.split()]
    options = "--alpha-pt 1.1 --noise-pt 0.7 --ridge-pt 0.3 --pt-slab gaussian"
    assert main([*base, *options.split()]) == 0
    assert given == {
        "mixture": Mixture.pretrain_finetune(
            "0.1", "0.1", "0.5", c="1e-3", relative_scale="-0.1", gamma="0.3", slab="gaussian",
            pt_slab="gaussian",
        ),
        "pretraining": ExactPretraining.of("1.1", "0.7", "0.3"),
        "alpha": [Fraction("0.3"), Fraction("1.1")],
        "noise_variance": Fraction("0.1"),
        "ridge": 0,
        "digits": 7,
    }  # fmt: skip
    assert main([*base, "--alpha-pt", "inf"]) == 0
    assert given["pretraining"] == ExactPretraining(None)
    assert {group.pt_slab for group in given["mixture"].groups} == {"sign"}
    capsys.readouterr()


def test_bounds_after_pretraining_on_data_are_printed_without_penalty(capsys):
    base = [*CURVE, "--alpha-pt", "0.3", "--alpha", "0.2,1.5"]
    assert main([*base, "--certify"]) == 0
    printed = capsys.readouterr().out
    assert main(base) == 0
    curve = capsys.readouterr().out
    assert printed.startswith(curve + "\n")
    head, *lines = (line.split() for line in printed[len(curve) + 1 :].splitlines())
    assert head == ["alpha", "bound", "error", "tau", "theta", "E[eta']", "certified"]
    assert [line[:2] for line in lines] == [
        [alpha, end] for alpha in ("0.2", "1.5") for end in ("low", "high")
    ]
    shown = curve.splitlines()[4].split()
    for column in range(2, 6):
        low, high = (Fraction(line[column]) for line in lines[:2])
        assert low < high <= low * (1 + Fraction(1, 10**11))
        assert float(shown[column - (column == 2)]) == pytest.approx(float(high), rel=1e-7)
    assert [line[2:] for line in lines[2:]] == [["0", "0", "0", "1", "yes"]] * 2


def test_points_of_both_stages_that_are_not_certified_are_named(capsys, tmp_path, monkeypatch):
    def stopped(problem, alpha, *arguments, **options):
        if alpha.low == Fraction("0.3"):
            raise NotCertifiedError("no box, no ball")
        return enclose(problem, alpha, *arguments, **options)

    monkeypatch.setattr("numerics.certified.pipeline.enclose", stopped)
    files = {kind: tmp_path / f"c.{kind}" for kind in ("csv", "json", "png")}
    words = ["--csv", str(files["csv"]), "--json", str(files["json"]), "--plot", str(files["png"])]
    base = [*CURVE, "--alpha-pt", "0.25", "--alpha", "0.2,0.3", "--certify", "5"]
    assert main([*base, *words]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{files['png']}: certified at 1 of 2 data scales, bounds at mo")
    assert "1 of 2 points not certified\n  alpha=0.3: no box, no ball" in printed.err
    with files["csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["certified"], row["reason"]) for row in rows] == [
        ("True", ""),
        ("False", "no box, no ball"),
    ]
    assert rows[1]["mse_low"] == "nan"
    document = json.loads(files["json"].read_text())
    assert document["inputs"]["certify"] == 5
    assert document["inputs"]["alpha_pt"] == 0.25
    assert document["curve"][1]["mse_high"] == "nan"
    assert main([*base, "--alpha-pt", "2000", "--ridge-pt", "0.1"]) == 1
    printed = capsys.readouterr()
    assert printed.out.endswith(
        "NO         alpha of pretraining beyond 1000 with a ridge is not enclosed\n"
    )
    assert "2 of 2 points not certified\n  alpha=0.2: alpha of pretraining beyond" in printed.err


def test_infinite_errors_survive_json_and_plots(tmp_path):
    target = tmp_path / "c.json"
    options = [*CURVE, "--alpha", "1", "--noise-variance", "1"]
    assert main([*options, "--json", str(target), "--plot", str(tmp_path / "c.png")]) == 0
    assert json.loads(target.read_text())["curve"][0]["mse"] == "inf"


def test_pretraining_without_solution_ends_in_one(capsys, monkeypatch):
    def stopped(problem, **options):
        found = solve_fixed_points(problem, **options)
        return replace(found, converged=np.zeros(problem.alpha.size, dtype=bool))

    monkeypatch.setattr("numerics.pipeline.pretraining.solve_fixed_points", stopped)
    assert main([*CURVE, "--alpha-pt", "0.3", "--alpha", "0.2"]) == 1
    assert "of pretraining did not converge at alpha=0.3" in capsys.readouterr().err


IMPERFECT = [*CURVE, "--alpha", "0.3", "--alpha-pt"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([*IMPERFECT, "nan"], "must be a number >= 0.001 (inf for unlimited data), got alpha=nan"),
        ([*IMPERFECT, "0"], "alpha of pretraining must be a number >= 0.001"),
        ([*IMPERFECT, "-1e-3"], "got alpha=-0.001"),
        ([*IMPERFECT, "-inf"], "got alpha=-inf"),
        ([*IMPERFECT, "1", "--noise-pt", ".1"], "pretraining must not be 1 with noise"),
        ([*IMPERFECT, ".3", "--noise-pt", "-1e-3"], "noise_variance of pretraining must lie in"),
        ([*IMPERFECT, ".3", "--ridge-pt", "nan"], "ridge of pretraining must be finite, got nan"),
        ([*CURVE, "--alpha", "1", "--noise-pt", "0"], "--noise-pt needs --alpha-pt, got --noise"),
        ([*CURVE, "--alpha", "1", "--ridge-pt", ".1"], "--ridge-pt needs --alpha-pt"),
        ([*CURVE, "--alpha", "1", "--pt-slab", "sign"], "--pt-slab needs --alpha-pt"),
        ([*SINGLE_TASK[2:], "--c", "1", "--alpha", "1", "--alpha-pt", "1"], "with pretraining"),
        ([*IMPOSSIBLE, "--c", "1", "--alpha", "1", "--alpha-pt", ".3"], "overlap in [0, 0.11"),
        ([*CURVE, "--alpha", "0.5", "--lam", "1"], "|lam| <= c"),
        ([*CURVE, "--alpha", "a:b"], "alpha must read like"),
        ([*CURVE, "--alpha", "0.1:0.2:0"], "alpha must read like"),
        ([*CURVE, "--alpha", "0.1:0.2:100000000000"], "count in [1, 1000000]"),
        ([*CURVE, "--alpha", "0.1:inf:3"], "with data scales up to 1000"),
        ([*CURVE, "--alpha", "nan:0.3:3"], "with data scales up to 1000"),
        ([*CURVE, "--alpha", "2000"], "alpha must lie in"),
        (["curve", "--rho-pt", "0.1", "--c", "1", "--alpha", "1"], "--rho-ft, --overlap"),
        ([*CURVE, "--single-task", "0.1", "--alpha", "1"], "--single-task replaces"),
        ([*CURVE, "--alpha", "0.5", "--plot", "curve.txt"], "must end in one of"),
        ([*CURVE, "--alpha", "0.5", "--certify", "2"], "digits must be an integer in [3, 100]"),
        ([*IMPERFECT, ".3", "--certify", "61"], "digits must be an integer in [3, 60]"),
        ([*IMPERFECT, "0", "--certify"], "alpha of pretraining must be a number >= 0.001"),
        ([*CURVE, "--alpha", "0.5", "--csv", "/nonexistent/curve.csv"], "cannot write"),
        (["best-init", *TASK, "--alpha", "0.1:0.2:3"], "takes one alpha, got 3"),
        (["best-init", *TASK, "--alpha", "1.5"], "no effect), got alpha=1.5"),
        (["best-init", *TASK, "--alpha", "0.5", "--starts", "1"], "starts must be an integer >= 4"),
        (["best-init", *TASK, "--alpha", "0.5", "--alpha-pt", "0"], "got alpha=0.0"),
        (["best-init", *TASK, "--alpha", "0.5", "--noise-pt", "0"], "--noise-pt needs --alpha-pt"),
        (
            ["best-init", "--single-task", "0.1", "--alpha", "0.5", "--alpha-pt", "1"],
            "got --single-task 0.1",
        ),
        (["best-init", *TASK, "--alpha", "0.5", "--seed", "-1"], "seed must be an integer >= 0"),
        (
            [
                "curve",
                "--rho-pt",
                "0.1",
                "--rho-ft",
                "0.9",
                "--overlap",
                "1",
                "--c",
                "1",
                "--alpha",
                "1",
            ],
            "overlap in [0, 0.111111]",
        ),
    ],
)
def test_invalid_input_ends_in_two(arguments, named, capsys):
    assert main(arguments) == 2
    assert named in capsys.readouterr().err


def test_a_point_without_solution_ends_in_one(monkeypatch):
    import dataclasses

    def failing(*arguments, **options):
        curve = solve_replica(*arguments, **options)
        return dataclasses.replace(curve, converged=np.zeros(curve.alpha.size, dtype=bool))

    monkeypatch.setattr("numerics.__main__.solve_replica", failing)
    assert main([*CURVE, "--alpha", "0.5"]) == 1


def test_as_a_module():
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            *["numerics", "curve", "--single-task", "0.1", "--c", "1e-3", "--alpha", "0.3"],
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "0.3" in found.stdout


def test_grids():
    assert list(alpha_grid("0.3")) == [0.3]
    assert list(alpha_grid("0.1,0.2")) == [0.1, 0.2]
    assert alpha_grid("0.01:0.5:80") == pytest.approx(np.linspace(0.01, 0.5, 80))


def test_the_defaults_of_a_search_are_those_of_its_function():
    options = _parser().parse_args(["best-init", *TASK, "--alpha", "0.2"])
    defaults = inspect.signature(best_initialization).parameters
    for name in ("noise_variance", "ridge", "starts", "seed"):
        assert getattr(options, name) == defaults[name].default, name


def test_best_initialisation_from_the_command_line(capsys):
    assert main(["best-init", *TASK, "--alpha", "0.2", "--starts", "4"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("best", "I ", "II ", "III ", "IV "))


def test_best_initialisation_after_pretraining_on_data(capsys):
    options = ["--alpha", "0.2", "--starts", "4", "--alpha-pt", "0.3", "--noise-variance", "0.1"]
    assert main(["best-init", *TASK, *options, "--noise-pt", "0.01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    for line in lines[2:]:
        c, ratio, gamma = REGIMES[line.split()[0]]
        truth = solve_pipeline(
            task,
            Initialization(c, ratio * c, gamma),
            Pretraining(0.3, 0.01),
            0.2,
            noise_variance=0.1,
        )
        assert float(line.split()[4]) == pytest.approx(truth.mse[0], rel=1e-11)
        assert float(lines[1].split()[4]) <= truth.mse[0]


EXCHANGE = ["exchange", "--rho-pt", "0.1", "--rho-ft", "0.1", "--overlap", "1", "--c", "1e-3"]
REUSED = TaskDistribution.pretrain_finetune(0.1, 0.1, 1.0, slab="gaussian")


def test_rates_of_exchange_are_printed_and_written(capsys, tmp_path):
    grid = [*EXCHANGE, "--alpha-pt", "0.2,0.4,inf", "--alpha", "0.3", "--noise-pt", "1e-3"]
    grid += ["--noise-convention", "1/d"]
    assert main(grid) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    truth = exchange_rates(
        REUSED,
        Initialization(1e-3, 0.0),
        [0.2, 0.4, np.inf],
        0.3,
        noise_variance_pt=1e-3,
        noise_convention="1/d",
    )
    assert head.split()[:3] == ["alpha_pt", "alpha", "error"]
    assert [line.split()[0] for line in lines] == ["0.2", "0.4", "inf"]
    shown = np.array([line.split()[2:6] for line in lines], dtype=float)
    columns = (
        truth.mse[:, 0],
        truth.mse_pt,
        truth.finetuning_per_pretraining[:, 0],
        truth.pretraining_per_finetuning[:, 0],
    )
    np.testing.assert_allclose(shown, np.transpose(columns), rtol=1e-7)
    assert lines[-1].split()[4:] == ["0", "inf", "yes"]
    target, table = tmp_path / "x.json", tmp_path / "x.csv"
    assert main([*grid, "--json", str(target), "--csv", str(table)]) == 0
    assert capsys.readouterr().out == ""
    document = json.loads(target.read_text())
    assert document["inputs"]["alpha_pt"] == "0.2,0.4,inf"
    assert document["inputs"]["noise_convention"] == "1/d"
    assert [row["d mse/d alpha_pt"] for row in document["rates"]] == list(truth.slope_pt[:, 0])
    assert document["rates"][2]["pretraining_per_finetuning"] == "inf"
    with table.open(newline="") as file:
        read = [float(row["d mse/d alpha"]) for row in csv.DictReader(file)]
    assert read == list(truth.slope_ft[:, 0])


@pytest.mark.parametrize(
    ("option", "function"), [("--budget", "cheapest_split"), ("--target", "least_cost")]
)
def test_budgets_are_split_and_targets_reached(option, function, capsys, monkeypatch):
    given = []

    def found(*arguments, **options):
        given.append((arguments, options))
        return Split(0.5, 0.25, 1 / 3, 0.35, 0.2)

    monkeypatch.setattr(f"numerics.__main__.{function}", found)
    words = ["--noise-variance", "0.1", "--ridge", "0.2", "--noise-pt", "0.3", "--ridge-pt", "0.4"]
    prices = ["--price-pt", "0.2", "--price-ft", "1"]
    assert main([*EXCHANGE, *words, *prices, "--noise-convention", "1/d", option, "0.7"]) == 0
    assert given == [
        (
            (REUSED, Initialization(1e-3, 0.0), 0.7, 0.2, 1.0),
            {
                "noise_variance": 0.1,
                "ridge": 0.2,
                "noise_variance_pt": 0.3,
                "ridge_pt": 0.4,
                "noise_convention": "1/d",
            },
        )
    ]
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["alpha_pt", "alpha", "error", "cost", "ft", "per", "pt"]
    assert line.split() == ["0.5", "0.25", "0.33333333", "0.35", "0.2"]


def test_splits_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr("numerics.exchange.splits._SCAN", 6)
    prices = ["--price-pt", "0.2", "--price-ft", "1"]
    target = tmp_path / "x.json"
    assert main([*EXCHANGE, *prices, "--budget", "0.3", "--json", str(target)]) == 0
    document = json.loads(target.read_text())
    assert document["split"][0]["cost"] == pytest.approx(0.3)
    assert document["inputs"]["price_pt"] == 0.2


def test_an_exchange_without_solution_ends_in_one(capsys, monkeypatch):
    def failing(*arguments, **options):
        curve = solve_pipeline(*arguments, **options)
        return replace(curve, converged=np.zeros(curve.alpha.size, dtype=bool))

    monkeypatch.setattr("numerics.exchange.rates.solve_pipeline", failing)
    assert main([*EXCHANGE, "--alpha", "0.3", "--alpha-pt", "0.3"]) == 1
    assert capsys.readouterr().out.splitlines()[1].split()[-1] == "NO"


PRICES = ["--price-pt", "1", "--price-ft", "1"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "rates of exchange need --alpha-pt, --alpha"),
        (["--alpha", "0.3"], "rates of exchange need --alpha-pt"),
        (["--alpha", "0.3", "--alpha-pt", "0.3", "--price-pt", "1"], "exclude --price-pt"),
        (["--alpha", "0.3", "--alpha-pt", "x"], "alpha-pt must read like"),
        (["--alpha", "0.3", "--alpha-pt", "-1e-3"], "alpha of pretraining must be a number"),
        (["--alpha", "inf", "--alpha-pt", "0.3"], "alpha must be finite, got inf"),
        (["--alpha", "0.3", "--alpha-pt", "0.3", "--noise-pt", "-1"], "noise_variance_pt must"),
        (["--budget", "1"], "--budget needs --price-pt, --price-ft"),
        (["--target", "1", "--price-pt", "1"], "--target needs --price-ft"),
        (["--budget", "1", *PRICES, "--alpha", "0.3"], "--budget excludes --alpha"),
        (["--budget", "1", *PRICES, "--target", "0.3"], "exclude each other"),
        (["--budget", "nan", *PRICES], "budget must be finite, got nan"),
        (["--budget", "-1", *PRICES], "budget must be positive, got budget=-1.0"),
        (["--target", "0", *PRICES], "target must be positive"),
        (["--alpha", "0.3", "--alpha-pt", "0.3", "--csv", "/none/such.csv"], "cannot write"),
    ],
)
def test_invalid_exchanges_end_in_two(arguments, named, capsys):
    assert main([*EXCHANGE, *arguments]) == 2
    assert named in capsys.readouterr().err


def test_nothing_can_be_exchanged_in_a_single_task(capsys):
    options = ["--single-task", "0.1", "--c", "1", "--alpha", "0.3", "--alpha-pt", "0.3"]
    assert main(["exchange", *options]) == 2
    assert "must have a pretraining stage, got a single task" in capsys.readouterr().err


def test_the_defaults_of_an_exchange_are_those_of_its_functions():
    options = _parser().parse_args(EXCHANGE)
    for function in (exchange_rates, cheapest_split, least_cost):
        defaults = inspect.signature(function).parameters
        for name in ("noise_variance", "ridge", "noise_convention"):
            assert getattr(options, name) == defaults[name].default, name
        assert defaults["noise_variance_pt"].default == defaults["ridge_pt"].default == 0.0
