"""Claims as the page shows them: with anchors, links both ways, places in the paper, commands."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from verify.claim import SUPPORTING, Verdict
from verify.registry import DEFAULT_PACKAGE
from verify.report.places import Place, order, places
from verify.report.typesetting import Line, typeset
from verify.run.record import ClaimResult, RunRecord

_ANCHOR = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)+")


@dataclass(frozen=True)
class Link:
    """A reference to another claim; without an anchor, that claim is not part of the run."""

    id: str
    title: str = ""
    anchor: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Statement:
    """A claim's result with what the page needs around it."""

    result: ClaimResult
    anchor: str
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    requires: tuple[Link, ...]
    required_by: tuple[Link, ...]
    twin: Link | None
    corrects: tuple[Link, ...]
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
class Overview:
    """What the summary counts beyond the record's own counts.

    Attributes
    ----------
    decided
        Statements that were not skipped.
    checks, methods
        Checks that ran, and how many by method.
    controls, controls_missed
        Their controls, and those not distinguished from the statement.
    supported, several
        Statements that stand, and those of them that rest on two methods or more.
    """

    decided: int
    checks: int
    methods: tuple[tuple[str, int], ...]
    controls: int
    controls_missed: int
    several: int
    supported: int


def statements(record: RunRecord) -> tuple[Statement, ...]:
    """Return the claims of `record` in the order of the paper."""
    anchors = _anchors(record.claims)
    links = {
        claim.id: Link(claim.id, claim.title, anchor, claim.label)
        for claim, anchor in zip(record.claims, anchors, strict=True)
    }

    def link(identifier: str) -> Link:
        return links.get(identifier, Link(identifier))

    made = [
        Statement(
            result=claim,
            anchor=anchor,
            places=places(claim.source),
            lines=typeset(claim.latex),
            requires=tuple(link(name) for name in claim.requires),
            required_by=tuple(link(c.id) for c in record.claims if claim.id in c.requires),
            twin=link(claim.twin) if claim.twin else None,
            corrects=tuple(link(c.id) for c in record.claims if c.twin == claim.id),
            command=command(claim),
        )
        for claim, anchor in zip(record.claims, anchors, strict=True)
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
    tier = " --tier full" if any(check.tier == "full" for check in claim.checks) else ""
    home = claim.module.startswith(DEFAULT_PACKAGE + ".")
    package = "" if home else f" --claims {shlex.quote(claim.module)}"
    return f"python -m verify run{package}{tier} --only {shlex.quote(claim.id)}"


def overview(record: RunRecord) -> Overview:
    """Count methods, controls, and statements that rest on more than one method."""
    unrun = (Verdict.SKIPPED, Verdict.BLOCKED)
    checks = [c for claim in record.claims for c in claim.checks if c.verdict not in unrun]
    variants = [variant for check in checks for variant in check.control]
    supported = [claim for claim in record.claims if claim.verdict in SUPPORTING]
    return Overview(
        decided=sum(claim.verdict is not Verdict.SKIPPED for claim in record.claims),
        checks=len(checks),
        methods=tuple(Counter(check.method for check in checks).most_common()),
        controls=len(variants),
        controls_missed=sum(not variant.told_apart for variant in variants),
        several=sum(
            len({check.method for check in claim.checks if check.verdict in SUPPORTING}) > 1
            for claim in supported
        ),
        supported=len(supported),
    )


def _anchors(claims: Iterable[ClaimResult]) -> list[str]:
    """Return the claims' ids where these are valid anchors, and generated names otherwise."""
    anchors: list[str] = []
    for number, claim in enumerate(claims, start=1):
        fit = _ANCHOR.fullmatch(claim.id) and claim.id not in anchors
        # No id of a claim begins with a dot, and no other id of the page contains one.
        anchors.append(claim.id if fit else f".{number}")
    return anchors
