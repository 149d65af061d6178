"""Figures are drawn from the tables that are written, and the tables hold what they say."""

import pytest

from verify.figures import error_curves, phase_portrait
from verify.figures.__main__ import FIGURES, main
from verify.figures.figure import Figure, as_csv, column, read_csv

TABLE = [{"kind": "a", "x": 0.1, "y": 1 / 3}, {"kind": "b", "x": 1e-300, "y": -2.0}]


def drawing(values):
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas()
    canvas.subplots().plot(values)
    return canvas


def test_csv_keeps_every_digit(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(as_csv(TABLE, "a table"), encoding="utf-8")
    assert read_csv(path) == TABLE
    assert path.read_text().startswith("# a table\n# Computed by this project at ")
    assert column(TABLE, "y", kind="b") == [-2.0]


def test_an_empty_table_is_refused():
    with pytest.raises(ValueError, match="must have rows"):
        as_csv([], "nothing")


def test_the_drawing_sees_what_was_written(tmp_path):
    seen = {}

    def draw(tables):
        seen.update(tables)
        return drawing(column(tables["data"], "x"))

    figure = Figure("name", "caption.", lambda: {"data": TABLE}, draw)
    names = [path.name for path in figure.write(tmp_path)]
    assert names == ["name-data.csv", "name.png", "name.svg"]
    assert seen == {"data": TABLE}
    first = (tmp_path / "name.svg").read_bytes()
    figure.write(tmp_path)
    assert (tmp_path / "name.svg").read_bytes() == first


def test_portrait_stays_in_the_triangle_and_paths_join_its_corners():
    tables = phase_portrait.tables()
    for table in tables.values():
        orders = column(table, "l_order")
        dependences = column(table, "pretraining_dependence")
        assert all(1 <= order <= 2 for order in orders)
        assert all(-1 <= pd <= 0 for pd in dependences)
        assert all(1 <= o + pd <= 2 for o, pd in zip(orders, dependences, strict=True))
    sweep = tables["paths"]
    orders = column(sweep, "l_order", panel="λ sweeps, active")
    assert orders == sorted(orders)
    assert orders[0] < 1.1
    assert orders[-1] > 1.96
    assert set(column(sweep, "pretraining_dependence", panel="c grows, inactive")) == {0.0}


def test_command_line(capsys, tmp_path):
    assert main(["--out", str(tmp_path / "new"), "figure-2"]) == 0
    assert (tmp_path / "new" / "figure-2.svg").exists()
    assert "figure-2-portrait.csv" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        main(["no-such-figure"])
    assert stopped.value.code == 2
    assert "figure-3" in FIGURES


def test_panels_of_figure_3_show_what_the_paper_compares():
    """Pairs of (overlap, density) by panel, and how many values each panel sweeps."""
    shown = {
        panel: ({(s.overlap, s.rho_ft) for s in settings}, len(settings))
        for panel in error_curves.PANELS
        for settings in [error_curves.panel_settings(panel)]
    }
    reuse, dense = {(0.0, 0.1), (1.0, 0.1)}, {(0.0, 0.1), (0.0, 0.9)}
    nested = {(1.0, 0.1), (1.0, 0.01), (1.0, 0.04)}
    assert shown == {
        "a": (reuse, 2 * 3),
        "b": (reuse, 2 * 3),
        "c": (reuse, 2 * 4),
        "d": (dense, 2 * 3),
        "e": (dense, 2 * 3),
        "f": (nested, 3 * 4),
    }
