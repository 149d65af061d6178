"""Leases: the tasks of a store that a runner holds, and the heartbeat that keeps them."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

from empirics.sweep.database import StoreError, connect, dead_runners, explained
from empirics.sweep.liveness import Identity
from empirics.sweep.store import Store

HEARTBEAT = 5.0


@contextlib.contextmanager
def hold_leases(store: Store, heartbeat: float = HEARTBEAT) -> Iterator[LeaseHolder]:
    """Register a runner; its leases last until the end of the context, or of the process."""
    me = Identity.current()
    with store.writing() as database:
        number = database.execute(
            "INSERT INTO runners (host, pid, birth, heartbeat) VALUES (?, ?, ?, ?)",
            (me.host, me.pid, me.birth, time.time()),
        ).lastrowid
    assert number is not None
    holder = LeaseHolder(store, number, heartbeat)
    try:
        yield holder
    finally:
        store.abandoned.add(number)
        holder.end()
        store.abandoned.remove(number)


class LeaseHolder:
    """The leases of a runner, and the heartbeat that keeps them."""

    def __init__(self, store: Store, number: int, heartbeat: float) -> None:
        self._store = store
        self._number = number
        self._interval = heartbeat
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._thread.start()

    def claim(self, keys: Iterable[str], most: int) -> list[str]:
        """Lease up to `most` of the pending tasks among `keys`, in their order."""
        self._check()
        claimed: list[str] = []
        if most < 1:
            return claimed
        with self._store.writing() as database:
            for key in keys:
                taken = database.execute(
                    "UPDATE tasks SET state = 'running', runner = ?"
                    " WHERE key = ? AND state = 'pending'",
                    (self._number, key),
                )
                if taken.rowcount:
                    database.execute(
                        "INSERT INTO attempts (key, runner, started) VALUES (?, ?, ?)",
                        (key, self._number, time.time()),
                    )
                    claimed.append(key)
                    if len(claimed) == most:
                        break
        return claimed

    def finish(self, key: str, rows: Sequence[str], seconds: float, worker: str) -> bool:
        """Store the rows (JSON texts) of a task; store nothing, return False if the lease is lost.

        When this returns True the result is on the disk.
        """
        with self._store.writing() as database:
            held = self._settle(database, key, "done", None)
            if held:
                database.executemany(
                    "INSERT INTO rows VALUES (?, ?, ?)",
                    [(key, number, content) for number, content in enumerate(rows)],
                )
                self._note(database, key, "done", seconds, worker, None)
        return held

    def fail(self, key: str, error: str, seconds: float, worker: str) -> bool:
        """Store the traceback of a task; return False if the lease is lost."""
        with self._store.writing() as database:
            held = self._settle(database, key, "failed", error)
            if held:
                last = error.strip().splitlines()[-1:]
                self._note(database, key, "failed", seconds, worker, "".join(last))
        return held

    def died(self, key: str, reason: str) -> None:
        """Note that the worker of a task died; the lease stays for another attempt."""
        with self._store.writing() as database:
            self._note(database, key, "died", None, None, reason)
            database.execute(
                "INSERT INTO attempts (key, runner, started) SELECT key, runner, ? FROM tasks"
                " WHERE key = ? AND state = 'running' AND runner = ?",
                (time.time(), key, self._number),
            )

    def reclaim(self) -> int:
        """Make the tasks of dead runners pending; return how many."""
        self._check()
        count = 0
        with self._store.writing() as database:
            for number in dead_runners(database, self._store.abandoned):
                count += _free(database, number, "lost")
        return count

    def end(self) -> None:
        """Release the leases and stop the heartbeat."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._thread.join()
        with self._store.writing() as database:
            _free(database, self._number, "released")

    def _settle(
        self, database: sqlite3.Connection, key: str, state: str, error: str | None
    ) -> bool:
        changed = database.execute(
            "UPDATE tasks SET state = ?, error = ?, runner = NULL"
            " WHERE key = ? AND state = 'running' AND runner = ?",
            (state, error, key, self._number),
        )
        return changed.rowcount == 1

    def _note(
        self,
        database: sqlite3.Connection,
        key: str,
        outcome: str,
        seconds: float | None,
        worker: str | None,
        detail: str | None,
    ) -> None:
        database.execute(
            "UPDATE attempts SET outcome = ?, seconds = ?, worker = ?, detail = ?"
            " WHERE key = ? AND runner = ? AND outcome IS NULL",
            (outcome, seconds, worker, detail, key, self._number),
        )

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _beat(self) -> None:
        """Renew the heartbeat, in a thread with its own connection, as a task may take hours."""
        path = self._store.path
        while not self._ended.wait(self._interval):
            try:
                with explained(path), contextlib.closing(connect(path, create=False)) as database:
                    database.execute(
                        "UPDATE runners SET heartbeat = ? WHERE id = ?", (time.time(), self._number)
                    )
            except StoreError as error:
                self._error = error
                return


def _free(database: sqlite3.Connection, runner: int, outcome: str) -> int:
    """Make a runner's tasks pending and close its attempts; return how many tasks."""
    database.execute(
        "UPDATE attempts SET outcome = ? WHERE outcome IS NULL AND runner = ?", (outcome, runner)
    )
    return database.execute(
        "UPDATE tasks SET state = 'pending', runner = NULL WHERE runner = ?", (runner,)
    ).rowcount
