"""Errors of trained networks as a small CSV with its provenance: written from a store, and read.

    python -m empirics run all --scale desk --store FILE.sqlite --executor serial
    python -m empirics.diagonal_record --store FILE.sqlite --sweep "all desk" --out FILE.csv
        --revision CODE --plan CODE

A line is one network, with at most six significant digits (`_DIGITS`). Values that all networks
share are in the header, as `# name: value`. Only complete seeds are written, those with results at
every data scale.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from empirics.experiments import Setting, Slab
from empirics.provenance import hardware, versions
from empirics.sweep.store import Result, Store
from numerics.validation import FloatArray

_SETTING = ("rho_ft", "overlap", "c", "relative_scale", "gamma")
_MEASURED = (
    "learning_rate",
    "training_error",
    "test_error",
    "squared_error",
    "norm",
    "null_error",
    "shrinkage",
)
_DIGITS = {"training_error": 3, "shrinkage": 4, "learning_rate": 5, "test_error": 5}
_COLUMNS = (*_SETTING, "n", "seed", "epochs", "stop_reason", *_MEASURED)


@dataclass(frozen=True)
class Networks:
    """The networks of one setting, by data scale and seed.

    Attributes
    ----------
    alpha
        Data scales n/d, ascending, shape (A,).
    seeds
        Shape (S,).
    stop_reason
        Shape (A, S).
    measured
        Column name to values, (A, S): "squared_error" and the others of a row; NaN where a
        network diverged. "epochs" is one of them.
    """

    alpha: FloatArray
    seeds: tuple[int, ...]
    stop_reason: Any
    measured: Mapping[str, FloatArray]

    @property
    def error(self) -> FloatArray:
        """‖β̂ − β*‖²/d of the networks that converged, NaN elsewhere, shape (A, S)."""
        converged = self.stop_reason == "converged"
        return np.where(converged, self.measured["squared_error"], np.nan)


@dataclass(frozen=True)
class Recorded:
    """A recorded sweep.

    Attributes
    ----------
    header
        Values that all networks share, and their provenance.
    networks
        By the setting's (ρ_FT, ω, c, λ/c, γ).
    """

    header: Mapping[str, str]
    networks: Mapping[tuple[float | None, ...], Networks]

    @property
    def d(self) -> int:
        """Number of coordinates."""
        return int(self.header["d"])

    @property
    def slab(self) -> str:
        """Law of the active coefficients."""
        return self.header["slab"]

    def of(self, setting: Setting) -> Networks:
        """Return the networks of a setting.

        Raises
        ------
        KeyError
            If it was not trained.
        """
        key = (
            setting.rho_ft,
            setting.overlap,
            setting.c,
            setting.relative_scale,
            setting.gamma,
        )
        if setting.slab != self.slab or key not in self.networks:
            raise KeyError(f"no networks recorded of {setting}")
        return self.networks[key]

    def settings(self) -> list[Setting]:
        """Return all settings, in the order of their first lines."""
        slab: Slab = "sign" if self.slab == "sign" else "gaussian"
        return [
            Setting("recorded", "", rho or 0.0, overlap, c or 0.0, ratio or 0.0, gamma or 0.0, slab)
            for rho, overlap, c, ratio, gamma in self.networks
        ]


def record_name(slab: Slab) -> str:
    """Return the file name of the record of a law of the teacher."""
    return "diagonal-desk.csv" if slab == "gaussian" else f"diagonal-desk-{slab}.csv"


def available(name: str) -> bool:
    """Return whether a record comes with the code."""
    return (files("empirics") / "recorded" / name).is_file()


def load(slab: Slab) -> Recorded:
    """Read the record that comes with the code.

    Raises
    ------
    FileNotFoundError
        If there is none of that law of the teacher.
    """
    text = (files("empirics") / "recorded" / record_name(slab)).read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> Recorded:
    """Read a record.

    Raises
    ------
    ValueError
        If it has other columns, a network twice, or a setting lacks one at some α and seed.
    """
    lines = text.splitlines()
    pairs = (line[2:].partition(": ") for line in lines if line.startswith("# "))
    header = {name: value for name, _, value in pairs}
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    if not rows or tuple(rows[0]) != _COLUMNS:
        raise ValueError(f"a record must have the columns {_COLUMNS}, got {tuple(rows[:1])}")
    grouped: dict[tuple[float | None, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        grouped[tuple(float(row[name]) if row[name] else None for name in _SETTING)].append(row)
    d = int(header["d"])
    return Recorded(header, {key: _networks(key, found, d) for key, found in grouped.items()})


def _networks(key: tuple[float | None, ...], rows: list[dict[str, str]], d: int) -> Networks:
    sizes = sorted({int(row["n"]) for row in rows})
    seeds = sorted({int(row["seed"]) for row in rows})
    at = {(int(row["n"]), int(row["seed"])): row for row in rows}
    if not len(at) == len(rows) == len(sizes) * len(seeds):
        raise ValueError(f"setting {key} must have one network at each n and seed")
    grid = [[at[n, seed] for seed in seeds] for n in sizes]
    measured = {
        name: np.array([[float(row[name] or "nan") for row in line] for line in grid])
        for name in ("epochs", *_MEASURED)
    }
    reasons = np.array([[row["stop_reason"] for row in line] for line in grid])
    return Networks(np.array(sizes) / d, tuple(seeds), reasons, measured)


def record(results: Sequence[Result], revision: str, seconds: float, plan: str = "") -> str:
    """Return the results of a sweep as the text of a record.

    Parameters
    ----------
    results
        Of all tasks of the sweep that are done.
    revision
        Of the code that ran it.
    seconds
        Wall-clock time of all tasks together.
    plan
        Revision at which the plan of the sweep was fixed; "" if there was none.

    Raises
    ------
    ValueError
        If there is no whole seed, or networks of several sizes or slabs.
    """
    tasks = {result.key: result for result in results}
    alphas = {result.configuration["alpha"] for result in tasks.values()}
    done: dict[int, set[float]] = defaultdict(set)
    for result in tasks.values():
        done[result.seed].add(result.configuration["alpha"])
    seeds = sorted(seed for seed, found in done.items() if found == alphas)
    if not seeds:
        raise ValueError("a record must have a whole seed, got none")
    common = {
        name: {result.configuration[name] for result in tasks.values()}
        for name in (
            *("slab", "d", "rho_pt", "rate", "threshold", "look_every", "largest_product"),
            *("most_epochs", "test_inputs"),
        )
    }
    for name, values in common.items():
        if len(values) != 1:
            raise ValueError(f"all tasks of a record must share {name}, got {values}")
    whole = [result for result in results if result.seed in seeds]
    header = {
        "what": "diagonal networks trained by gradient descent (Experiments 1-4, Figure 5), a "
        "line each; stop_reason 'stationary': the start is a saddle",
        **{name: next(iter(values)) for name, values in common.items()},
        "alpha": ", ".join(f"{alpha:g}" for alpha in sorted(alphas)),
        "seeds": ", ".join(map(str, seeds)),
        "command": f"python -m empirics run {whole[0].sweep.rpartition(' ')[0]} --scale "
        f"{whole[0].sweep.rpartition(' ')[2]} --store FILE.sqlite --executor serial; "
        f'python -m empirics.diagonal_record --store FILE.sqlite --sweep "{whole[0].sweep}" '
        "--out FILE.csv",
        "code": revision,
        **({"plan": f"verify/plans.toml at {plan}"} if plan else {}),
        "hardware": f"{hardware()}; {seconds:.0f} s of wall-clock time, all tasks together",
        "versions": versions("numpy", "torch"),
        "date": datetime.now(UTC).date().isoformat(),
    }
    lines = [f"# {name}: {value}" for name, value in header.items()]
    lines.append(",".join(_COLUMNS))
    lines += [",".join(_cell(name, result.row[name]) for name in _COLUMNS) for result in whole]
    return "\n".join(lines) + "\n"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.{_DIGITS.get(name, 6)}g}" if isinstance(value, float) else str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the record of a sweep from its store."""
    parser = argparse.ArgumentParser(
        prog="python -m empirics.diagonal_record", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--store", type=Path, required=True, metavar="FILE.sqlite")
    parser.add_argument("--sweep", required=True, metavar="NAME", help="such as 'all desk'")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    parser.add_argument("--revision", default="unknown", help="of the code that ran the sweep")
    parser.add_argument("--plan", default="", help="revision at which its plan was fixed")
    chosen = parser.parse_args(arguments)
    with Store(chosen.store) as store:
        results = list(store.results(chosen.sweep))
        spent = sum(float(a["seconds"] or 0.0) for a in store.attempts() if a["outcome"] == "done")
    text = record(results, chosen.revision, spent, chosen.plan)
    chosen.out.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(text.splitlines())} lines\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
