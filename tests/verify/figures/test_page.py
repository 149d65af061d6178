"""Figures for the report: drawn once, again when the code changes; failures are reported."""

import json

import pytest

from verify.decoding import DecodingError
from verify.figures import figure as module
from verify.figures import page
from verify.figures.figure import Drawn, Figure, column

TABLE = [{"x": 0.0, "y": 1.0}, {"x": 1.0, "y": 3.0}]


def line(tables):
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas()
    canvas.subplots().plot(column(tables["data"], "x"), column(tables["data"], "y"))
    return canvas


class Counted:
    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return {"data": TABLE}


def test_drawn_once_and_again_when_the_code_changes(tmp_path, monkeypatch):
    tables = Counted()
    figure = Figure("figure-2", "caption", tables, line)
    assert page.draw(tmp_path, [figure]) == []
    assert page.draw(tmp_path, [figure]) == []
    assert tables.calls == 1
    drawn = Drawn.read(tmp_path / "figure-2.json")
    assert drawn.tables == ("figure-2-data.csv",)
    assert drawn.drawings == ("figure-2.png", "figure-2.svg")
    monkeypatch.setattr(module, "sources", lambda: "other")
    assert not figure.is_current(tmp_path)
    page.draw(tmp_path, [figure])
    assert tables.calls == 2
    (tmp_path / "figure-2.svg").unlink()
    page.draw(tmp_path, [figure])
    assert tables.calls == 3


def test_a_figure_that_fails_says_why_and_stops_no_other(tmp_path):
    def broken():
        raise ZeroDivisionError("no data")

    figures = [
        Figure("figure-3", "breaks", broken, line),
        Figure("figure-4", "works", Counted(), line),
    ]
    assert page.draw(tmp_path, figures) == ["figure-3: ZeroDivisionError: no data"]
    assert Drawn.read(tmp_path / "figure-3.json").problem == "ZeroDivisionError: no data"
    assert not figures[0].is_current(tmp_path)
    assert figures[1].is_current(tmp_path)


def test_sources_are_folders_of_the_project():
    """One that is not there makes no difference to the hash, and figures go stale."""
    for folder in module._SOURCES:
        assert any((module._ROOT / folder).rglob("*.py")), folder


def test_sources_cover_what_figures_are_made_of(tmp_path, monkeypatch):
    (tmp_path / "numerics").mkdir()
    source = tmp_path / "numerics" / "a.py"
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    hashes = []
    for text in ("x = 1", "x = 2"):
        source.write_text(text)
        hashes.append(module.sources.__wrapped__())
    (tmp_path / "empirics" / "recorded").mkdir(parents=True)
    (tmp_path / "empirics" / "recorded" / "data.csv").write_text("1")
    hashes.append(module.sources.__wrapped__())
    (tmp_path / "empirics" / "notes.txt").write_text("not a source")
    assert module.sources.__wrapped__() == hashes[-1]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize(
    "entry",
    [
        "[]",
        "{",
        '{"name": "figure-2"}',
        '{"name": 2, "caption": ""}',
        '{"name": "f", "caption": "", "tables": ["../../etc/passwd"]}',
        '{"name": "f", "caption": "", "drawings": ["/etc/passwd"]}',
        '{"name": "f", "caption": "", "drawings": [".hidden"]}',
    ],
)
def test_an_entry_that_is_none_is_refused(tmp_path, entry):
    path = tmp_path / "figure-2.json"
    path.write_text(entry)
    with pytest.raises(DecodingError):
        Drawn.read(path)
    assert not Figure("figure-2", "", Counted(), line).is_current(tmp_path)


def test_the_report_s_figures_in_order():
    names = [figure.name for figure in page.report_figures()]
    assert names[:2] == ["figure-2", "figure-3"]
    assert names[-6:-4] == ["decoupling", "saddle"]
    assert names[-4:] == [f"pretraining-{one}" for one in ("map", "worth", "error", "networks")]
    assert "experiments" not in names
    assert sorted(
        ["decoupling", "figure-10", "figure-2", "figure-4b", "figure-4a"], key=page.number
    ) == [
        *("figure-2", "figure-4a", "figure-4b", "figure-10", "decoupling"),
    ]


def test_command_line_draws_and_reports_failure(tmp_path, monkeypatch, capsys):
    good = Figure("figure-2", "works", Counted(), line)
    monkeypatch.setattr(page, "report_figures", lambda: [good])
    assert page.main(["--out", str(tmp_path / "new")]) == 0
    assert json.loads((tmp_path / "new" / "figure-2.json").read_text())["problem"] == ""
    bad = Figure("figure-3", "breaks", lambda: {"data": []}, line)
    monkeypatch.setattr(page, "report_figures", lambda: [good, bad])
    assert page.main(["--out", str(tmp_path / "new")]) == 1
    assert "figure-3: ValueError: a table must have rows" in capsys.readouterr().err
