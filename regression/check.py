"""Check float64, mpmath and enclosures against the golden table: `python -m regression.check`.

Exit status 0 if every value agrees within its tolerance, 1 if not (the worst points are listed),
2 if the table is missing, unreadable or was changed without its checksum.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import mpmath
from flint import ctx
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from numerics.certified.exact import ends
from regression import pipelines
from regression.fixed_points import enclose, solve, solve_in_float64
from regression.quantities import MULTIPRECISION, ROUNDING, Quantity, quantities
from regression.table import (
    PIPELINE_VALUES,
    REPLICA_VALUES,
    TABLE_PATH,
    FixedPoint,
    Point,
    Table,
    TableError,
    read_table,
)

DIGITS = 50
# Fixed points are solved to 50 digits from the table's values; the 50th may be rounded differently.
REPLICA_TOLERANCE = 1e-48
# A value rounded to 50 digits is off by half a unit of the last one; enclosures are so tight that
# they tell it from the next.
CERTIFIED_DIGITS = 60
CERTIFIED_TOLERANCE = 0.5
_LAST_DIGIT = "ulp"
# Fixed points of two stages take half a minute to 50 digits, some seconds to 20.
PIPELINE_DIGITS = 20
PIPELINE_TOLERANCE = 1e-19
# Newton stops, and the quadrature is refined, at the rounding of float64; errors are amplified.
SOLVER_TOLERANCE = 1e-13
# A rule for c_FT is accepted where one with fewer nodes has about this error.
PIPELINE_SOLVER_TOLERANCE = 1e-12
_LARGEST = "1.7976931348623157e308"
_SMALLEST_NORMAL = "2.2250738585072014e-308"
_SPACING_BELOW_NORMAL = "5e-324"


@dataclass(frozen=True)
class Finding:
    """One comparison: where, what was computed, what the table says, and the error."""

    quantity: str
    side: str
    region: str
    arguments: dict[str, str]
    computed: str
    expected: str
    error: float


@dataclass(frozen=True)
class Outcome:
    """All comparisons of one quantity on one side: float64, mpmath or Arb's enclosures.

    Errors are relative, unless a `unit` says what they are counted in.
    """

    quantity: str
    side: str
    tolerance: float
    findings: tuple[Finding, ...]
    unit: str = ""

    @property
    def worst(self) -> float:
        """Largest error."""
        return max(finding.error for finding in self.findings)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Findings beyond the tolerance (or not a number), worst first."""
        bad = [finding for finding in self.findings if not finding.error <= self.tolerance]
        return tuple(sorted(bad, key=lambda finding: -finding.error))


def check_float64(table: Table) -> list[Outcome]:
    """Compare the float64 kernels with the table."""
    context = _context()
    return [
        Outcome(
            quantity.name,
            "float64",
            ROUNDING,
            tuple(
                _compare_float64(context, quantity, point)
                for point in table.points
                if point.values[quantity.name] is not None
            ),
        )
        for quantity in quantities()
    ]


def check_multiprecision(table: Table, jobs: int = 1) -> list[Outcome]:
    """Compare mpmath at 50 digits with the table."""
    rows: Iterable[list[Finding]]
    if jobs == 1:
        rows = map(_multiprecision_row, table.points)
    else:
        # Fresh processes: a forked one may inherit locks of threads that it does not have.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            rows = list(pool.map(_multiprecision_row, table.points, chunksize=20))
    found: dict[str, list[Finding]] = {name: [] for name in table.quantities}
    for row in rows:
        for finding in row:
            found[finding.quantity].append(finding)
    return [
        Outcome(name, "mpmath", MULTIPRECISION, tuple(findings)) for name, findings in found.items()
    ]


def check_replica(table: Table, jobs: int = 1) -> list[Outcome]:
    """Solve the fixed points again in mpmath, from the table's values, and compare."""
    rows = _solved_again(_replica_row, table.replica, jobs)
    return [
        Outcome(f"replica {name}", "mpmath", REPLICA_TOLERANCE, tuple(row[index] for row in rows))
        for index, name in enumerate(REPLICA_VALUES)
    ]


def check_certified(table: Table) -> list[Outcome]:
    """Enclose the fixed points anew: every digit of the table is to be right, the last rounded.

    The error of a value is the largest distance from it of what an enclosure of 60 digits holds, in
    units of the value's 50th digit; half of one is what rounding may cost.
    """
    rows = [_certified_row(entry) for entry in table.replica]
    return [
        Outcome(
            f"replica {name}",
            "certified",
            CERTIFIED_TOLERANCE,
            tuple(row[index] for row in rows),
            _LAST_DIGIT,
        )
        for index, name in enumerate(REPLICA_VALUES)
    ]


def check_pipeline(table: Table, jobs: int = 1) -> list[Outcome]:
    """Solve the fixed points of both stages again in mpmath, to 20 digits, and compare."""
    rows = _solved_again(_pipeline_row, table.pipeline, jobs)
    return [
        Outcome(f"pipeline {name}", "mpmath", PIPELINE_TOLERANCE, tuple(row[index] for row in rows))
        for index, name in enumerate(PIPELINE_VALUES)
    ]


