"""Near misses of the statements, put to the checks that decide them.

A check has to tell its statement from every near miss (`verify.methods.near_misses`), or a reason
stands in the file `near_misses.toml` beside the claim:

    [["topic.statement"]]
    check = "derivation"              # optional, as a pattern; any check of the claim without
    edit = "quartic: result × 101/100"
    because = "a weaker bound: the statement stays true"

`edit` is the near miss's name, or a list, in which `*` stands for any text. An ordinary run
tries one near miss in a hundred, drawn by a hash of its name and so the same for everybody;
`python -m verify falsify` tries them all.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.resources
import re
import signal
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from verify.claim import Check, Claim, Evidence, Method
from verify.methods.near_misses import NearMiss, near_misses

Extent = Literal["none", "drawn", "all"]

TRIED = (
    Method.SYMBOLIC,
    Method.ENCLOSURE,
    Method.MULTIPRECISION,
    Method.FLOW,
    Method.CONVEX,
)
"""Methods whose checks are given near misses: what they compare has no scatter."""
SHARE = 0.01
"""Of all near misses, how many an ordinary run tries: those whose hash is among the lowest."""
SECONDS = 20.0
"""Time for one near miss; what is not decided within it is not accepted."""


@dataclass(frozen=True)
class NearMisses:
    """What a check made of the near misses of its statement.

    Attributes
    ----------
    made
        How many there are.
    tried
        How many of them were put to the check.
    refuted, undecided, refused
        How many of these it refuted, left open, or did not take (they raised an error).
    explained
        How many it accepted for a reason that is committed.
    accepted
        Names of those that it accepted without any: the check does not decide the statement.
    nearest
        The smallest relative change that it refuted.
    idle
        Reasons that no near miss needed, where all were tried.
    digest
        Identifies the statement and the code of its claim.
    """

    made: int
    tried: int
    refuted: int = 0
    undecided: int = 0
    refused: int = 0
    explained: int = 0
    accepted: tuple[str, ...] = ()
    nearest: float | None = None
    idle: tuple[str, ...] = ()
    digest: str = ""

    @property
    def told_apart(self) -> int:
        """How many were not accepted."""
        return self.refuted + self.undecided + self.refused

    @property
    def text(self) -> str:
        """What became of them, in one sentence without a full stop."""
        which = "all" if self.tried == self.made else f"{self.tried} of"
        outcomes = {
            "refuted": self.refuted,
            "left open": self.undecided,
            "not taken": self.refused,
            "accepted for a reason given": self.explained,
            "ACCEPTED without a reason": len(self.accepted),
        }
        found = ", ".join(f"{count} {name}" for name, count in outcomes.items() if count)
        near = "" if self.nearest is None else f"; the nearest refuted is {self.nearest:.2g} away"
        return f"{which} {self.made} near misses tried: {found}{near}"


@dataclass(frozen=True)
class Reason:
    """Why a check may accept a near miss."""

    check: str
    edit: str
    because: str

    def covers(self, check: Check, miss: NearMiss) -> bool:
        """Whether it is about this near miss."""
        return _matches(self.check, check.name) and _matches(self.edit, miss.name)


def statement_of(check: Check, claim: Claim) -> Any:
    """Return the true statement of a check: its subject, or the corrected one of a false claim.

    None if there is none: no control of a false claim is said to hold.
    """
    if claim.twin is None:
        return check.subject
    return next((control.subject for control in check.controls if control.must_hold), None)


def misses(check: Check, claim: Claim, extent: Extent = "all") -> list[NearMiss]:
    """Return the near misses of a check's statement: all, those that are drawn, or none."""
    statement = statement_of(check, claim)
    if check.method not in TRIED or statement is None or extent == "none":
        return []
    found = near_misses(statement)
    return found if extent == "all" else _drawn(found, check, claim)


def _drawn(found: list[NearMiss], check: Check, claim: Claim) -> list[NearMiss]:
    name = f"{claim.id}|{check.name}|"
    return [miss for miss in found if int(_hash(name + miss.name), 16) < SHARE * 2**256]


