"""The study: what is to do, what is shared, and that a kill costs at most a piece."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from empirics.sweep.store import Store  # noqa: E402
from empirics.vision import checkpoint, data, results, tasks  # noqa: E402
from empirics.vision.measure import in_order  # noqa: E402
from empirics.vision.protocol import (  # noqa: E402
    PROTOCOLS,
    Condition,
    Pretraining,
    Protocol,
    Scaling,
    conditions,
)
from empirics.vision.study import STORE, Clock, Study, StudyBusyError  # noqa: E402
from empirics.vision.synthetic import synthetic_images  # noqa: E402
from tests.empirics.vision.conftest import TINY  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

VALUES = (0.5, 1.0)
# Of one network: accuracy, and two readings of five stages in two centrings.
ROWS = 1 + 2 * 5 * 2


class Killed(BaseException):
    """Ends the work like a kill does: nothing below handles it."""


@pytest.fixture(scope="module")
def whole(workload, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    lines = []
    assert Study(folder, workload, report=lines.append).run(["kappa"], [0], Clock(), VALUES)
    return folder, lines


def found(folder):
    with Store(folder / STORE) as store:
        return [
            (result.sweep, result.seed, result.configuration["n"], result.row)
            for result in store.results()
        ]


def test_a_piece_ends_before_the_time_is_up():
    assert Clock(piece=60.0).next_save == 60.0
    last = Clock(piece=60.0, until=time.monotonic() + 20.0)
    assert 15.0 < last.next_save <= 20.0
    assert last.over(21.0)
    assert not last.over(10.0)


def test_rows_of_a_whole_run(whole):
    folder, lines = whole
    rows = found(folder)
    accuracies = [row for *_, row in rows if row["table"] == "accuracy"]
    stages = [row for *_, row in rows if row["table"] == "representation"]
    assert len(accuracies) == 2 * 2
    assert len(stages) == 2 * 2 * 2 * 5 * 2
    assert [row["reading"] for row in stages[:20]] == ["evaluation"] * 10 + ["training"] * 10
    assert {sweep for sweep, *_ in rows} == {f"vision/tiny/kappa/0/{one}" for one in VALUES}
    for row in accuracies:
        assert row["accuracy"] in (0.0, 0.25, 0.5, 0.75, 1.0)
        assert (row["reason"], row["epochs"], row["pretraining_epochs"]) == ("epochs", 2, 2)
    for row in stages:
        assert 1 <= row["pr_after"] <= (4 if row["reading"] == "evaluation" else 8)
        assert row["ensd"] <= np.sqrt(row["pr_before"] * row["pr_after"]) * (1 + 1e-9)
    assert lines[0] == "4 conditions, 4 to do"
    assert not list((folder / "runs").glob("*"))
    assert len(list((folder / "pretrained").glob("*.pt"))) == 2


def test_a_condition_alone_has_the_same_rows(whole, workload):
    folder, _ = whole
    condition = Condition(0, Scaling("kappa", 0.5), Scaling(), 4)
    expected = [row for _, _, n, row in found(folder) if n == 4][:ROWS]
    assert tasks.alone(workload, condition) == expected


def test_what_is_done_is_not_done_again_and_the_baseline_is_shared(whole, workload):
    folder, _ = whole
    lines = []
    study = Study(folder, workload, report=lines.append)
    assert study.run(["kappa"], [0], Clock(), VALUES)
    assert lines == ["4 conditions, 0 to do"]
    assert study.run(["kappa", "gamma"], [0], Clock(), VALUES)
    assert lines[1] == "6 conditions, 2 to do"
    assert not [line for line in lines if "pretrained" in line]
    with Store(folder / STORE) as store:
        assert [store.counts(f"vision/tiny/gamma/0/{one}").done for one in VALUES] == [2, 2]
        before = len(list(store.results()))
    # Factors run one by one stay in the export.
    assert study.run(["gamma"], [0], Clock(), [1.0])
    with Store(folder / STORE) as store:
        assert (len(list(store.results())), store.superseded()) == (before, 0)


def test_fine_tuned_networks_are_kept_on_request(whole, workload, tmp_path):
    folder, _ = whole
    assert not (folder / "tuned").exists()
    study = Study(tmp_path, workload, keep=True)
    assert study.run(["kappa"], [0], Clock(), [0.5])
    for n in TINY.sizes:
        kept = study.tuned(Condition(0, Scaling("kappa", 0.5), Scaling(), n))
        (row,) = (
            row for *_, size, row in found(tmp_path) if size == n and row["table"] == "accuracy"
        )
        assert workload.accuracy(kept.state, 0) == row["accuracy"]
        assert kept.loss == row["loss"]


@pytest.mark.parametrize("together", [1, 2])
def test_killed_at_every_line_and_gone_on_with(whole, workload, tmp_path, together):
    folder, _ = whole
    values = VALUES[:together]
    seen, kills = {f"{2 * together} conditions, {2 * together} to do"}, 0

    def report(line):
        if line not in seen and "to do" not in line:
            seen.add(line)
            raise Killed(line)

    while True:
        try:
            clock = Clock(piece=0.0)
            assert Study(tmp_path, workload, together, report).run(["kappa"], [0], clock, values)
            break
        except Killed:
            kills += 1
    # Each phase was saved once and ended once for each network.
    assert kills == (1 + 1) + 2 * (1 + 1) if together == 1 else kills >= 6
    assert not list((tmp_path / "runs").glob("*"))
    rows = [row for *_, row in found(tmp_path)]
    assert len(rows) == 2 * together * ROWS
    if together == 1:
        assert rows == [row for sweep, *_, row in found(folder) if "kappa" in sweep][: 2 * ROWS]


def test_a_run_file_whose_results_are_stored_is_removed(whole, workload):
    folder, _ = whole
    study = Study(folder, workload)
    member = Condition(0, Scaling("kappa", 0.5), Scaling(), 2)
    place = study._place("runs", [member])
    checkpoint.save(place, study._contents([member]), {})
    assert study.run(["gamma"], [0], Clock(), [1.0])
    assert place.exists()
    assert study.run(["kappa"], [0], Clock(), VALUES)
    assert not place.exists()


def test_time_ends_and_the_next_call_goes_on(whole, workload, tmp_path):
    folder, _ = whole
    study = Study(tmp_path, workload)
    assert not study.run(["kappa"], [0], Clock(until=0.0), VALUES)
    calls = 0
    clock = Clock()
    while not study.run(["kappa"], [0], clock, VALUES):
        calls += 1
        clock = Clock(until=time.monotonic() + 0.5)
    assert [row for *_, row in found(tmp_path)] == [
        row for sweep, *_, row in found(folder) if "kappa" in sweep
    ]
    assert clock.images > 0


def test_a_real_kill(workload, tmp_path):
    np.savez(
        tmp_path / "images.npz",
        **{name: getattr(workload.images, name) for name in data.KEYS},
    )
    program = f"""
