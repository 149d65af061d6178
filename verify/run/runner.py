"""Run claims: each check in its own process, with a time limit, after what its claim requires.

A check that raises, hangs, exhausts its memory, crashes the interpreter or prints rubbish affects
its own result only: the others finish, and its verdict says what happened.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from empirics.processes import exit_text
from verify import registry
from verify.claim import Check, Claim, Tier, Verdict
from verify.decoding import DecodingError
from verify.plans import plan_of
from verify.run import falsify, ledger, power, processes, worker
from verify.run.environment import describe
from verify.run.record import (
    CheckResult,
    ClaimResult,
    RunRecord,
    check_from,
    claim_result,
    unreadable_result,
)

DEFAULT_MEMORY_LIMIT = 8 * 2**30
# Seconds to wait for what should happen immediately.
_GRACE = 5.0


@dataclass(frozen=True)
class Options:
    """How to run."""

    tier: Tier = "quick"  # "full" runs the checks of both tiers
    only: tuple[str, ...] = ()  # patterns of claim ids; none selects all
    jobs: int | None = None  # worker processes at a time; None for one per core
    packages: tuple[str, ...] = (registry.DEFAULT_PACKAGE,)  # or modules that register claims
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT  # bytes of a check; None for no limit
    near_misses: falsify.Extent = "drawn"  # which are put to each check
    limit_factor: float = 1.0  # on every time limit, for machines slower than they were set for

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise ValueError(f"jobs must be at least 1, got {self.jobs}")
        if not self.limit_factor > 0:
            raise ValueError(f"limit_factor must be positive, got {self.limit_factor}")


class Progress:
    """Receives the events of a run; this one ignores them."""

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
    line: int | None
    waiting: list[Check]
    results: dict[str, CheckResult] = field(default_factory=dict)
    running: int = 0


@dataclass
class _Slot:
    claim: Claim
    check: Check
    process: BaseProcess
    ended: int
    destination: Path
    output: Path
    started: float
    deadline: float
    near_misses: falsify.NearMisses | None


def run(options: Options, progress: Progress | None = None) -> RunRecord:
    """Run the selected claims and return the record of the run.

    Raises
    ------
    ValueError
        If a pattern in `options.only` matches no claim.
    RegistryError
        If the register of claims contradicts itself. A module that cannot be imported is not one:
        the record holds it as INCONCLUSIVE, beside the other claims.
    """
    started = time.perf_counter()
    start_server(options)
    loaded = registry.load(options.packages, options.only)
    start_server(options, loaded=True)
    chosen = registry.select(loaded, options.only, options.tier)
    results = _Scheduler(options, loaded, chosen, progress or Progress()).run()
    found = [results[claim.id] for claim in chosen]
    for module in registry.select_broken(loaded, options.only):
        problem = loaded.broken[module]
        found.append(unreadable_result(loaded.unreadable(module), module, problem))
    environment = describe(tier=options.tier, only=options.only, packages=options.packages)
    ordered = tuple(sorted(found, key=lambda result: result.id))
    return RunRecord(ordered, environment, time.perf_counter() - started)


def start_server(options: Options, *, loaded: bool = False) -> None:
    """Start the server of the workers, which loads the claims; if it is running, do nothing.

    `loaded` says that this process has loaded them; before, nothing happens unless it may.
    """
    if loaded or processes.EARLY:
        processes.start_server(options.packages, options.only, options.tier)


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
        self.pending: dict[str, _Pending] = {}
        for claim in chosen:
            checks = list(claim.checks_in(options.tier))
            place = loaded.modules[claim.id], loaded.lines[claim.id]
            self.pending[claim.id] = _Pending(claim, *place, checks)
        # Claims of a module that could not be imported.
        self.unstated = {name for claim in chosen for name in claim.requires if name not in loaded}
        self.done: dict[str, ClaimResult] = {}
        self.slots: list[_Slot] = []
        self.jobs = options.jobs or os.cpu_count() or 1

    def run(self) -> dict[str, ClaimResult]:
        self.progress.begin(sum(len(p.waiting) for p in self.pending.values()))
        with (
            tempfile.TemporaryDirectory(prefix="verify-") as folder,
            processes.worker_environment(),
        ):
            context = processes.context()
            try:
                while len(self.done) < len(self.pending):
                    while self._decide_unrun():
                        pass
                    self._fill(context, Path(folder))
                    self._collect()
            finally:
                for slot in self.slots:
                    self._end(slot)
        return self.done

    def _requirements(self, claim: Claim) -> list[str]:
        """Return the requirements that are part of this run."""
        return [name for name in claim.requires if name in self.pending]

    def _decide_unrun(self) -> int:
        """Decide the claims that cannot run, because of what they require; count them."""
        decided = 0
        for pending in self.pending.values():
            claim = pending.claim
            without = None if claim.id in self.done else self._ruled_out(claim)
            if without is None:
                continue
            verdict, text = without[0], f"not run: the claim {without[1]}"
            results = [worker.blank_result(check, verdict, text) for check in pending.waiting]
            for result in results:
                self.progress.finished(claim, result)
            self._decide(pending, results, without)
            decided += 1
        return decided

    def _ruled_out(self, claim: Claim) -> tuple[Verdict, str] | None:
        """Return the verdict, and the reason, of a claim that cannot run; None if it can."""
        unstated = ", ".join(name for name in claim.requires if name in self.unstated)
        if unstated:
            return Verdict.BLOCKED, f"requires {unstated}, which no readable module states"
        done = [self.done[name] for name in self._requirements(claim) if name in self.done]
        skipped = [result for result in done if result.verdict is Verdict.SKIPPED]
        known = [result for result in done if result.verdict is not Verdict.SKIPPED]
        failed = ", ".join(one.id for one in known if one.verdict is not one.expected)
        if failed:
            return Verdict.BLOCKED, f"requires {failed}, which did not come out as expected"
        if skipped:
            named = "; ".join(f"{one.id}, which was skipped: {one.reason}" for one in skipped)
            return Verdict.SKIPPED, f"requires {named}"
        return None

    def _fill(self, context: Any, folder: Path) -> None:
        for pending in self.pending.values():
            claim = pending.claim
            needed = self._requirements(claim)
            if claim.id in self.done or not all(name in self.done for name in needed):
                continue
            while pending.waiting and len(self.slots) < self.jobs:
                check = pending.waiting.pop(0)
                pending.running += 1
                self.progress.started(claim, check)
                self._start(context, folder, claim, check)

    def _start(self, context: Any, folder: Path, claim: Claim, check: Check) -> None:
        """Start a worker; if it cannot be started, its check has no result."""
        stem = folder / f"{claim.id}-{claim.checks.index(check)}"
        files = stem.with_name(f"{stem.name}.json"), stem.with_name(f"{stem.name}.txt")
        made = falsify.misses(check, claim)
        known = ledger.current(check, claim, self.pending[claim.id].module, made)
        extent = ledger.extent(self.options.near_misses, known)
        try:
            process = self._process(context, claim, check, *files, extent)
        except (OSError, EOFError) as error:
            problem = f"its process could not be started: {type(error).__name__} {error}"
            self._finish(claim, worker.blank_result(check, Verdict.INCONCLUSIVE, problem))
            return
        # The first process may have waited for the server.
        now = time.monotonic()
        limit = check.limit + falsify.allowance(check, claim, extent, made)
        ended, deadline = processes.end_of(process), now + limit * self.options.limit_factor
        self.slots.append(_Slot(claim, check, process, ended, *files, now, deadline, known))

    def _process(
        self,
        context: Any,
        claim: Claim,
        check: Check,
        destination: Path,
        output: Path,
        extent: falsify.Extent,
    ) -> BaseProcess:
        """Start a process; if the fork server has died, try once more with a new one."""
        names = claim.id, check.name, str(destination), str(output)
        given = self.options.packages, *names, self.options.memory_limit, extent
        title = f"{claim.id}: {check.name}"
        for last in (False, True):
            process: BaseProcess = context.Process(target=worker.work, args=given, name=title)
            try:
                process.start()
            except (OSError, EOFError):
                if last:
                    raise
                time.sleep(0.1)
            else:
                break
        return process

    def _collect(self) -> None:
        if not self.slots:
            return
        nearest = min(slot.deadline for slot in self.slots) - time.monotonic()
        wait([slot.ended for slot in self.slots], timeout=max(0.0, nearest))
        now = time.monotonic()
        for slot in list(self.slots):
            if wait([slot.ended], timeout=0):
                result = self._received(slot)
            elif now >= slot.deadline:
                limit = slot.deadline - slot.started
                result = self._without_result(slot, f"stopped after its limit of {limit:g} s")
            else:
                continue
            self._end(slot)
            self.slots.remove(slot)
            known = power.known(slot.check, slot.claim, self.pending[slot.claim.id].module)
            plan = plan_of(slot.claim.id, slot.check.name)
            result = replace(
                result,
                all_near_misses=slot.near_misses,
                power=known,
                plan=plan.text if plan else "",
            )
            self._finish(slot.claim, result)

    def _end(self, slot: _Slot) -> None:
        """Kill whatever is left of a worker, wait for it, and close its descriptor."""
        processes.kill(slot.process)
        slot.process.join(timeout=_GRACE)
        if slot.ended != slot.process.sentinel:
            os.close(slot.ended)

    def _received(self, slot: _Slot) -> CheckResult:
        """Read what a worker left; one that ended without leaving a result has crashed."""
        try:
            with slot.destination.open("rb") as file:
                message = file.read(worker.RESULT_LIMIT + 1)
            return check_from(message)
        except FileNotFoundError:
            slot.process.join(timeout=_GRACE)
            problem = f"its process ended without a result ({exit_text(slot.process.exitcode)})"
        except (OSError, DecodingError) as error:
            problem = f"its process left no readable result: {error}"
        return self._without_result(slot, problem)

    def _without_result(self, slot: _Slot, problem: str) -> CheckResult:
        taken, output = time.monotonic() - slot.started, processes.printed(slot.output)
        return worker.blank_result(slot.check, Verdict.INCONCLUSIVE, problem, taken, output)

    def _finish(self, claim: Claim, result: CheckResult) -> None:
        pending = self.pending[claim.id]
        pending.running -= 1
        pending.results[result.name] = result
        self.progress.finished(claim, result)
        if not pending.waiting and pending.running == 0:
            found = pending.results
            self._decide(pending, [found[c.name] for c in claim.checks if c.name in found])

    def _decide(
        self,
        pending: _Pending,
        results: list[CheckResult],
        without: tuple[Verdict, str] | None = None,
    ) -> None:
        claim, module, line = pending.claim, pending.module, pending.line
        result = claim_result(claim, module, results, line=line, without=without)
        self.done[claim.id] = result
        self.progress.decided(result)
