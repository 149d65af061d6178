"""The export: columns, types, order, and digits that read back exactly."""

import csv
import json

import pytest

from empirics.sweep import Task
from empirics.sweep.export import table, write_csv, write_parquet
from empirics.sweep.runner import run
from empirics.sweep.store import Store
from tests.empirics.sweep.sweep_functions import HERE

ROWS = [
    {"mse": 0.1, "epochs": 3, "stopped": True, "reason": "limit, of \"epochs\"\n", "mixed": 1},
    {"mse": 1e-300, "epochs": None, "stopped": None, "mixed": "1", "later": 5e-324},
    {"mse": 2, "epochs": 2**62, "stopped": False, "reason": "ρ≤1", "mixed": None, "big": 2**70},
]  # fmt: skip


@pytest.fixture
def store(tmp_path):
    tasks = [
        Task(f"{HERE}:returns", {"rows": [row], "seed": 1, "c": 10.0**-n}, 9 - n)
        for n, row in enumerate(ROWS)
    ]
    with Store(tmp_path / "s.sqlite", create=True) as opened:
        run(tasks, opened, sweep="b")
        run(
            [Task(f"{HERE}:returns", {"rows": [{"task": 1, "sweep": 2}, {}]}, 0)], opened, sweep="a"
        )
        yield opened


def test_columns_and_order(store):
    names, lines = table(store, "b")
    assert names == [
        "sweep", "task", "seed", "configuration.c", "configuration.rows", "configuration.seed",
        "epochs", "mixed", "mse", "reason", "stopped", "later", "big",
    ]  # fmt: skip
    assert [line[2] for line in lines] == [9, 8, 7]
    assert [line[8] for line in lines] == [0.1, 1e-300, 2]
    assert json.loads(lines[0][4]) == [ROWS[0]]


def test_names_that_clash_are_made_distinct(store):
    names, lines = table(store)
    assert len(set(names)) == len(names)
    assert [line[0] for line in lines] == ["a", "a", "b", "b", "b"]
    assert lines[0][names.index("row.task")] == 1
    assert lines[0][names.index("row.sweep")] == 2
    assert lines[1][names.index("row.task")] is None


def test_csv_reads_back_exactly(store, tmp_path):
    path = tmp_path / "t.csv"
    names, lines = table(store, "b")
    write_csv(path, names, lines)
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [float(line["mse"]) for line in found] == [0.1, 1e-300, 2.0]
    assert [line["stopped"] for line in found] == ["true", "", "false"]
    assert found[0]["reason"] == ROWS[0]["reason"]
    assert found[2]["big"] == str(2**70)
    assert float(found[1]["later"]) == 5e-324
    assert b"\r" not in path.read_bytes()


def test_an_export_replaces_the_file_only_when_complete(store, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("before")
    with pytest.raises(TypeError):
        write_csv(path, ["a"], [[object()]])
    assert path.read_text() == "before"
    write_csv(path, ["a"], [[1]])
    assert path.read_text() == "a\n1\n"
    assert [file.name for file in tmp_path.iterdir() if "part" in file.name] == []
    assert path.stat().st_mode & 0o777 == (tmp_path / "s.sqlite").stat().st_mode & 0o777


def test_parquet_has_types(store, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "t.parquet"
    write_parquet(path, *table(store, "b"))
    found = parquet.read_table(path)
    types = {field.name: str(field.type) for field in found.schema}
    assert types == {
        "sweep": "string", "task": "string", "seed": "int64", "configuration.c": "double",
        "configuration.rows": "string", "configuration.seed": "int64", "mse": "double",
        "epochs": "int64", "stopped": "bool", "reason": "string", "mixed": "string",
        "later": "double", "big": "string",
    }  # fmt: skip
    assert found["mse"].to_pylist() == [0.1, 1e-300, 2.0]
    assert found["epochs"].to_pylist() == [3, None, 2**62]
    assert found["stopped"].to_pylist() == [True, None, False]
    assert found["mixed"].to_pylist() == ["1", '"1"', None]
    assert found["big"].to_pylist() == [None, None, str(2**70)]


def test_exports_are_the_same_each_time(store, tmp_path):
    pytest.importorskip("pyarrow")
    paths = [tmp_path / name for name in ("1.parquet", "2.parquet")]
    for path in paths:
        write_parquet(path, *table(store))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_numbers_that_a_float_cannot_hold_stay_exact(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "t.parquet"
    write_parquet(path, ["a", "b"], [[2**53 + 1, 2**53], [0.5, 0.5], [None, None]])
    found = parquet.read_table(path)
    assert found["a"].to_pylist() == [str(2**53 + 1), "0.5", None]
    assert found["b"].to_pylist() == [2.0**53, 0.5, None]


@pytest.mark.parametrize(
    ("value", "kind"),
    [(2**63 - 1, "int64"), (-(2**63), "int64"), (2**63, "string"), (-(2**63) - 1, "string")],
)
def test_integers_beyond_64_bits_are_text(tmp_path, value, kind):
    parquet = pytest.importorskip("pyarrow.parquet")
    write_parquet(tmp_path / "t.parquet", ["a"], [[value]])
    found = parquet.read_table(tmp_path / "t.parquet")
    assert str(found.schema.field("a").type) == kind
    assert [int(one) for one in found["a"].to_pylist()] == [value]


def test_an_empty_store(tmp_path):
    with Store(tmp_path / "e.sqlite", create=True) as store:
        names, lines = table(store)
    assert (names, lines) == (["sweep", "task", "seed"], [])
    write_csv(tmp_path / "t.csv", names, lines)
    assert (tmp_path / "t.csv").read_text() == "sweep,task,seed\n"


def test_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ValueError, match=r"pip install 'finetuning-bias\[parquet\]'"):
        write_parquet(tmp_path / "t.parquet", ["a"], [[1]])
    assert not list(tmp_path.iterdir())
