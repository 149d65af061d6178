"""Draws the paper's figures in a process of its own while the checks run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from empirics.processes import ONE_THREAD

PATIENCE = 30.0
"""Seconds to wait for figures once all checks have ended."""


@contextlib.contextmanager
def drawing(folder: Path) -> Iterator[Callable[[], str]]:
    """Bring the figures in `folder` up to date meanwhile; give a function that waits for them.

    It returns what went wrong, in a line, or nothing. A failure does not affect the run: figures
    that could not be drawn are reported, and named on the page.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "verify.figures.page", "--out", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**ONE_THREAD, **os.environ},
        )

        def finish() -> str:
            try:
                status = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                return f"stopped {PATIENCE:g} s after the last check"
            if status == 0:
                return ""
            output.seek(0)
            lines = output.read(100_000).decode("utf-8", errors="replace").strip().splitlines()
            return lines[-1] if lines else f"ended with status {status}"

        try:
            yield finish
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
