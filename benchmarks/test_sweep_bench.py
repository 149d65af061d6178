"""The cost of running tasks through a store, and the gain from more workers.

    Dask, two workers, tasks that keep a core busy    at least 1.5 times as fast as serial
    processes, two of them, the same tasks            at least 1.5 times as fast as serial
    claiming and storing a task that takes no time    at most 40 ms, on the disk at each step

Workers start before the clock does; the executors alternate, and the best time of each counts.
"""

import os
import time

import pytest
from ratio import report

from empirics.sweep import Task
from empirics.sweep.runner import run
from empirics.sweep.store import Store
from tests.empirics.sweep.sweep_functions import HERE, squares

ROUNDS = 4
# Tasks are long enough for the rounds to last seconds.
TASKS = [Task(f"{HERE}:busy", {"steps": 400_000}, seed) for seed in range(24)]

two_cores = pytest.mark.skipif(
    len(getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))(0)) < 2,
    reason="needs two cores",
)


def seconds(folder, tasks, executor, jobs=None):
    path = folder / f"{time.monotonic_ns()}.sqlite"
    start = time.perf_counter()
    with Store(path, create=True) as store:
        counts = run(tasks, store, executor, jobs=jobs)
    elapsed = time.perf_counter() - start
    assert counts.done == len(tasks)
    return elapsed


def best_of_both(folder, executor, jobs):
    times = [
        (seconds(folder, TASKS, "serial"), seconds(folder, TASKS, executor, jobs))
        for _ in range(ROUNDS)
    ]
    return [min(column) for column in zip(*times, strict=True)]


@two_cores
def test_dask_with_two_workers(tmp_path, capsys):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:
        executor = f"dask:{cluster.scheduler_address}"
        seconds(tmp_path, squares(4), executor)
        serial, dask = best_of_both(tmp_path, executor, None)
    report(
        capsys,
        f"{len(TASKS)} tasks: serial {serial:.2f} s, Dask with two workers {dask:.2f} s:"
        f" {serial / dask:.2f} times as fast",
    )
    assert serial >= 1.5 * dask


@two_cores
def test_two_processes(tmp_path, capsys):
    seconds(tmp_path, squares(4), "processes", 2)
    serial, processes = best_of_both(tmp_path, "processes", 2)
    report(
        capsys,
        f"{len(TASKS)} tasks: serial {serial:.2f} s, two processes {processes:.2f} s:"
        f" {serial / processes:.2f} times as fast",
    )
    assert serial >= 1.5 * processes


def test_cost_of_a_task(tmp_path, capsys):
    count = 500
    each = min(seconds(tmp_path, squares(count), "serial") for _ in range(3)) / count
    report(capsys, f"a task that takes no time: {1e3 * each:.2f} ms")
    assert each <= 0.040
