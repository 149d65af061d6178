"""Command line: `python -m numerics curve` and `python -m numerics best-init`.

Exit status 0 for success, 1 if a point did not converge, 2 for invalid input.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numerics.best_init import best_initialization
from numerics.curve_export import write_csv, write_json, write_plot
from numerics.initialization import Initialization
from numerics.pipeline import PipelineCurve, Pretraining, PretrainingError, solve_pipeline
from numerics.replica import ALPHA_RANGE, ConvergenceError, ReplicaCurve, solve_replica
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray

_LARGEST_COUNT = 1_000_000
# Options whose value may be a negative number in scientific notation.
_SIGNED = ("--lam", "--alpha-pt", "--noise-pt", "--noise-variance-pt", "--ridge-pt")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    options = _parser().parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        status: int = options.run(options)
    except ValueError as error:
        sys.stderr.write(f"{options.command}: {error}\n")
        return 2
    except (ConvergenceError, PretrainingError) as error:
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
        if joined and joined[-1] in _SIGNED and argument.startswith("-") and _is_number(argument):
            joined[-1] += f"={argument}"
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
    pretraining = _pretraining(options)
    task, alpha = _task(options), alpha_grid(options.alpha)
    strengths = {"noise_variance": options.noise_variance, "ridge": options.ridge}
    if pretraining is None:
        curve = solve_replica(task, init, alpha, **strengths, throw=False)
    else:
        curve = solve_pipeline(task, init, pretraining, alpha, **strengths, throw=False)
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
    pretraining = _pretraining(options)
    found = best_initialization(
        _task(options),
        alpha,
        pretraining=pretraining,
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
        options.rho_pt,
        options.rho_ft,
        options.overlap,
        slab=options.slab,
        pt_slab=options.pt_slab or "sign",
    )


def _pretraining(options: argparse.Namespace) -> Pretraining | None:
    """Return the data of pretraining, or None where it is to recover its teacher."""
    if options.alpha_pt is None:
        given = {
            "--noise-pt": options.noise_pt,
            "--ridge-pt": options.ridge_pt,
            "--pt-slab": options.pt_slab,
        }
        for name, value in given.items():
            if value is not None:
                raise ValueError(f"{name} needs --alpha-pt, got {name} {value} without it")
        return None
    if options.single_task is not None:
        raise ValueError(
            "--alpha-pt needs a task with pretraining (--rho-pt, --rho-ft and --overlap), got "
            f"--single-task {options.single_task!r}"
        )
    try:
        return Pretraining(options.alpha_pt, options.noise_pt or 0.0, options.ridge_pt or 0.0)
    except ValueError as error:
        raise ValueError(f"pretraining: {error}") from None


def _inputs(options: argparse.Namespace) -> dict[str, Any]:
    inputs = [
        "rho_pt", "rho_ft", "overlap", "single_task", "slab", "c", "lam", "gamma",
        "noise_variance", "ridge", "alpha",
    ]  # fmt: skip
    found = {name: getattr(options, name) for name in sorted(inputs)}
    pretraining = _pretraining(options)
    if pretraining is None:
        return found
    alpha = pretraining.alpha
    return found | {
        "alpha_pt": alpha if math.isfinite(alpha) else str(alpha),
        "noise_variance_pt": pretraining.noise_variance,
        "ridge_pt": pretraining.ridge,
        "pt_slab": options.pt_slab or "sign",
    }


def _print_curve(curve: ReplicaCurve) -> None:
    if isinstance(curve, PipelineCurve):
        first = curve.pretraining
        numbers = (f"{first.mse:.12g}", f"{first.relative_error:.1e}")
        _print_columns(
            [
                ("stage", "error", "relative error", "tau_1", "theta_1"),
                ("pretraining", *numbers, f"{first.tau:.8g}", f"{first.theta:.8g}"),
            ]
        )
        sys.stdout.write("\n")
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
    stage = argparse.ArgumentParser(add_help=False)
    stage.add_argument(
        "--alpha-pt",
        type=float,
        metavar="ALPHA",
        help="data scale of pretraining, inf for unlimited; without it the teacher is recovered",
    )
    stage.add_argument(
        "--noise-pt",
        "--noise-variance-pt",
        type=float,
        metavar="VARIANCE",
        help="variance of the labels' noise in pretraining",
    )
    stage.add_argument("--ridge-pt", type=float, help="strength in pretraining; 0 interpolates")
    stage.add_argument(
        "--pt-slab", choices=["sign", "gaussian"], help="law of the pretraining teacher"
    )
    curve = commands.add_parser(
        "curve", parents=[task, stage], help="print or write an error curve"
    )
    curve.add_argument("--c", type=float, required=True, help="absolute scale")
    curve.add_argument("--lam", type=float, default=0.0, help="relative scale, |lam| <= c")
    curve.add_argument("--gamma", type=float, default=0.0, help="readout at re-initialisation")
    curve.add_argument("--csv", type=Path, metavar="FILE")
    curve.add_argument("--json", type=Path, metavar="FILE")
    curve.add_argument("--plot", type=Path, metavar="FILE", help=".png, .svg or .pdf")
    curve.set_defaults(run=_curve)
    best = commands.add_parser(
        "best-init",
        parents=[task, stage],
        help="search for the initialisation with the least error",
    )
    best.add_argument("--starts", type=int, default=12)
    best.add_argument("--seed", type=int, default=0)
    best.set_defaults(run=_best_init)
    return parser


if __name__ == "__main__":
    sys.exit(main())
