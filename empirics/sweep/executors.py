"""Executors: where the tasks of a sweep run, in this process or in others (see `dask_executor`).

An executor takes tasks up to its capacity and returns outcomes; it knows nothing of the store.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from empirics.processes import ONE_THREAD, environment_defaults, exit_text
from empirics.sweep.execution import Outcome, Work, execute, serve


class ExecutorError(Exception):
    """The executor cannot start, or cannot continue; the message says why."""


class Executor(Protocol):
    """What the runner needs of an executor.

    Attributes
    ----------
    isolates
        Whether each worker has one task at a time: if it dies, that task is the cause.
    """

    isolates: bool

    def capacity(self) -> int:
        """Return how many tasks may be pending now: submitted, and without an outcome."""

    def submit(self, work: Work) -> None:
        """Take a task."""

    def outcomes(self, timeout: float) -> list[Outcome]:
        """Wait up to `timeout` seconds for outcomes of submitted tasks."""

    def close(self) -> None:
        """Abandon pending tasks and free all resources."""


class SerialExecutor:
    """Runs one task at a time in this process."""

    isolates = True

    def __init__(
        self, interruptible: Callable[[], contextlib.AbstractContextManager[None]]
    ) -> None:
        self._interruptible = interruptible
        self._pending: deque[Work] = deque()

    def capacity(self) -> int:
        """Return 1."""
        return 1

    def submit(self, work: Work) -> None:
        """Take a task."""
        self._pending.append(work)

    def outcomes(self, timeout: float) -> list[Outcome]:
        """Run the pending task, however long it takes."""
        with self._interruptible():
            return [execute(self._pending.popleft())]

    def close(self) -> None:
        """Drop pending tasks."""
        self._pending.clear()


@dataclass
class _Worker:
    process: Any
    channel: Connection
    work: Work | None = None
    started: float = 0.0


@dataclass
class ProcessExecutor:
    """Runs tasks in processes, one task each; if a process dies, only its task is lost.

    Attributes
    ----------
    jobs
        Number of processes, at least 1.
    limit
        Seconds that a task may take, after which its process is killed; None for no limit.
    preload
        Modules to import once for all processes.
    """

    jobs: int
    limit: float | None = None
    preload: Sequence[str] = ()
    isolates: bool = field(default=True, init=False)
    _workers: list[_Worker] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._context: Any = multiprocessing.get_context("spawn")
        if "forkserver" in multiprocessing.get_all_start_methods():
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload(["empirics.sweep.execution", *self.preload])

    def capacity(self) -> int:
        """Return the number of processes."""
        return self.jobs

    def submit(self, work: Work) -> None:
        """Give a task to an idle process, or to a new one if the idle process has died."""
        worker = next((w for w in self._workers if w.work is None), None)
        if worker is not None:
            try:
                return self._give(worker, work)
            except OSError:
                self._end(worker)
        worker = self._start()
        try:
            self._give(worker, work)
        except OSError as error:
            self._end(worker)
            raise ExecutorError(f"a worker process ended as soon as it began: {error}") from error

    def outcomes(self, timeout: float) -> list[Outcome]:
        """Collect outcomes, also of workers that died and of tasks over their time limit."""
        busy = [worker for worker in self._workers if worker.work is not None]
        now = time.monotonic()
        if self.limit is not None:
            for worker in busy:
                timeout = min(timeout, max(0.0, worker.started + self.limit - now))
        wait([worker.channel for worker in busy], timeout=timeout)
        found = []
        for worker in busy:
            if worker.channel.poll():
                found.append(self._received(worker))
            elif self.limit is not None and time.monotonic() >= worker.started + self.limit:
                found.append(self._stopped(worker))
        return found

    def close(self) -> None:
        """Kill the processes."""
        for worker in list(self._workers):
            self._end(worker)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs,), name="worker")
        with environment_defaults(ONE_THREAD):
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _give(self, worker: _Worker, work: Work) -> None:
        worker.channel.send(work)
        worker.work, worker.started = work, time.monotonic()

    def _received(self, worker: _Worker) -> Outcome:
        assert worker.work is not None
        try:
            outcome: Outcome = worker.channel.recv()
        except (EOFError, OSError):
            worker.process.join(timeout=5)
            reason = f"its worker process died ({exit_text(worker.process.exitcode)})"
            outcome = Outcome(worker.work.key, "died", error=reason)
            self._end(worker)
        else:
            worker.work = None
        return outcome

    def _stopped(self, worker: _Worker) -> Outcome:
        assert worker.work is not None
        seconds = time.monotonic() - worker.started
        error = f"stopped after its limit of {self.limit:g} s"
        self._end(worker)
        return Outcome(worker.work.key, "failed", error=error, seconds=seconds)

    def _end(self, worker: _Worker) -> None:
        worker.channel.close()
        worker.process.kill()
        worker.process.join()
        worker.process.close()
        self._workers.remove(worker)
