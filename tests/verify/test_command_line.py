"""`python -m verify`: what it prints, and its exit status."""

import json
import subprocess
import sys

import pytest

from verify.__main__ import main

SAMPLES = ["--claims", "tests.verify.sample_claims"]


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def test_success_is_status_0(capsys, tmp_path):
    record, page = tmp_path / "r.json", tmp_path / "p.html"
    arguments = ["run", *SAMPLES, "--only", "good.*", "--json", str(record), "--html", str(page)]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "good.false-as-printed" in shown
    assert "1 REFUTED (1 of the refutations expected)" in shown
    assert json.loads(record.read_text())["summary"]["succeeded"]
    assert page.read_text().lower().startswith("<!doctype html>")
    assert main(["report", str(record)]) == 0
    assert "good.false-as-printed" in capsys.readouterr().out


@pytest.mark.parametrize("identifier", ["bad.refuted", "bad.toothless", "bad.raises"])
def test_anything_unexpected_is_status_1(capsys, tmp_path, identifier):
    record = tmp_path / "r.json"
    assert main(["run", *SAMPLES, "--only", identifier, "--json", str(record)]) == 1
    assert "1 not as expected or toothless" in capsys.readouterr().out
    assert main(["report", str(record)]) == 1


def test_skipped_is_named_and_does_not_fail(capsys):
    assert main(["run", *SAMPLES, "--only", "bad.skipped"]) == 0
    shown = capsys.readouterr().out
    assert "1 SKIPPED" in shown
    assert "1 checks skipped" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--only", "no.such.claim"],
        ["run", *SAMPLES, "--only", "good.full"],
        ["run", "--tier", "slow"],
        ["run", "--jobs", "0"],
        ["run", "--limit-factor", "-1"],
        ["show", "no.such.claim"],
        ["report", "no/such/file.json"],
        ["run", "--json", "/"],
        ["frobnicate"],
        [],
    ],
)
def test_bad_usage_is_status_2(capsys, arguments):
    try:
        status = main(arguments)
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2
    assert capsys.readouterr().err.strip()


def test_a_register_that_contradicts_itself_is_status_1(capsys):
    assert main(["list", "--claims", "no.such.module"]) == 1
    assert "no.such.module" in capsys.readouterr().err


def test_list_names_every_claim(capsys):
    assert main(["list", *SAMPLES]) == 0
    assert "bad.forks-and-hangs" in capsys.readouterr().out


def test_show_states_and_decides(capsys):
    assert main(["show", *SAMPLES, "good.confirmed"]) == 0
    shown = capsys.readouterr().out
    for part in ("Two and two are four.", "CONFIRMED", "tolerance 0.5: half a unit", "rejects"):
        assert part in shown
    assert main(["show", *SAMPLES, "bad.refuted"]) == 1
    assert "at n = 5" in capsys.readouterr().out


def test_show_suggests_near_names(capsys):
    assert main(["show", *SAMPLES, "better.proved"]) == 2
    assert "good.proved" in capsys.readouterr().err


def test_show_takes_evidence_from_a_record(capsys, tmp_path):
    record = tmp_path / "r.json"
    main(["run", *SAMPLES, "--only", "good.proved", "--json", str(record)])
    capsys.readouterr()
    assert main(["show", *SAMPLES, "good.proved", "--record", str(record)]) == 0
    assert "1. count" in capsys.readouterr().out
    assert main(["show", *SAMPLES, "good.full", "--record", str(record)]) == 2
    assert main(["show", *SAMPLES, "good.proved", "--statement"]) == 0


def test_interrupt_ends_with_status_1_and_no_record(capsys, monkeypatch, tmp_path):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("verify.runner.run", interrupted)
    record = tmp_path / "r.json"
    assert main(["run", *SAMPLES, "--json", str(record)]) == 1
    assert not record.exists()


def test_runs_as_a_module():
    command = [sys.executable, "-m", "verify", "run", *SAMPLES, "--only", "good.proved"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "1 PROVED" in done.stdout
