"""Display of sweeps: a bar with rate and remaining time, and the state of a store."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from empirics.sweep import runner
from empirics.sweep.store import Counts, Store

_LINE_EVERY = 60.0
_FAILURES_SHOWN = 10


class LiveProgress(runner.Progress):
    """Shows the progress of a sweep: a bar in a terminal, otherwise a line every minute."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._bar = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._began = self._line = clock()
        self._total = self._done = self._failed = self._here = 0

    def __enter__(self) -> LiveProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, counts: Counts) -> None:
        """Show the state of the sweep."""
        self._began = self._line = self._clock()
        self._here = 0
        self.waiting(counts)

    def settled(self, kind: str) -> None:
        """Count a task that is done or has failed."""
        self._here += 1
        self._done += kind == "done"
        self._failed += kind == "failed"
        self._show()
        if not self._console.is_terminal and self._clock() - self._line >= _LINE_EVERY:
            self._line = self._clock()
            self._console.print(self.text(), markup=False)

    def died(self, key: str, reason: str) -> None:
        """Print that a worker died."""
        self._bar.console.print(f"task {key[:12]}: {reason}; tried again", markup=False)

    def waiting(self, counts: Counts) -> None:
        """Show the tasks that this run and others have settled."""
        self._total, self._done, self._failed = counts.total, counts.done, counts.failed
        self._show()

    def text(self) -> str:
        """Return the line that is shown: counts, rate of this run, remaining time."""
        left = self._total - self._done - self._failed
        line = f"{self._done} done · {self._failed} failed · {left} pending"
        seconds = self._clock() - self._began
        if self._here and seconds > 0:
            rate = self._here / seconds
            line += f" · {_rate(rate)} · {duration(left / rate)} left"
        return line

    def _show(self) -> None:
        self._bar.update(
            self._task,
            total=self._total,
            completed=self._done + self._failed,
            description=self.text(),
        )


def print_status(console: Console, store: Store, *, tracebacks: bool = False) -> None:
    """Print the state of each sweep, and the failures."""
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    shown.add_column("sweep", overflow="fold")
    columns = ("total", "done", "failed", "pending", "running")
    for name in columns:
        shown.add_column(name, justify="right", no_wrap=True)
    sweeps = store.sweeps()
    for sweep in sweeps:
        counts = store.counts(sweep)
        shown.add_row(Text(sweep), *(str(getattr(counts, name)) for name in columns))
    if len(sweeps) != 1:
        counts = store.counts()
        shown.add_row(Text("all"), *(str(getattr(counts, name)) for name in columns))
    console.print(shown)
    superseded = store.superseded()
    if superseded:
        console.print(f"{superseded} more of older plans or code, not exported")
    failures = store.failures()
    listed = failures if tracebacks else failures[:_FAILURES_SHOWN]
    for failure in listed:
        console.print(f"\nfailed: {failure.sweep}, task {failure.key[:12]}", markup=False)
        console.print(f"  {failure.configuration} seed {failure.seed}", markup=False)
        text = failure.error if tracebacks else failure.reason
        console.print("  " + text.strip().replace("\n", "\n  "), markup=False)
    if len(listed) < len(failures):
        console.print(f"\nand {len(failures) - len(listed)} more; --tracebacks shows all")


def duration(seconds: float) -> str:
    """Return a time as h:mm:ss, preceded by days if there are any."""
    whole = math.ceil(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"{days} d {hour}:{minute:02}:{second:02}" if days else f"{hour}:{minute:02}:{second:02}"


def _rate(rate: float) -> str:
    return f"{rate:.3g}/s" if rate >= 1 else f"{60 * rate:.3g}/min"