def _solved_again(
    row: Callable[[FixedPoint], list[Finding]], entries: Sequence[FixedPoint], jobs: int
) -> list[list[Finding]]:
    """Return the findings at each fixed point, solved in `jobs` processes."""
    if jobs == 1:
        return [row(entry) for entry in entries]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(row, entries))


def check_solver(table: Table) -> list[Outcome]:
    """Solve the fixed points by the float64 solver, and compare."""
    context = _context()
    rows = [(entry, solve_in_float64(entry.problem)) for entry in table.replica]
    return [
        Outcome(
            f"replica {name}",
            "float64",
            SOLVER_TOLERANCE,
            tuple(
                _solver_finding(context, "replica", name, entry, float(getattr(curve, name)[0]))
                for entry, curve in rows
            ),
        )
        for name in REPLICA_VALUES
    ]


def check_pipeline_solver(table: Table) -> list[Outcome]:
    """Solve the fixed points of both stages by the float64 solver, and compare."""
    context = _context()
    rows = []
    for entry in table.pipeline:
        curve = pipelines.solve_in_float64(entry.problem)
        first = curve.pretraining
        found = {"mse_pt": first.mse, "tau_pt": first.tau, "theta_pt": first.theta}
        found |= {name: float(getattr(curve, name)[0]) for name in ("mse", "tau", "theta")}
        rows.append((entry, found))
    return [
        Outcome(
            f"pipeline {name}",
            "float64",
            PIPELINE_SOLVER_TOLERANCE,
            tuple(
                _solver_finding(context, "pipeline", name, entry, found[name])
                for entry, found in rows
            ),
        )
        for name in PIPELINE_VALUES
    ]


