"""Sweeps on Dask: a local cluster, a scheduler by address, workers and schedulers that vanish."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from empirics.sweep import Task, dask_executor
from empirics.sweep.executors import ExecutorError
from empirics.sweep.export import table
from empirics.sweep.runner import run
from empirics.sweep.store import Counts, Store
from tests.empirics.sweep.sweep_functions import HERE, squares

distributed = pytest.importorskip("distributed")

# Of a scheduler: deaths of workers after which a task is not tried again; by default 3.
ALLOWED_FAILURES = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"
ROOT = Path(__file__).resolve().parents[3]


class Cluster:
    """A scheduler and workers as processes of their own."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.processes = []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", str(port))

    def start(self, kind, *arguments, folder=ROOT):
        if kind == "worker":
            arguments = (self.address, "--nthreads", "1", "--no-nanny")
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments, "--no-dashboard"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), ALLOWED_FAILURES: "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def wait_for(self, count):
        with distributed.Client(self.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=120)

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster():
    made = Cluster()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s.sqlite", create=True) as opened:
        yield opened


def after(condition, action):
    """Do something once a condition holds; return a thread to join."""

    def wait():
        give_up = time.monotonic() + 120
        while not condition() and time.monotonic() < give_up:
            time.sleep(0.02)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def done_at_least(store, count):
    def condition():
        with Store(store.path) as other:
            return other.counts().done >= count

    return condition


def test_a_local_cluster(store, tmp_path):
    assert run(squares(12), store, "dask", jobs=2) == Counts(12, 12, 0, 0, 0)
    with Store(tmp_path / "serial.sqlite", create=True) as serial:
        run(squares(12), serial)
        assert table(store) == table(serial)


def test_a_worker_killed_in_mid_sweep(store, cluster):
    """Two workers, started here; one is killed while it works, and everything is done once."""
    workers = [cluster.start("worker") for _ in range(2)]
    cluster.wait_for(2)
    killer = after(done_at_least(store, 20), workers[0].kill)
    counts = run(squares(80, 0.03), store, f"dask:{cluster.address}")
    killer.join()
    assert workers[0].poll() == -signal.SIGKILL
    assert counts == Counts(80, 80, 0, 0, 0)
    finished = [a for a in store.attempts() if a["outcome"] == "done"]
    assert len(finished) == 80
    assert len({a["worker"] for a in finished}) == 2
    assert len(list(store.results())) == 160


def test_failures_and_killers_on_workers(store, cluster, tmp_path):
    """A task that kills its worker costs one more after the scheduler has given it up."""
    workers = [cluster.start("worker") for _ in range(3)]
    tasks = [Task(f"{HERE}:fails", {"until": str(tmp_path / "no")}, seed) for seed in range(4)]
    tasks += [Task(f"{HERE}:kills_its_worker", {"victim": 5}, seed) for seed in (5, 6)]
    counts = run(tasks, store, f"dask:{cluster.address}")
    assert counts == Counts(6, 3, 3, 0, 0)
    errors = {failure.seed: failure.error for failure in store.failures()}
    assert set(errors) == {1, 3, 5}
    assert "ArithmeticError: seed 1 is odd" in errors[1]
    assert errors[5].startswith("its Dask workers died")
    assert sorted(worker.poll() or 0 for worker in workers) == [-9, -9, 0]


def test_the_scheduler_vanishes(store, cluster):
    cluster.start("worker")
    killer = after(done_at_least(store, 5), cluster.scheduler.kill)
    with pytest.raises(
        ExecutorError, match=f"connection to the Dask scheduler at {cluster.address}"
    ):
        run(squares(400, 0.03), store, f"dask:{cluster.address}")
    killer.join()
    counts = store.counts()
    assert (counts.failed, counts.running) == (0, 0)
    assert 5 <= counts.done < 400
    assert counts.pending == 400 - counts.done
    assert run(squares(400), store, sweep="quick").done == 400


def test_no_worker_comes(store, cluster, monkeypatch):
    monkeypatch.setattr(dask_executor, "FIRST_WORKER_SECONDS", 0.5)
    with pytest.raises(
        ExecutorError, match=r"no worker joined the Dask scheduler .* within 0\.5 s"
    ):
        run(squares(2), store, f"dask:{cluster.address}")
    assert store.counts().pending == 2


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "no-such-host.invalid:8786", "x://y"])
def test_no_scheduler_answers(store, monkeypatch, address):
    monkeypatch.setattr(dask_executor, "CONNECT_SECONDS", 0.5)
    with pytest.raises(ExecutorError, match=f"no Dask scheduler answers at {address}"):
        run(squares(2), store, f"dask:{address}")


def test_workers_that_lack_the_code(store, cluster, tmp_path):
    """A worker without the tests' package says so, instead of failing every task."""
    cluster.start("worker", folder=tmp_path)
    with pytest.raises(ExecutorError, match=f"lacks code: there is no task function {HERE}:square"):
        run([Task(f"{HERE}:square", {"x": 1}, 0)], store, f"dask:{cluster.address}")
    assert store.counts().pending == 1
