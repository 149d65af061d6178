"""The golden table: read as it was written, refused when it was changed, and held to."""

import copy
import json
from dataclasses import replace
from decimal import Context, Decimal

import pytest
from rich.console import Console

from regression import check, pipelines
from regression.table import (
    REPLICA_VALUES,
    SIZE_LIMIT,
    TABLE_PATH,
    TableError,
    read_table,
    write_table,
)

GOLDEN = json.loads(TABLE_PATH.read_text(encoding="utf-8"))


def _written(tmp_path, document):
    path = tmp_path / "table.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_the_committed_table_reads_and_writes_itself(tmp_path):
    table = read_table()
    write_table(table, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text("utf-8") == TABLE_PATH.read_text("utf-8")
    assert len(table.points) > 500
    assert len(table.replica) > 0
    assert [entry.name for entry in table.pipeline] == list(pipelines.problems())
    assert [entry.problem for entry in table.pipeline] == list(pipelines.problems().values())


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda d: d["points"].pop(), "must hold"),
        (lambda d: d["points"][3][2].__setitem__(0, "1.5"), "was changed"),
        (lambda d: d["replica"][0][2].__setitem__(0, "1.5"), "was changed"),
        (lambda d: d["pipeline"][0][1].__setitem__("alpha", "1.5"), "was changed"),
        (lambda d: d["pipeline"].pop(), "must hold"),
        (lambda d: d.pop("checksum"), "must be an object"),
        (lambda d: d.__setitem__("header", []), "must be an object"),
        (lambda d: d.__setitem__("points", 3), "must hold a list of points, got 3"),
    ],
)
def test_a_changed_table_is_refused(tmp_path, change, match):
    document = copy.deepcopy(GOLDEN)
    change(document)
    with pytest.raises(TableError, match=match):
        read_table(_written(tmp_path, document))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "is not JSON"),
        ("[]", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
        (" " * (SIZE_LIMIT + 1), "at most"),
    ],
    ids=["empty", "list", "deep", "large"],
)
def test_what_is_no_table_is_refused(tmp_path, text, match):
    with pytest.raises(TableError, match=match):
        read_table(_written(tmp_path, text))


def test_a_table_that_is_not_there(tmp_path, capsys):
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path / "none.json")
    assert check.main(["--table", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_float64_agrees_everywhere():
    outcomes = check.check_float64(read_table())
    assert len(outcomes) > 10
    assert [outcome.quantity for outcome in outcomes if outcome.failures] == []


def test_the_float64_solver_of_both_stages_agrees():
    table = read_table()
    outcomes = check.check_pipeline_solver(table)
    assert len(outcomes) == 6
    assert [outcome.quantity for outcome in outcomes if outcome.failures] == []
    entry = table.pipeline[0]
    values = {**entry.values, "mse": entry.values["mse_pt"]}
    spoilt = replace(table, pipeline=(replace(entry, values=values),))
    failed = [one.quantity for one in check.check_pipeline_solver(spoilt) if one.failures]
    assert failed == ["pipeline mse"]


def test_enclosures_prove_every_digit_of_the_fixed_points():
    outcomes = check.check_certified(read_table())
    assert [outcome.quantity for outcome in outcomes] == [
        f"replica {name}" for name in REPLICA_VALUES
    ]
    assert [outcome.quantity for outcome in outcomes if outcome.failures] == []
    # Rounding alone costs as much: among 13 values one is off by more than this.
    assert min(outcome.worst for outcome in outcomes) > 0.2


@pytest.mark.parametrize("name", REPLICA_VALUES)
@pytest.mark.parametrize("row", ["baseline", "tiny error", "minimum norm"])
def test_a_changed_last_digit_falls_out_of_the_enclosure(name, row, capsys):
    table = read_table()
    (entry,) = (entry for entry in table.replica if entry.name == row)
    for sign in (1, -1):
        value = Decimal(entry.values[name])
        step = Decimal((sign < 0, (1,), value.adjusted() - 49))
        changed = {**entry.values, name: str(Context(prec=50).add(value, step))}
        assert changed[name] != entry.values[name]
        spoilt = replace(table, replica=(replace(entry, values=changed),))
        outcomes = check.check_certified(spoilt)
        failed = [outcome for outcome in outcomes if outcome.failures]
        assert [outcome.quantity for outcome in failed] == [f"replica {name}"]
        assert 0.5 < failed[0].worst < 1.5
        assert not check.report(outcomes, Console(width=200), 1)
        shown = " ".join(capsys.readouterr().out.split())
        assert f"expected {changed[name]} error" in shown
        assert "> 5e-01 ulp" in shown
        assert "ulp: units of digit 50" in shown


def test_what_is_not_enclosed_is_a_failure():
    """Without enough data nothing interpolates: at α = 1 with noise the error is infinite."""
    table = read_table()
    problem = {**table.replica[0].problem, "alpha": "1", "noise_variance": "1"}
    outcomes = check.check_certified(
        replace(table, replica=(replace(table.replica[0], problem=problem),))
    )
    assert [outcome.worst for outcome in outcomes if outcome.quantity == "replica mse"] == [
        float("inf")
    ]


def test_a_wrong_value_is_a_failure():
    """What a changed kernel would look like: the table says something else."""
    table = read_table()
    name = "penalty"
    index = next(i for i, point in enumerate(table.points) if point.values[name] is not None)
    point = table.points[index]
    changed = {**point.values, name: str(2 * float(point.values[name]) + 1)}
    points = [*table.points[:index], type(point)(point.region, point.arguments, changed)]
    outcomes = check.check_float64(type(table)(table.header, table.quantities, tuple(points), ()))
    assert [outcome.quantity for outcome in outcomes if outcome.failures] == [name]
