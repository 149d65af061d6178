"""The execution of one task: what a worker receives, does and returns."""

from __future__ import annotations

import json
import os
import platform
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Literal

from empirics.sweep.task import code_version, resolve, rows_json

# Characters of a traceback that are kept, from its end, which names the error.
_LONGEST_ERROR = 20_000


@dataclass(frozen=True)
class Work:
    """A task as it is sent to a worker: its configuration is JSON."""

    key: str
    function: str
    configuration: str
    code_version: str
    seed: int


@dataclass(frozen=True)
class Outcome:
    """The outcome of an attempt.

    Attributes
    ----------
    kind
        "done"; "failed", with a traceback; "died", if the worker died; "stale", if the worker has
        another version of the code, or none.
    rows
        The task's rows as JSON.
    deaths
        Number of workers that died, for "died".
    """

    key: str
    kind: Literal["done", "failed", "died", "stale"]
    rows: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0
    worker: str = ""
    deaths: int = 1


def execute(work: Work) -> Outcome:
    """Execute a task in this process; an exception becomes part of the outcome."""
    worker = f"{platform.node()}:{os.getpid()}"
    started = time.perf_counter()
    try:
        version = code_version(work.function)
    except ValueError as missing:
        return Outcome(work.key, "stale", error=f"the worker {worker} lacks code: {missing}")
    if version != work.code_version:
        error = f"the worker {worker} has another version of the code of {work.function}"
        return Outcome(work.key, "stale", error=error)
    try:
        rows = resolve(work.function)(json.loads(work.configuration), work.seed)
        texts = tuple(rows_json(rows))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - stored with its traceback
        # A traceback may quote undecodable bytes, such as a file name, which the store cannot hold.
        whole = traceback.format_exc().encode(errors="backslashreplace").decode()
        error = whole[-_LONGEST_ERROR:]
        seconds = time.perf_counter() - started
        return Outcome(work.key, "failed", error=error, seconds=seconds, worker=worker)
    seconds = time.perf_counter() - started
    return Outcome(work.key, "done", texts, seconds=seconds, worker=worker)


def serve(channel: Connection) -> None:
    """Entry point of a worker process: send the outcome of each task until the parent ends."""
    # Ctrl-C reaches the whole process group; the parent handles it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        while True:
            channel.send(execute(channel.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _end_with_parent() -> None:
    """End this process when its parent has ended, as no process waits for the result."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
