"""Figures for a report, drawn if they are missing or out of date.

`python -m verify.figures.page --out FOLDER` runs beside the checks of a run. A figure that fails
leaves an entry that says why, and the others are drawn.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from verify.figures.figure import Drawn, Figure

PREFIX = "figure-"
"""How the names of the paper's own figures begin."""
NOT_SHOWN = ("experiments",)
"""Figures that a report leaves out: many curves, whose tables alone would fill it."""


def report_figures() -> list[Figure]:
    """Return the figures of a report: the paper's, in the order of their numbers, then others."""
    from verify.figures.__main__ import FIGURES

    return [figure for name, figure in FIGURES.items() if name not in NOT_SHOWN]


def number(name: str) -> tuple[int, str]:
    """Return a key that puts figure-10 after figure-2, figure-4b after figure-4a, others last."""
    if not name.startswith(PREFIX):
        return (10**6, name)
    digits = "".join(char for char in name.removeprefix(PREFIX) if char.isdigit())
    return (int(digits[:6]) if digits else 0, name)


def draw(folder: Path, figures: Iterable[Figure]) -> list[str]:
    """Draw what `folder` does not hold as the present code would draw it; return what failed."""
    failed = []
    folder.mkdir(parents=True, exist_ok=True)
    for figure in figures:
        if figure.is_current(folder):
            continue
        try:
            figure.write(folder)
        except Exception as error:  # noqa: BLE001 - the page says which figure failed, and how
            problem = f"{type(error).__name__}: {error}"
            Drawn(figure.name, figure.caption, problem=problem).write(folder)
            failed.append(f"{figure.name}: {problem}")
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the report's figures that are missing or out of date; 1 if one cannot be drawn."""
    parser = argparse.ArgumentParser(prog="python -m verify.figures.page", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("results/figures"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    failed = draw(options.out, report_figures())
    for line in failed:
        sys.stderr.write(f"{line}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
