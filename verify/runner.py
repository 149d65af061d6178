"""Run claims: every check in a process of its own, with a time limit, in the order they need.

A check that raises, hangs, exhausts its memory, crashes the interpreter or prints rubbish
spoils its own result only: the others finish, and the verdict says what happened to it.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pkgutil
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from verify import registry, worker
from verify.claim import Check, Claim, Tier, Verdict
from verify.environment import describe
from verify.record import CheckResult, ClaimResult, RunRecord, check_from, claim_result

DEFAULT_MEMORY_LIMIT = 8 * 2**30
# Of each end of what a worker printed.
_OUTPUT_KEPT = 4_000


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes
    ----------
    tier
        "quick", or "full" for the checks of both tiers.
    only
        Patterns of claim ids; none selects all.
    jobs
        Worker processes at a time, at least 1; None for one per core.
    packages
        Packages or modules that register the claims.
    memory_limit
        Bytes of address space that one check may use; None for no limit.
    limit_factor
        Multiplies every time limit, for machines slower than the limits were set for.
    """

    tier: Tier = "quick"
    only: tuple[str, ...] = ()
    jobs: int | None = None
    packages: tuple[str, ...] = (registry.DEFAULT_PACKAGE,)
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT
    limit_factor: float = 1.0

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise ValueError(f"jobs must be at least 1, got {self.jobs}")
        if not self.limit_factor > 0:
            raise ValueError(f"limit_factor must be positive, got {self.limit_factor}")


class Progress:
    """Told of what happens during a run; this one stays silent."""

    def begin(self, checks: int) -> None:
        """Note that a run of so many checks begins."""

    def started(self, claim: Claim, check: Check) -> None:
        """Note that a check was started."""

    def finished(self, claim: Claim, result: CheckResult) -> None:
        """Note that a check ended."""

    def decided(self, result: ClaimResult) -> None:
        """Note that a claim was decided."""


@dataclass
class _Pending:
    claim: Claim
    module: str
    waiting: list[Check]
    results: dict[str, CheckResult] = field(default_factory=dict)
    running: int = 0


@dataclass
class _Slot:
    claim: Claim
    check: Check
    process: BaseProcess
    channel: Connection
    output: Path
    started: float
    deadline: float


def run(options: Options, progress: Progress | None = None) -> RunRecord:
    """Run the selected claims and return the record of the run.

    Raises
    ------
    ValueError
        If a pattern in `options.only` matches no claim.
    RegistryError
        If the register of claims contradicts itself.
    """
    started = time.perf_counter()
    loaded = registry.load(options.packages)
    chosen = registry.select(loaded, options.only, options.tier)
    results = _Scheduler(options, loaded, chosen, progress or Progress()).run()
    ordered = tuple(results[claim.id] for claim in chosen)
    return RunRecord(
        ordered, describe(tier=options.tier, only=options.only), time.perf_counter() - started
    )


