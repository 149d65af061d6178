"""`python -m empirics`: what it prints, what it writes, and its exit status."""

import csv
import json
import os
import sqlite3
import subprocess
import sys

import pytest
from rich.console import Console

from empirics import __main__ as command_line
from empirics.__main__ import SCALES, experiment_tasks, main
from empirics.sweep import Task
from empirics.sweep.lease import hold_leases
from empirics.sweep.progress import LiveProgress, duration
from empirics.sweep.store import Counts, Store
from tests.empirics.sweep.sweep_functions import HERE

KILL_SWEEP = f"{HERE}:kill_sweep"
ONE_FAILS = f"{HERE}:one_fails"


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def failing(path, tmp_path, monkeypatch, capsys):
    """Return a store with two failures, and the file that mends them."""
    until = tmp_path / "until"
    monkeypatch.setenv("SWEEP_UNTIL", str(until))
    assert main(["run", ONE_FAILS, "--store", str(path)]) == 1
    shown = capsys.readouterr()
    assert "3 of 5 tasks done, 2 failed" in shown.out
    assert shown.err == ""
    return path, until


def status(path, capsys):
    code = main(["status", "--store", str(path), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_run_status_export(path, tmp_path, capsys):
    assert main(["run", KILL_SWEEP, "--store", str(path), "--executor", "processes"]) == 0
    assert "60 of 60 tasks done" in capsys.readouterr().out
    code, record = status(path, capsys)
    assert code == 0
    counts = {"total": 60, "done": 60, "failed": 0, "pending": 0, "running": 0}
    assert {name: record[name] for name in counts} == counts
    assert record["sweeps"] == {f"{KILL_SWEEP} smoke": counts}
    assert record["failures"] == []
    table = tmp_path / "t.csv"
    assert main(["export", "--store", str(path), "--csv", str(table)]) == 0
    assert "120 rows" in capsys.readouterr().out
    with table.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["seed"] for line in lines] == [str(n) for n in range(60) for _ in range(2)]
    assert lines[3] == {
        "sweep": f"{KILL_SWEEP} smoke",
        "task": Task(f"{HERE}:square", {"x": 1.5, "seconds": 0.02}, 1).key,
        "seed": "1",
        "configuration.seconds": "0.02",
        "configuration.x": "1.5",
        "square": "-3.25",
        "sign": "-",
        "extra": "",
    }
    attempts = tmp_path / "a.csv"
    assert main(["export", "--store", str(path), "--attempts", str(attempts)]) == 0
    with attempts.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 60
    assert all(float(line["seconds"]) >= 0.02 and line["outcome"] == "done" for line in lines)


def test_a_run_goes_on_where_one_stopped(path, capsys):
    with Store(path, create=True) as store:
        keys = store.plan(f"{KILL_SWEEP} smoke", experiment_tasks(KILL_SWEEP, "smoke"))
        with hold_leases(store) as runner:
            for key in runner.claim(keys, 30):
                runner.finish(key, ['{"mark":1}'], 0.0, "w")
    assert status(path, capsys)[1]["pending"] == 30
    assert main(["run", KILL_SWEEP, "--store", str(path)]) == 0
    with Store(path) as store:
        marks = [result.row.get("mark") for result in store.results()]
    assert marks == [1] * 30 + [None] * 60


def test_failures_are_shown_and_retried(failing, tmp_path, capsys):
    path, until = failing
    code, record = status(path, capsys)
    assert code == 1
    assert (record["done"], record["failed"]) == (3, 2)
    assert [failure["reason"] for failure in record["failures"]] == [
        "ArithmeticError: seed 1 is odd",
        "ArithmeticError: seed 3 is odd",
    ]
    assert main(["status", "--store", str(path)]) == 1
    shown = capsys.readouterr().out
    assert "ArithmeticError: seed 3 is odd" in shown
    assert "Traceback" not in shown
    assert main(["status", "--store", str(path), "--tracebacks"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().out
    table = tmp_path / "t.csv"
    assert main(["export", "--store", str(path), "--csv", str(table)]) == 1
    assert table.read_text().count("\n") == 4
    # Left alone until somebody asks.
    until.touch()
    assert main(["run", ONE_FAILS, "--store", str(path)]) == 1
    capsys.readouterr()
    assert main(["retry", "--store", str(path)]) == 0
    assert "2 tasks that failed are pending again" in capsys.readouterr().out
    assert main(["run", ONE_FAILS, "--store", str(path)]) == 0
    assert main(["export", "--store", str(path), "--csv", str(table)]) == 0
    assert table.read_text().count("\n") == 6
    assert main(["retry", "--store", str(path)]) == 0
    assert "0 tasks" in capsys.readouterr().out


def test_one_sweep_of_several(failing, tmp_path, capsys):
    path, _ = failing
    assert main(["run", KILL_SWEEP, "--store", str(path)]) == 0
    assert main(["status", "--store", str(path)]) == 1
    shown = capsys.readouterr().out
    assert f"{KILL_SWEEP} smoke" in shown
    assert f"{ONE_FAILS} smoke" in shown
    table = tmp_path / "t.csv"
    only = ["--sweep", f"{KILL_SWEEP} smoke"]
    assert main(["export", "--store", str(path), "--csv", str(table), *only]) == 0
    assert table.read_text().count("\n") == 121
    assert main(["retry", "--store", str(path), *only]) == 0
    assert "0 tasks" in capsys.readouterr().out
    assert main(["retry", "--store", str(path), "--sweep", "no such"]) == 2
    assert "sweep must be one of" in capsys.readouterr().err


def test_all_sweeps_are_summed_where_there_are_several(path, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SWEEP_UNTIL", str(tmp_path))  # it is there: none of the five fails
    for experiment, shown in ((KILL_SWEEP, False), (ONE_FAILS, True)):
        assert main(["run", experiment, "--store", str(path)]) == 0
        capsys.readouterr()
        assert main(["status", "--store", str(path)]) == 0
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert ([row for row in rows if row[0] == "all"] != []) is shown
    assert ["all", "65", "65", "0", "0", "0"] in rows


def test_older_code_is_counted_apart(path, capsys):
    assert main(["run", KILL_SWEEP, "--store", str(path)]) == 0
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM members WHERE position < 10")
    database.close()
    capsys.readouterr()
    code, record = status(path, capsys)
    assert (code, record["total"], record["superseded"]) == (0, 50, 10)
    assert main(["status", "--store", str(path)]) == 0
    assert "10 more of older plans or code, not exported" in capsys.readouterr().out


# Errors: one line, no traceback.


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "no-such", "--store", "STORE"], "no-such"),
        (["run", "no.such:tasks", "--store", "STORE"], "there is no experiment no.such:tasks"),
        (["run", f"{HERE}:absent", "--store", "STORE"], "has no attribute 'absent'"),
        (
            ["run", "math:pi", "--store", "STORE"],
            "must be a function of the scale, got 3.1",
        ),
        (["run", "os:getcwd", "--store", "STORE"], "os:getcwd('smoke') raised TypeError"),
        (["run", "json:dumps", "--store", "STORE"], "must return a list of tasks, got '\"smoke\"'"),
        (["run", f"{HERE}:nothing", "--store", "STORE"], "has no tasks at the scale smoke"),
        (["run", KILL_SWEEP, "--scale", "huge", "--store", "STORE"], "invalid choice: 'huge'"),
        (["run", KILL_SWEEP], "the following arguments are required: --store"),
        (["run", KILL_SWEEP, "--store", "STORE", "--executor", "slurm"], "executor must be one of"),
        (["run", KILL_SWEEP, "--store", "STORE", "--jobs", "0"], "must be at least 1, got 0"),
        (["run", KILL_SWEEP, "--store", "STORE", "--jobs", "two"], "invalid"),
        (["run", KILL_SWEEP, "--store", "STORE", "--limit", "3"], "only the executor processes"),
        (["run", KILL_SWEEP, "--store", "/no/such/folder/s"], "/no/such/folder does not exist"),
        (["run", KILL_SWEEP, "--store", "/"], "a store is a file, but / is a folder"),
        (["run", KILL_SWEEP, "--store", "TEXT"], "is not an SQLite database"),
        (["run", KILL_SWEEP, "--store", "FOREIGN"], "but not a store of sweeps"),
        (["run", KILL_SWEEP, "--store", "NEWER"], "was written by a newer version"),
        (["status", "--store", "STORE"], "there is no store"),
        (["status", "--store", "TEXT"], "is not an SQLite database"),
        (["export", "--store", "STORE", "--csv", "x"], "there is no store"),
        (["export", "--store", "GOOD"], "nothing to export"),
        (
            ["export", "--store", "GOOD", "--csv", "/no/such/folder/x"],
            "in a folder that exists, got /no/such/folder/x",
        ),
        (["export", "--store", "GOOD", "--csv", "/"], "output must be a file, got the folder /"),
        (["export", "--store", "GOOD", "--csv", "x", "--sweep", "y"], "sweep must be one of []"),
        (["retry", "--store", "FOREIGN"], "but not a store of sweeps"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        ([], "required"),
    ],
)
def test_bad_usage_is_status_2(tmp_path, capsys, arguments, named):
    places = {name: tmp_path / name for name in ("STORE", "TEXT", "FOREIGN", "NEWER", "GOOD")}
    places["TEXT"].write_text("no database\n" * 1000)
    for name, statement in (
        ("FOREIGN", "CREATE TABLE bookmarks (url)"),
        ("NEWER", "PRAGMA user_version = 2"),
    ):
        if name == "NEWER":
            Store(places[name], create=True).close()
        database = sqlite3.connect(places[name])
        database.execute(statement)
        database.close()
    Store(places["GOOD"], create=True).close()
    try:
        code = main([str(places.get(argument, argument)) for argument in arguments])
    except SystemExit as stopped:
        code = stopped.code
    errors = capsys.readouterr().err
    assert code == 2
    assert named in errors
    assert "Traceback" not in errors
    if errors.startswith("empirics: "):
        assert errors.count("\n") == 1


def test_no_scheduler_is_one_line(path, capsys, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("empirics.sweep.dask_executor.CONNECT_SECONDS", 0.5)
    arguments = ["run", KILL_SWEEP, "--store", str(path), "--executor", "dask:tcp://127.0.0.1:9"]
    assert main(arguments) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("empirics: no Dask scheduler answers at tcp://127.0.0.1:9")
    assert errors.count("\n") == 1
    assert status(path, capsys)[1]["pending"] == 60


def test_no_disk_is_one_line_and_the_run_goes_on(path, capsys):
    code = (
        "import resource, sys; from empirics.__main__ import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["run", KILL_SWEEP, "--store", str(path)]
    shown = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert shown.returncode in (1, 2)
    assert shown.stderr.startswith("empirics: ")
    assert str(path) in shown.stderr
    assert shown.stderr.count("\n") == 1
    found = status(path, capsys)[1]
    assert found["running"] == 0
    assert 0 < found["done"] < 60
    assert main(arguments) == 0


def test_interruption_is_status_1(path, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line.runner, "run", interrupted)
    assert main(["run", KILL_SWEEP, "--store", str(path)]) == 1
    assert "interrupted; the same command continues" in capsys.readouterr().err


# Experiments by name.


@pytest.mark.parametrize("scale", SCALES)
def test_experiments_by_name(monkeypatch, scale):
    calls = []

    def sweep_tasks(experiment, scale):
        calls.append((experiment, scale))
        return (Task(f"{HERE}:square", {"x": 1}, 0),)

    monkeypatch.setattr("empirics.experiments.sweep_tasks", sweep_tasks, raising=False)
    assert [task.seed for task in experiment_tasks("reuse", scale)] == [0]
    assert calls == [("reuse", scale)]


# Progress.


def test_progress_names_rate_and_remaining_time():
    now = [0.0]
    lines = []
    console = Console(force_terminal=False, width=200)
    console.print = lambda text, **_: lines.append(text)
    progress = LiveProgress(console, clock=lambda: now[0])
    with progress:
        progress.begin(Counts(100, 10, 1, 89, 0))
        assert progress.text() == "10 done · 1 failed · 89 pending"
        now[0] = 10.0
        for _ in range(19):
            progress.settled("done")
        progress.settled("failed")
        assert progress.text() == "29 done · 2 failed · 69 pending · 2/s · 0:00:35 left"
        assert lines == []
        now[0] = 60.0
        progress.settled("done")
        assert lines == ["30 done · 2 failed · 68 pending · 21/min · 0:03:15 left"]
        progress.waiting(Counts(100, 90, 2, 0, 8))
        assert progress.text().startswith("90 done · 2 failed · 8 pending")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (0.2, "0:00:01"), (3599.5, "1:00:00"), (90061, "1 d 1:01:01")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_a_terminal_sees_a_bar(path):
    """In a pseudo-terminal, the bar shows counts and rate while tasks run."""
    pty = pytest.importorskip("pty")
    shown = bytearray()

    def read(descriptor):
        data = os.read(descriptor, 4096)
        shown.extend(data)
        return data

    arguments = [sys.executable, "-m", "empirics", "run", KILL_SWEEP, "--store", str(path)]
    code = pty.spawn(arguments, read, lambda _: b"")
    assert os.waitstatus_to_exitcode(code) == 0
    text = shown.decode()
    assert "60 of 60 tasks done" in text
    assert " done · 0 failed · " in text
    assert "/s · 0:00:0" in text