import sys, torch
from pathlib import Path
from tests.empirics.vision.test_study import TINY
from empirics.vision import data
from empirics.vision.measure import Workload
from empirics.vision.study import Clock, Study
from empirics.vision.recipe import Machine
torch.set_num_threads(1)
images = data.read(Path({str(tmp_path / "images.npz")!r}), counts=(4, 2))
say = lambda line: print(line, flush=True)
Study(Path({str(tmp_path)!r}), Workload.of(TINY, Machine(), images), 1, say).run(
    ["kappa"], [0], Clock(piece=0.0), [0.5])
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    with process:
        for line in process.stdout:
            if line.startswith("saved"):
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    (left,) = (tmp_path / "runs").glob("*.pt")
    assert checkpoint.read_contents(left)["members"] == [
        {"seed": 0, "before": {"lever": "kappa", "factor": 0.5}}
    ]
    lines = []
    assert Study(tmp_path, workload, report=lines.append).run(["kappa"], [0], Clock(), [0.5])
    assert lines[0] == "2 conditions, 2 to do"
    assert len(found(tmp_path)) == 2 * ROWS


def test_one_process_at_a_time(workload, tmp_path):
    second = Study(tmp_path, workload)

    def report(line):
        with pytest.raises(StudyBusyError, match=f"another process is at work in {tmp_path}"):
            second.run(["kappa"], [0], Clock())

    assert not Study(tmp_path, workload, report=report).run(["kappa"], [0], Clock(until=0.0), [0.5])


