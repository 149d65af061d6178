"""Results of the study as CSV: written from stores, read from the package. Needs no torch.

Two tables for each protocol, in `empirics/recorded/`: `vision-NAME.csv` with a row for each
fine-tuned network, `vision-NAME-representation.csv` with a row for each stage and centring of it.
Lines that begin with # say what was measured, how, by which code, where and when.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from empirics.provenance import hardware, versions
from empirics.sweep.store import Store
from empirics.vision import VisionError

Cell = str | float | None
Row = Mapping[str, Cell]

WHERE = ("study", "seed", "factor", "n")
ACCURACY = (
    *WHERE,
    *("accuracy", "epochs", "loss", "reason"),
    *("pretraining_epochs", "pretraining_loss", "pretraining_reason"),
)
PLACE = ("reading", "stage", "centring")
REPRESENTATION = (*WHERE, *PLACE, "pr_before", "pr_after", "ensd", "ensd_inputs")
COLUMNS = {"accuracy": ACCURACY, "representation": REPRESENTATION}
# Readings of a representation: the mode of batch normalisation, and when "before" is.
READINGS = {
    "evaluation": ("evaluation mode", "after pretraining"),
    "training": ("training mode", "after the rescaling"),
    "published": ("mode not recorded", "after the rescaling"),
}

_TEXT = ("study", "reason", "pretraining_reason", *PLACE)
_DIGITS = 6
_LIBRARIES = ("torch", "torchvision", "numpy")


class ResultsError(VisionError):
    """Results are missing, or are not what a table of the study holds."""


@dataclass(frozen=True)
class Collected:
    """What stores hold of one protocol: rows by table, and facts for the header."""

    tables: Mapping[str, list[dict[str, Cell]]]
    facts: tuple[str, ...]


def file_name(protocol: str, table: str) -> str:
    """Return the name of a table's file."""
    suffix = {"accuracy": "", "representation": "-representation"}[table]
    return f"vision-{protocol}{suffix}.csv"


def collect(
    stores: Iterable[Path], protocol: str, seeds: Collection[int] | None = None
) -> Collected:
    """Gather the results of a protocol from the stores of studies; each condition once.

    Of all seeds, or of some.

    Raises
    ------
    ResultsError
        If there are none.
    StoreError
        If a store cannot be read.
    """
    tables: dict[str, dict[tuple[Any, ...], dict[str, Cell]]] = {name: {} for name in COLUMNS}
    seconds, starts, workers = 0.0, [], set()
    # By task: a baseline is a row of several studies and was trained once.
    trained: dict[str, float] = {}
    code: dict[str, set[str]] = {}
    for path in stores:
        with Store(path) as store:
            keys = set()
            for result in store.results():
                kind, name, *_ = (*result.sweep.split("/"), "")
                if kind != "vision" or name != protocol:
                    continue
                if seeds is not None and result.seed not in seeds:
                    continue
                keys.add(result.key)
                code.setdefault(result.code_version[:12], set()).add(result.key)
                study = result.sweep.split("/")[2]
                row = _row(study, result.seed, result.configuration, result.row)
                table = str(result.row["table"])
                place = tuple(row.get(name) for name in (*WHERE, *PLACE))
                tables[table][place] = row
                if table == "accuracy":
                    trained[result.key] = float(row["epochs"] or 0) * float(row["n"] or 0)
            for attempt in store.attempts():
                if attempt["task"] in keys and attempt["outcome"] == "done":
                    seconds += float(attempt["seconds"] or 0.0)
                    starts.append(float(attempt["started"] or 0.0))
                    workers.add(str(attempt["worker"]))
    if not tables["accuracy"]:
        raise ResultsError(f"the stores hold no results of the protocol {protocol!r}")
    dates = sorted({datetime.fromtimestamp(one, UTC).date().isoformat() for one in starts})
    facts = (
        f"devices: {', '.join(sorted(workers))}",
        "code versions: "
        + ", ".join(f"{one} ({len(made)} networks)" for one, made in sorted(code.items())),
        f"dates: {dates[0]} to {dates[-1]}",
        f"fine-tuning: {sum(trained.values()):.0f} images, each counted once an epoch, in "
        f"{seconds:.0f} s of wall-clock time, measurements included",
    )
    return Collected({name: _sorted(found.values()) for name, found in tables.items()}, facts)