def report(outcomes: Sequence[Outcome], console: Console, listed: int) -> bool:
    """Show the outcomes, with the `listed` worst points of what fails; return whether all agree."""
    caption = f"ulp: units of digit {DIGITS}" if any(one.unit for one in outcomes) else None
    grid = Grid("quantity", "side", title="Agreement with the golden table", caption=caption)
    for heading in ("points", "worst error", "tolerance"):
        grid.add_column(heading, justify="right")
    grid.add_column("")
    for outcome in outcomes:
        failed = len(outcome.failures)
        grid.add_row(
            outcome.quantity,
            outcome.side,
            str(len(outcome.findings)),
            f"{outcome.worst:.1e} {outcome.unit}".rstrip(),
            f"{outcome.tolerance:.0e}",
            f"[red]{failed} fail[/red]" if failed else "[green]ok[/green]",
        )
    console.print(grid)
    for outcome in outcomes:
        for finding in outcome.failures[:listed]:
            place = ", ".join(f"{name}={value}" for name, value in finding.arguments.items())
            console.print(
                Text(
                    f"{finding.quantity} ({finding.side}), {finding.region}: {place}\n"
                    f"    computed {finding.computed}\n    expected {finding.expected}\n"
                    f"    {'' if outcome.unit else 'relative '}error {finding.error:.3e} > "
                    f"{outcome.tolerance:.0e} {outcome.unit}".rstrip()
                ),
                soft_wrap=True,
            )
    return not any(outcome.failures for outcome in outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m regression.check", description=__doc__)
    parser.add_argument("--table", type=Path, default=TABLE_PATH, help="the golden table")
    parser.add_argument("--worst", type=int, default=5, help="failing points to list per quantity")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or options.worst < 1:
        parser.error(f"--jobs and --worst must be >= 1, got {options.jobs} and {options.worst}")
    console = Console()
    try:
        table = read_table(options.table)
        require_columns(table)
    except TableError as error:
        Console(stderr=True).print(Text(str(error)), soft_wrap=True)
        return 2
    outcomes = [
        *check_float64(table),
        *check_multiprecision(table, options.jobs),
        *check_replica(table, options.jobs),
        *check_certified(table),
        *check_pipeline(table, options.jobs),
        *check_solver(table),
        *check_pipeline_solver(table),
    ]
    return 0 if report(outcomes, console, options.worst) else 1


def require_columns(table: Table) -> None:
    """Raise TableError unless the table holds exactly the public quantities, each somewhere."""
    names = tuple(quantity.name for quantity in quantities())
    if table.quantities != names:
        raise TableError(f"table must hold the quantities {names}, got {table.quantities}")
    for name in names:
        if all(point.values[name] is None for point in table.points):
            raise TableError(f"table must hold values of {name}, got none")
    if not table.replica:
        raise TableError("table must hold replica fixed points, got none")
    if not table.pipeline:
        raise TableError("table must hold fixed points of both stages, got none")


def _compare_float64(context: Any, quantity: Quantity, point: Point) -> Finding:
    expected = str(point.values[quantity.name])
    try:
        computed = quantity.float64(point.numbers())
    except (ValueError, ArithmeticError) as error:
        return _finding(quantity.name, "float64", point, repr(error), expected, float("inf"))
    exact = context.mpf(expected)
    size = abs(exact)
    if size > context.mpf(_LARGEST):
        wrong = computed != (float("inf") if exact > 0 else float("-inf"))
        error_size = float("inf") if wrong else 0.0
    elif computed != computed or abs(computed) == float("inf"):
        error_size = float("inf")
    else:
        difference = abs(context.mpf(computed) - exact)
        if 0 < size < context.mpf(_SMALLEST_NORMAL):
            # Below the normal range float64 has a fixed spacing: two of them are allowed.
            spacing = context.mpf(_SPACING_BELOW_NORMAL)
            error_size = 0.0 if difference <= 2 * spacing else float(difference / size)
        else:
            error_size = _relative(difference, max(size, _sensitivity(context, quantity, point)))
    return _finding(quantity.name, "float64", point, repr(computed), expected, error_size)


def _sensitivity(context: Any, quantity: Quantity, point: Point) -> Any:
    """|β ∂w/∂β| = ½ |v| |β|/√(c² + β²) of a layer weight w with partner v; 0 of anything else."""
    if quantity.partner is None:
        return context.mpf(0)
    beta, c = (context.mpf(point.numbers()[name]) for name in ("beta_pt", "c"))
    partner = context.mpf(point.values[quantity.partner])
    return abs(partner * beta) / (2 * context.sqrt(c * c + beta * beta))


def _multiprecision_row(point: Point) -> list[Finding]:
    context = _context()
    findings = []
    for quantity in quantities():
        expected = point.values[quantity.name]
        if expected is None:
            continue
        computed = quantity.multiprecision(point.numbers(), DIGITS)
        findings.append(
            _exact_finding(
                context, quantity.name, point.region, point.arguments, computed, expected
            )
        )
    return findings


def _replica_row(entry: FixedPoint) -> list[Finding]:
    context = _context()
    solution = solve(entry.problem, DIGITS, (entry.values["tau"], entry.values["theta"]))
    return [
        _exact_finding(
            context,
            f"replica {name}",
            entry.name,
            entry.problem,
            getattr(solution, name),
            entry.values[name],
        )
        for name in REPLICA_VALUES
    ]


def _certified_row(entry: FixedPoint) -> list[Finding]:
    point = enclose(entry.problem, CERTIFIED_DIGITS)
    findings = []
    for name in REPLICA_VALUES:
        ball, expected = getattr(point, name), entry.values[name]
        computed, error = point.reason, float("inf")
        if ball.is_finite():
            value = Fraction(Decimal(expected))
            unit = Fraction(10) ** (Decimal(expected).adjusted() + 1 - DIGITS)
            with ctx.workdps(2 * CERTIFIED_DIGITS):
                computed, ends_of = str(ball.str(CERTIFIED_DIGITS)), ends(ball)
            error = float(max(abs(end - value) for end in ends_of) / unit)
        findings.append(
            Finding(
                f"replica {name}", "certified", entry.name, entry.problem, computed, expected, error
            )
        )
    return findings


def _pipeline_row(entry: FixedPoint) -> list[Finding]:
    context = _context()
    values = entry.values
    solution = pipelines.solve(
        entry.problem,
        PIPELINE_DIGITS,
        (values["tau_pt"], values["theta_pt"]),
        (values["tau"], values["theta"]),
    )
    return [
        _exact_finding(
            context,
            f"pipeline {name}",
            entry.name,
            entry.problem,
            getattr(solution, name),
            values[name],
        )
        for name in PIPELINE_VALUES
    ]


def _solver_finding(
    context: Any, stage: str, name: str, entry: FixedPoint, computed: float
) -> Finding:
    exact = context.mpf(entry.values[name])
    finite = abs(computed) < float("inf")
    error = _relative(abs(context.mpf(computed) - exact), abs(exact)) if finite else float("inf")
    expected = entry.values[name]
    return Finding(
        f"{stage} {name}", "float64", entry.name, entry.problem, repr(computed), expected, error
    )


def _exact_finding(
    context: Any, name: str, region: str, arguments: dict[str, str], computed: Any, expected: str
) -> Finding:
    value, exact = context.make_mpf(computed._mpf_), context.mpf(expected)
    error = _relative(abs(value - exact), abs(exact))
    return Finding(
        name, "mpmath", region, arguments, str(context.nstr(value, DIGITS)), expected, error
    )


def _relative(difference: Any, size: Any) -> float:
    if difference == 0:
        return 0.0
    return float(difference / size) if size else float("inf")


def _finding(
    name: str, side: str, point: Point, computed: str, expected: str, error: float
) -> Finding:
    return Finding(name, side, point.region, point.arguments, computed, expected, error)


def _context() -> Any:
    context = mpmath.MPContext()
    context.dps = DIGITS + 15
    return context


if __name__ == "__main__":
    sys.exit(main())
