"""What the run found wrong or narrower than stated: written from the record, not by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verify.claim import Fault, Verdict
from verify.report.statements import Statement

# What follows from a fault of each kind, for a reader who relies on the statement.
CONSEQUENCES = {
    Fault.RANGE: "Outside of the ranges named here the inequality of the exact asymptotic error "
    "has the opposite sign: in some by a hair, in others by a factor, as is said of each. Networks "
    "that stop at a finite training error need not show it where errors are small.",
    Fault.PRINTED: "Computations with the printed form inherit the difference shown.",
    Fault.CODED: "Code in this form computes another quantity than the formula it is named after; "
    "results from it are off by the amount shown.",
    Fault.READ: "The text can be read so; the reading fails at the point shown, and what does "
    "hold stands beside it.",
    Fault.ESTIMATE: "The published number and the exact one part by more than the stated "
    "uncertainty; compare with the exact one.",
    None: "Refuted at a point that is kept, beside the corrected statement.",
}
# What such statements do or are ("5 hold on ..."): singular and plural.
PHRASES = {
    Fault.RANGE: ("holds on part of its range only", "hold on part of their range only"),
    Fault.PRINTED: ("is false as printed", "are false as printed"),
    Fault.CODED: ("is false as commonly coded", "are false as commonly coded"),
    Fault.READ: ("is false as it can be read", "are false as they can be read"),
    Fault.ESTIMATE: (
        "is a published estimate that is not the value",
        "are published estimates that are not the value",
    ),
    None: ("is false as stated", "are false as stated"),
}


@dataclass(frozen=True)
class Group:
    """Findings of one kind."""

    fault: Fault | None
    statements: tuple[Statement, ...]

    @property
    def heading(self) -> str:
        """What these statements have in common."""
        _, many = PHRASES[self.fault]
        return many.removeprefix("are ").capitalize()

    @property
    def consequence(self) -> str:
        """What that means for a reader."""
        return CONSEQUENCES[self.fault]

    @property
    def phrase(self) -> str:
        """Return their number, in half a sentence."""
        one, many = PHRASES[self.fault]
        count = len(self.statements)
        return f"{count} {one if count == 1 else many}"

    @property
    def anchor(self) -> str:
        """The id of its part of the page."""
        return f"found-{self.fault.name.lower() if self.fault else 'stated'}"


def findings(statements: Iterable[Statement]) -> tuple[Group, ...]:
    """Return all statements refuted as expected, by kind of fault."""
    found: dict[Fault | None, list[Statement]] = {fault: [] for fault in PHRASES}
    for statement in statements:
        result = statement.result
        if result.verdict is result.expected is Verdict.REFUTED and not result.toothless:
            found[result.fault].append(statement)
    return tuple(Group(fault, tuple(members)) for fault, members in found.items() if members)
