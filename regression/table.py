"""The golden table: its contents, and how it is written, read and verified.

`table.json` is JSON with one point a line, so that a change of one value is a change of one line:

    {"header": {...}, "columns": {...}, "points": [
    [region, [argument, ...], [value, ...]], ...
    ], "replica": [
    [name, problem, [mse, tau, theta, penalty]], ...
    ], "pipeline": [
    [name, problem, [mse_pt, tau_pt, theta_pt, mse, tau, theta]], ...
    ], "checksum": "sha256:..."}

Arguments are decimal strings that denote float64 numbers exactly (shortest form); values are
decimal strings, or null where a quantity is not defined. The checksum covers columns, points and
fixed points, of one stage and of two; the header carries their counts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

ARGUMENTS = (
    "c", "lam", "gamma", "beta_pt", "beta_ft", "scale", "slope", "z", "tau",
)  # fmt: skip
REPLICA_VALUES = ("mse", "tau", "theta", "penalty")
PIPELINE_VALUES = ("mse_pt", "tau_pt", "theta_pt", "mse", "tau", "theta")
TABLE_PATH = Path(__file__).with_name("table.json")
SIZE_LIMIT = 16 * 2**20
"""Bytes that a table may have; the committed one has less than a twentieth of it."""


class TableError(ValueError):
    """The table is missing, unreadable, or not what its checksum and counts say."""


@dataclass(frozen=True)
class Point:
    """Arguments and values of all quantities.

    Attributes
    ----------
    region
        The corner or transition that the point belongs to.
    arguments
        Decimal strings by name (`ARGUMENTS`), each a float64 number.
    values
        Decimal strings by quantity; None where the quantity is not defined.
    """

    region: str
    arguments: dict[str, str]
    values: dict[str, str | None]

    def numbers(self) -> dict[str, float]:
        """Return the arguments as float64 numbers, without rounding."""
        return {name: float(text) for name, text in self.arguments.items()}


@dataclass(frozen=True)
class FixedPoint:
    """A fixed point of one stage or two: arguments of teacher and problem, and the values."""

    name: str
    problem: dict[str, str]
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The golden table with its provenance."""

    header: dict[str, Any]
    quantities: tuple[str, ...]
    points: tuple[Point, ...]
    replica: tuple[FixedPoint, ...]
    pipeline: tuple[FixedPoint, ...] = ()


def write_table(table: Table, path: Path) -> None:
    """Write `table` to `path`, with counts and checksum."""
    columns, points, replica, pipeline = _rows(table)
    counts = {"points": len(points), "replica": len(replica), "pipeline": len(pipeline)}
    header = {**table.header, **counts}
    text = "\n".join(
        [
            f'{{"header": {json.dumps(header, indent=1, ensure_ascii=False)},',
            f'"columns": {json.dumps(columns)},',
            '"points": [',
            ",\n".join(json.dumps(row, separators=(",", ":")) for row in points),
            '], "replica": [',
            ",\n".join(json.dumps(row, separators=(",", ":")) for row in replica),
            '], "pipeline": [',
            ",\n".join(json.dumps(row, separators=(",", ":")) for row in pipeline),
            f'], "checksum": "{_checksum(columns, points, replica, pipeline)}"}}',
        ]
    )
    path.write_text(text + "\n", encoding="utf-8")


def read_table(path: Path = TABLE_PATH) -> Table:
    """Read and verify the table.

    Raises
    ------
    TableError
        If the file is missing or no table, if a line was changed, added or dropped without a new
        checksum, or if a value is no number.
    """
    try:
        size = path.stat().st_size
        if size > SIZE_LIMIT:
            raise TableError(f"table {path} must have at most {SIZE_LIMIT} bytes, got {size}")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TableError(f"table {path} cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise TableError(f"table {path} is nested too deeply") from error
    except ValueError as error:
        raise TableError(f"table {path} is not JSON: {error}") from error
    try:
        header, columns = data["header"], data["columns"]
        points, replica, pipeline = data["points"], data["replica"], data["pipeline"]
        stated = {name: header[name] for name in ("points", "replica", "pipeline")}
        checksum = data["checksum"]
    except (KeyError, TypeError) as error:
        raise TableError(f"table {path} must be an object with header, columns, points, replica, "
                         f"pipeline and checksum: {error!r}") from error  # fmt: skip
    for name, rows in (("points", points), ("replica", replica), ("pipeline", pipeline)):
        if not isinstance(rows, list):
            raise TableError(f"table {path} must hold a list of {name}, got {rows!r:.60}")
        if len(rows) != stated[name]:
            raise TableError(f"table {path} must hold {stated[name]} {name}, got {len(rows)}")
    computed = _checksum(columns, points, replica, pipeline)
    if checksum != computed:
        raise TableError(
            f"table {path} was changed: its checksum must be {checksum}, got {computed}"
        )
    try:
        return _table(header, columns, points, replica, pipeline)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise TableError(f"table {path} holds a malformed row: {error!r}") from error


def _rows(table: Table) -> tuple[dict[str, Any], list[Any], list[Any], list[Any]]:
    columns = {"arguments": list(ARGUMENTS), "quantities": list(table.quantities)}
    points = [
        [
            point.region,
            [point.arguments[name] for name in ARGUMENTS],
            [point.values[name] for name in table.quantities],
        ]
        for point in table.points
    ]
    replica, pipeline = (
        [[entry.name, entry.problem, [entry.values[name] for name in names]] for entry in entries]
        for entries, names in ((table.replica, REPLICA_VALUES), (table.pipeline, PIPELINE_VALUES))
    )
    return columns, points, replica, pipeline


def _table(header: dict[str, Any], columns: Any, points: Any, replica: Any, pipeline: Any) -> Table:
    if columns["arguments"] != list(ARGUMENTS):
        raise ValueError(f"arguments must be {ARGUMENTS}, got {columns['arguments']}")
    quantities = tuple(columns["quantities"])
    return Table(
        header,
        quantities,
        tuple(
            Point(
                region,
                dict(zip(ARGUMENTS, map(_decimal, arguments), strict=True)),
                {
                    name: None if value is None else _decimal(value)
                    for name, value in zip(quantities, values, strict=True)
                },
            )
            for region, arguments, values in points
        ),
        *(
            tuple(
                FixedPoint(name, problem, dict(zip(names, map(_decimal, values), strict=True)))
                for name, problem, values in rows
            )
            for rows, names in ((replica, REPLICA_VALUES), (pipeline, PIPELINE_VALUES))
        ),
    )


def _decimal(text: str) -> str:
    if not isinstance(text, str) or not Decimal(text).is_finite():
        raise ValueError(f"a value must be a decimal string, got {text!r}")
    return text


def _checksum(*parts: Any) -> str:
    canonical = json.dumps(list(parts), separators=(",", ":"), sort_keys=True)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
