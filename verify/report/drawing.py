"""Draws the paper's figures in a process of its own while the checks run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

PATIENCE = 30.0
"""Seconds to wait for figures once all checks have ended."""


class Drawing:
    """A process that brings the figures in `folder` up to date; used as a context.

    A failure here does not affect the run: figures that could not be drawn are reported, and
    named on the page.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def __enter__(self) -> Drawing:
        self._output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "verify.figures.page", "--out", str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ},
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._output is not None:
            self._output.close()

    def finish(self, patience: float = PATIENCE) -> str:
        """Wait for the figures; return what went wrong, in a line, or nothing."""
        if self._process is None or self._output is None:
            raise RuntimeError("finish must be called within the context of the drawing")
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            return f"stopped {patience:g} s after the last check"
        if status == 0:
            return ""
        self._output.seek(0)
        lines = self._output.read(100_000).decode("utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else f"ended with status {status}"
