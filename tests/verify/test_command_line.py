"""`python -m verify`: what it prints, and its exit status."""

import contextlib
import json
import os
import subprocess
import sys

import pytest

from tests.verify.report.samples import claim
from verify.__main__ import main
from verify.report.paper import PAPER
from verify.run import processes, runner
from verify.run.record import RunRecord

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
    assert "1 claim, 1 check: 1 SKIPPED; 1 check skipped" in shown


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
        ["coverage", "--record", "no/such/file.json"],
        ["coverage", "--record", "x", "--claims", "x"],
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


def test_an_output_that_cannot_be_written_is_reported_before_the_run(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("verify.run.runner.run", lambda *_: pytest.fail("the run has begun"))
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "r.json", "/proc/nowhere/r.json", "/proc/r.json"):
        assert main(["run", *SAMPLES, "--json", str(path)]) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert said.startswith(f"verify: {path} cannot be written: ")
    assert main(["run", *SAMPLES, "--html", str(tmp_path)]) == 2


def test_a_register_that_contradicts_itself_is_status_1(capsys):
    assert main(["list", "--claims", "no.such.module"]) == 1
    assert "no.such.module" in capsys.readouterr().err


def test_list_names_every_claim(capsys):
    assert main(["list", *SAMPLES]) == 0
    assert "bad.forks-and-hangs" in capsys.readouterr().out


def test_show_states_and_decides(capsys):
    assert main(["show", *SAMPLES, "good.confirmed"]) == 0
    shown = capsys.readouterr().out
    for part in (
        *("Two and two are four.", "CONFIRMED", "tolerance 0.5: half a unit", "rejects"),
        "decided in tests/verify/sample_claims.py:",
    ):
        assert part in shown
    assert main(["show", *SAMPLES, "bad.refuted"]) == 1
    shown = capsys.readouterr().out
    assert "at n = 5" in shown
    assert shown.count("REFUTED !") == 1


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


def test_coverage_is_status_1_if_anything_is_missing(capsys, tmp_path):
    assert main(["coverage", *SAMPLES]) == 1
    shown = capsys.readouterr().out
    assert "bad.refuted" in shown
    assert "no claim" in shown
    assert main(["coverage", "--claims", "tests.verify.broken_at_import"]) == 1
    record = tmp_path / "r.json"
    main(["run", *SAMPLES, "--only", "good.proved", "--json", str(record)])
    capsys.readouterr()
    assert main(["coverage", "--record", str(record)]) == 1
    shown = capsys.readouterr().out
    assert "good.proved" in shown
    assert "bad.refuted" not in shown


