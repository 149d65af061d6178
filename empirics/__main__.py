"""Command line: `python -m empirics run | status | export | retry`.

Exit status: 0 if all tasks are done (status, export, retry: if none has failed), 1 if some have
failed or remain, 2 for bad usage or a store that cannot be used.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from empirics.processes import positive_int
from empirics.sweep import Task, export, runner
from empirics.sweep.database import DiskFullError, StoreError
from empirics.sweep.executors import ExecutorError
from empirics.sweep.progress import LiveProgress, print_status
from empirics.sweep.store import Counts, Store

SUCCESS, FAILURE, USAGE = 0, 1, 2
SCALES = ("smoke", "desk", "paper")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, emoji=False)
    errors = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
    try:
        status: int = options.command(options, console)
    except (DiskFullError, ExecutorError) as error:
        errors.print(f"empirics: {error}", markup=False)
        return FAILURE
    except (ValueError, OSError, StoreError) as error:
        errors.print(f"empirics: {error}", markup=False)
        return USAGE
    except KeyboardInterrupt:
        errors.print("empirics: interrupted; the same command continues", markup=False)
        return FAILURE
    return status


def experiment_tasks(experiment: str, scale: str) -> list[Task]:
    """Return the tasks of an experiment by name, or by a function `package.module:name` of a scale.

    Raises
    ------
    ValueError
        If there is no such experiment, or the named function does not return tasks.
    """
    module, colon, name = experiment.partition(":")
    if not colon:
        module, name = "empirics.experiments", "sweep_tasks"
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"there is no experiment {experiment}: {error}") from error
    if not colon:
        tasks = function(experiment, scale)
    elif callable(function):
        try:
            tasks = function(scale)
        except Exception as error:
            raise ValueError(f"{experiment}({scale!r}) raised {error!r}") from error
    else:
        raise ValueError(f"{experiment} must be a function of the scale, got {function!r}")
    if not isinstance(tasks, (list, tuple)) or not all(isinstance(task, Task) for task in tasks):
        raise ValueError(f"{experiment}({scale!r}) must return a list of tasks, got {tasks!r}")
    if not tasks:
        raise ValueError(f"the experiment {experiment} has no tasks at the scale {scale}")
    return list(tasks)


def _run(options: argparse.Namespace, console: Console) -> int:
    tasks = experiment_tasks(options.experiment, options.scale)
    with Store(options.store, create=True) as store, LiveProgress(console) as progress:
        counts = runner.run(
            tasks,
            store,
            options.executor,
            jobs=options.jobs,
            sweep=f"{options.experiment} {options.scale}",
            limit=options.limit,
            progress=progress,
        )
    console.print(_sentence(counts), markup=False)
    return SUCCESS if counts.done == counts.total else FAILURE


def _status(options: argparse.Namespace, console: Console) -> int:
    with Store(options.store) as store:
        counts = store.counts()
        if options.json:
            sys.stdout.write(json.dumps(_status_record(store, counts), indent=2) + "\n")
        else:
            print_status(console, store, tracebacks=options.tracebacks)
    return FAILURE if counts.failed else SUCCESS


def _export(options: argparse.Namespace, console: Console) -> int:
    if not (options.csv or options.parquet or options.attempts):
        raise ValueError("nothing to export: name --csv FILE, --parquet FILE or --attempts FILE")
    with Store(options.store) as store:
        _require_sweep(store, options.sweep)
        names, lines = export.table(store, options.sweep)
        if options.csv:
            export.write_csv(options.csv, names, lines)
        if options.parquet:
            export.write_parquet(options.parquet, names, lines)
        if options.attempts:
            export.write_attempts(options.attempts, store)
        counts = store.counts(options.sweep)
    console.print(f"{len(lines)} rows; {_sentence(counts)}", markup=False)
    return FAILURE if counts.failed else SUCCESS


def _retry(options: argparse.Namespace, console: Console) -> int:
    with Store(options.store) as store:
        _require_sweep(store, options.sweep)
        count = store.retry(options.sweep)
    console.print(f"{count} tasks that failed are pending again", markup=False)
    return SUCCESS


def _require_sweep(store: Store, sweep: str | None) -> None:
    if sweep is not None and sweep not in store.sweeps():
        raise ValueError(f"sweep must be one of {store.sweeps()}, got {sweep!r}")


def _status_record(store: Store, counts: Counts) -> dict[str, object]:
    return {
        **dataclasses.asdict(counts),
        "superseded": store.superseded(),
        "sweeps": {name: dataclasses.asdict(store.counts(name)) for name in store.sweeps()},
        "failures": [
            {"sweep": failure.sweep, "task": failure.key, "reason": failure.reason}
            for failure in store.failures()
        ],
    }


def _sentence(counts: Counts) -> str:
    text = f"{counts.done} of {counts.total} tasks done"
    if counts.failed:
        text += f", {counts.failed} failed (status says why, retry lets them run again)"
    left = counts.pending + counts.running
    return f"{text}, {left} left" if left else text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m empirics",
        description="Run sweeps of trained networks that can be stopped at any moment.",
        epilog=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="run | status | export | retry")
    store = argparse.ArgumentParser(add_help=False)
    store.add_argument("--store", type=Path, required=True, metavar="FILE.sqlite")
    sweep = argparse.ArgumentParser(add_help=False)
    sweep.add_argument("--sweep", metavar="NAME", help="one sweep only, such as 'reuse desk'")

    run = commands.add_parser("run", parents=[store], help="run or continue a sweep")
    run.add_argument(
        "experiment",
        metavar="EXPERIMENT",
        help="name of an experiment, or package.module:name of a function of the scale",
    )
    run.add_argument("--scale", choices=SCALES, default="smoke", help="default: smoke")
    run.add_argument(
        "--executor",
        default="serial",
        metavar="serial|processes|dask[:ADDRESS]",
        help="where the tasks run; ADDRESS of a Dask scheduler, such as tcp://host:8786",
    )
    run.add_argument("--jobs", type=positive_int, metavar="N", help="at a time (default: cores)")
    run.add_argument("--limit", type=float, metavar="S", help="seconds that a task may take")
    run.set_defaults(command=_run)

    status = commands.add_parser("status", parents=[store], help="show the state of a store")
    shape = status.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="for programs")
    shape.add_argument("--tracebacks", action="store_true", help="of the tasks that failed")
    status.set_defaults(command=_status)

    exported = commands.add_parser("export", parents=[store, sweep], help="write the rows")
    exported.add_argument("--csv", type=Path, metavar="FILE")
    exported.add_argument("--parquet", type=Path, metavar="FILE")
    exported.add_argument("--attempts", type=Path, metavar="FILE", help="CSV of times and hosts")
    exported.set_defaults(command=_export)

    retry = commands.add_parser("retry", parents=[store, sweep], help="let failed tasks run again")
    retry.set_defaults(command=_retry)
    return parser


if __name__ == "__main__":
    sys.exit(main())
