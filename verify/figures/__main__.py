"""Command line: `python -m verify.figures [NAME ...] [--out FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from verify.figures import decoupling, error_curves, phase_portrait, pipeline, saddle, vision

FIGURES = {
    figure.name: figure
    for figure in (
        phase_portrait.FIGURE,
        error_curves.FIGURE_3,
        vision.FIGURE_4,
        error_curves.FIGURE_5,
        *vision.REPRESENTATIONS,
        error_curves.EXPERIMENT_CURVES,
        decoupling.FIGURE,
        saddle.FIGURE,
        *pipeline.FIGURES,
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the named figures, or all of them, and name the files written."""
    parser = argparse.ArgumentParser(prog="python -m verify.figures", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("results/figures"), metavar="FOLDER")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FIGURES)}")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in FIGURES]
    if unknown:
        parser.error(f"figure must be one of {', '.join(FIGURES)}, got {', '.join(unknown)}")
    console = Console(highlight=False, soft_wrap=True)
    for name in options.names or FIGURES:
        for path in FIGURES[name].write(options.out):
            console.print(str(path), markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
