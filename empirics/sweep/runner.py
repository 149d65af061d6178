"""Run a sweep: claim tasks of the store, submit them to an executor, store their results.

A signal, a full disk, a lost scheduler or a kill may end a run at any time. The same call then
continues it; tasks that were in flight are pending again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from empirics.sweep.dask_executor import DaskExecutor
from empirics.sweep.execution import Outcome, Work
from empirics.sweep.executors import Executor, ExecutorError, ProcessExecutor, SerialExecutor
from empirics.sweep.lease import LeaseHolder, hold_leases
from empirics.sweep.store import Counts, Store
from empirics.sweep.task import Task

EXECUTORS = ("serial", "processes", "dask", "dask:ADDRESS")
# A task fails after the deaths of this many workers.
MOST_DEATHS = 3
_POLL_SECONDS = 0.5


class Progress:
    """Receives the events of a run; this base class ignores them."""

    def begin(self, counts: Counts) -> None:
        """Note the state of the sweep as the run begins."""

    def settled(self, kind: str) -> None:
        """Note that this run has brought a task to the state "done" or "failed"."""

    def died(self, key: str, reason: str) -> None:
        """Note that the worker of a task died and the task is tried again."""

    def waiting(self, counts: Counts) -> None:
        """Note that other runners hold all remaining tasks."""


def run(
    tasks: Sequence[Task],
    store: Store,
    executor: str = "serial",
    *,
    jobs: int | None = None,
    sweep: str = "sweep",
    limit: float | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Bring every task to the state done or failed, and count the tasks by state.

    Tasks that are done or have failed are left as they are (`Store.retry` makes the failed ones
    pending). After SIGINT or SIGTERM the run ends, with tasks pending.

    Parameters
    ----------
    tasks
        The tasks of the sweep, in the order of the export.
    executor
        ``"serial"``, ``"processes"``, ``"dask"`` or ``"dask:ADDRESS"``.
    jobs
        Processes, or workers of the local Dask cluster; None for one per core. With an address of
        a scheduler: the most tasks in flight.
    sweep
        Name of the sweep in the store.
    limit
        Seconds that a task may take; only for ``"processes"``, which can stop a task.

    Raises
    ------
    ValueError
        If an argument breaks a requirement.
    StoreError
        If the store cannot be written, such as on a full disk.
    ExecutorError
        If the tasks cannot run on the executor, or workers have other code than this process.
    """
    _validate(executor, jobs, limit)
    keys = store.plan(sweep, tasks)
    works = {
        key: Work(key, task.function, task.text, task.code_version, task.seed)
        for key, task in zip(keys, tasks, strict=True)
    }
    reported = progress or Progress()
    reported.begin(store.counts(sweep))
    with hold_leases(store) as holder:
        holder.reclaim()
        states = store.states(keys)
        open_keys = [key for key in keys if states[key] in ("pending", "running")]
        if open_keys:
            with _signals() as signals:
                loop = _Loop(store, holder, {key: works[key] for key in open_keys}, sweep, reported)
                with signals.interruptible():
                    chosen = _executor(executor, jobs, limit, tasks, signals)
                with contextlib.closing(chosen):
                    loop.go(chosen, signals)
    return store.counts(sweep)


