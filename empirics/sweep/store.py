"""Results in one SQLite file that survives a kill at any moment.

A task is pending, running, done or failed. Each change of state is one transaction, which is on the
disk before it is reported (write-ahead log, synchronous=FULL). A running task is leased to a
runner, which is identified by host, process and a heartbeat. The tasks of a dead runner become
pending again: at once if its process is seen to be gone, after `database.LEASE` seconds otherwise.
Only the runner that holds the lease can store a result, so each task is done once, however many
runners share the file. All runners must be on one machine, as SQLite's log does not work over a
network.

Nothing in the file is executed: configurations, rows and errors are JSON or plain text.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from empirics.sweep.database import (
    StoreError,
    connect,
    dead_runners,
    explained,
    file_identity,
    open_store,
    transaction,
)
from empirics.sweep.task import Scalar, Task

STATES = ("pending", "running", "done", "failed")


@dataclass(frozen=True)
class Counts:
    """Numbers of tasks by state, of one sweep or of all."""

    total: int
    done: int
    failed: int
    pending: int
    running: int


@dataclass(frozen=True)
class Result:
    """One row of a task that is done, with its configuration, seed and code version."""

    sweep: str
    key: str
    configuration: dict[str, Any]
    seed: int
    row: dict[str, Scalar]
    code_version: str


@dataclass(frozen=True)
class Failure:
    """A task that failed, with its traceback."""

    sweep: str
    key: str
    function: str
    configuration: dict[str, Any]
    seed: int
    error: str

    @property
    def reason(self) -> str:
        """The last line of the traceback."""
        lines = self.error.strip().splitlines()
        return lines[-1] if lines else ""


class Store:
    """An open store; a context manager. One object serves one thread.

    Raises
    ------
    StoreError
        If the file is missing (unless `create`), is no store, is damaged, was written by a newer
        version, or cannot be written.
    """

    def __init__(self, path: Path | str, *, create: bool = False) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            raise StoreError(f"a store is a file, but {self.path} is a folder")
        if not self.path.parent.is_dir():
            raise StoreError(f"the folder {self.path.parent} does not exist")
        if not create and not self.path.exists():
            raise StoreError(f"there is no store {self.path}")
        with explained(self.path):
            self._database = connect(self.path, create=create)
        # Lease holders of this object that could not release their leases, as the disk was full.
        self.abandoned: set[int] = set()
        try:
            with explained(self.path):
                open_store(self._database, self.path, create=create)
            self._file = file_identity(self.path)
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with explained(self.path):
            self._database.close()

    def plan(self, sweep: str, tasks: Sequence[Task]) -> list[str]:
        """Set the tasks of the sweep of this name; return their keys in order.

        New tasks are pending. Former tasks of the sweep, such as those of an older code version,
        stay in the file but are not exported.

        Raises
        ------
        ValueError
            If two of the tasks are equal.
        """
        keys: dict[str, Task] = {}
        for task in tasks:
            if keys.setdefault(task.key, task) is not task:
                raise ValueError(f"the tasks of a sweep must differ, got twice {task!r}")
        with self.writing() as database:
            database.executemany(
                "INSERT OR IGNORE INTO tasks (key, function, configuration, code_version, seed)"
                " VALUES (?, ?, ?, ?, ?)",
                [(key, t.function, t.text, t.code_version, t.seed) for key, t in keys.items()],
            )
            database.execute("DELETE FROM members WHERE sweep = ?", (sweep,))
            database.executemany(
                "INSERT INTO members VALUES (?, ?, ?)",
                [(sweep, position, key) for position, key in enumerate(keys)],
            )
        return list(keys)

    def states(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the state of each task; tasks of dead runners are still running."""
        with explained(self.path):
            found = dict(self._database.execute("SELECT key, state FROM tasks"))
        return {key: found[key] for key in keys}

    def counts(self, sweep: str | None = None) -> Counts:
        """Count the tasks of one sweep, or of all, by state; tasks of dead runners are pending."""
        query = (
            "SELECT state, runner, count(*) FROM tasks WHERE key IN "
            "(SELECT key FROM members WHERE ? IS NULL OR sweep = ?) GROUP BY state, runner"
        )
        number = dict.fromkeys(STATES, 0)
        with self._reading() as database:
            dead = dead_runners(database, self.abandoned)
            for state, runner, count in database.execute(query, (sweep, sweep)):
                number["pending" if runner in dead else state] += count
        return Counts(total=sum(number.values()), **number)

    def sweeps(self) -> list[str]:
        """Return the names of the sweeps, sorted."""
        with explained(self.path):
            rows = self._database.execute("SELECT DISTINCT sweep FROM members ORDER BY sweep")
            return [name for (name,) in rows]

    def superseded(self) -> int:
        """Count the tasks that belong to no sweep any more."""
        with explained(self.path):
            (count,) = self._database.execute(
                "SELECT count(*) FROM tasks WHERE key NOT IN (SELECT key FROM members)"
            ).fetchone()
        return int(count)

    def results(self, sweep: str | None = None) -> Iterator[Result]:
        """Yield the rows of tasks that are done: sweeps by name, tasks and rows in their order."""
        query = (
            "SELECT sweep, key, code_version, configuration, seed, content FROM members"
            " JOIN tasks USING (key) JOIN rows USING (key)"
            " WHERE state = 'done' AND (? IS NULL OR sweep = ?)"
            " ORDER BY sweep, position, number"
        )
        with explained(self.path):
            found = self._database.execute(query, (sweep, sweep)).fetchall()
        for name, key, version, text, seed, content in found:
            yield Result(name, key, self._parsed(text), seed, self._parsed(content), version)

    def failures(self, sweep: str | None = None) -> list[Failure]:
        """Return the tasks that failed, in the order of `results`."""
        query = (
            "SELECT sweep, key, function, configuration, seed, error FROM members"
            " JOIN tasks USING (key) WHERE state = 'failed' AND (? IS NULL OR sweep = ?)"
            " ORDER BY sweep, position"
        )
        with explained(self.path):
            return [
                Failure(name, key, function, self._parsed(text), seed, error)
                for name, key, function, text, seed, error in self._database.execute(
                    query, (sweep, sweep)
                )
            ]

    def attempts(self) -> list[dict[str, Scalar]]:
        """Return every attempt at a task: start, host, duration and outcome."""
        query = (
            "SELECT key, started, outcome, seconds, host, pid, worker, detail"
            " FROM attempts JOIN runners ON runner = runners.id ORDER BY attempts.id"
        )
        names = ("task", "started", "outcome", "seconds", "host", "runner", "worker", "detail")
        with explained(self.path):
            return [dict(zip(names, row, strict=True)) for row in self._database.execute(query)]

    def retry(self, sweep: str | None = None) -> int:
        """Make the failed tasks pending again; return how many."""
        with self.writing() as database:
            return database.execute(
                "UPDATE tasks SET state = 'pending', error = NULL WHERE state = 'failed' AND key IN"
                " (SELECT key FROM members WHERE ? IS NULL OR sweep = ?)",
                (sweep, sweep),
            ).rowcount

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except ValueError as error:
            raise StoreError(f"{self.path} is damaged: {error} in {text[:40]!r}") from error
        if not isinstance(found, dict):
            raise StoreError(f"{self.path} is damaged: {text[:40]!r} should be an object")
        return found

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction, completely or not at all."""
        if file_identity(self.path) != self._file:
            raise StoreError(f"the store {self.path} was removed or replaced while in use")
        with explained(self.path), transaction(self._database):
            yield self._database

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Make several queries on one state of the file."""
        with explained(self.path):
            self._database.execute("BEGIN")
            try:
                yield self._database
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
