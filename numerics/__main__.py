"""Command line: `python -m numerics curve`, `best-init` and `exchange`.

Exit status 0 for success, 1 if a point did not converge or was not certified, 2 for invalid input.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import numpy as np

from numerics.best_init import best_initialization
from numerics.certified import ExactPretraining, Mixture, certify_pipeline, certify_replica
from numerics.curve_export import (
    BOUNDED,
    Certified,
    Points,
    bound_columns,
    write_csv,
    write_document,
    write_json,
    write_plot,
    write_records,
)
from numerics.exchange import (
    ExchangeRates,
    NoiseConvention,
    Split,
    cheapest_split,
    exchange_rates,
    least_cost,
)
from numerics.initialization import Initialization
from numerics.pipeline import PipelineCurve, Pretraining, PretrainingError, solve_pipeline
from numerics.replica import ALPHA_RANGE, ConvergenceError, ReplicaCurve, solve_replica
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray

_LARGEST_COUNT = 1_000_000
_CERTIFIED_DIGITS = 12
# Every float64 number has a decimal of so many digits that reads as it.
_SHOWN_DIGITS = 17
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
    certified = None if options.certify is None else _certified(options, alpha)
    if options.csv:
        write_csv(options.csv, curve, certified)
    if options.json:
        write_json(options.json, curve, _inputs(options), certified)
    if options.plot:
        note = write_plot(options.plot, curve, certified)
        sys.stdout.write(f"{options.plot}: {note}\n" if note else "")
    if not (options.csv or options.json or options.plot):
        _print_curve(curve)
        if certified is not None:
            sys.stdout.write("\n")
            _print_bounds(alpha, certified)
    complete = certified is None or _all_certified(alpha, certified)
    return 0 if complete and curve.converged.all() else 1


def _certified(options: argparse.Namespace, alpha: FloatArray) -> Certified:
    """Certify a curve for the numbers as they are written, not as float64 rounds them."""
    scale = _written(options.c)
    if options.single_task is not None:
        mixture = Mixture.single_task(_written(options.single_task), c=scale, slab=options.slab)
    else:
        mixture = Mixture.pretrain_finetune(
            *(_written(getattr(options, name)) for name in ("rho_pt", "rho_ft", "overlap")),
            c=scale,
            relative_scale=_written(options.lam) / scale,
            gamma=_written(options.gamma),
            slab=options.slab,
            pt_slab=options.pt_slab or "sign",
        )
    scales = [_written(float(one)) for one in alpha]
    noise, ridge = _written(options.noise_variance), _written(options.ridge)
    if options.alpha_pt is None:
        return certify_replica(
            mixture, None, scales, noise_variance=noise, ridge=ridge, digits=options.certify
        )
    stage = ExactPretraining(
        None if options.alpha_pt == math.inf else _written(options.alpha_pt),
        _written(options.noise_pt or 0.0),
        _written(options.ridge_pt or 0.0),
    )
    return certify_pipeline(
        mixture, None, stage, scales, noise_variance=noise, ridge=ridge, digits=options.certify
    )


def _written(number: float) -> Fraction:
    """Return the shortest decimal that reads as a float: up to 15 digits, what was written."""
    return Fraction(repr(number))


def _all_certified(alpha: FloatArray, curve: Certified) -> bool:
    """Return whether every point is certified; name those that are not."""
    points: Points = curve.points
    failed = [
        f"alpha={scale:.10g}: {point.reason}"
        for scale, point in zip(alpha, points, strict=True)
        if not point.certified
    ]
    if failed:
        count = f"{len(failed)} of {len(points)} points not certified"
        sys.stderr.write("\n  ".join([f"curve: {count}", *failed]) + "\n")
    return not failed


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


def _exchange(options: argparse.Namespace) -> int:
    strengths = {
        "noise_variance_pt": options.noise_pt or 0.0,
        "ridge_pt": options.ridge_pt or 0.0,
        "noise_variance": options.noise_variance,
        "ridge": options.ridge,
        "noise_convention": options.noise_convention,
    }
    task, init = _task(options), Initialization(options.c, options.lam, options.gamma)
    asked = [name for name in ("budget", "target") if getattr(options, name) is not None]
    if not asked:
        _needs(options, "rates of exchange", ("alpha_pt", "alpha"), ("price_pt", "price_ft"))
        grids = alpha_grid(options.alpha_pt, "alpha-pt"), alpha_grid(options.alpha)
        rates = exchange_rates(task, init, *grids, **strengths, throw=False)
        _write_exchange(options, "rates", _rate_records(rates))
        return 0 if rates.converged.all() else 1
    if len(asked) > 1:
        raise ValueError("--budget and --target exclude each other")
    _needs(options, f"--{asked[0]}", ("price_pt", "price_ft"), ("alpha_pt", "alpha"))
    find = cheapest_split if asked == ["budget"] else least_cost
    amount = getattr(options, asked[0])
    split = find(task, init, amount, options.price_pt, options.price_ft, **strengths)
    _write_exchange(options, "split", [_split_record(split)])
    return 0


def _needs(
    options: argparse.Namespace, what: str, wanted: Sequence[str], unwanted: Sequence[str]
) -> None:
    """Raise ValueError unless the wanted options are given, and the others are not."""
    for names, given, verb in ((wanted, True, "need"), (unwanted, False, "exclude")):
        wrong = [name for name in names if (getattr(options, name) is None) == given]
        if wrong:
            flags = ", ".join(f"--{name.replace('_', '-')}" for name in wrong)
            verb = verb if what.endswith("exchange") else f"{verb}s"
            raise ValueError(f"{what} {verb} {flags}")


def _rate_records(rates: ExchangeRates) -> list[dict[str, Any]]:
    columns = {
        "alpha_pt": rates.alpha_pt[:, None],
        "alpha": rates.alpha[None, :],
        "mse": rates.mse,
        "relative_error": rates.relative_error,
        "mse_pt": rates.mse_pt[:, None],
        "d mse/d alpha_pt": rates.slope_pt,
        "d mse/d alpha": rates.slope_ft,
        "finetuning_per_pretraining": rates.finetuning_per_pretraining,
        "pretraining_per_finetuning": rates.pretraining_per_finetuning,
        "converged": rates.converged,
    }
    cells = [array.ravel().tolist() for array in np.broadcast_arrays(*columns.values())]
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]


def _split_record(split: Split) -> dict[str, Any]:
    return {
        "alpha_pt": split.alpha_pt,
        "alpha": split.alpha,
        "mse": split.mse,
        "cost": split.cost,
        "finetuning_per_pretraining": split.finetuning_per_pretraining,
    }


def _write_exchange(
    options: argparse.Namespace, name: str, records: Sequence[dict[str, Any]]
) -> None:
    if options.csv:
        write_records(options.csv, records)
    if options.json:
        inputs = {
            key: value
            for key, value in sorted(vars(options).items())
            if key not in ("command", "run", "csv", "json")
        }
        write_document(options.json, inputs, **{name: records})
    if options.csv or options.json:
        return
    short = {
        "alpha_pt": "alpha_pt",
        "alpha": "alpha",
        "mse": "error",
        "cost": "cost",
        "mse_pt": "pretraining error",
        "finetuning_per_pretraining": "ft per pt",
        "pretraining_per_finetuning": "pt per ft",
        "converged": "converged",
    }
    shown = [column for column in short if column in records[0]]
    head = tuple(short[column] for column in shown)
    _print_columns([head, *(tuple(_cell(record[name]) for name in shown) for record in records)])


def _cell(value: float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:.8g}"


def alpha_grid(text: str, name: str = "alpha") -> FloatArray:
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
        f"{name} must read like 0.3, 0.1,0.2,0.5 or start:stop:count with data scales up to "
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
    return Pretraining(options.alpha_pt, options.noise_pt or 0.0, options.ridge_pt or 0.0)


def _inputs(options: argparse.Namespace) -> dict[str, Any]:
    inputs = [
        "rho_pt", "rho_ft", "overlap", "single_task", "slab", "c", "lam", "gamma",
        "noise_variance", "ridge", "alpha",
    ]  # fmt: skip
    found = {name: getattr(options, name) for name in sorted(inputs)}
    if options.certify is not None:
        found["certify"] = options.certify
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


def _print_bounds(alpha: FloatArray, curve: Certified) -> None:
    """Print a line of lower and one of upper bounds for each point, in decimals rounded outward."""
    points: Points = curve.points
    records = [bound_columns(point) for point in points]
    shown = [name for name in BOUNDED if f"{name}_low" in records[0]]
    short = {"mse": "error", "degrees_of_freedom": "E[eta']"}
    head = ["alpha", "bound", *(short.get(name, name) for name in shown), "certified"]
    lines = [(*head, "" if all(curve.certified) else "reason")]
    for scale, point, bounds in zip(alpha, points, records, strict=True):
        verdict = "yes" if point.certified else "NO"
        for end, rounding in (("low", ROUND_FLOOR), ("high", ROUND_CEILING)):
            numbers = (_decimal(bounds[f"{name}_{end}"], rounding) for name in shown)
            lines.append((f"{scale:.10g}", end, *numbers, verdict, point.reason))
    _print_columns(lines)


def _decimal(value: float, rounding: str) -> str:
    if not math.isfinite(value):
        return str(value)
    return str(Context(prec=_SHOWN_DIGITS, rounding=rounding).create_decimal(Decimal(value)))


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
    scale = argparse.ArgumentParser(add_help=False)
    scale.add_argument(
        "--alpha", required=True, help="data scale: 0.3, 0.1,0.2 or start:stop:count"
    )
    stage = argparse.ArgumentParser(add_help=False)
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
    scale_pt = argparse.ArgumentParser(add_help=False)
    scale_pt.add_argument(
        "--alpha-pt",
        type=float,
        metavar="ALPHA",
        help="data scale of pretraining, inf for unlimited; without it the teacher is recovered",
    )
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--c", type=float, required=True, help="absolute scale")
    place.add_argument("--lam", type=float, default=0.0, help="relative scale, |lam| <= c")
    place.add_argument("--gamma", type=float, default=0.0, help="readout at re-initialisation")
    curve = commands.add_parser(
        "curve",
        parents=[task, scale, scale_pt, stage, place],
        help="print or write an error curve",
    )
    curve.add_argument("--csv", type=Path, metavar="FILE")
    curve.add_argument("--json", type=Path, metavar="FILE")
    curve.add_argument("--plot", type=Path, metavar="FILE", help=".png, .svg or .pdf")
    curve.add_argument(
        "--certify",
        type=int,
        nargs="?",
        const=_CERTIFIED_DIGITS,
        metavar="DIGITS",
        help="add bounds that are proved, of so many digits of the error (default: "
        f"{_CERTIFIED_DIGITS})",
    )
    curve.set_defaults(run=_curve)
    best = commands.add_parser(
        "best-init",
        parents=[task, scale, scale_pt, stage],
        help="search for the initialisation with the least error",
    )
    best.add_argument("--starts", type=int, default=12)
    best.add_argument("--seed", type=int, default=0)
    best.set_defaults(run=_best_init)
    exchange = commands.add_parser(
        "exchange",
        parents=[task, stage, place],
        help="how many examples of one stage an example of the other is worth; how to split a "
        "budget between them",
    )
    exchange.add_argument(
        "--alpha-pt", help="data scales of pretraining: 0.3, 0.1,0.2,inf or start:stop:count"
    )
    exchange.add_argument("--alpha", help="data scales of fine-tuning, likewise")
    exchange.add_argument("--budget", type=float, help="to be split, per coordinate")
    exchange.add_argument("--target", type=float, help="error to be reached at the least cost")
    exchange.add_argument("--price-pt", type=float, help="price of a pretraining example")
    exchange.add_argument("--price-ft", type=float, help="price of a fine-tuning example")
    exchange.add_argument(
        "--noise-convention",
        choices=get_args(NoiseConvention),
        default="1/n",
        help="variance of the inputs where the noise is measured; 1/d: examples are alike "
        "whatever their number",
    )
    exchange.add_argument("--csv", type=Path, metavar="FILE")
    exchange.add_argument("--json", type=Path, metavar="FILE")
    exchange.set_defaults(run=_exchange)
    return parser


if __name__ == "__main__":
    sys.exit(main())