class _Loop:
    """The state of one run: open tasks, tasks in flight, and the deaths of workers by task."""

    def __init__(
        self,
        store: Store,
        holder: LeaseHolder,
        works: dict[str, Work],
        sweep: str,
        progress: Progress,
    ) -> None:
        self.store = store
        self.holder = holder
        self.works = works
        self.sweep = sweep
        self.progress = progress
        self.open = deque(works)
        self.in_flight: set[str] = set()
        self.deaths: dict[str, int] = {}
        # Tasks that may have killed a worker are retried one at a time, to find out which did.
        self.suspected: deque[str] = deque()
        self.retried_alone: str | None = None

    def go(self, executor: Executor, signals: _Signals) -> None:
        while not signals.received:
            self._fill(executor)
            if self.in_flight:
                for outcome in executor.outcomes(_POLL_SECONDS):
                    self._take(outcome, executor)
            elif not self._wait_for_others(signals):
                return

    def _fill(self, executor: Executor) -> None:
        if self.suspected or self.retried_alone:
            if self.retried_alone is None and len(self.in_flight) == len(self.suspected):
                self.retried_alone = self.suspected.popleft()
                executor.submit(self.works[self.retried_alone])
            return
        free = executor.capacity() - len(self.in_flight)
        if free < 1 or not self.open:
            return
        claimed = self.holder.claim(self.open, free)
        if len(claimed) < free:
            self.open.clear()
        else:
            # Tasks before the last one claimed are settled or held by others.
            while self.open.popleft() != claimed[-1]:
                pass
        for key in claimed:
            executor.submit(self.works[key])
            self.in_flight.add(key)

    def _wait_for_others(self, signals: _Signals) -> bool:
        """Look for tasks that other runners held; return False once none is left."""
        self.holder.reclaim()
        states = self.store.states(self.works)
        left = [key for key in self.works if states[key] in ("pending", "running")]
        self.open.extend(left)
        if left and not any(states[key] == "pending" for key in left):
            self.progress.waiting(self.store.counts(self.sweep))
            signals.sleep(_POLL_SECONDS)
        return bool(left)

    def _take(self, outcome: Outcome, executor: Executor) -> None:
        key = outcome.key
        if key == self.retried_alone:
            self.retried_alone = None
        if outcome.kind == "stale":
            raise ExecutorError(
                f"{outcome.error} (changed after this run began, or different on that machine)"
            )
        if outcome.kind == "died":
            self.deaths[key] = self.deaths.get(key, 0) + outcome.deaths
            if self.deaths[key] < MOST_DEATHS:
                self.holder.died(key, outcome.error)
                self.progress.died(key, outcome.error)
                if executor.isolates:
                    executor.submit(self.works[key])
                else:
                    self.suspected.append(key)
                return
            error = f"{outcome.error}; after {self.deaths[key]} deaths it is not tried again"
            outcome = Outcome(key, "failed", error=error)
        self.in_flight.discard(key)
        if outcome.kind == "done":
            stored = self.holder.finish(key, outcome.rows, outcome.seconds, outcome.worker)
        else:
            stored = self.holder.fail(key, outcome.error, outcome.seconds, outcome.worker)
        if stored:
            self.progress.settled(outcome.kind)


class _Signals:
    """SIGINT and SIGTERM: recorded, and raised only while a task runs in this process."""

    def __init__(self) -> None:
        self.received = False
        self._event = threading.Event()
        self._breaking = False

    def handle(self, *_: Any) -> None:
        again, self.received = self.received, True
        self._event.set()
        if self._breaking or again:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        self._breaking = True
        try:
            if self.received:
                raise KeyboardInterrupt
            yield
        finally:
            self._breaking = False

    def sleep(self, seconds: float) -> None:
        self._event.wait(seconds)


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    """Handle signals during a run, if this is the main thread; an interrupted run ends quietly."""
    signals = _Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signals.handle)
    try:
        yield signals
    except KeyboardInterrupt:
        if not signals.received:
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _validate(executor: str, jobs: int | None, limit: float | None) -> None:
    kind, colon, address = executor.partition(":")
    if kind not in ("serial", "processes", "dask") or (colon and (kind != "dask" or not address)):
        raise ValueError(f"executor must be one of {', '.join(EXECUTORS)}, got {executor!r}")
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    if limit is not None and not limit > 0:
        raise ValueError(f"limit must be positive, got {limit}")
    if limit is not None and kind != "processes":
        raise ValueError(f"only the executor processes can stop a task, got a limit for {executor}")


def _executor(
    name: str, jobs: int | None, limit: float | None, tasks: Sequence[Task], signals: _Signals
) -> Executor:
    kind, _, address = name.partition(":")
    if kind == "serial":
        return SerialExecutor(signals.interruptible)
    if kind == "dask":
        return DaskExecutor(address or None, jobs)
    modules = sorted({task.function.partition(":")[0] for task in tasks})
    return ProcessExecutor(jobs or os.cpu_count() or 1, limit, modules)
