"""Worker processes: how they are started, how their end is noticed, how they are killed."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from empirics.processes import ONE_THREAD, environment_defaults

PRELOAD = "VERIFY_PRELOAD"
"""Variable that tells the server of the workers which claims to load."""
EARLY = sys.platform == "linux"
"""Whether the server may start before the runner has imported the claims: an import may hang, and
only on Linux does the server then end with the runner."""

# Characters kept of each end of a worker's output.
_OUTPUT_KEPT = 4_000


def context() -> Any:
    """Return the process context of the workers: forked by a server, where processes can fork."""
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if forks else "spawn")


def start_server(packages: Sequence[str], only: Sequence[str], tier: str) -> None:
    """Start the server that forks the workers, which begins to load these claims (`preload`).

    If it runs already, or cannot be started now, the workers load what it lacks.
    """
    server = context()
    if server.get_start_method() != "forkserver":
        return
    from multiprocessing import forkserver

    selection = {"packages": packages, "only": only, "tier": tier, "runner": os.getpid()}
    server.set_forkserver_preload(["verify.run.preload"])
    os.environ[PRELOAD] = json.dumps(selection)
    try:
        with worker_environment(), _ignored_interrupts(), contextlib.suppress(OSError):
            forkserver.ensure_running()
    finally:
        del os.environ[PRELOAD]


@contextlib.contextmanager
def _ignored_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C, and let what is started meanwhile ignore it: the runner reports it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers belong to the main thread
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def worker_environment() -> Iterator[None]:
    """Limit libraries to one thread, as workers fill the cores; fix what SymPy depends on.

    It orders the terms of a sum by their hashes: with a random seed, each run would try a different
    proof. With Python's numbers it computes none of its polynomials by flint, the second prover.
    """
    for_sympy = {"PYTHONHASHSEED": "0", "SYMPY_GROUND_TYPES": "python"}
    with environment_defaults({**ONE_THREAD, **for_sympy}):
        yield


def end_of(process: BaseProcess) -> int:
    """Return a descriptor that is ready once `process` has ended.

    The sentinel of a process also becomes ready when the server that forked it dies, and a check
    still at work would be lost. A descriptor of the process itself does not; it is used where the
    system has one.
    """
    if hasattr(os, "pidfd_open") and process.pid is not None:
        # A process that has already ended and been waited for has no descriptor.
        with contextlib.suppress(OSError):
            return os.pidfd_open(process.pid)
    return process.sentinel


def kill(process: BaseProcess) -> None:
    """End a worker and whatever it started."""
    if process.pid is None:
        return
    if hasattr(os, "killpg"):
        # The worker may not have made its own group yet, or may be gone.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def printed(path: Path) -> str:
    """Return the beginning and the end of what a worker printed, unprintable bytes replaced.

    A crash states its reason at the beginning, an exception at the end.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            raw = file.read(_OUTPUT_KEPT)
            if size > 2 * _OUTPUT_KEPT:
                raw += f"\n[{size - 2 * _OUTPUT_KEPT} bytes left out]\n".encode()
            file.seek(max(_OUTPUT_KEPT, size - _OUTPUT_KEPT))
            raw += file.read(_OUTPUT_KEPT)
    except OSError:
        return ""
    text = raw.decode("utf-8", errors="replace")
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)