def reasons(module: str, claim: str) -> list[Reason]:
    """Return the reasons given for a claim in `near_misses.toml` beside its module.

    Raises
    ------
    ValueError
        If the file has another form.
    """
    return [reason for name, reason in _read(module) if name == claim]


@cache
def _read(module: str) -> tuple[tuple[str, Reason], ...]:
    package = module.rpartition(".")[0]
    path = importlib.resources.files(package) / "near_misses.toml" if package else None
    if path is None or not path.is_file():
        return ()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(
            (claim, Reason(**{"check": "*", **entry, "edit": edit}))
            for claim, entries in found.items()
            for entry in entries
            for edit in _each(entry["edit"])
        )
    except (tomllib.TOMLDecodeError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(
            f'{path} must be tables [["topic.statement"]] with edit, because and, for one check, '
            f"check: {error}"
        ) from None


def allowance(check: Check, claim: Claim, extent: Extent) -> float:
    """Return the seconds that a check may take for its near misses, beside its own limit."""
    return SECONDS * len(misses(check, claim, extent))


def _each(edits: str | list[str]) -> list[str]:
    return [edits] if isinstance(edits, str) else edits


def try_out(
    check: Check, claim: Claim, module: str, extent: Extent, examine: Any
) -> NearMisses | None:
    """Put the near misses of its statement to a check; None if there are none to put.

    Parameters
    ----------
    check, claim
        What decides, and what it belongs to.
    module
        The module that states the claim.
    extent
        "drawn" for those that the hash draws, "all", or "none".
    examine
        Function from a check and a subject to Evidence.
    """
    made = [] if extent == "none" else misses(check, claim)
    chosen = made if extent == "all" else _drawn(made, check, claim)
    if not chosen:
        return None
    counts = {True: 0, False: 0, None: 0, "refused": 0}
    known = reasons(module, claim.id)
    used: set[Reason] = set()
    accepted, sizes = [], []
    for miss in chosen:
        outcome = _outcome(check, miss, examine)
        counts[outcome] += 1
        if outcome is not True:
            sizes += [miss.size] if outcome is False and miss.size is not None else []
            continue
        covering = [reason for reason in known if reason.covers(check, miss)]
        used.update(covering)
        if not covering:
            accepted.append(miss.name)
    idle = [r for r in known if r not in used and _matches(r.check, check.name)]
    return NearMisses(
        made=len(made),
        tried=len(chosen),
        refuted=counts[False],
        undecided=counts[None],
        refused=counts["refused"],
        explained=counts[True] - len(accepted),
        accepted=tuple(accepted),
        nearest=min(sizes, default=None),
        idle=tuple(r.edit for r in idle) if extent == "all" else (),
        digest=digest(made, module),
    )


def digest(made: Iterable[NearMiss], module: str) -> str:
    """Identify the near misses of a check, and the code of its claim and what its topic shares."""
    stated_in = Path(str(importlib.import_module(module).__file__))
    shared = sorted(stated_in.parent.glob("_*.py"))
    parts = [path.read_text(encoding="utf-8") for path in (stated_in, *shared)]
    parts += [miss.name for miss in made]
    return _hash("\0".join(parts))[:16]


def _outcome(check: Check, miss: NearMiss, examine: Any) -> Any:
    """Return True, False or None as the check decides, or "refused" if it raises an error."""
    try:
        with _time_limit():
            evidence: Evidence = examine(check, miss.make())
    except _TooLongError:
        return None
    except MemoryError:
        raise
    except (Exception, SystemExit):  # noqa: BLE001 - whatever is raised, it was not accepted
        return "refused"
    return evidence.holds


class _TooLongError(BaseException):
    """Raised within a decision that takes longer than it may."""


@contextmanager
def _time_limit() -> Iterator[None]:
    """Interrupt what takes longer than SECONDS, where the system can."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise _TooLongError

    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