def write(
    collected: Collected,
    folder: Path,
    protocol: str,
    *,
    commands: Sequence[str],
    revision: str,
    notes: Sequence[str] = (),
) -> list[Path]:
    """Write both tables into `folder`; return their paths. `OSError` if it cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table, rows in collected.tables.items():
        columns = COLUMNS[table]
        text = io.StringIO()
        for line in _header(collected, protocol, table, commands, revision, notes):
            text.write(f"# {line}\n")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_text(row.get(name)) for name in columns] for row in rows)
        path = folder / file_name(protocol, table)
        beside = path.with_name(f".{path.name}.part")
        beside.write_text(text.getvalue(), encoding="utf-8")
        beside.replace(path)
        written.append(path)
    return written


def read(protocol: str, table: str = "accuracy", folder: Path | None = None) -> list[Row]:
    """Read a table, by default one that comes with the package.

    Raises
    ------
    ResultsError
        If it is not there, has other columns, or a cell that should be a number is none.
    """
    place = files("empirics").joinpath("recorded") if folder is None else folder
    path = place.joinpath(file_name(protocol, table))
    if not path.is_file():
        raise ResultsError(f"there are no recorded results {path}")
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    reader = csv.reader(lines)
    if tuple(next(reader, ())) != COLUMNS[table]:
        raise ResultsError(f"{path} must have the columns {', '.join(COLUMNS[table])}")
    rows: list[Row] = []
    for number, cells in enumerate(reader, start=1):
        if len(cells) != len(COLUMNS[table]):
            raise ResultsError(f"{path}: row {number} must have {len(COLUMNS[table])} cells")
        try:
            rows.append({n: _cell(n, c) for n, c in zip(COLUMNS[table], cells, strict=True)})
        except ValueError as error:
            raise ResultsError(f"{path}: row {number}: {error}") from error
    return rows


def seed_of(row: Row) -> int:
    """Return the seed of a row."""
    return int(float(str(row["seed"])))


def place_of(row: Row) -> tuple[str, float, float]:
    """Return study, factor and n of a row; `ValueError` if it is of no factor."""
    return str(row["study"]), float(str(row["factor"])), float(str(row["n"]))


def _row(
    study: str, seed: int, configuration: Mapping[str, Any], content: Mapping[str, Any]
) -> dict[str, Cell]:
    factor = configuration["before"]["factor"] * configuration["after"]["factor"]
    row: dict[str, Cell] = {
        "study": study,
        "seed": float(seed),
        "factor": factor,
        "n": float(configuration["n"]),
    }
    row.update((name, value) for name, value in content.items() if name != "table")
    return row


def _sorted(rows: Iterable[dict[str, Cell]]) -> list[dict[str, Cell]]:
    """Return rows by study, seed, factor and n; what is equal in these stays in order."""
    return sorted(
        rows,
        key=lambda row: (
            str(row["study"]),
            *(float(str(row[name])) for name in ("seed", "factor", "n")),
        ),
    )


def _header(
    collected: Collected,
    protocol: str,
    table: str,
    commands: Sequence[str],
    revision: str,
    notes: Sequence[str],
) -> list[str]:
    what = {
        "accuracy": "Test accuracy of fine-tuned ResNet-18 on two classes of CIFAR-100, one row a "
        "network.",
        "representation": "Participation ratio before and after fine-tuning, and shared dimensions "
        "of both, by stage; ensd of C = F'F, ensd_inputs of F F'.",
    }[table]
    seeds: dict[str, set[int]] = {}
    for row in collected.tables["accuracy"]:
        seeds.setdefault(str(row["study"]), set()).add(seed_of(row))
    return [
        f"{what} Protocol: {protocol}.",
        *(f"command: {command}" for command in commands),
        f"code: {revision}",
        f"hardware: {hardware()}",
        *collected.facts,
        f"versions: {versions(*_LIBRARIES)}",
        "seeds: " + "; ".join(f"{study} {sorted(seeds[study])}" for study in seeds),
        *(f"note: {note}" for note in notes),
    ]


def _text(value: Cell) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.{_DIGITS}g}"


def _cell(name: str, text: str) -> Cell:
    if name in _TEXT:
        return text
    return float(text) if text else None
