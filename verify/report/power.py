"""The table of the smallest errors of the theory that statistical checks notice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verify.claim import Verdict
from verify.report.statements import Statement
from verify.run.noticed import COLUMNS, DUE, NEVER, STATISTICS, Power
from verify.run.record import CheckResult


@dataclass(frozen=True)
class Row:
    """A statistical check, and which errors it notices."""

    statement: Statement
    check: CheckResult
    power: Power

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in each of `COLUMNS`; "" where the check depends on none of that."""
        return tuple(map(self.power.under, COLUMNS))

    @property
    def due(self) -> str:
        """Why it has to be tried again; "" if it need not."""
        return (DUE if self.power.digest else NEVER) if self.power.due else ""


@dataclass(frozen=True)
class Noticed:
    """The rows of the table, and the checks that take nothing of the theory's solutions."""

    rows: tuple[Row, ...]
    without: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The kinds of errors."""
        return COLUMNS

    @property
    def due(self) -> int:
        """How many have to be tried again."""
        return sum(bool(row.due) for row in (*self.rows, *self.without))


def noticed(made: Iterable[Statement]) -> Noticed:
    """Gather the statistical checks that ran, and of which it is known what they should notice."""
    rows = [
        Row(statement, check, check.power)
        for statement in made
        for check in statement.result.checks
        if check.method == STATISTICS
        and check.verdict is not Verdict.SKIPPED
        and check.power is not None
    ]
    listed = [row for row in rows if row.power.found or not row.power.digest]
    return Noticed(tuple(listed), tuple(row for row in rows if row not in listed))
