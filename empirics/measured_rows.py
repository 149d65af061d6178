"""Recorded measurements as CSV: a header that says how, and rows that a killed run continues."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np

from empirics.provenance import hardware, versions
from numerics.validation import FloatArray

Key = tuple[float, ...]
CODE = "# code: "


def read_columns(text: str) -> dict[str, FloatArray]:
    """Return the columns of a file by name, each of shape (N,), NaN where a cell is empty.

    Raises
    ------
    ValueError
        If a row does not have as many fields as the file has columns.
    """
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    names, body = rows[0], rows[1:]
    for number, row in enumerate(body):
        if len(row) != len(names):
            raise ValueError(f"row {number} must have {len(names)} fields, got {len(row)}")
    table = np.array([[float(cell) if cell else np.nan for cell in row] for row in body])
    return dict(zip(names, table.reshape(len(body), len(names)).T, strict=True))


def read_record(
    file: str,
    names: Sequence[str],
    described: Iterable[str],
    text: str | None = None,
    *,
    what: str = "problems",
) -> dict[str, FloatArray]:
    """Return the columns of a record, by default of a file of this package.

    Parameters
    ----------
    file
        Its name in the folder of recorded files.
    names
        Its columns.
    described
        Lines that its comments must hold: what the numbered `what` are.
    text
        Text to read instead of the file.

    Raises
    ------
    ValueError
        If the columns are others, a line is missing, or a row has too few or too many fields.
    """
    if text is None:
        text = (files("empirics") / "recorded" / file).read_text(encoding="utf-8")
    columns = read_columns(text)
    if tuple(columns) != tuple(names):
        raise ValueError(f"a record must have the columns {(*names,)}, got {(*columns,)}")
    missing = [line for line in described if f"\n# {line}\n" not in text]
    if missing:
        raise ValueError(f"a record must say what its {what} are, got none like {missing[0]!r}")
    return columns


def require_cells(
    columns: Mapping[str, FloatArray], names: Iterable[str], *, positive: bool = False
) -> None:
    """Raise ValueError, naming the row, unless these columns are finite (and `positive`)."""
    kind = "finite and positive" if positive else "finite"
    for name in names:
        column = columns[name]
        wrong = ~np.isfinite(column)
        if positive:
            wrong |= ~(column > 0)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ValueError(f"row {row} must have a {kind} {name}, got {column[row]}")


def header(what: str, module: str, revision: str, notes: Mapping[str, str]) -> str:
    """Return the comments at the head of a file that was measured on one core.

    Parameters
    ----------
    what
        What was measured.
    module
        The module whose command line measured it.
    revision
        Of the code.
    notes
        Further lines, by name.
    """
    lines = (
        what,
        f"command: python -m {module} --out FILE --revision CODE",
        f"{CODE.removeprefix('# ')}{revision}",
        f"hardware: {hardware()}; on one core",
        f"versions: {versions('numpy', 'scipy')}",
        *(f"{name}: {note}" for name, note in notes.items()),
        f"begun: {datetime.now(UTC).date().isoformat()}",
    )
    return "".join(f"# {line}\n" for line in lines)


def extend(
    out: Path,
    head: str,
    keys: Sequence[str],
    measured: Sequence[str],
    plan: Iterable[Key],
    measure: Callable[[Key], Sequence[str]],
) -> int:
    """Measure the rows of a plan that `out` lacks and append them; return their number.

    An incomplete last row is measured again. A file that has rows keeps its comments, and says
    from which row on it was continued by other code.

    Parameters
    ----------
    out
        The file, made if it does not exist.
    head
        Its comments.
    keys, measured
        Names of the columns: of what identifies a row, and of what `measure` returns.
    plan
        The keys of all rows.
    measure
        Function from a key to the cells of its row.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """
    columns = ",".join([*keys, *measured]) + "\n"
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    if text and columns not in text:
        raise ValueError(f"{out} must have the columns {columns.strip():.60}..., or not exist")
    rows = text.partition(columns)[2]
    rows = rows[: rows.rfind("\n") + 1]
    found = read_columns(columns + rows)
    done = set(zip(*(found[name].tolist() for name in keys), strict=True))
    todo = [key for key in plan if key not in done]
    if rows:
        begun, code = text.partition(columns)[0], _line(head, CODE)
        known = code in begun.splitlines()
        head = begun if known else f"{begun}{code}, from row {len(done)} on\n"
    out.write_text(head + columns + rows, encoding="utf-8")
    with out.open("a", encoding="utf-8") as stream:
        for key in todo:
            stream.write(",".join([*(f"{one:g}" for one in key), *measure(key)]) + "\n")
            stream.flush()
    return len(todo)


def _line(head: str, start: str) -> str:
    """Return the line of a head that begins so; empty if there is none."""
    return next((line for line in head.splitlines() if line.startswith(start)), "")


def command_line(
    module: str,
    description: str,
    produce: Callable[[Path, str], int],
    arguments: Sequence[str] | None = None,
) -> int:
    """Run the command line of a module that measures a file; return the exit status."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--out", type=Path, required=True, help="file to create or to continue")
    parser.add_argument(
        "--revision", default="unknown", help="revision of the code, for the header"
    )
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"{produce(chosen.out, chosen.revision)} new rows\n")
    return 0
