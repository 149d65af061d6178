"""Worker processes: how they are made, how one sees that they ended, and how they are ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from empirics.processes import ONE_THREAD, environment_defaults
from verify.run import preload

# Characters kept of each end of a worker's output.
_OUTPUT_KEPT = 4_000


def context(modules: Iterable[str]) -> Any:
    """Return a process context; where it can, one that imports `modules` only once for all.

    What cannot be imported is left to the workers, which say so.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    # An exception other than ImportError would end the server, and no check would start.
    os.environ[preload.MODULES] = " ".join(modules)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([preload.__name__])
    return context


@contextlib.contextmanager
def worker_environment() -> Iterator[None]:
    """Keep numerical libraries to one thread each, as workers fill the cores; fix the hash seed.

    SymPy takes the terms of a sum in the order of their hashes: with a seed of its own, each run
    would try another proof.
    """
    with environment_defaults({**ONE_THREAD, "PYTHONHASHSEED": "0"}):
        yield


def end_of(process: BaseProcess) -> int:
    """Return a descriptor that is ready once `process` has ended.

    The sentinel of a process is ready also when the server that forked it dies, and would lose a
    check that is still at work; a descriptor of the process itself, where the system has them, is
    not.
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

    A crash names its reason first, an exception last.
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