def test_damaged_and_foreign_files_are_refused(whole, workload, tmp_path):
    folder, _ = whole
    own, other = Pretraining(0, Scaling("kappa", 0.5)), Pretraining(0, Scaling())
    source = Study(folder, workload)
    study = Study(tmp_path, workload)
    place = study._place("pretrained", [own])
    place.parent.mkdir()
    place.write_bytes(source._place("pretrained", [other]).read_bytes())
    with pytest.raises(checkpoint.CheckpointError, match="another configuration: members differ"):
        study.run(["kappa"], [0], Clock(), [0.5])
    place.write_bytes(source._place("pretrained", [own]).read_bytes()[:-5])
    with pytest.raises(checkpoint.CheckpointError, match="is damaged"):
        study.run(["kappa"], [0], Clock(), [0.5])
    place.unlink()
    stray = tmp_path / "runs" / "stray.pt"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"anything")
    with pytest.raises(checkpoint.CheckpointError, match=r"stray.pt is not a checkpoint of this"):
        study.run(["kappa"], [0], Clock(), [0.5])


def test_a_run_of_another_protocol_is_left_alone(workload, tmp_path):
    study = Study(tmp_path, workload)
    saved = []

    def report(line):
        if line.startswith("saved"):
            saved.append(line)
            raise Killed

    with pytest.raises(Killed):
        Study(tmp_path, workload, report=report).run(["kappa"], [0], Clock(piece=0.0), [0.5])
    changed = replace(workload, protocol=replace(TINY, learning_rate=2e-3))
    lines = []
    assert Study(tmp_path, changed, report=lines.append).run(["kappa"], [0], Clock(), [0.5])
    assert "left alone" in lines[1]
    assert len(list((tmp_path / "runs").glob("*.pt"))) == 1
    assert study.run(["kappa"], [0], Clock(), [0.5])
    assert not list((tmp_path / "runs").glob("*.pt"))


def test_the_orders_of_images_are_independent_from_phase_to_phase_and_from_seed_to_seed(workload):
    phases = (
        lambda seed: workload.pretraining_set("one", Pretraining(seed, Scaling())),
        lambda seed: workload.finetuning_set("one", Condition(seed, Scaling(), Scaling(), 4)),
    )
    streams = {phase(seed).order_seed for phase in phases for seed in (0, 1, 11, 12)}
    assert len(streams) == 8


def test_images_are_the_same_from_any_order():
    images = synthetic_images((4, 2))
    order = np.random.default_rng(0).permutation(len(images.train_labels))
    shuffled = replace(
        images, train_images=images.train_images[order], train_labels=images.train_labels[order]
    )
    one, two = in_order(images), in_order(shuffled)
    assert one[1] == two[1]
    assert (one[0].train_images == two[0].train_images).all()
    other = images.train_labels.copy()
    first, second = np.flatnonzero(other == 0)[0], np.flatnonzero(other == 1)[0]
    other[[first, second]] = other[[second, first]]
    assert in_order(replace(images, train_labels=other))[1] != one[1]


