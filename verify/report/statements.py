"""Claims as the page shows them: with anchors, links both ways, places in the paper, commands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from verify.claim import SUPPORTING, Verdict
from verify.methods.edits import PER_CENT
from verify.registry import DEFAULT_PACKAGE
from verify.report.paper import Place
from verify.report.places import order, places
from verify.report.typesetting import Line, typeset
from verify.run.environment import run_command
from verify.run.falsify import NearMisses
from verify.run.record import ClaimResult, RunRecord

_ANCHOR = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)+")


@dataclass(frozen=True)
class Statement:
    """A claim's result with what the page needs around it."""

    result: ClaimResult
    anchor: str
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    required_by: tuple[str, ...]  # ids of claims
    corrects: tuple[str, ...]  # ids of claims
    command: str

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods of its checks, each once, in their order."""
        return tuple(dict.fromkeys(check.method for check in self.result.checks))

    @property
    def location(self) -> str:
        """The file that states it, with the line where it is known."""
        path = self.result.module.replace(".", "/") + ".py"
        return path if self.result.line is None else f"{path}:{self.result.line}"


@dataclass(frozen=True)
class NearMissCount:
    """What a number of checks made of near misses of their statements.

    `whole` of them were put to all of theirs, and of these `sharp` noticed a relative change of one
    per cent or less.
    """

    checks: int
    told_apart: int
    explained: int
    accepted: int
    whole: int
    sharp: int

    @classmethod
    def of(cls, found: Iterable[NearMisses]) -> NearMissCount:
        """Return the sum."""
        each = list(found)
        whole = [one for one in each if one.tried == one.made]
        return cls(
            len(each),
            sum(one.told_apart for one in each),
            sum(one.explained for one in each),
            sum(len(one.accepted) for one in each),
            len(whole),
            sum(one.nearest is not None and one.nearest <= float(PER_CENT) for one in whole),
        )


def statements(record: RunRecord) -> tuple[Statement, ...]:
    """Return the claims of `record` in the order of the paper."""
    made = [
        Statement(
            result=claim,
            anchor=anchor,
            places=places(claim.source),
            lines=typeset(claim.latex),
            required_by=tuple(c.id for c in record.claims if claim.id in c.requires),
            corrects=tuple(c.id for c in record.claims if c.twin == claim.id),
            command=command(claim),
        )
        for claim, anchor in zip(record.claims, _anchors(record.claims), strict=True)
    ]
    return tuple(sorted(made, key=lambda statement: order(statement.places[0])))


def by_place(made: Iterable[Statement]) -> dict[Place, list[Statement]]:
    """Return the statements under the first place that each names."""
    grouped: dict[Place, list[Statement]] = {}
    for statement in made:
        grouped.setdefault(statement.places[0], []).append(statement)
    return grouped


def command(claim: ClaimResult) -> str:
    """Return the command that decides `claim` again."""
    tier = "full" if any(check.tier == "full" for check in claim.checks) else "quick"
    home = claim.module.startswith(DEFAULT_PACKAGE + ".")
    return run_command(tier, (claim.id,), (DEFAULT_PACKAGE if home else claim.module,))


def overview(record: RunRecord) -> dict[str, Any]:
    """Count what the record's own summary does not.

    "decided" are statements not skipped, "checks" those that ran, by "methods", with "controls",
    some of them "controls_missed"; "supported" statements stand, "several" of them by two methods.
    "near_misses" is the sum over the checks that were put to any: see `NearMissCount`.
    """
    unrun = (Verdict.SKIPPED, Verdict.BLOCKED)
    checks = [c for claim in record.claims for c in claim.checks if c.verdict not in unrun]
    variants = [variant for check in checks for variant in check.control]
    supported = [claim for claim in record.claims if claim.verdict in SUPPORTING]
    tried = [c.all_near_misses or c.near_misses for c in checks]
    return {
        "near_misses": NearMissCount.of(filter(None, tried)),
        "decided": sum(claim.verdict is not Verdict.SKIPPED for claim in record.claims),
        "checks": len(checks),
        "methods": Counter(check.method for check in checks).most_common(),
        "controls": len(variants),
        "controls_missed": sum(not variant.told_apart for variant in variants),
        "supported": len(supported),
        "several": sum(
            len({check.method for check in claim.checks if check.verdict in SUPPORTING}) > 1
            for claim in supported
        ),
    }


def _anchors(claims: Iterable[ClaimResult]) -> list[str]:
    """Return the claims' ids where these are valid anchors, and generated names otherwise."""
    anchors: list[str] = []
    for number, claim in enumerate(claims, start=1):
        fit = _ANCHOR.fullmatch(claim.id) and claim.id not in anchors
        # No id of a claim begins with a dot, and no other id of the page contains one.
        anchors.append(claim.id if fit else f".{number}")
    return anchors
