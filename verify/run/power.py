"""The smallest error of the theory that each check notices, as committed data.

A check is put to theories that are wrong by more and more (`verify.run.perturbation`), and what it
makes of each is kept in a ledger: the smallest error with which it no longer holds, and the
smallest that it refutes. `python -m verify power` writes it after each check; the page, `show` and
the handbook's table print from it. An entry is *due* to be made again once the code of its claim,
what it imports of claims and the theory, or a record that it read has changed.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from empirics.processes import exit_text
from verify.claim import Check, Claim, Method, Tier
from verify.decoding import DecodingError, decode, loads
from verify.registry import Registry
from verify.run import processes
from verify.run.environment import describe, revision
from verify.run.falsify import sources
from verify.run.noticed import COLUMNS, KINDS, NOTHING_USED, STATISTICS, Power
from verify.run.perturbation import ROADS
from verify.run.record import write_whole
from verify.run.worker import missing_needs

PATH = Path(__file__).resolve().parents[1] / "power.json"
ROOT = Path(__file__).resolve().parents[2]
LIMIT = 3600.0
"""Seconds for all perturbations of one check."""

NUMERICAL = (Method.STATISTICS, Method.FLOAT64, Method.TRAINING, Method.MULTIPRECISION)
"""Methods that hold numbers against the theory: all statistical checks, and of the others those
whose claims name a solver of it."""

COARSE = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07),
    *(0.1, 0.15, 0.2, 0.3, 0.5, 1.0),
)
"""Relative errors that are tried where there is scatter; of 1, twice and half the value."""
FINE = (*(10.0**-digits for digits in range(13, 4, -1)), *COARSE)
"""Where there is none."""


# --- Searching --------------------------------------------------------------------------------


def smallest(
    verdict: Callable[[float], bool | None], sizes: Sequence[float]
) -> tuple[float | None, float | None]:
    """Return the smallest of `sizes` that is noticed, and the smallest that is refuted.

    By bisection: the next smaller size is not. None where the largest is not.

    Parameters
    ----------
    verdict
        What a check makes of an error of a size: True if it holds, False if it is refuted.
    sizes
        Relative errors, rising.
    """
    known: dict[int, bool | None] = {}

    def at(index: int) -> bool | None:
        if index not in known:
            known[index] = verdict(sizes[index])
        return known[index]

    def first(fulfilled: Callable[[bool | None], bool], low: int) -> int | None:
        """Return the first index above `low` where the verdict is so."""
        high = len(sizes) - 1
        if not fulfilled(at(high)):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fulfilled(at(middle)) else (middle, high)
        return high

    noticed = first(lambda holds: holds is not True, -1)
    if noticed is None:
        return None, None
    refuted = first(lambda holds: holds is False, noticed - 1)
    return sizes[noticed], None if refuted is None else sizes[refuted]


# --- The ledger -------------------------------------------------------------------------------


def tried(check: Check, claim: Claim, module: str) -> bool:
    """Return whether a check is one that is put to wrong theories.

    A false claim is not: its checks shall not hold.
    """
    if claim.twin is not None or check.method not in NUMERICAL:
        return False
    return check.method is Method.STATISTICS or _names_theory(module)


@cache
def _names_theory(module: str) -> bool:
    try:
        texts = [path.read_text(encoding="utf-8") for path in sources(module)]
    except Exception:  # noqa: BLE001 - what it imports may be installed, and broken
        return False
    return any(road.name in text for road in ROADS for text in texts)


def chosen(loaded: Registry, claims: Sequence[Claim], tier: Tier) -> list[tuple[Claim, Check]]:
    """Return the checks of these claims that are put to wrong theories.

    Raises
    ------
    ValueError
        If there is none.
    """
    found = [
        (claim, check)
        for claim in claims
        for check in claim.checks_in(tier)
        if tried(check, claim, loaded.modules[claim.id])
    ]
    if not found:
        names = ", ".join(claim.id for claim in claims[:3]) + (", …" if len(claims) > 3 else "")
        raise ValueError(
            f"a claim must have a statistical check, or one that holds numbers against a solution "
            f"of the theory, in the {tier} tier, and not be false as stated; {names} has none"
        )
    return found


def known(check: Check, claim: Claim, module: str) -> Power | None:
    """Return what is on record of a check, `due` if its claim has changed since.

    None without an entry; of a statistical check, which should have one, that it is due.
    """
    entry = _read().get(claim.id, {}).get(check.name)
    if entry is None:
        wanted = check.method is Method.STATISTICS and claim.twin is None
        return Power((), method=check.method.value, due=True) if wanted else None
    found = decode(Power, entry)
    return replace(found, due=found.digest != digest(module, check, found.files))


def due(loaded: Registry, pairs: Sequence[tuple[Claim, Check]]) -> list[tuple[Claim, Check]]:
    """Return the checks without an entry, or with one that is older than their claim."""
    return [
        (claim, check)
        for claim, check in pairs
        if (found := known(check, claim, loaded.modules[claim.id])) is None or found.due
    ]


def digest(module: str, check: Check, files: Sequence[str]) -> str:
    """Identify the code of a check's claim, as for near misses, and the records that it reads."""
    parts = [path.read_text(encoding="utf-8") for path in sources(module)]
    kinds = [(kind.name, dict(kind.fields), kind.largest) for kind in KINDS]
    parts += [check.name, f"{kinds}", *(_checksum(name) for name in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@cache
def _checksum(name: str) -> str:
    path = ROOT / name
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def keep(claim: Claim, check: Check, found: Power) -> None:
    """Write an entry of the ledger, beside the others as they are in the file now."""
    _read.cache_clear()
    entries = {name: dict(checks) for name, checks in _read().items()}
    entry = asdict(found)
    del entry["due"]
    entries.setdefault(claim.id, {})[check.name] = entry
    _write(entries)


def prune(loaded: Registry) -> None:
    """Drop the entries of checks that there are no more; none if a module cannot be read."""
    if loaded.broken:
        return
    names = {claim.id: {check.name for check in claim.checks} for claim in loaded}
    entries = {
        claim: {name: entry for name, entry in checks.items() if name in names.get(claim, ())}
        for claim, checks in _read().items()
    }
    _write({claim: checks for claim, checks in entries.items() if checks})


def markdown() -> str:
    """Return the ledger's statistical checks as a table in Markdown, whatever has changed since."""
    rows, none = [], []
    for claim, checks in _read().items():
        some = any(decode(Power, one).found for one in checks.values())
        for name, entry in checks.items():
            found = decode(Power, entry)
            if found.method != STATISTICS:
                continue
            if found.found:
                cells = [f"`{claim}`: {name}", *map(found.under, COLUMNS)]
                rows.append(f"| {' | '.join(cell or '–' for cell in cells)} |")
            else:
                none.append(f"`{claim}`" + (f" ({name})" if some else ""))
    head = [f"| check | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    rest = f"{NOTHING_USED.replace('uses', 'Use')}: {', '.join(dict.fromkeys(none))}."
    return "\n".join([*head, *rows, *(["", rest] if none else [])])


def _write(entries: dict[str, Any]) -> None:
    write_whole(PATH, json.dumps(entries, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    _read.cache_clear()


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = loads(PATH.read_bytes()) if PATH.is_file() else {}
    return found


# --- Running ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of one check: its power, or why there is none, or that it was skipped."""

    claim: Claim
    check: Check
    power: Power | None = None
    problem: str = ""
    skipped: bool = False


def run(
    loaded: Registry,
    pairs: Sequence[tuple[Claim, Check]],
    *,
    jobs: int = 1,
    limit_factor: float = 1.0,
) -> Iterator[Outcome]:
    """Put checks to wrong theories, each in a process of its own; yield each when it is done.

    Cheap ones come first. What is found is in the ledger as soon as it is yielded.

    Raises
    ------
    ValueError
        If `limit_factor` is not positive.
    """
    if not limit_factor > 0:
        raise ValueError(f"limit_factor must be positive, got {limit_factor}")
    at, machine = revision(), _machine()
    running: set[subprocess.Popen[bytes]] = set()

    def one(claim: Claim, check: Check) -> Outcome:
        missing = missing_needs(check)
        if missing:
            text = f"needs {', '.join(missing)}, not found here"
            return Outcome(claim, check, problem=text, skipped=True)
        found = _apart(loaded, claim, check, LIMIT * limit_factor, running)
        if isinstance(found, str):
            return Outcome(claim, check, problem=found)
        made = digest(loaded.modules[claim.id], check, found.files)
        found = replace(found, digest=made, method=check.method.value)
        return Outcome(claim, check, replace(found, revision=at, machine=machine))

    with processes.worker_environment(), ThreadPoolExecutor(jobs) as threads:
        waiting = [threads.submit(one, *pair) for pair in sorted(pairs, key=lambda p: _cost(*p))]
        try:
            for done in as_completed(waiting):
                outcome = done.result()
                if outcome.power is not None:
                    keep(outcome.claim, outcome.check, outcome.power)
                yield outcome
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            for process in [*running]:
                process.kill()


def _cost(claim: Claim, check: Check) -> float:
    """Return the seconds that a check took the last time, or its limit."""
    entry = _read().get(claim.id, {}).get(check.name, {})
    return float(entry.get("seconds", check.limit))


def _machine() -> str:
    facts = describe(tier="quick", only=())
    return f"{facts['processor'] or platform.machine()}, {facts['cores']} cores"


def _apart(
    loaded: Registry,
    claim: Claim,
    check: Check,
    limit: float,
    running: set[subprocess.Popen[bytes]],
) -> Power | str:
    """Try one check in a process of its own; return what it found, or what went wrong.

    The process is in `running` meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="power-") as folder:
        destination, output = Path(folder, "found.json"), Path(folder, "output.txt")
        request = [list(loaded.packages), claim.id, check.name, str(destination)]
        command = [sys.executable, "-m", "verify.run.perturbed", json.dumps(request)]
        with output.open("wb") as printed:
            process = subprocess.Popen(command, stdout=printed, stderr=printed)
        running.add(process)
        try:
            ended = process.wait(limit)
        except subprocess.TimeoutExpired:
            return f"stopped after its limit of {limit:g} s"
        finally:
            running.discard(process)
            process.kill()
            process.wait()
        try:
            answer = loads(destination.read_bytes())
            return str(answer["problem"]) if "problem" in answer else decode(Power, answer)
        except (OSError, DecodingError) as error:
            last = processes.printed(output).strip().rpartition("\n")[2]
            return f"its process left no result ({exit_text(ended)}): {last or error}"