def test_the_task_function_reads_from_where_the_environment_says(monkeypatch, tmp_path, workload):
    configuration = {"protocol": {**TINY.as_json()}, "precision": "float32", "images": "0", "n": 2}
    del configuration["protocol"]["sizes"]
    monkeypatch.delenv("CIFAR100_SOURCE", raising=False)
    with pytest.raises(data.DataError, match="CIFAR100_SOURCE must say where"):
        tasks.finetuned(configuration, 0)
    monkeypatch.setenv("CIFAR100_SOURCE", str(tmp_path / "images.npz"))
    monkeypatch.setattr(tasks.data, "read", lambda path: workload.images)
    with pytest.raises(data.DataError, match="must hold the images of digest 0, got"):
        tasks.finetuned(configuration, 0)
    full = Study(tmp_path, workload).task(Condition(0, Scaling(), Scaling("gamma", 0.5), 2))
    rows = tasks.finetuned(full.configuration, 0)
    assert len(rows) == ROWS


def test_conditions_of_a_study():
    published = PROTOCOLS["published"]
    kappa = list(conditions("kappa", published, [5]))
    assert len(kappa) == 6 * 7
    assert {one.before.value for one in kappa} == {0.125, 0.25, 0.5, 1.0, 2.0, 4.0}
    assert {one.after for one in kappa} == {Scaling()}
    gamma = list(conditions("gamma", published, [5, 6]))
    assert len(gamma) == 2 * 5 * 7
    assert {one.before for one in gamma} == {Scaling()}
    assert set(kappa) & set(gamma) == {
        Condition(5, Scaling(), Scaling(), n) for n in published.sizes
    }
    with pytest.raises(ValueError, match="factor must be one of"):
        list(conditions("lambda", published, [0]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"classes": 3}, "4 <= classes <= 100"),
        ({"images_per_class": 0}, "images_per_class must be >= 1"),
        ({"inputs": 3}, "inputs even"),
        ({"sizes": ()}, "sizes must be even"),
        ({"sizes": (3,)}, "sizes must be even"),
        ({"pretraining_goal": 0.0}, "goal and learning_rate must be > 0"),
        ({"batch": 1}, "batch >= 2"),
        ({"statistics": "group"}, "statistics must be of"),
    ],
)
def test_bad_protocols(changes, said):
    with pytest.raises(ValueError, match=said):
        replace(TINY, **changes)


def test_what_is_recorded_was_measured_by_these_protocols():
    """A protocol is part of every record of it: another number makes it another experiment."""
    same = {"inputs": 500, "learning_rate": 0.001, "momentum": 0.9, "statistics": "batch"}
    for name, values in {
        "published": {
            "classes": 100, "images_per_class": 500, "batch": 128,
            "pretraining_goal": 0.01, "most_pretraining_epochs": 2000,
            "finetuning_goal": 1e-4, "most_finetuning_epochs": 1000,
            "sizes": [10, 20, 50, 100, 200, 500, 1000],
        },
        "reduced": {
            "classes": 12, "images_per_class": 50, "batch": 32,
            "pretraining_goal": 0.2, "most_pretraining_epochs": 200,
            "finetuning_goal": 0.01, "most_finetuning_epochs": 300,
            "sizes": [10, 20, 50, 96],
        },
    }.items():  # fmt: skip
        assert PROTOCOLS[name].as_json() == {"name": name, **same, **values}
    name = "reduced-fixed-statistics"
    assert PROTOCOLS[name] == replace(PROTOCOLS["reduced"], name=name, statistics="fixed")
    rows = results.read("reduced-pilot")
    assert {row["n"] for row in rows} == set(PROTOCOLS["reduced"].sizes)
    unfinished = {row["epochs"] for row in rows if row["reason"] == "epochs"}
    assert unfinished == {PROTOCOLS["reduced"].most_finetuning_epochs}


def test_protocols_as_json():
    for protocol in (*PROTOCOLS.values(), TINY):
        assert Protocol.of_json(protocol.as_json()) == protocol
    with pytest.raises(ValueError, match="a protocol must have"):
        Protocol.of_json({"name": "x"})
    with pytest.raises(ValueError, match="exactly if its value is not 1"):
        Scaling("kappa", 1.0)
    with pytest.raises(ValueError, match="exactly if its value is not 1"):
        Scaling(None, 2.0)
    with pytest.raises(ValueError, match="together must be >= 1, got 0"):
        Study(None, None, 0)
