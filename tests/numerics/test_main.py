"""The predictor's command line: output, files, exit status."""

import csv
import inspect
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.__main__ import _parser, alpha_grid, main
from numerics.best_init import best_initialization
from numerics.replica.newton import solve_fixed_points

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


def test_infinite_errors_survive_json_and_plots(tmp_path):
    target = tmp_path / "c.json"
    options = [*CURVE, "--alpha", "1", "--noise-variance", "1"]
    assert main([*options, "--json", str(target), "--plot", str(tmp_path / "c.png")]) == 0
    assert json.loads(target.read_text())["curve"][0]["mse"] == "inf"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
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
        ([*CURVE, "--alpha", "0.5", "--csv", "/nonexistent/curve.csv"], "cannot write"),
        (["best-init", *TASK, "--alpha", "0.1:0.2:3"], "takes one alpha, got 3"),
        (["best-init", *TASK, "--alpha", "1.5"], "no effect), got alpha=1.5"),
        (["best-init", *TASK, "--alpha", "0.5", "--starts", "1"], "starts must be an integer >= 4"),
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
