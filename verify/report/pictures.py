"""Figures for the page: pictures and tables as data URLs, from the folder where they were drawn."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from verify.decoding import DecodingError
from verify.figures.figure import Drawn
from verify.figures.page import PREFIX, number

PICTURES_BOUND = 2_500_000
"""Characters that all pictures of a page may have together."""
TABLES_BOUND = 1_000_000
"""Characters that all tables may have together; what does not fit is named, not carried."""

NOT_DRAWN = "it has not been drawn"
"""The problem of a figure that is wanted, but not there."""

_PACKED_FROM = 60_000
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
# Characters that a data URL within a quoted attribute may contain unescaped.
_SAFE = " ~()*!.:;=,/+-&@$?[]|^`{}'"


@dataclass(frozen=True)
class Table:
    """The numbers behind a picture: a data URL, or where the file is."""

    name: str
    size: int
    url: str | None
    path: str


@dataclass(frozen=True)
class Picture:
    """A figure as the page shows it; without a URL it says why it is not shown."""

    name: str
    caption: str
    url: str | None = None
    tables: tuple[Table, ...] = ()
    revision: str = ""
    problem: str = ""

    @property
    def title(self) -> str:
        """Its name as a heading: "Figure 4a" for figure-4a."""
        return self.name.replace("-", " ").capitalize()

    @property
    def command(self) -> str:
        """The command that draws it again."""
        return f"python -m verify.figures {self.name}"

    def left_out(self, why: str) -> Picture:
        """Return it without its image."""
        return replace(self, url=None, problem=self.problem or why)


def pictures(folder: Path | None, *, names: Iterable[str] = ()) -> tuple[Picture, ...]:
    """Return the figures in `folder`, and those of `names` that are missing, by number.

    The paper's figures, recognised by their file names, and those of `names` are shown.

    If a file is missing, too large, or not an entry of a figure, the page says so instead.
    """
    wanted = tuple(names)
    found = {} if folder is None else _entries(folder, wanted)
    for name in wanted:
        found.setdefault(name, Picture(name, "", problem=NOT_DRAWN))
    room = PICTURES_BOUND
    shown = []
    for picture in sorted(found.values(), key=lambda picture: number(picture.name)):
        length = len(picture.url or "")
        if length > room:
            shown.append(picture.left_out("it is too large to be carried by the page"))
        else:
            room -= length
            shown.append(picture)
    return _within_bound(shown)


def carrying(shown: Iterable[Picture], kept: Collection[str]) -> tuple[Picture, ...]:
    """Return the pictures with the tables of these names, and only the names of the others."""

    def table(one: Table) -> Table:
        return one if one.name in kept else replace(one, url=None)

    return tuple(replace(one, tables=tuple(map(table, one.tables))) for one in shown)


def _within_bound(shown: list[Picture]) -> tuple[Picture, ...]:
    """Keep the tables that fit, the smallest first."""
    sizes = sorted(
        (len(table.url), table.name) for p in shown for table in p.tables if table.url is not None
    )
    kept, room = set(), TABLES_BOUND
    for length, name in sizes:
        if length <= room:
            room -= length
            kept.add(name)
    return carrying(shown, kept)


def _entries(folder: Path, names: tuple[str, ...]) -> dict[str, Picture]:
    found = {}
    for path in sorted(folder.glob("*.json")):
        if not path.stem.startswith(PREFIX) and path.stem not in names:
            continue
        try:
            drawn = Drawn.read(path)
        except (OSError, DecodingError) as error:
            problem = f"{path.name} cannot be read: {error}"
            found[path.stem] = Picture(path.stem, "", problem=problem)
        else:
            found[path.stem] = _picture(folder, replace(drawn, name=path.stem))
    return found


def _picture(folder: Path, drawn: Drawn) -> Picture:
    if drawn.problem:
        return Picture(drawn.name, drawn.caption, problem=drawn.problem)
    urls, tables, problems = [], [], []
    for name in (*drawn.drawings, *drawn.tables):
        try:
            if name in drawn.drawings:
                urls.append(_image(folder / name))
            else:
                tables.append(_table(folder / name))
        except (OSError, ValueError) as error:
            problems.append(str(error))
    return Picture(
        drawn.name,
        drawn.caption,
        url=min(urls, key=len, default=None),
        tables=tuple(tables),
        revision=drawn.revision,
        problem="" if urls else "; ".join(problems) or "its entry names no picture",
    )


def _image(path: Path) -> str:
    """Return a picture as a data URL."""
    kind = _KINDS.get(path.suffix)
    if kind is None:
        raise ValueError(f"a picture must be one of {', '.join(_KINDS)}, got {path.name!r}")
    content = path.read_bytes()
    if path.suffix == ".png":
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"
    # Text is shorter as it is than in base64. URLs lose line breaks, which separate tokens here.
    text = content.decode("utf-8").replace("\n", " ")
    return f"data:{kind},{quote(text, safe=_SAFE)}"


def _table(path: Path) -> Table:
    """Return a table as a data URL, compressed if it is long."""
    kind, name, content = "text/csv", path.name, path.read_bytes()
    if len(content) > _PACKED_FROM:
        kind, name = "application/gzip", f"{path.name}.gz"
        content = gzip.compress(content, 9, mtime=0)
    url = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return Table(name, len(content), url, path.as_posix())
