"""What of the paper is decided: its items, in its order, each with the claims that name it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verify.claim import SUPPORTING, Claim, Verdict
from verify.report.paper import BEYOND, PAPER, Item, Place
from verify.report.places import Unknown, read
from verify.run.record import ClaimResult

_LABELS = [*Verdict, "TOOTHLESS"]


@dataclass(frozen=True)
class Decision:
    """A claim and its verdict: that of a run, or before any run the one that is expected."""

    claim: Claim | ClaimResult

    @property
    def label(self) -> str:
        """The verdict, or that a check is toothless."""
        return self.claim.label if isinstance(self.claim, ClaimResult) else self.claim.expected

    @property
    def acceptable(self) -> bool:
        """Whether it is what a run may end with: as expected, or skipped."""
        return not isinstance(self.claim, ClaimResult) or self.claim.acceptable

    @property
    def decided(self) -> bool:
        """Whether it says that the statement holds, or that it does not, as expected."""
        return self.acceptable and self.label in (*SUPPORTING, Verdict.REFUTED)


@dataclass(frozen=True)
class Row:
    """An item of the paper and what decides it; without an item, what else a section has."""

    item: Item | None
    decisions: tuple[Decision, ...]

    @property
    def needed(self) -> bool:
        """Whether it needs a claim: it is an item that states or shows something."""
        return self.item is not None and self.item.kind.needs_claim

    @property
    def decided(self) -> bool:
        """Whether a claim decides it."""
        return any(decision.decided for decision in self.decisions)

    @property
    def missing(self) -> bool:
        """Whether it needs a claim, and none decides it, nor would if it were not skipped."""
        return self.needed and not any(decision.acceptable for decision in self.decisions)

    @property
    def by_label(self) -> tuple[tuple[Decision, ...], ...]:
        """Return the decisions, those of one label and one expectation together."""
        alike: dict[tuple[int, bool], list[Decision]] = {}
        for decision in self.decisions:
            order = _LABELS.index(decision.label), decision.acceptable
            alike.setdefault(order, []).append(decision)
        return tuple(tuple(alike[order]) for order in sorted(alike))

    @property
    def remark(self) -> str:
        """What to say instead of claims where there are none."""
        if self.decisions or self.item is None:
            return ""
        return "no claim" if self.needed else self.item.kind.value


@dataclass(frozen=True)
class Section:
    """A section of the paper with its items; last, if need be, what names the section alone."""

    place: Place
    rows: tuple[Row, ...]

    @property
    def needed(self) -> int:
        """How many of its items state or show something."""
        return sum(row.needed for row in self.rows)

    @property
    def decided(self) -> int:
        """How many of those are decided."""
        return sum(row.needed and row.decided for row in self.rows)

    @property
    def claimed(self) -> bool:
        """Whether any claim names it."""
        return any(row.decisions for row in self.rows)

    @property
    def troubled(self) -> bool:
        """Whether an item has no claim, or a claim did not come out as expected."""
        return any(
            row.missing or not all(decision.acceptable for decision in row.decisions)
            for row in self.rows
        )


@dataclass(frozen=True)
class Coverage:
    """The whole paper, and what the sources of claims name that is not in it, by claim."""

    sections: tuple[Section, ...]
    unknown: tuple[tuple[str, Unknown], ...]

    @property
    def missing(self) -> tuple[Item, ...]:
        """The items that need a claim and have none that came out as it should."""
        rows = (row for section in self.sections for row in section.rows)
        return tuple(row.item for row in rows if row.missing and row.item is not None)

    @property
    def needed(self) -> int:
        """How many items state or show something."""
        return sum(section.needed for section in self.sections)

    @property
    def decided(self) -> int:
        """How many of those are decided."""
        return sum(section.decided for section in self.sections)

    @property
    def unneeded(self) -> int:
        """How many items are definitions or assumptions."""
        return sum(len(items) for items in PAPER.values()) - self.needed

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, and nothing unknown is named."""
        return not self.missing and not self.unknown


def coverage(claims: Iterable[Claim | ClaimResult]) -> Coverage:
    """Lay `claims` beside the items of the paper that their sources name.

    A claim that names a section but none of its items is in the section's last row; what names
    nothing of the paper is at `BEYOND`, after it.
    """
    by_item: dict[Item, list[Decision]] = {}
    by_place: dict[Place, list[Decision]] = {}
    unknown: list[tuple[str, Unknown]] = []
    for claim in claims:
        named = read(claim.source)
        unknown += [(claim.id, one) for one in named.unknown]
        for item in named.items:
            by_item.setdefault(item, []).append(Decision(claim))
        for place in named.places:
            if not set(PAPER.get(place, ())) & set(named.items):
                by_place.setdefault(place, []).append(Decision(claim))
    sections = []
    for place, items in {**PAPER, BEYOND: ()}.items():
        rows = [Row(item, tuple(by_item.get(item, ()))) for item in items]
        if place in by_place:
            rows.append(Row(None, tuple(by_place[place])))
        if rows:
            sections.append(Section(place, tuple(rows)))
    return Coverage(tuple(sections), tuple(unknown))
