"""A figure: named tables of numbers, and a drawing made from these tables alone.

The tables are written as CSV beside the picture, with a header that says how they were made,
and the drawing reads what was written: a reader who changes the file changes the figure.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from verify.decoding import DecodingError, decode, loads
from verify.run.environment import revision
from verify.run.record import write_whole

Cell = str | float
Table = Sequence[Mapping[str, Cell]]
Tables = Mapping[str, Table]


# The code that computes the tables: a change in any of these can change a figure.
_SOURCES = ("numerics", "empirics", "verify/figures", "verify/methods", "verify/claims")
_LIBRARIES = ("numpy", "scipy", "matplotlib")
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Drawn:
    """A figure that was written: its entry NAME.json, beside the files."""

    name: str
    caption: str
    tables: tuple[str, ...] = ()  # names of CSV files
    drawings: tuple[str, ...] = ()  # names of PNG and SVG files
    revision: str = ""  # of the code that made it
    sources: str = ""  # `sources()` of that code: if still the same, nothing is to be drawn again
    problem: str = ""  # why there is no figure, if there is none

    def write(self, folder: Path) -> None:
        """Write this entry into `folder`."""
        write_whole(folder / f"{self.name}.json", json.dumps(asdict(self), indent=1) + "\n")

    @staticmethod
    def read(path: Path) -> Drawn:
        """Read an entry; DecodingError if it is none, or names a file outside its folder."""
        found = decode(Drawn, loads(path.read_bytes()))
        for name in (*found.tables, *found.drawings):
            if Path(name).name != name or name.startswith("."):
                raise DecodingError(f"{path} must name files beside it, got {name!r:.60}")
        return found


@dataclass(frozen=True)
class Figure:
    """One figure of the paper: a function computes its tables, another draws it from them."""

    name: str  # file stem, e.g. "figure-2"
    caption: str
    tables: Callable[[], Tables]  # table names to rows, each row column names to numbers or text
    draw: Callable[[Tables], Any]  # returns a matplotlib figure

    def write(self, folder: Path) -> list[Path]:
        """Write the tables as CSV, then the figure drawn from those files as PNG and SVG.

        An entry, `NAME.json`, lists them for the page; the paths of all files are returned.
        """
        import matplotlib as mpl

        folder.mkdir(parents=True, exist_ok=True)
        tables, drawings = [], []
        read_back = {}
        for name, table in self.tables().items():
            tables.append(path := folder / f"{self.name}-{name}.csv")
            write_whole(path, as_csv(table, f"{self.caption} Table: {name}."))
            read_back[name] = read_csv(path)
        settings: dict[Any, Any] = {"backend": "Agg", "svg.hashsalt": self.name, "font.size": 9.0}
        with mpl.rc_context(settings):
            drawing = self.draw(read_back)
            for kind in ("png", "svg"):
                drawings.append(path := folder / f"{self.name}.{kind}")
                metadata = {"Date": None} if kind == "svg" else None
                drawing.savefig(path, dpi=160, metadata=metadata)
                drawing.set_layout_engine("none")  # the next has the same layout
        Drawn(
            self.name,
            self.caption,
            tables=tuple(path.name for path in tables),
            drawings=tuple(path.name for path in drawings),
            revision=revision(),
            sources=sources(),
        ).write(folder)
        return tables + drawings

    def is_current(self, folder: Path) -> bool:
        """Return whether `folder` holds this figure as the present code would draw it."""
        try:
            drawn = Drawn.read(folder / f"{self.name}.json")
        except (OSError, DecodingError):
            return False
        files = (*drawn.tables, *drawn.drawings)
        return (
            drawn.sources == sources()
            and bool(drawn.drawings)
            and all((folder / name).is_file() for name in files)
        )


@cache
def sources() -> str:
    """Return a hash of the code, the recorded data and the libraries that figures are made of."""
    digest = hashlib.sha256()
    for library in _LIBRARIES:
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    for folder in _SOURCES:
        for path in sorted((_ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".csv") and path.is_file():
                digest.update(f"{path.relative_to(_ROOT).as_posix()}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


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


def rows(**columns: Any) -> list[dict[str, Cell]]:
    """Return a table by its columns; what is no array stands in every row."""
    cells = np.broadcast_arrays(*columns.values())
    return [
        dict(zip(columns, row, strict=True))
        for row in zip(*(column.tolist() for column in cells), strict=True)
    ]


def canvas(lines: int, columns: int, width: float, height: float, **axes: Any) -> tuple[Any, Any]:
    """Return a matplotlib figure of that size in inches, and the array of its axes."""
    from matplotlib.figure import Figure as Canvas

    made = Canvas(figsize=(width, height), layout="constrained")
    return made, made.subplots(lines, columns, **axes)


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