class _Scheduler:
    """Keeps the workers busy with checks whose claims' requirements are met."""

    def __init__(
        self,
        options: Options,
        loaded: registry.Registry,
        chosen: Sequence[Claim],
        progress: Progress,
    ) -> None:
        self.options = options
        self.progress = progress
        self.pending = {
            claim.id: _Pending(
                claim,
                loaded.modules[claim.id],
                [c for c in claim.checks if options.tier == "full" or c.tier == "quick"],
            )
            for claim in chosen
        }
        self.done: dict[str, ClaimResult] = {}
        self.slots: list[_Slot] = []
        self.jobs = options.jobs or os.cpu_count() or 1

    def run(self) -> dict[str, ClaimResult]:
        self.progress.begin(sum(len(p.waiting) for p in self.pending.values()))
        with tempfile.TemporaryDirectory(prefix="verify-") as folder, _worker_environment():
            context = _context(self.options.packages)
            try:
                while len(self.done) < len(self.pending):
                    self._decide_blocked()
                    self._fill(context, Path(folder))
                    self._collect()
            finally:
                for slot in self.slots:
                    _kill(slot.process)
                    slot.process.join()
        return self.done

    def _requirements(self, claim: Claim) -> list[str]:
        """Return the requirements that are part of this run."""
        return [name for name in claim.requires if name in self.pending]

    def _decide_blocked(self) -> None:
        for pending in self.pending.values():
            claim = pending.claim
            if claim.id in self.done:
                continue
            failed = [
                name
                for name in self._requirements(claim)
                if name in self.done and (self.done[name].verdict is not self.done[name].expected)
            ]
            if failed:
                reason = f"not run: the claim requires {', '.join(failed)}"
                skipped = [
                    worker.blank_result(check, Verdict.BLOCKED, reason) for check in pending.waiting
                ]
                for result in skipped:
                    self.progress.finished(claim, result)
                self._decide(pending, skipped, failed)

    def _fill(self, context: Any, folder: Path) -> None:
        for pending in self.pending.values():
            claim = pending.claim
            if claim.id in self.done or any(
                name not in self.done for name in self._requirements(claim)
            ):
                continue
            while pending.waiting and len(self.slots) < self.jobs:
                check = pending.waiting.pop(0)
                pending.running += 1
                self.slots.append(self._start(context, folder, claim, check))
                self.progress.started(claim, check)

    def _start(self, context: Any, folder: Path, claim: Claim, check: Check) -> _Slot:
        receiving, sending = context.Pipe(duplex=False)
        output = folder / f"{claim.id}-{claim.checks.index(check)}.txt"
        process = context.Process(
            target=worker.work,
            args=(
                self.options.packages,
                claim.id,
                check.name,
                sending,
                str(output),
                self.options.memory_limit,
            ),
            name=f"{claim.id}: {check.name}",
        )
        process.start()
        sending.close()
        now = time.monotonic()
        limit = check.limit * self.options.limit_factor
        return _Slot(claim, check, process, receiving, output, now, now + limit)

    def _collect(self) -> None:
        if not self.slots:
            return
        nearest = min(slot.deadline for slot in self.slots) - time.monotonic()
        wait([slot.channel for slot in self.slots], timeout=max(0.0, nearest))
        now = time.monotonic()
        for slot in list(self.slots):
            if slot.channel.poll():
                result = self._received(slot)
            elif now >= slot.deadline:
                limit = slot.check.limit * self.options.limit_factor
                result = worker.blank_result(
                    slot.check,
                    Verdict.INCONCLUSIVE,
                    f"stopped after its limit of {limit:g} s",
                    now - slot.started,
                    output=_printed(slot.output),
                )
            else:
                continue
            _kill(slot.process)
            slot.process.join()
            slot.channel.close()
            self.slots.remove(slot)
            self._finish(slot, result)

    def _received(self, slot: _Slot) -> CheckResult:
        """Read a worker's message; a worker that ended without one has crashed."""
        try:
            return check_from(json.loads(slot.channel.recv_bytes()))
        except (EOFError, OSError, ValueError, KeyError, TypeError):
            slot.process.join(timeout=5)
            return worker.blank_result(
                slot.check,
                Verdict.INCONCLUSIVE,
                f"its process ended without a result ({_exit_text(slot.process.exitcode)})",
                time.monotonic() - slot.started,
                output=_printed(slot.output),
            )

    def _finish(self, slot: _Slot, result: CheckResult) -> None:
        pending = self.pending[slot.claim.id]
        pending.running -= 1
        pending.results[slot.check.name] = result
        self.progress.finished(slot.claim, result)
        if not pending.waiting and pending.running == 0:
            order = [check.name for check in slot.claim.checks]
            self._decide(
                pending, [pending.results[name] for name in order if name in pending.results], []
            )

    def _decide(self, pending: _Pending, results: list[CheckResult], blocked_by: list[str]) -> None:
        result = claim_result(pending.claim, pending.module, results, blocked_by=blocked_by)
        self.done[pending.claim.id] = result
        self.progress.decided(result)


def _context(packages: tuple[str, ...]) -> Any:
    """Return a process context; where it can, one that imports the claims only once for all."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([name for package in packages for name in _modules(package)])
    return context


def _modules(package: str) -> list[str]:
    paths = getattr(import_module(package), "__path__", ())
    return [package, *(f"{package}.{info.name}" for info in pkgutil.iter_modules(paths))]


@contextlib.contextmanager
def _worker_environment() -> Iterator[None]:
    """Keep numerical libraries to one thread each, as workers fill the cores; fix the hash seed.

    SymPy takes the terms of a sum in the order of their hashes: with a seed of its own, each run
    would try another proof.
    """
    wanted = {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
    before = {name: os.environ.get(name) for name in wanted}
    for name, setting in wanted.items():
        os.environ.setdefault(name, setting)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def _kill(process: BaseProcess) -> None:
    """End a worker and whatever it started."""
    if process.pid is None:
        return
    if hasattr(os, "killpg"):
        # The worker may not have made its own group yet, or may be gone.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _exit_text(code: int | None) -> str:
    if code is None:
        return "still running"
    if code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit status {code}"


def _printed(path: Path) -> str:
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
