"""What a figure is: named tables of numbers, and a drawing made from nothing but them.

The tables are written as CSV beside the picture, with a header that says how they were made,
and the drawing reads what was written: a reader who changes the file changes the figure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify.environment import revision
from verify.record import write_whole

Cell = str | float
Table = Sequence[Mapping[str, Cell]]
Tables = Mapping[str, Table]


@dataclass(frozen=True)
class Figure:
    """One figure of the paper.

    Attributes
    ----------
    name
        File stem, e.g. "figure-2".
    caption
        What it shows, in a sentence.
    tables
        Computes its data: table names to rows, each row column names to numbers or text.
    draw
        Draws it from those tables; returns a matplotlib figure.
    """

    name: str
    caption: str
    tables: Callable[[], Tables]
    draw: Callable[[Tables], Any]

    def write(self, folder: Path) -> list[Path]:
        """Write the tables as CSV, then the figure drawn from those files as PNG and SVG."""
        import matplotlib as mpl

        folder.mkdir(parents=True, exist_ok=True)
        written = []
        read_back = {}
        for name, table in self.tables().items():
            path = folder / f"{self.name}-{name}.csv"
            write_whole(path, as_csv(table, f"{self.caption} Table: {name}."))
            read_back[name] = read_csv(path)
            written.append(path)
        settings: dict[Any, Any] = {"backend": "Agg", "svg.hashsalt": self.name, "font.size": 9.0}
        with mpl.rc_context(settings):
            drawing = self.draw(read_back)
            for kind in ("png", "svg"):
                path = folder / f"{self.name}.{kind}"
                metadata = {"Date": None} if kind == "svg" else None
                drawing.savefig(path, dpi=160, bbox_inches="tight", metadata=metadata)
                written.append(path)
        return written


def as_csv(table: Table, description: str) -> str:
    """Return `table` as CSV text under a header of comment lines; floats with all their digits."""
    if not table:
        raise ValueError(f"a table must have rows, got none: {description}")
    text = io.StringIO()
    text.write(f"# {description}\n# Computed by this project at {revision()}\n")
    writer = csv.DictWriter(text, fieldnames=list(table[0]), lineterminator="\n")
    writer.writeheader()
    for row in table:
        writer.writerow(
            {k: repr(float(v)) if not isinstance(v, str) else v for k, v in row.items()}
        )
    return text.getvalue()


def read_csv(path: Path) -> list[dict[str, Cell]]:
    """Read what `as_csv` wrote; a cell that reads as a number is one."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [{k: _cell(v) for k, v in row.items()} for row in csv.DictReader(lines)]


def column(table: Table, name: str, **where: Cell) -> list[float]:
    """Return the numbers of one column, of the rows whose cells equal `where`."""
    return [
        float(row[name]) for row in table if all(row[key] == value for key, value in where.items())
    ]


def _cell(text: str) -> Cell:
    try:
        return float(text)
    except ValueError:
        return text
