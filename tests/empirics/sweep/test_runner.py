"""Runs: every executor brings a sweep to the same end, whatever its tasks and workers do."""

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from empirics.sweep import Task, dask_executor, runner
from empirics.sweep.database import DiskFullError
from empirics.sweep.execution import Outcome, Work, execute
from empirics.sweep.executors import ExecutorError, ProcessExecutor
from empirics.sweep.export import table
from empirics.sweep.runner import run
from empirics.sweep.store import Counts, Store
from tests.empirics.sweep.sweep_functions import HERE, squares

LOCAL = ("serial", "processes")


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Return a function that lists the seeds executed."""
    file = tmp_path / "log"
    monkeypatch.setenv("SWEEP_LOG", str(file))
    return lambda: [int(line) for line in file.read_text().split()] if file.exists() else []


def tasks_of(name, count, **configuration):
    return [Task(f"{HERE}:{name}", configuration, seed) for seed in range(count)]


def rows(store):
    return [(result.seed, result.row) for result in store.results()]


@pytest.mark.parametrize("executor", LOCAL)
def test_a_sweep_is_run_once(store, log, executor):
    assert run(squares(7), store, executor, jobs=2) == Counts(7, 7, 0, 0, 0)
    expected = table(store)
    assert [row["square"] for _, row in rows(store)[::2]] == [(0.5 + n) ** 2 + n for n in range(7)]
    assert run(squares(7), store, executor, jobs=2) == Counts(7, 7, 0, 0, 0)
    assert table(store) == expected
    # What a forkserver that runs already sees of the environment is not this test's.
    if executor == "serial":
        assert sorted(log()) == list(range(7))


@pytest.mark.parametrize("executor", LOCAL)
def test_what_raises_is_kept_and_tried_again_on_request(store, tmp_path, executor):
    flag = tmp_path / "until"
    tasks = tasks_of("fails", 5, until=str(flag))
    assert run(tasks, store, executor, jobs=2) == Counts(5, 3, 2, 0, 0)
    assert [failure.seed for failure in store.failures()] == [1, 3]
    assert "in fails" in store.failures()[0].error
    assert store.failures()[0].reason == "ArithmeticError: seed 1 is odd"
    flag.touch()
    assert run(tasks, store, executor, jobs=2).failed == 2
    assert store.retry() == 2
    assert run(tasks, store, executor, jobs=2) == Counts(5, 5, 0, 0, 0)
    assert [seed for seed, _ in rows(store)] == list(range(5))


@pytest.mark.parametrize("executor", LOCAL)
@pytest.mark.parametrize(
    ("name", "configuration", "reason"),
    [
        ("returns", {"rows": None}, "a task must return a list of rows, got NoneType"),
        ("returns", {"rows": [{"a": [1]}]}, "row 0 must hold scalars"),
        ("returns_nan", {}, "must hold finite numbers, or None, got nan"),
        ("exits", {}, "SystemExit: 3"),
        ("raises", {"kind": "OSError", "message": r"no \udc80"}, r"OSError: no \udc80"),
        ("raises", {"kind": "BaseException", "message": "odd"}, "BaseException: odd"),
        ("raises", {"kind": "GeneratorExit", "message": "odd"}, "GeneratorExit: odd"),
        ("square", {"y": 1}, "KeyError: 'x'"),
    ],
)
def test_what_returns_no_rows_has_failed(store, executor, name, configuration, reason):
    counts = run(tasks_of(name, 1, **configuration), store, executor, jobs=1)
    assert counts == Counts(1, 0, 1, 0, 0)
    assert reason in store.failures()[0].reason


def test_no_rows_are_a_result(store):
    assert run(tasks_of("returns", 1, rows=[]), store).done == 1
    assert rows(store) == []
    assert run([], store, sweep="nothing") == Counts(0, 0, 0, 0, 0)


def test_long_tracebacks_keep_their_end():
    work = Work("k", f"{HERE}:returns", "[" * 3 + "]" * 3, "", 0)
    task = Task(work.function, {"rows": "x" * 100_000}, 0)
    outcome = execute(dataclasses.replace(work, configuration=task.text, code_version="no"))
    assert outcome.kind == "stale"
    outcome = execute(dataclasses.replace(work, configuration="]", code_version=task.code_version))
    assert outcome.kind == "failed"
    assert "JSONDecodeError" in outcome.error


# Workers that die.


class Reported(runner.Progress):
    def __init__(self):
        self.deaths = []

    def died(self, key, reason):
        self.deaths.append(reason)


def test_a_killer_is_found_and_costs_the_others_nothing(store):
    reported = Reported()
    counts = run(
        tasks_of("kills_its_worker", 12, victim=5), store, "processes", jobs=3, progress=reported
    )
    assert counts == Counts(12, 11, 1, 0, 0)
    (failure,) = store.failures()
    assert failure.seed == 5
    assert failure.error == (
        "its worker process died (killed by SIGKILL); after 3 deaths it is not tried again"
    )
    assert reported.deaths == ["its worker process died (killed by SIGKILL)"] * 2
    outcomes = [a["outcome"] for a in store.attempts() if a["task"] == failure.key]
    assert outcomes == ["died", "died", "failed"]


def test_a_worker_that_dies_once_is_replaced(store, tmp_path):
    tasks = tasks_of("dies_once", 4, flag=str(tmp_path / "flag"))
    assert run(tasks, store, "processes", jobs=2) == Counts(4, 4, 0, 0, 0)


def test_idle_workers_that_died_are_replaced():
    executor = ProcessExecutor(jobs=1)
    task = squares(1)[0]
    work = Work(task.key, task.function, task.text, task.code_version, task.seed)
    try:
        for _ in range(3):
            executor.submit(work)
            found = []
            while not found:
                found = executor.outcomes(5.0)
            assert [outcome.kind for outcome in found] == ["done"]
            os.kill(int(found[0].worker.rpartition(":")[2]), signal.SIGKILL)
            time.sleep(0.2)
    finally:
        executor.close()


def test_a_task_over_its_limit_is_stopped(store):
    counts = run(tasks_of("hangs", 4), store, "processes", jobs=2, limit=1.5)
    assert counts == Counts(4, 2, 2, 0, 0)
    assert {failure.error for failure in store.failures()} == {"stopped after its limit of 1.5 s"}


class SharedWorkers:
    """An executor in which a death takes all tasks in flight along; it notes who ran with whom."""

    isolates = False

    def __init__(self, killers):
        self.killers = killers
        self.flying = []
        self.groups = []

    def capacity(self):
        return 3

    def submit(self, work):
        self.flying.append(work)

    def outcomes(self, timeout):
        together, self.flying = self.flying, []
        self.groups.append([work.seed for work in together])
        if any(work.seed in self.killers for work in together):
            return [Outcome(work.key, "died", error="it died", deaths=2) for work in together]
        return [execute(work) for work in together]

    def close(self):
        self.flying.clear()


@pytest.mark.parametrize("killers", [(), (4,), (0, 1, 8), tuple(range(9))])
def test_suspects_are_tried_alone(store, monkeypatch, killers):
    """Where workers are shared, only the culprits fail, and no innocent one is left out."""
    shared = SharedWorkers(killers)
    monkeypatch.setattr(runner, "_executor", lambda *_: shared)
    counts = run(squares(9), store, "dask")
    assert counts == Counts(9, 9 - len(killers), len(killers), 0, 0)
    assert sorted(failure.seed for failure in store.failures()) == sorted(killers)
    suspects = [seed for group in shared.groups for seed in group if group == [seed]]
    assert set(killers) <= set(suspects)
    assert len(suspects) <= 9


# Signals.

RUN = """
import sys
from empirics.sweep.runner import run
from empirics.sweep.store import Store
from tests.empirics.sweep.sweep_functions import squares

