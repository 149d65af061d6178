"""The rows of a store as CSV or Parquet; equal results give equal files.

Columns: sweep, task (its key), seed; `configuration.NAME` for each entry of the configurations, by
name; then the columns of the rows, in order of appearance. Times and hosts belong to the attempts
and are not exported here. Lines follow the order of `Store.results`. In CSV, None and a column that
a row lacks are empty; numbers have enough digits to be read back exactly.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from empirics.sweep.store import Result, Store
from empirics.sweep.task import Scalar

_EXACT = 2**53


def table(store: Store, sweep: str | None = None) -> tuple[list[str], list[list[Scalar]]]:
    """Return the names of the columns and the lines of the export.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    results = list(store.results(sweep))
    given = sorted({name for result in results for name in result.configuration})
    # A dictionary, as an ordered set.
    found = list(dict.fromkeys(name for result in results for name in result.row))
    fixed = ["sweep", "task", "seed"]
    clashes = [name for name in found if name in fixed or name.startswith("configuration.")]
    names = fixed + [f"configuration.{name}" for name in given]
    names += [f"row.{name}" if name in clashes else name for name in found]
    return names, [_line(result, given, found) for result in results]


def write_csv(path: Path, names: Sequence[str], lines: Sequence[Sequence[Scalar]]) -> None:
    """Write a table; `path` is either complete or absent.

    Raises
    ------
    ValueError
        If `path` is a folder, or its folder does not exist.
    OSError
        If it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(value) for value in line] for line in lines)
    with _replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")


def write_parquet(path: Path, names: Sequence[str], lines: Sequence[Sequence[Scalar]]) -> None:
    """Write a table; columns of numbers, of truth values or of text, JSON text if mixed.

    Raises
    ------
    ValueError
        If pyarrow is not installed, `path` is a folder, or its folder does not exist.
    OSError
        If it cannot be written.
    """
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise ValueError(
            "Parquet needs the extra: pip install 'finetuning-bias[parquet]'"
        ) from error
    columns = [_column(arrow, [line[index] for line in lines]) for index in range(len(names))]
    with _replacing(path) as temporary:
        parquet.write_table(arrow.table(columns, names=list(names)), temporary)


def write_attempts(path: Path, store: Store) -> None:
    """Write a CSV of all attempts at tasks: start, host, duration and outcome."""
    attempts = store.attempts()
    names = list(attempts[0]) if attempts else ["task"]
    write_csv(path, names, [list(attempt.values()) for attempt in attempts])


def _line(result: Result, given: Sequence[str], found: Sequence[str]) -> list[Scalar]:
    line: list[Scalar] = [result.sweep, result.key, result.seed]
    line += [_flat(result.configuration.get(name)) for name in given]
    return line + [result.row.get(name) for name in found]


def _flat(value: Any) -> Scalar:
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    scalar: Scalar = value
    return scalar


def _cell(value: Scalar) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _column(arrow: Any, values: list[Scalar]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    numbers = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if kinds == {bool}:
        return arrow.array(values, arrow.bool_())
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in numbers):
        return arrow.array(values, arrow.int64())
    exact = all(isinstance(v, float) or abs(v) <= _EXACT for v in numbers)
    if kinds and kinds <= {int, float} and exact:
        floats = [None if value is None else float(value) for value in values]
        return arrow.array(floats, arrow.float64())
    if kinds <= {str}:
        return arrow.array(values, arrow.string())
    return arrow.array([None if v is None else json.dumps(v) for v in values], arrow.string())


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside `path`, which replaces it once it is complete."""
    if path.is_dir():
        raise ValueError(f"output must be a file, got the folder {path}")
    if not path.parent.is_dir():
        raise ValueError(f"output must be in a folder that exists, got {path}")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp creates files that only their owner can read.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
