"""`nox -s fuzz`: run the modules of this package, several at a time, and count the examples.

Exit status 0 if nothing failed, 1 if something did, 2 for bad usage. What failed is shown with the
arguments that make it fail; hypothesis keeps them in `.hypothesis` and tries them first next time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

FOLDER = Path(__file__).resolve().parent
# Seconds that one module may take at depth 1.
_PATIENCE = 3600


@dataclass(frozen=True)
class Outcome:
    """What became of one module."""

    module: str
    failed: bool
    examples: int
    seconds: float
    output: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the session and return its exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    # The slowest first, so that no processor idles at the end.
    modules = sorted(FOLDER.glob("test_*.py"), key=lambda path: -path.stat().st_size)
    if options.modules:
        wanted = [FOLDER / f"test_{name}.py" for name in options.modules]
        unknown = [
            name for name, path in zip(options.modules, wanted, strict=True) if not path.is_file()
        ]
        if unknown:
            known = ", ".join(path.stem.removeprefix("test_") for path in modules)
            sys.stderr.write(f"fuzz: no module {', '.join(unknown)}; there are {known}\n")
            return 2
        modules = wanted
    started = time.perf_counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = []
        for outcome in pool.map(lambda path: _run(path, options), modules):
            outcomes.append(outcome)
            fate = "FAILED" if outcome.failed else "ok"
            counted = f"{outcome.examples:>8} examples {outcome.seconds:7.1f} s"
            console.print(f"{outcome.module:<16} {counted}  {fate}")
            if outcome.failed:
                console.print(outcome.output, markup=False)
    total = sum(outcome.examples for outcome in outcomes)
    failed = [outcome.module for outcome in outcomes if outcome.failed]
    seconds = time.perf_counter() - started
    console.print(
        f"{total} examples in {seconds:.0f} s at depth {options.depth:g}, seed {options.seed}; "
        + (f"failed: {', '.join(failed)}" if failed else "nothing failed")
    )
    return 1 if failed else 0


def _run(path: Path, options: argparse.Namespace) -> Outcome:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        counts = Path(folder) / "counts.json"
        process = subprocess.run(
            [
                sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                f"--hypothesis-seed={options.seed}", str(path),
            ],
            env={
                **os.environ,
                "FUZZ_DEPTH": repr(options.depth),
                "FUZZ_COUNTS": str(counts),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            cwd=FOLDER.parent,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )  # fmt: skip
        drawn = json.loads(counts.read_text(encoding="utf-8")) if counts.is_file() else {}
    return Outcome(
        path.stem.removeprefix("test_"),
        process.returncode != 0,
        sum(drawn.values()),
        time.perf_counter() - started,
        process.stdout + process.stderr,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--depth", type=_share, default=1.0, metavar="X", help="share of all examples (default: 1)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the draws (default: 0)")
    parser.add_argument(
        "--jobs", type=_count, default=os.cpu_count() or 1, help="modules at a time"
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as kernels; all if none")
    return parser


def _share(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 1000.0:
        raise argparse.ArgumentTypeError(f"must lie in [0, 1000], got {value}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


if __name__ == "__main__":
    sys.exit(main())