if __name__ == "__main__":
    with Store(sys.argv[1], create=True) as store:
        counts = run(squares(40, float(sys.argv[3])), store, sys.argv[2], jobs=2)
    print(counts.done, counts.failed, counts.pending, counts.running)
"""


def wait_for_done(path, count, seconds=120.0):
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if path.exists() and path.stat().st_size:
            with Store(path, create=True) as store:
                if store.counts().done >= count:
                    return
        time.sleep(0.05)
    raise AssertionError(f"{count} tasks were not done within {seconds:g} s")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("executor", LOCAL)
def test_signals_end_a_run_in_order(path, tmp_path, executor, number):
    script = tmp_path / "script.py"
    script.write_text(RUN)
    process = subprocess.Popen(
        [sys.executable, str(script), str(path), executor, "0.25"],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_done(path, 2)
    process.send_signal(number)
    output, errors = process.communicate(timeout=120)
    assert errors == ""
    assert process.returncode == 0
    done, failed, pending, running = map(int, output.split())
    assert 2 <= done < 40
    assert (failed, running) == (0, 0)
    assert pending == 40 - done
    with Store(path) as store:
        assert {a["outcome"] for a in store.attempts()} <= {"done", "released"}
        assert run(squares(40, 0.25)[:done], store, sweep="some").done >= done - 2


def test_a_run_in_a_thread_leaves_signals_alone(path):
    found = []

    def work():
        with Store(path, create=True) as store:
            found.append(run(squares(3), store))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [Counts(3, 3, 0, 0, 0)]
    assert signal.getsignal(signal.SIGTERM) is before


def test_handlers_are_put_back(store):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    run(squares(2), store)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


# Two runners, and a disk that is full.


@pytest.mark.parametrize("executors", [("serial", "serial"), ("serial", "processes")])
def test_two_runners_share_a_store_and_no_task(path, tmp_path, executors):
    script, log = tmp_path / "script.py", tmp_path / "log"
    script.write_text(RUN)
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "SWEEP_LOG": str(log)}
    both = [
        subprocess.Popen(
            [sys.executable, str(script), str(path), executor, "0.03"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for executor in executors
    ]
    for process in both:
        assert process.communicate(timeout=120)[0] == "40 0 0 0\n"
    assert sorted(map(int, log.read_text().split())) == list(range(40))
    with Store(path) as store:
        assert len({a["runner"] for a in store.attempts()}) == 2
        assert len(rows(store)) == 80


def test_a_run_takes_over_from_one_that_is_killed_meanwhile(path, tmp_path):
    """It waits for tasks that the other holds, and gets them when the other dies."""
    script = tmp_path / "script.py"
    script.write_text(RUN.replace("squares(40,", "squares(2,"))
    process = subprocess.Popen(
        [sys.executable, str(script), str(path), "serial", "60"],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    give_up = time.monotonic() + 120
    tasks = squares(2, 60.0)
    with Store(path, create=True) as store:
        while store.counts().running != 1:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        waits = threading.Event()

        class Waits(runner.Progress):
            def waiting(self, counts):
                waits.set()

        def kill():
            waits.wait(120)
            process.kill()
            process.wait()

        killer = threading.Thread(target=kill)
        killer.start()
        # The second task would take a minute: an executor that answers at once stands in.
        store.plan("sweep", tasks)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "tests.empirics.sweep.sweep_functions.time.sleep", lambda _: None, raising=True
            )
            patch.setattr(runner, "_POLL_SECONDS", 0.05)
            counts = run(tasks, store, progress=Waits())
        killer.join()
        assert waits.is_set()
        assert counts == Counts(2, 2, 0, 0, 0)
        assert [a["outcome"] for a in store.attempts()].count("lost") == 1


@pytest.mark.parametrize("executor", LOCAL)
def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(store, executor):
    tasks = tasks_of("returns", 60, rows=[{"text": "x" * 2000}] * 5)
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages + 280}")
    with pytest.raises(DiskFullError, match="no room on the disk"):
        run(tasks, store, executor, jobs=2)
    done = store.counts().done
    assert 0 < done < 60
    store._database.execute("PRAGMA max_page_count = 1000000")
    assert run(tasks, store, executor, jobs=2) == Counts(60, 60, 0, 0, 0)
    assert len(rows(store)) == 300


def test_a_worker_with_other_code_stops_the_run(store, monkeypatch):
    monkeypatch.setattr("empirics.sweep.execution.code_version", lambda function: "another")
    with pytest.raises(ExecutorError, match="has another version of the code of"):
        run(squares(3), store)
    assert store.counts() == Counts(3, 0, 0, 3, 0)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"executor": "threads"}, "executor must be one of serial, processes, dask"),
        ({"executor": "serial:2"}, "got 'serial:2'"),
        ({"executor": "dask:"}, "got 'dask:'"),
        ({"executor": ""}, "got ''"),
        ({"jobs": 0}, "jobs must be at least 1, got 0"),
        ({"executor": "processes", "limit": 0.0}, "limit must be positive, got 0.0"),
        ({"executor": "processes", "limit": float("nan")}, "limit must be positive, got nan"),
        ({"limit": 1.0}, "only the executor processes can stop a task"),
        ({"executor": "dask", "limit": 1.0}, "only the executor processes can stop a task"),
    ],
)
def test_bad_arguments_are_named(store, options, named):
    with pytest.raises(ValueError, match=named):
        run(squares(1), store, **options)
    assert store.counts().total == 0


def test_dask_without_distributed(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExecutorError, match=r"needs the extra: pip install .*\[dask\]"):
        run(squares(1), store, "dask")
    assert store.counts().pending == 1
    assert dask_executor.CONNECT_SECONDS > 0
