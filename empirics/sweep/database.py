"""The SQLite file of a store: how it is opened and created, and its errors in words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Container, Iterator
from pathlib import Path

from empirics.sweep.liveness import Identity

APPLICATION_ID = 0x444C4E53  # "DLNS"
SCHEMA_VERSION = 1

BUSY_SECONDS = 60.0
LEASE = 300.0
"""Seconds without a heartbeat after which the leases of a runner end."""

_SCHEMA = """
CREATE TABLE tasks (
    key TEXT PRIMARY KEY,
    function TEXT NOT NULL,
    configuration TEXT NOT NULL,
    code_version TEXT NOT NULL,
    seed INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending','running','done','failed')),
    runner INTEGER REFERENCES runners (id),
    error TEXT,
    CHECK ((state = 'running') = (runner IS NOT NULL)),
    CHECK ((state = 'failed') = (error IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX tasks_by_runner ON tasks (runner) WHERE runner IS NOT NULL;
CREATE TABLE members (
    sweep TEXT NOT NULL,
    position INTEGER NOT NULL,
    key TEXT NOT NULL REFERENCES tasks (key),
    PRIMARY KEY (sweep, position)
) WITHOUT ROWID;
CREATE INDEX members_by_key ON members (key);
CREATE TABLE rows (
    key TEXT NOT NULL REFERENCES tasks (key),
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (key, number)
) WITHOUT ROWID;
CREATE TABLE runners (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    birth TEXT NOT NULL,
    heartbeat REAL NOT NULL
);
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL REFERENCES tasks (key),
    runner INTEGER NOT NULL REFERENCES runners (id),
    started REAL NOT NULL,
    outcome TEXT CHECK (outcome IN ('done','failed','died','released','lost')),
    seconds REAL,
    worker TEXT,
    detail TEXT
);
CREATE INDEX attempts_open ON attempts (key) WHERE outcome IS NULL;
"""


class StoreError(Exception):
    """The file cannot be used as a store; the message says why."""


class DiskFullError(StoreError):
    """The disk is full; tasks that were reported done are in the file."""


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the file: each commit reaches the disk, and a write waits for other writers."""
    mode = "rwc" if create else "rw"
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
    )
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        database.close()
        raise
    return database


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Write completely or not at all."""
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return the identity of a file, whatever its name; None if it does not exist."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def error_code(error: sqlite3.Error) -> int:
    """Return the primary error code of SQLite."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise errors of SQLite as a `StoreError` with a sentence about the store."""
    try:
        yield
    except sqlite3.Error as error:
        code = error_code(error)
        if code == sqlite3.SQLITE_FULL:
            raise DiskFullError(f"no room on the disk for {path}; what was done is kept") from error
        reasons = {
            sqlite3.SQLITE_NOTADB: "is not a store: it is not an SQLite database",
            sqlite3.SQLITE_CORRUPT: "is damaged",
            sqlite3.SQLITE_CANTOPEN: "cannot be opened for writing, nor its folder",
            sqlite3.SQLITE_READONLY: "cannot be written",
            sqlite3.SQLITE_PERM: "cannot be written",
            sqlite3.SQLITE_BUSY: "is locked by another process",
            sqlite3.SQLITE_IOERR: "cannot be read or written (disk full, or failing?)",
        }
        reason = reasons.get(code, "cannot be used")
        raise StoreError(f"the store {path} {reason}: {error}") from error
    except UnicodeDecodeError as error:  # SQLite's message quotes the damaged bytes
        raise StoreError(f"the store {path} is damaged: {error}") from error


def dead_runners(database: sqlite3.Connection, abandoned: Container[int]) -> set[int]:
    """Return the numbers of the dead runners that hold leases.

    Those in `abandoned` are known to have ended without releasing their leases.
    """
    query = (
        "SELECT id, host, pid, birth, heartbeat FROM runners"
        " WHERE id IN (SELECT runner FROM tasks WHERE runner IS NOT NULL)"
    )
    now = time.time()
    return {
        number
        for number, host, pid, birth, heartbeat in database.execute(query)
        if number in abandoned or now - heartbeat > LEASE or Identity(host, pid, birth).is_dead()
    }


def open_store(database: sqlite3.Connection, path: Path, *, create: bool) -> None:
    """Check that the file is a store; make it one if it is empty and `create`."""
    # One transaction: another process may be creating the store at the same time.
    database.execute("BEGIN")
    try:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
    if application == 0 and tables == 0:
        if not create:
            raise StoreError(f"{path} is empty, not a store")
        _initialise(database, path)
    elif application != APPLICATION_ID:
        raise StoreError(f"{path} is an SQLite database, but not a store of sweeps")
    elif version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer version: its schema is {version},"
            f" this version reads up to {SCHEMA_VERSION}"
        )
    elif version < 1:
        raise StoreError(f"{path} is damaged: it has the schema version {version}")
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreError(f"{path} is damaged: {verdict}")


def _initialise(database: sqlite3.Connection, path: Path) -> None:
    _journal(database, path)
    with transaction(database):
        # Another process may have created it first.
        if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            for statement in _SCHEMA.split(";\n"):
                if statement.strip():
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _journal(database: sqlite3.Connection, path: Path) -> None:
    """Switch to the write-ahead log; retry, as SQLite refuses one of two simultaneous switches."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.05)
            continue
        if mode != "wal":
            raise StoreError(f"{path}: this file system allows no write-ahead log")
        return
