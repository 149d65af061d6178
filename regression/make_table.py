"""Make the golden table: `python -m regression.make_table` (half an hour; overwrites table.json).

The values are those of `numerics.multiprecision` at 50 digits. Before they are written, every one
is held once to its definition (`regression.definitions`): the penalty to the double integral of the
metric of the mirror flow, ℓ-order, κ and pretraining dependence to numerical differentiation of
logarithms, weights to the linear flow, conjugate and proximal operator to their optimality
conditions. Fixed points are solved a second time, unaided, at 70 digits, those of both stages at
60. A discrepancy stops the writing. `--pipeline` makes the fixed points of both stages alone, and
keeps the rest of the table.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import mpmath
from rich.console import Console
from rich.progress import track

from regression import pipelines
from regression.definitions import discrepancies
from regression.fixed_points import problems, solve
from regression.points import all_points
from regression.quantities import quantities
from regression.table import (
    PIPELINE_VALUES,
    REPLICA_VALUES,
    TABLE_PATH,
    FixedPoint,
    Point,
    Table,
    read_table,
    write_table,
)

SEED = 20261123
DIGITS = 50
# 30 digits are required of each definition; differentiation and quadrature reach about 40.
AGREEMENT = 1e-30
_MORE_DIGITS = 70
_MORE_PIPELINE_DIGITS = 60


class DefinitionError(ArithmeticError):
    """A value contradicts its definition."""


def decimal(value: Any, digits: int = DIGITS) -> str:
    """Return an mpf as the shortest decimal string of `digits` significant digits."""
    return str(mpmath.nstr(value, digits, strip_zeros=True, min_fixed=-3, max_fixed=8))


def make_point(region: str, arguments: dict[str, float]) -> tuple[Point, dict[str, float]]:
    """Evaluate one point, and check it against the definitions."""
    values = {
        quantity.name: decimal(quantity.multiprecision(arguments, DIGITS))
        if quantity.defined(arguments)
        else None
        for quantity in quantities()
    }
    texts = {name: repr(value) for name, value in arguments.items()}
    return Point(region, texts, values), discrepancies(arguments, values)


def make_fixed_point(name: str, problem: dict[str, str]) -> tuple[FixedPoint, float]:
    """Solve one fixed point at 50 digits, and again at 70; return the larger discrepancy."""
    solution, again = solve(problem, DIGITS), solve(problem, _MORE_DIGITS)
    with mpmath.workdps(_MORE_DIGITS):
        worst = max(
            float(abs(getattr(solution, value) / getattr(again, value) - 1))
            for value in REPLICA_VALUES
        )
    values = {value: decimal(getattr(solution, value)) for value in REPLICA_VALUES}
    return FixedPoint(name, problem, values), worst


def make_pipeline(name: str, problem: dict[str, str]) -> tuple[FixedPoint, float]:
    """Solve both stages at 50 digits, and again at 60; return the larger discrepancy."""
    solution, again = (
        pipelines.solve(problem, digits) for digits in (DIGITS, _MORE_PIPELINE_DIGITS)
    )
    with mpmath.workdps(_MORE_PIPELINE_DIGITS):
        worst = max(
            float(abs(getattr(solution, value) - truth) / truth if truth else 0)
            for value in PIPELINE_VALUES
            for truth in (getattr(again, value),)
        )
    values = {value: decimal(getattr(solution, value)) for value in PIPELINE_VALUES}
    return FixedPoint(name, problem, values), worst


def with_pipeline(table: Table, made: Sequence[tuple[FixedPoint, float]]) -> Table:
    """Return the table with these fixed points of both stages.

    Raises
    ------
    DefinitionError
        If 50 and 60 digits of one differ.
    """
    for entry, size in made:
        if not size <= 10.0 ** (1 - DIGITS):
            raise DefinitionError(
                f"{entry.name}: 50 and {_MORE_PIPELINE_DIGITS} digits differ by {size:.1e}"
            )
    worst = float(f"{max(size for _, size in made):.1e}")
    crosscheck = {**table.header["crosscheck"], "pipeline_50_against_60_digits": worst}
    header = {
        **table.header,
        "crosscheck": crosscheck,
        "pipeline_date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    return replace(table, header=header, pipeline=tuple(entry for entry, _ in made))


def _made_pipeline(jobs: int) -> list[tuple[FixedPoint, float]]:
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(make_pipeline, *zip(*pipelines.problems().items(), strict=True)))


def _make_point(drawn: tuple[str, dict[str, float]]) -> tuple[Point, dict[str, float]]:
    return make_point(*drawn)


def make_table(points: Sequence[tuple[str, dict[str, float]]], jobs: int = 1) -> Table:
    """Evaluate and cross-check all points and fixed points.

    Raises
    ------
    DefinitionError
        If a value differs from its definition by more than 1e-30.
    """
    names = tuple(quantity.name for quantity in quantities())
    worst = dict.fromkeys(names, 0.0)
    made: list[Point] = []
    with ProcessPoolExecutor(jobs) as pool:
        results = pool.map(_make_point, points, chunksize=4)
        progress = Console(stderr=True)
        for point, found in track(results, "points", len(points), console=progress):
            for name, size in found.items():
                if not size <= AGREEMENT:
                    raise DefinitionError(
                        f"{name} = {point.values[name]} differs from its definition by {size:.1e} "
                        f"at {point.arguments} ({point.region})"
                    )
                worst[name] = max(worst[name], size)
            made.append(point)
        solved = list(pool.map(make_fixed_point, *zip(*problems().items(), strict=True)))
    for entry, size in solved:
        if not size <= 10.0 ** (1 - DIGITS):
            raise DefinitionError(
                f"{entry.name}: 50 and {_MORE_DIGITS} digits differ by {size:.1e}"
            )
    header = {
        "about": "50-digit values of every public formula; arguments are float64 numbers",
        "made_by": f"python -m regression.make_table --seed {SEED}",
        "source": "numerics.multiprecision",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "mpmath": mpmath.__version__},
        "digits": DIGITS,
        "seed": SEED,
        "crosscheck": {
            "what": "each value against its definition when the table was made (see "
            "regression/definitions.py); worst relative discrepancy by quantity",
            "tolerance": AGREEMENT,
            "worst": {name: float(f"{size:.1e}") for name, size in worst.items()},
            "replica_50_against_70_digits": float(f"{max(size for _, size in solved):.1e}"),
        },
    }
    return Table(header, names, tuple(made), tuple(entry for entry, _ in solved))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m regression.make_table", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the random points")
    parser.add_argument("--out", type=Path, default=TABLE_PATH, help="where to write the table")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--pipeline", action="store_true", help="make the fixed points of both stages alone"
    )
    options = parser.parse_args(arguments)
    table = (
        read_table(options.out)
        if options.pipeline
        else make_table(list(all_points(options.seed)), options.jobs)
    )
    table = with_pipeline(table, _made_pipeline(options.jobs))
    write_table(table, options.out)
    Console().print(
        f"{len(table.points)} points, {len(table.replica)} fixed points, "
        f"{len(table.pipeline)} of both stages",
        options.out,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
