"""Command line: `python -m numerics curve` and `python -m numerics best-init`.

Exit status 0 for success, 1 if a point did not converge, 2 for invalid input.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numerics.best_init import best_initialization
from numerics.curve_export import write_csv, write_json, write_plot
from numerics.initialization import Initialization
from numerics.replica import ALPHA_RANGE, ConvergenceError, ReplicaCurve, solve_replica
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray

_LARGEST_COUNT = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    options = _parser().parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        status: int = options.run(options)
    except ValueError as error:
        sys.stderr.write(f"{options.command}: {error}\n")
        return 2
    except ConvergenceError as error:
        sys.stderr.write(f"{options.command}: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{options.command}: cannot write: {error}\n")
        return 2
    return status


def _joined(arguments: Sequence[str]) -> list[str]:
    """Write `--lam -1e-3` as `--lam=-1e-3`: argparse takes only -0.001 for a number."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == "--lam" and argument.startswith("-") and _is_number(argument):
            joined[-1] = f"--lam={argument}"
        else:
            joined.append(argument)
    return joined


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _curve(options: argparse.Namespace) -> int:
    init = Initialization(options.c, options.lam, options.gamma)
    curve = solve_replica(
        _task(options),
        init,
        alpha_grid(options.alpha),
        noise_variance=options.noise_variance,
        ridge=options.ridge,
        throw=False,
    )
    if options.csv:
        write_csv(options.csv, curve)
    if options.json:
        write_json(options.json, curve, _inputs(options))
    if options.plot:
        write_plot(options.plot, curve)
    if not (options.csv or options.json or options.plot):
        _print_curve(curve)
    return 0 if curve.converged.all() else 1


def _best_init(options: argparse.Namespace) -> int:
    (alpha,) = _single(alpha_grid(options.alpha))
    found = best_initialization(
        _task(options),
        alpha,
        noise_variance=options.noise_variance,
        ridge=options.ridge,
        starts=options.starts,
        seed=options.seed,
    )
    lines = [("initialisation", "c", "lambda/c", "gamma", "error", "on the edge of the search")]
    for candidate in found:
        init = candidate.init
        lines.append(
            (
                candidate.label,
                f"{init.c:.4g}",
                f"{init.relative_scale:.10g}",
                f"{init.gamma:.4g}",
                f"{candidate.mse:.12g}",
                ", ".join(candidate.at_bound),
            )
        )
    _print_columns(lines)
    return 0


def alpha_grid(text: str) -> FloatArray:
    """Read `0.3`, `0.1,0.2,0.5` or `start:stop:count` (count equally spaced values).

    Raises
    ------
    ValueError
        If the text is none of these.
    """
    try:
        if ":" not in text:
            return np.array([float(value) for value in text.split(",")])
        first, last, count = text.split(":")
        start, stop, number = float(first), float(last), int(count)
        if 1 <= number <= _LARGEST_COUNT and max(abs(start), abs(stop)) <= ALPHA_RANGE[1]:
            return np.linspace(start, stop, number)
    except ValueError:
        pass
    raise ValueError(
        "alpha must read like 0.3, 0.1,0.2,0.5 or start:stop:count with data scales up to "
        f"{ALPHA_RANGE[1]:g} and count in [1, {_LARGEST_COUNT}], got {text!r}"
    )


def _single(grid: FloatArray) -> FloatArray:
    if grid.size != 1:
        raise ValueError(f"best-init takes one alpha, got {grid.size}")
    return grid


def _task(options: argparse.Namespace) -> TaskDistribution:
    if options.single_task is not None:
        if not (options.rho_pt is options.rho_ft is options.overlap is None):
            raise ValueError("--single-task replaces --rho-pt, --rho-ft and --overlap")
        return TaskDistribution.single_task(options.single_task, slab=options.slab)
    given = {"--rho-pt": options.rho_pt, "--rho-ft": options.rho_ft, "--overlap": options.overlap}
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise ValueError(f"a task needs {', '.join(missing)}, or --single-task RHO")
    return TaskDistribution.pretrain_finetune(
        options.rho_pt, options.rho_ft, options.overlap, slab=options.slab
    )


def _inputs(options: argparse.Namespace) -> dict[str, Any]:
    inputs = {
        "rho_pt", "rho_ft", "overlap", "single_task", "slab", "c", "lam", "gamma",
        "noise_variance", "ridge", "alpha",
    }  # fmt: skip
    return {name: value for name, value in sorted(vars(options).items()) if name in inputs}


def _print_curve(curve: ReplicaCurve) -> None:
    head = ("alpha", "error", "relative error", "tau", "theta", "E[eta']", "penalty", "converged")
    body = [
        (
            f"{curve.alpha[index]:.10g}",
            f"{curve.mse[index]:.12g}",
            f"{curve.relative_error[index]:.1e}",
            f"{curve.tau[index]:.8g}",
            f"{curve.theta[index]:.8g}",
            f"{curve.degrees_of_freedom[index]:.8g}",
            f"{curve.penalty[index]:.8g}",
            "yes" if curve.converged[index] else "NO",
        )
        for index in range(curve.alpha.size)
    ]
    _print_columns([head, *body])


def _print_columns(lines: Sequence[tuple[str, ...]]) -> None:
    """Print lines of cells in columns wide enough for every digit."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m numerics", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    task = argparse.ArgumentParser(add_help=False)
    task.add_argument("--rho-pt", type=float, help="share of coordinates active in pretraining")
    task.add_argument("--rho-ft", type=float, help="share of coordinates active in fine-tuning")
    task.add_argument("--overlap", type=float, help="share of the latter that was pretrained")
    task.add_argument("--single-task", type=float, metavar="RHO", help="learn one task of density")
    task.add_argument("--slab", choices=["sign", "gaussian"], default="gaussian")
    task.add_argument("--noise-variance", type=float, default=0.0, help="of the labels")
    task.add_argument("--ridge", type=float, default=0.0, help="strength; 0 interpolates")
    task.add_argument("--alpha", required=True, help="data scale: 0.3, 0.1,0.2 or start:stop:count")
    curve = commands.add_parser("curve", parents=[task], help="print or write an error curve")
    curve.add_argument("--c", type=float, required=True, help="absolute scale")
    curve.add_argument("--lam", type=float, default=0.0, help="relative scale, |lam| <= c")
    curve.add_argument("--gamma", type=float, default=0.0, help="readout at re-initialisation")
    curve.add_argument("--csv", type=Path, metavar="FILE")
    curve.add_argument("--json", type=Path, metavar="FILE")
    curve.add_argument("--plot", type=Path, metavar="FILE", help=".png, .svg or .pdf")
    curve.set_defaults(run=_curve)
    best = commands.add_parser(
        "best-init", parents=[task], help="search for the initialisation with the least error"
    )
    best.add_argument("--starts", type=int, default=12)
    best.add_argument("--seed", type=int, default=0)
    best.set_defaults(run=_best_init)
    return parser


if __name__ == "__main__":
    sys.exit(main())
