"""How evidence with scatter was planned: the entries of plans.toml, read and looked up.

Each statistical check has an entry that says what it was held to before the record it judges was
made, and at which revision that was fixed; or, where something was chosen after looking, what.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

PLANS = "verify/plans.toml"


class PlanError(ValueError):
    """The file of plans is none; the message says what an entry must have."""


@dataclass(frozen=True)
class Plan:
    """The plan of one statistical check, or of several that have all of it in common.

    Attributes
    ----------
    claims, checks
        Patterns of the claims' ids and of the checks' names; * stands for any text.
    margin, floor
        Within which values count as none, or past which as some, and below which nothing is judged;
        in words, with the numbers that the check is held to.
    family, sides
        Which tests are corrected together, and how; one-sided or two-sided.
    seeds, stopping
        Which seeds, and when there are enough of them.
    record
        The files that it judges, as "package/folder/file"; none if it draws anew in each run.
    not_judged
        What is left out, by which rule; "" if nothing is.
    fixed, stands
        The revision at which all of this stood first, and the file in which it does.
    after
        What was chosen after looking at what is judged, and on what; "" if nothing was.
    """

    claims: tuple[str, ...]
    checks: tuple[str, ...]
    margin: str
    floor: str
    family: str
    sides: str
    seeds: str
    stopping: str
    record: tuple[str, ...] = ()
    not_judged: str = ""
    fixed: str = ""
    stands: str = PLANS
    after: str = ""

    def covers(self, claim: str, check: str) -> bool:
        """Return whether this is the plan of a check, by its claim's id and its name."""
        return any(fnmatchcase(claim, one) for one in self.claims) and any(
            fnmatchcase(check, one) for one in self.checks
        )

    @property
    def text(self) -> str:
        """The plan in words, as the page prints it."""
        parts = {
            "margin": self.margin,
            "floor": self.floor,
            "family": self.family,
            "sides": self.sides,
            "seeds": self.seeds,
            "stopping rule": self.stopping,
            "not judged": self.not_judged,
        }
        said = "; ".join(f"{name}: {value}" for name, value in parts.items() if value)
        when = f"Fixed at revision {self.fixed}." if self.fixed else ""
        looked = f"Chosen after looking: {self.after}." if self.after else ""
        return " ".join(filter(None, (f"{said[0].upper()}{said[1:]}.", when, looked)))


_TUPLES = ("claims", "checks", "record")


def parse(text: str) -> tuple[Plan, ...]:
    """Read plans from the text of a file.

    Raises
    ------
    PlanError
        If it is not TOML, or an entry lacks a part, has another one, or one of another type.
    """
    try:
        entries = tomllib.loads(text).get("plan", [])
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{PLANS} must be TOML: {error}") from error
    return tuple(_plan(entry) for entry in entries)


def _plan(entry: Mapping[str, Any]) -> Plan:
    known = {one.name for one in fields(Plan)}
    if strange := sorted(set(entry) - known):
        raise PlanError(f"a plan must have the parts {sorted(known)}, got also {strange}")
    for name, value in entry.items():
        wanted = list if name in _TUPLES else str
        if not isinstance(value, wanted):
            raise PlanError(f"{name} of a plan must be a {wanted.__name__}, got {value!r}")
    try:
        parts: dict[str, Any] = {k: tuple(v) if k in _TUPLES else v for k, v in entry.items()}
        return Plan(**parts)
    except TypeError as error:
        raise PlanError(f"a plan must be whole: {error}, in {entry.get('claims')}") from error


@cache
def plans() -> tuple[Plan, ...]:
    """Return the plans that come with the package; see `parse`."""
    return parse((files("verify") / "plans.toml").read_text(encoding="utf-8"))


def plan_of(claim: str, check: str) -> Plan | None:
    """Return the plan of a check, by its claim's id and its name; None if there is none.

    Raises
    ------
    PlanError
        If there are several.
    """
    found = [one for one in plans() if one.covers(claim, check)]
    if len(found) > 1:
        raise PlanError(f"{check!r} of {claim} must have one plan, got {len(found)}")
    return found[0] if found else None
