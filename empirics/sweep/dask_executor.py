"""Tasks on Dask workers: on a local cluster, or on a running scheduler, by its address.

If a worker dies, the scheduler gives its tasks to another worker. Workers may join and leave; while
there are none, the sweep waits.
"""

from __future__ import annotations

import contextlib
import os
import queue
import uuid
from typing import Any

from empirics.sweep.execution import Outcome, Work, execute
from empirics.sweep.executors import ExecutorError

CONNECT_SECONDS = 20.0
FIRST_WORKER_SECONDS = 120.0
_TASKS_PER_THREAD = 2
# The scheduler abandons a task after its fourth worker has died (unless configured otherwise).
# Another task on the same workers may be the cause: the task is tried once more, alone.
_DEATHS = 2


class DaskExecutor:
    """Runs tasks through `dask.distributed`.

    Parameters
    ----------
    address
        Address of the scheduler, such as ``tcp://127.0.0.1:8786``; None starts a local cluster.
    jobs
        Workers of the local cluster; with an address, the most tasks in flight, or None.

    Raises
    ------
    ExecutorError
        If `distributed` is not installed, no scheduler answers, or no worker joins.
    """

    def __init__(self, address: str | None, jobs: int | None = None) -> None:
        try:
            import distributed
        except ImportError as error:
            raise ExecutorError(
                "the executor dask needs the extra: pip install 'finetuning-bias[dask]'"
            ) from error
        self.isolates = False
        self._distributed: Any = distributed
        self._address = address
        self._jobs = jobs
        self._futures: dict[str, Any] = {}
        self._answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._cluster: Any = None
        self._client: Any = None
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        if self._address is None:
            try:
                self._cluster = self._distributed.LocalCluster(
                    n_workers=self._jobs or os.cpu_count() or 1,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                )
            except (OSError, RuntimeError) as error:
                raise ExecutorError(f"no Dask cluster could be started here: {error}") from error
        try:
            self._client = self._distributed.Client(
                self._address or self._cluster, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise ExecutorError(f"no Dask scheduler answers {self._where}: {error}") from error
        try:
            self._client.wait_for_workers(1, timeout=FIRST_WORKER_SECONDS)
        except TimeoutError as error:
            raise ExecutorError(
                f"no worker joined the Dask scheduler {self._where}"
                f" within {FIRST_WORKER_SECONDS:g} s"
            ) from error

    @property
    def _where(self) -> str:
        return f"at {self._address}" if self._address else "of this machine"

    @property
    def _lost(self) -> str:
        return f"the connection to the Dask scheduler {self._where} was lost"

    def capacity(self) -> int:
        """Return twice the present number of threads, so that no worker waits for its next task."""
        self._require_scheduler()
        try:
            threads = sum(int(number) for number in self._client.nthreads().values())
        except OSError as error:
            raise ExecutorError(self._lost) from error
        most = _TASKS_PER_THREAD * max(threads, 1)
        if self._jobs is not None and self._address is not None:
            return min(self._jobs, most)
        return most

    def submit(self, work: Work) -> None:
        """Send a task to the scheduler."""
        self._require_scheduler()
        future = self._client.submit(execute, work, key=f"{work.key}-{uuid.uuid4().hex}")
        self._futures[work.key] = future
        self._watch(work.key, future)

    def outcomes(self, timeout: float) -> list[Outcome]:
        """Wait for the first answer, then take all answers received so far."""
        found: list[Outcome] = []
        with contextlib.suppress(queue.Empty):
            key, future = self._answers.get(timeout=timeout)
            while True:
                if self._futures.get(key) is future:
                    found += self._answer(key, future)
                key, future = self._answers.get_nowait()
        if not found:
            self._require_scheduler()
        return found

    def close(self) -> None:
        """Cancel the tasks in flight, disconnect, and end the local cluster."""
        for future in self._futures.values():
            with contextlib.suppress(Exception):
                future.cancel()
        self._futures.clear()
        if self._client is not None:
            self._client.close(timeout=5)
        if self._cluster is not None:
            self._cluster.close()

    def _watch(self, key: str, future: Any) -> None:
        future.add_done_callback(lambda done: self._answers.put((key, done)))

    def _answer(self, key: str, future: Any) -> list[Outcome]:
        if future.status in ("pending", "lost"):
            # The worker that held the result has died; the scheduler runs the task again.
            self._require_scheduler()
            self._watch(key, future)
            return []
        del self._futures[key]
        if future.cancelled():
            self._require_scheduler()
            return [Outcome(key, "died", error="Dask lost the task")]
        try:
            outcome: Outcome = future.result()
        except self._distributed.scheduler.KilledWorker:
            return [Outcome(key, "died", error="its Dask workers died", deaths=_DEATHS)]
        except OSError as error:
            # A task that raises has an outcome; an exception here is that of the connection.
            raise ExecutorError(self._lost) from error
        except Exception as error:
            raise ExecutorError(
                f"a Dask worker cannot run tasks ({error!r}): is the same version installed there?"
            ) from error
        return [outcome]

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            raise ExecutorError(self._lost)
