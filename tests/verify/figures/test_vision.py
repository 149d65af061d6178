"""Figures of the vision study: which results they show, and that they say so."""

import numpy as np
import pytest

from empirics.vision import results
from verify.figures import vision
from verify.figures.figure import column


def rows(protocol, table="accuracy", folder=None):
    if protocol not in ("reduced", vision.TRANSFORMER):
        raise results.ResultsError(f"no results of {protocol}")
    # Other readings and stages than one's own are what others have published.
    reading = "evaluation" if protocol == "reduced" else "training"
    stages = vision.STAGES if protocol == "reduced" else ("stage0", "stage1")
    found = []
    for study in vision.STUDIES:
        for factor in (0.5, 1.0):
            for n in (10.0, 96.0):
                for seed in range(3):
                    row = {"study": study, "seed": float(seed), "factor": factor, "n": n}
                    if table == "accuracy":
                        missing = (factor, n, seed) == (0.5, 10.0, 2)
                        found.append({**row, "accuracy": None if missing else 0.5 + 0.1 * seed})
                        continue
                    found += [
                        {
                            **row,
                            "reading": reading,
                            "stage": stage,
                            "centring": centring,
                            "pr_before": 20.0 + seed,
                            "pr_after": 10.0,
                            "ensd": 5.0 + seed,
                            "ensd_inputs": 6.0,
                        }
                        for stage in stages
                        for centring in ("raw", "centred")
                    ]
    return found


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    monkeypatch.setattr(results, "read", rows)


def test_means_and_standard_errors():
    table = vision.accuracy_table("reduced", "kappa")
    assert column(table, "accuracy", factor=1.0, n=96.0) == [pytest.approx(0.6)]
    expected = np.std([0.5, 0.6, 0.7], ddof=1) / np.sqrt(3)
    assert column(table, "accuracy_se", factor=1.0, n=96.0) == [pytest.approx(expected)]
    assert column(table, "seeds", factor=0.5, n=10.0) == [2.0]
    stages = vision.representation_table("reduced", "kappa")
    assert set(column(stages, "n")) == {96.0}
    assert len(stages) == 2 * 2 * 5
    ratio = column(stages, "ensd_over_pr_after", stage="layer4", centring="raw", factor=0.5)
    assert ratio == [pytest.approx(0.6)]


@pytest.mark.parametrize("figure", [vision.FIGURE_4, *vision.REPRESENTATIONS])
def test_drawn_and_named_as_what_it_is(figure, tmp_path):
    names = {path.name for path in figure.write(tmp_path)}
    assert {f"{figure.name}.png", f"{figure.name}.svg"} < names
    data = figure.tables()
    title = figure.draw(data).get_suptitle()
    others = figure.name == "figure-9-transformer"
    assert ("Lippl and Lindsey (2024)" if others else "REDUCED STUDY") in title
    assert "seeds" in title
    if figure is not vision.FIGURE_4:
        words = "not centred, training" if others else "representations centred, evaluation"
        assert f"{words} mode, n = 96, 3 seeds" in title


def test_published_results_come_first_where_they_are_recorded(monkeypatch):
    assert vision.protocol("kappa") == "reduced"

    def kappa_is_published(name, table="accuracy", folder=None):
        whole = rows("reduced", table)
        if name == "published":
            return [row for row in whole if row["study"] == "kappa"]
        return whole if name == "reduced" else []

    monkeypatch.setattr(results, "read", kappa_is_published)
    assert vision.protocol("kappa") == "published"
    assert vision.protocol("kappa", "gamma") == "reduced"
    drawn = {figure.tables()["accuracy"][0]["protocol"] for figure in vision.REPRESENTATIONS[:1]}
    assert drawn == {"published"}
    assert {panel[0]["protocol"] for panel in vision.FIGURE_4.tables().values()} == {"reduced"}


def test_all_weights_are_drawn_from_what_was_published(monkeypatch):
    monkeypatch.undo()
    figure = next(one for one in vision.REPRESENTATIONS if one.name == "figure-9")
    data = figure.tables()
    assert set(column(data["accuracy"], "seeds")) == {50.0}
    (mean,) = column(data["accuracy"], "accuracy", factor=1.0, n=10.0)
    assert mean == pytest.approx(0.6129)
    assert {row["n"] for row in data["representation"]} == {500.0}
    assert set(column(data["representation"], "seeds")) == {38.0}


def test_nothing_to_draw(monkeypatch):
    def none(protocol, *_):
        raise results.ResultsError("nothing")

    monkeypatch.setattr(results, "read", none)
    with pytest.raises(
        results.ResultsError, match=r"on kappa must .* one of published, .*, reduced"
    ):
        vision.protocol("kappa")
    with pytest.raises(results.ResultsError, match="of kappa must be of one of"):
        vision.drawn("kappa", [{"reading": "training", "centring": "centred"}])
