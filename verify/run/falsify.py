"""Near misses of the statements, put to the checks that decide them.

A check has to tell its statement from every near miss (`verify.methods.near_misses`), or a reason
stands in the file `near_misses.toml` beside the claim:

    [["topic.statement"]]
    check = "derivation"              # optional, as a pattern; any check of the claim without
    edit = "quartic: result × 101/100"
    because = "a weaker bound: the statement stays true"

`edit` is the near miss's name, or a list, in which `*` stands for any text. A check refuses a near
miss by ValueError; any other error is a fault, like accepting it. An ordinary run tries one near
miss in two hundred, drawn by a hash of its name and so the same for everybody, and one in each
field of a statement that has changed; `python -m verify falsify` tries them all.
"""

from __future__ import annotations

import hashlib
import re
import signal
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from empirics.imports import closure, source_path
from verify.claim import Check, Claim, Evidence, Method
from verify.methods.near_misses import NearMiss, near_misses

Extent = Literal["none", "drawn", "fields", "all"]

TRIED = (
    Method.SYMBOLIC,
    Method.ENCLOSURE,
    Method.MULTIPRECISION,
    Method.FLOW,
    Method.CONVEX,
)
"""Methods whose checks are given near misses: what they compare has no scatter."""
SHARE = 0.005
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
        How many of these it refuted, left open, or refused (they raised a ValueError).
    explained
        How many it accepted for a reason that is committed.
    accepted
        Names of those that it accepted without any, or that made it fail: the check does not decide
        the statement.
    nearest
        The smallest relative change that it refuted.
    idle
        Reasons that no near miss needed, where all were tried.
    digest
        Identifies the statement and the code of its claim, where all were tried.
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
            "refused": self.refused,
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

    def __post_init__(self) -> None:
        if not (self.edit.strip("* ") and self.because.strip()):
            raise ValueError(f"a reason must say for which near misses, and why, got {self}")

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
    """Return the near misses of a check's statement to the `extent` that is asked for.

    "all", "none", "drawn" by the hash of their names, or "fields": these, and in each field of the
    statement the one whose hash is the lowest of those that no reason covers.
    """
    statement = statement_of(check, claim)
    if check.method not in TRIED or statement is None or extent == "none":
        return []
    return chosen(near_misses(statement), check, claim, extent)


def chosen(
    made: list[NearMiss],
    check: Check,
    claim: Claim,
    extent: Extent,
    known: Iterable[Reason] = (),
) -> list[NearMiss]:
    """Return those of all near misses that are tried to an `extent` that is not "none"."""
    if extent == "all":
        return made
    ranks = {m: int(_hash(f"{claim.id}|{check.name}|{m.name}"), 16) for m in made}
    first: dict[str, NearMiss] = {}
    for miss in sorted(made, key=ranks.__getitem__) if extent == "fields" else ():
        if not any(reason.covers(check, miss) for reason in known):
            first.setdefault(miss.place, miss)
    return [m for m in made if ranks[m] < SHARE * 2**256 or first.get(m.place) is m]


def reasons(module: str, claim: str) -> list[Reason]:
    """Return the reasons given for a claim in `near_misses.toml` beside its module.

    Raises
    ------
    ValueError
        If the file has another form.
    """
    return [reason for name, reason in _read(module) if name == claim]


def _reasons_file(module: str) -> Path:
    return source_path(module).with_name("near_misses.toml")


@cache
def _read(module: str) -> tuple[tuple[str, Reason], ...]:
    path = _reasons_file(module)
    if not path.is_file():
        return ()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(
            (claim, Reason(**{"check": "*", **entry, "edit": edit}))
            for claim, entries in found.items()
            for entry in entries
            for edit in _each(entry["edit"])
        )
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(
            f'{path} must be tables [["topic.statement"]] with edit, because and, for one check, '
            f"check: {error}"
        ) from None


def allowance(check: Check, claim: Claim, extent: Extent, made: list[NearMiss]) -> float:
    """Return the seconds that a check may take for its near misses, beside its own limit."""
    return SECONDS * len([] if extent == "none" else chosen(made, check, claim, extent))


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
        Which: see `misses`.
    examine
        Function from a check and a subject to Evidence.
    """
    made = [] if extent == "none" else misses(check, claim)
    known = reasons(module, claim.id)
    tried = chosen(made, check, claim, extent, known)
    if not tried:
        return None
    counts: Counter[Any] = Counter()
    used: set[Reason] = set()
    accepted, sizes = [], []
    for miss in tried:
        outcome, error = _outcome(check, miss, examine)
        if outcome is False and miss.size is not None:
            sizes.append(miss.size)
        covering = [r for r in known if r.covers(check, miss)] if outcome in FAULTS else []
        used.update(covering)
        if outcome in FAULTS and not covering:
            accepted.append(f"{miss.name} ({error})" if error else miss.name)
        counts["explained" if covering else outcome] += 1
    idle = [r for r in known if r not in used and _matches(r.check, check.name)]
    return NearMisses(
        made=len(made),
        tried=len(tried),
        refuted=counts[False],
        undecided=counts[None],
        refused=counts[REFUSED],
        explained=counts["explained"],
        accepted=tuple(accepted),
        nearest=min(sizes, default=None),
        idle=tuple(r.edit for r in idle) if extent == "all" else (),
        digest=digest(made, module, claim.id) if extent == "all" else "",
    )


def digest(made: Iterable[NearMiss], module: str, claim: str) -> str:
    """Identify the near misses of a check, the reasons given, and the code of its claim.

    That is the module that states it, and what this imports of other claims and of the theory. What
    decides (`verify.methods`) and computes (`numerics`) has tests.
    """
    parts = [path.read_text(encoding="utf-8") for path in sources(module)]
    parts += [f"{reason}" for reason in reasons(module, claim)]
    return _hash("\0".join([*parts, *(miss.name for miss in made)]))[:16]


def sources(module: str) -> list[Path]:
    """Return the files of a claim's module, and of what it imports of claims and the theory."""
    return [source_path(name) for name in closure((module,), _makes_claims)]


def _makes_claims(module: str) -> bool:
    return module.startswith(("verify.claims.", "theory."))


REFUSED = "refused"
FAILED = "failed"
FAULTS = (True, FAILED)


def _outcome(check: Check, miss: NearMiss, examine: Any) -> tuple[Any, str]:
    """Return True, False or None as the check decides, REFUSED, or FAILED and the error."""
    try:
        changed = miss.make()
    except (TypeError, ValueError):
        return REFUSED, ""
    try:
        with _time_limit():
            evidence: Evidence = examine(check, changed)
    except _TooLongError:
        return None, ""
    except ValueError:
        return REFUSED, ""
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever is raised is reported
        return FAILED, f"raised {type(error).__name__}: {error}"
    return evidence.holds, ""


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