def test_coverage_is_status_0_if_nothing_is_missing(capsys, tmp_path):
    source = "; ".join(item.name for items in PAPER.values() for item in items)
    record = tmp_path / "r.json"
    RunRecord((claim("a.all", source=source),), {}, 1.0).write(record)
    assert main(["coverage", "--record", str(record)]) == 0
    assert "no claim" not in capsys.readouterr().out
    assert main(["coverage", "--record", str(record), "--missing"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    RunRecord((claim("a.all", source=f"{source}; eq. 47"),), {}, 1.0).write(record)
    assert main(["coverage", "--record", str(record)]) == 1
    assert "a.all: the paper has no eq. 47; the nearest is eqs. 41-46" in capsys.readouterr().out


def test_a_record_is_shown_again_as_page_and_junit(capsys, tmp_path):
    record, page, junit = (tmp_path / name for name in ("r.json", "p.html", "j.xml"))
    both = ["--html", str(page), "--junit", str(junit)]
    assert main(["run", *SAMPLES, "--only", "good.p*", "--json", str(record), *both]) == 0
    first = [path.read_text() for path in (page, junit)]
    assert 'tests="1" failures="0"' in first[1]
    page.unlink()
    junit.unlink()
    assert main(["report", str(record), *both]) == 0
    assert [path.read_text() for path in (page, junit)] == first
    shown = capsys.readouterr().out
    assert f"JUnit: {junit}" in shown


def figure_in(folder, name="figure-2"):
    folder.mkdir()
    (folder / f"{name}.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    entry = {"name": name, "caption": "Two.", "drawings": [f"{name}.svg"]}
    (folder / f"{name}.json").write_text(json.dumps(entry))


def test_figures_beside_the_page_or_where_they_are_named(tmp_path):
    record, page = tmp_path / "r.json", tmp_path / "p.html"
    figure_in(tmp_path / "elsewhere")
    run = ["run", *SAMPLES, "--only", "good.p*", "--json", str(record), "--html", str(page)]
    assert main(run) == 0
    assert not (tmp_path / "figures").exists()
    assert "This page carries no figures" in page.read_text()
    again = ["report", str(record), "--html", str(page)]
    assert main([*again, "--figures", str(tmp_path / "elsewhere")]) == 0
    text = page.read_text()
    assert text.count("<img ") == 1
    assert "Not shown: it has not been drawn" in text
    figure_in(tmp_path / "figures")
    assert main(again) == 0
    assert page.read_text().count("<img ") == 1
    assert main([*again, "--no-figures"]) == 0
    assert "<img " not in page.read_text()
    assert main([*again, "--figures", str(tmp_path / "nowhere")]) == 2


def test_a_folder_whose_only_figure_is_none_of_the_papers(capsys, tmp_path):
    record, page = tmp_path / "r.json", tmp_path / "p.html"
    assert main(["run", *SAMPLES, "--only", "good.proved", "--json", str(record)]) == 0
    drawn, other = tmp_path / "drawn", tmp_path / "other"
    figure_in(drawn, "decoupling")
    report = ["report", str(record), "--html", str(page), "--figures"]
    assert main([*report, str(drawn)]) == 0
    assert page.read_text().count("<img ") == 1
    figure_in(other, "unheard-of")
    assert main([*report, str(other)]) == 2
    assert "got none" in capsys.readouterr().err


def test_a_whole_run_draws_the_figures_beside_its_checks(capsys, monkeypatch, tmp_path):
    """The whole suite is too long here: its place is taken by a run of one sample."""
    real = runner.run
    options = runner.Options(packages=("tests.verify.sample_claims",), only=("good.proved",))
    monkeypatch.setattr("verify.run.runner.run", lambda _, progress: real(options, progress))
    asked = []

    @contextlib.contextmanager
    def drawing(folder):
        asked.append(folder)
        yield lambda: "figure-3: ValueError: no data"
        figure_in(folder)

    monkeypatch.setattr("verify.__main__.drawing", drawing)
    page = tmp_path / "p.html"
    assert main(["run", "--html", str(page)]) == 0
    assert asked == [tmp_path / "figures"]
    assert page.read_text().count("<img ") == 1
    assert "not all could be drawn: figure-3: ValueError" in capsys.readouterr().out
    for arguments in (["--no-figures", "--html", str(page)], [], ["--only", "x", "--html", "p"]):
        monkeypatch.chdir(tmp_path)
        assert main(["run", *arguments]) == 0
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"schema": 1, "claims": [{"id": 3}]}', "is not a complete record"),
        ('{"schema": 1, "x": NaN}', "numbers must be finite, got NaN"),
    ],
)
def test_a_record_that_is_none_is_bad_usage(capsys, tmp_path, content, said):
    record = tmp_path / "r.json"
    record.write_text(content)
    assert main(["report", str(record)]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_interrupt_ends_with_status_1_and_no_record(capsys, monkeypatch, tmp_path):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("verify.run.runner.run", interrupted)
    record = tmp_path / "r.json"
    assert main(["run", *SAMPLES, "--json", str(record)]) == 1
    assert not record.exists()


def test_what_cannot_be_printed_costs_no_record(tmp_path):
    record = tmp_path / "r.json"
    command = [sys.executable, "-m", "verify", "run", *SAMPLES, "--only", "good.hostile-texts"]
    done = subprocess.run(
        [*command, "--json", str(record)],
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "\\ufffd[31mred" in done.stdout
    assert RunRecord.read(record).succeeded


def test_a_record_is_there_before_anything_is_printed(monkeypatch, tmp_path):
    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr("verify.report.terminal.print_run", closed)
    record = tmp_path / "r.json"
    assert main(["run", *SAMPLES, "--only", "good.proved", "--json", str(record)]) == 2
    assert RunRecord.read(record).succeeded


def test_runs_as_a_module():
    command = [sys.executable, "-m", "verify", "run", *SAMPLES, "--only", "good.proved"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "1 PROVED" in done.stdout


def test_texts_in_brackets_are_printed_as_they_are(capsys):
    assert main(["show", *SAMPLES, "[bold]x[/bold]"]) == 2
    assert "no claim has the id '[bold]x[/bold]'" in capsys.readouterr().err


@pytest.mark.skipif(not processes.EARLY, reason="the server starts after the imports here")
def test_show_starts_the_server_first_if_it_decides(monkeypatch):
    started = []
    monkeypatch.setattr(runner, "start_server", lambda options: started.append(options.only))
    assert main(["show", *SAMPLES, "no.such"]) == 2
    assert started == [("no.such",)]
    assert main(["show", *SAMPLES, "good.proved", "--statement"]) == 0
    assert len(started) == 1
