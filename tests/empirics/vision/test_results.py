"""Results as CSV: what is collected, what comes back, and what is refused."""

import pytest

from empirics.sweep.lease import hold_leases
from empirics.sweep.store import Store
from empirics.sweep.task import Task, rows_json
from empirics.vision import results
from empirics.vision.results import ResultsError, collect, file_name, read, write

ROWS = [
    {
        "table": "accuracy",
        "accuracy": 0.75,
        "epochs": 12,
        "loss": 0.00912345678,
        "reason": "converged",
        "pretraining_epochs": 8,
        "pretraining_loss": 0.19,
        "pretraining_reason": "converged",
    },
    *(
        {
            "table": "representation",
            "stage": "layer4",
            "centring": centring,
            "pr_before": 20.0,
            "pr_after": None,
            "ensd": 1 / 3,
            "ensd_inputs": 5.5,
        }
        for centring in ("raw", "centred")
    ),
]
BASE = {"lever": None, "factor": 1.0}


def task(n, after=BASE, seed=4):
    configuration = {"n": n, "before": BASE, "after": after}
    return Task("tests.empirics.sweep.sweep_functions:square", configuration, seed)


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as opened, hold_leases(opened) as runner:
        gamma = [task(100, {"lever": "gamma", "factor": 0.5}), task(100), task(20)]
        keys = opened.plan("vision/reduced/gamma/4", gamma)
        opened.plan("vision/reduced/kappa/4", [task(100)])
        opened.plan("vision/other/kappa/4", [task(8)])
        opened.plan("unrelated", [task(9)])
        for key in runner.claim(keys, 3):
            assert runner.finish(key, rows_json(ROWS), 2.0, "cpu")
    return path


def test_what_is_written_comes_back(store, tmp_path):
    collected = collect([store, store], "reduced")
    paths = write(
        collected,
        tmp_path / "out",
        "reduced",
        commands=["python -m it"],
        revision="abc",
        notes=["a note"],
    )
    assert [path.name for path in paths] == [
        "vision-reduced.csv",
        "vision-reduced-representation.csv",
    ]
    rows = read("reduced", folder=tmp_path / "out")
    assert [(row["study"], row["factor"], row["n"]) for row in rows] == [
        ("gamma", 0.5, 100.0),
        ("gamma", 1.0, 20.0),
        ("gamma", 1.0, 100.0),
        ("kappa", 1.0, 100.0),
    ]
    assert rows[0]["loss"] == pytest.approx(0.00912345678, rel=1e-5)
    assert (rows[0]["reason"], rows[0]["seed"]) == ("converged", 4.0)
    stages = read("reduced", "representation", folder=tmp_path / "out")
    assert len(stages) == 8
    assert (stages[0]["pr_after"], stages[0]["centring"]) == (None, "raw")
    assert stages[0]["ensd"] == pytest.approx(1 / 3, rel=1e-5)
    header = [line for line in paths[0].read_text().splitlines() if line.startswith("#")]
    for part in (
        "command: python -m it",
        "code: abc",
        "seeds: gamma [4]; kappa [4]",
        "a note",
        "2640 images",
        f"code versions: {task(20).code_version[:12]} (3 networks)",
    ):
        assert any(part in line for line in header), part
    assert any(line.startswith("# hardware: ") for line in header)


def test_nothing_to_collect(store):
    with pytest.raises(ResultsError, match="no results of the protocol 'published'"):
        collect([store], "published")


def test_some_seeds_can_be_left_for_later(store):
    with Store(store) as opened, hold_leases(opened) as runner:
        (key,) = opened.plan("vision/reduced/gamma/5", [task(20, seed=5)])
        assert runner.claim([key], 1)
        assert runner.finish(key, rows_json(ROWS), 2.0, "cpu")
    for seeds, expected in ((None, {4.0, 5.0}), ([4], {4.0})):
        tables = collect([store], "reduced", seeds).tables
        assert {row["seed"] for rows in tables.values() for row in rows} == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there are no recorded results"),
        ("", "must have the columns study, seed"),
        ("a,b\n1,2\n", "must have the columns study, seed"),
        ("{head}\nkappa,1\n", "row 1 must have 11 cells"),
        ("{head}\nkappa,x,1,1,1,1,1,c,1,1,c\n", "row 1: could not convert string to float: 'x'"),
    ],
)
def test_bad_tables(tmp_path, text, said):
    if text is not None:
        head = ",".join(results.ACCURACY)
        (tmp_path / file_name("reduced", "accuracy")).write_text(text.format(head=head))
    with pytest.raises(ResultsError, match=said):
        read("reduced", folder=tmp_path)
