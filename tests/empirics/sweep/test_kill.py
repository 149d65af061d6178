"""Twenty random SIGKILLs over a sweep: nothing that was done is lost, nothing is done twice.

A child process runs the sweep through the command line, or two of them share it. At random points
of its progress a runner or a worker is killed, and what has ended is started again, until all is
done. The export must then be that of an undisturbed run, byte for byte. With Dask, the scheduler
and two workers are processes of their own, and the workers are killed as well as the runner.

The long versions, 300 tasks and 20 kills each, are marked slow: `nox -s kills`.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from empirics.__main__ import main
from empirics.sweep.store import Store
from tests.empirics.sweep.sweep_functions import HERE, kill_sweep

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="finds processes through Linux's /proc"
)

ROOT = Path(__file__).resolve().parents[3]
EXPERIMENT = f"{HERE}:kill_sweep"
PATIENCE = 900.0


def children(pid):
    """Return the processes below a process."""
    found = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = [int(child) for child in listing.read_text().split()]
        except OSError:
            continue
        for child in direct:
            found += [child, *children(child)]
    return found


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def environment(**more):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    paths = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(os.pathsep)
    return {**os.environ, **dict.fromkeys(names, "1"), "PYTHONPATH": paths, **more}


def start(*arguments, output, **more):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment(**more),
        stdout=output,
        stderr=subprocess.STDOUT,
    )


class Cluster:
    """A scheduler and two workers of Dask as processes; `mend` replaces workers that died."""

    def __init__(self, output):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.output = output
        host, port = self.address.removeprefix("tcp://").split(":")
        self.scheduler = self.start("scheduler", "--host", host, "--port", port, "--no-dashboard")
        self.workers = []
        self.mend()

    def start(self, kind, *arguments):
        return start("-m", "distributed.cli.dask_" + kind, *arguments, output=self.output)

    def mend(self):
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < 2:
            self.workers.append(
                self.start(
                    "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"
                )
            )

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


class Sweep:
    """A sweep that is killed and started again, and what is known of it in the meantime.

    The executor "shared" is two serial runners on one store.
    """

    def __init__(self, folder, scale, executor, seed):
        self.folder = folder
        self.path = folder / "killed.sqlite"
        self.log = folder / "log"
        self.output = (folder / "output").open("wb")
        self.scale = scale
        self.random = random.Random(seed)
        self.cluster = Cluster(self.output) if executor == "dask" else None
        self.executor = {"shared": "serial"}.get(executor, executor)
        if self.cluster:
            self.executor = f"dask:{self.cluster.address}"
        self.runners = [None] * (2 if executor == "shared" else 1)
        self.kills = []

    def begin(self):
        return start(
            "-m", "empirics", "run", EXPERIMENT, "--scale", self.scale, "--store", self.path,
            "--executor", self.executor, "--jobs", "2", output=self.output, SWEEP_LOG=str(self.log),
        )  # fmt: skip

    def done(self):
        """Return the tasks reported done, each with its two rows."""
        if not self.path.exists():
            return set()
        with Store(self.path, create=True) as store:
            return {(result.key, json.dumps(result.row)) for result in store.results()}

    def workers(self):
        """Return the processes below the runners, or those of Dask, that may be killed."""
        if self.cluster:
            return [worker.pid for worker in self.cluster.workers if worker.poll() is None]
        return [
            pid
            for process in self.runners
            for pid in children(process.pid)
            if "resource_tracker" not in command_of(pid)
        ]

    def kill_one(self):
        """Kill a runner or one of the workers, whichever the dice say."""
        workers = self.workers()
        alive = [process for process in self.runners if process.poll() is None]
        if workers and self.random.random() < 0.5:
            victim, kind = self.random.choice(workers), "worker"
        elif alive:
            victim, kind = self.random.choice(alive).pid, "runner"
        else:
            return
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.kills.append(kind)
        for process in self.runners:
            if process.pid == victim:
                process.wait()

    def run(self, count):
        """Run to the end, with so many kills at random points of progress."""
        total = len(kill_sweep(self.scale))
        # Early enough that the sweep does not end before the last kill.
        points = sorted(self.random.sample(range(int(total * 0.6)), count))
        before = set()
        give_up = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < give_up, self.printed()
            codes = [process and process.poll() for process in self.runners]
            if codes == [0] * len(codes):
                break
            for index, process in enumerate(self.runners):
                if process is None or codes[index] not in (None, 0):
                    assert process is None or codes[index] == -signal.SIGKILL, self.printed()
                    self.runners[index] = self.begin()
            if self.cluster:
                self.cluster.mend()
            now = self.done()
            assert before <= now, "a result that was reported done is gone"
            before = now
            if len(self.kills) < count and len(now) // 2 >= points[len(self.kills)]:
                time.sleep(self.random.uniform(0.0, 0.05))
                self.kill_one()
            time.sleep(0.02)
        assert before <= self.done()

    def printed(self):
        self.output.flush()
        return (self.folder / "output").read_text()[-4000:]

    def close(self):
        for process in self.runners:
            if process is not None:
                process.kill()
                process.wait()
        if self.cluster:
            self.cluster.close()
        self.output.close()


def check(sweep, kills, capsys):
    total = len(kill_sweep(sweep.scale))
    assert len(sweep.kills) == kills
    with Store(sweep.path) as store:
        counts = store.counts()
        attempts = store.attempts()
        assert store.superseded() == 0
    assert (counts.total, counts.done) == (total, total)
    finished = [attempt["task"] for attempt in attempts if attempt["outcome"] == "done"]
    assert sorted(finished) == sorted(task.key for task in kill_sweep(sweep.scale))
    assert not [attempt for attempt in attempts if attempt["outcome"] in (None, "failed")]
    if sweep.log.exists() and sweep.cluster is None:
        # A kill costs at most what was in flight: two tasks.
        executions = sweep.log.read_text().split()
        assert total <= len(executions) <= total + 2 * kills + 2
    undisturbed = sweep.folder / "undisturbed.sqlite"
    arguments = [EXPERIMENT, "--scale", sweep.scale, "--store", str(undisturbed)]
    assert main(["run", *arguments, "--executor", "serial"]) == 0
    for store in (sweep.path, undisturbed):
        written = [f"--csv={store}.csv"]
        assert main(["export", "--store", str(store), *written]) == 0
    killed, whole = (Path(f"{store}.csv").read_bytes() for store in (sweep.path, undisturbed))
    assert killed == whole
    assert killed.count(b"\n") == 2 * total + 1
    capsys.readouterr()
    assert main(["status", "--json", "--store", str(sweep.path)]) == 0
    status = json.loads(capsys.readouterr().out)
    assert [status[name] for name in ("total", "done", "failed", "pending", "running")] == [
        total, total, 0, 0, 0,
    ]  # fmt: skip


def kill_test(tmp_path, capsys, scale, executor, kills, seed):
    if executor == "dask":
        pytest.importorskip("distributed")
    sweep = Sweep(tmp_path, scale, executor, seed)
    try:
        sweep.run(kills)
        check(sweep, kills, capsys)
    finally:
        sweep.close()
    return sweep


@pytest.mark.parametrize("executor", ["serial", "processes", "shared", "dask"])
def test_kills(tmp_path, capsys, executor):
    kill_test(tmp_path, capsys, "smoke", executor, 3, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["serial", "processes", "shared", "dask"])
@pytest.mark.parametrize("seed", [0, 1])
def test_twenty_kills(tmp_path, capsys, executor, seed):
    sweep = kill_test(tmp_path, capsys, "desk", executor, 20, seed)
    assert len(kill_sweep("desk")) >= 300
    assert set(sweep.kills) == {
        "runner",
        *(["worker"] if executor in ("processes", "dask") else []),
    }
