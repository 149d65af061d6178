r"""Where networks of the experiments end: the exact minimisers of Theorem 4.1 at their own data.

Trained networks stop at a training error, which shows where their errors are small. Of instances
drawn as theirs are (`empirics.diagonal_tasks.curve_data`, from a seed), this solves
min Σ q(βᵢ; c_FT,ᵢ) subject to Xβ = y by dual Newton, to about 1e-8 of |β̂ − β*|, and keeps
(1/d)‖β̂ − β*‖². One row is one design X; a column is a setting, or the length ‖β*‖²/d of a teacher.

    python -m empirics.end_points --slab gaussian --out FILE      continues an incomplete FILE

Settings are those of Experiments 1-4 and Figure 5 that can be trained, once each; left out are
those that start at the saddle (λ = −c, γ = 0), and in a single task all λ but 0, which have the
same end points. Of d = 1000 the seeds are those of the trained networks, and the instances the
same. Of d = 5000 there are, at the networks' data scales, the steep points only, where the exact
error changes by more than `STEEP` per cent for one per cent of α: there d = 1000 smears the curve.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from empirics.diagonal_tasks import CurveData, curve_data
from empirics.experiments import (
    RHO_PT,
    SCALES,
    SLABS,
    Setting,
    Slab,
    as_configuration,
    infeasible,
    sweep_of_all,
    sweep_settings,
)
from empirics.finite_problems import solved
from empirics.measured_rows import Key, extend, header, read_columns
from numerics import solve_replica
from numerics.validation import FloatArray

# Beyond the networks' data scales: where inequalities of Section 5.3 change sign, and above 0.5.
FURTHER = (0.35, 0.45, 0.7)
ALPHAS = tuple(sorted((*SCALES["desk"].alphas, *FURTHER)))
# Seeds in each dimension. At d = 250 the rarest teachers would have 2.5 active coordinates.
SEEDS: Mapping[int, range] = {
    500: range(200, 248),
    SCALES["desk"].d: range(200, 214),
    5000: range(200, 203),
}
LARGEST_SWEPT = 1000
STEEP = 10.0
_STEP = 0.01  # in log α, for the slope of a curve


def record_name(slab: Slab) -> str:
    """Return the name of the file with the errors of one law of the teacher."""
    return f"end-points-{slab}.csv"


@cache
def end_settings(slab: Slab) -> tuple[Setting, ...]:
    """Return the settings whose end points are computed.

    Raises
    ------
    ValueError
        If there is no such law of the teacher.
    """
    chosen = sweep_settings(sweep_of_all(slab))
    refused = infeasible(chosen)
    return tuple(
        one
        for one in chosen
        if one.name not in refused
        and not (one.relative_scale == -1.0 and one.gamma == 0.0)
        and not (one.overlap is None and one.relative_scale != 0.0)
    )


@cache
def _first(slab: Slab) -> Mapping[tuple[object, ...], Setting]:
    return {one.parameters: one for one in end_settings(slab)}


def column(setting: Setting) -> str:
    """Return the name of the column with a setting's errors: that of the first with its parameters.

    Raises
    ------
    KeyError
        If its end points are not computed.
    """
    same = _first(setting.slab).get(setting.parameters)
    if same is None:
        raise KeyError(f"no end points are computed of {setting}")
    return f"{same.experiment} {same.label}"


def length_column(setting: Setting) -> str:
    """Return the name of the column with ‖β*‖²/d of a setting's teacher."""
    task = "single task" if setting.overlap is None else f"omega={setting.overlap:g}"
    return f"length {task} rho_ft={setting.rho_ft:g}"


@cache
def steep(setting: Setting) -> tuple[float, ...]:
    """Return the data scales of `ALPHAS` at which the exact error of a setting is steep."""
    steps = np.exp([[-_STEP], [_STEP]]) * np.array(ALPHAS)
    curve = solve_replica(setting.task, setting.initialization, steps.ravel())
    errors = curve.mse.reshape(steps.shape)
    slopes = np.abs(np.log(errors[1] / errors[0])) / (2.0 * _STEP)
    return tuple(alpha for alpha, slope in zip(ALPHAS, slopes, strict=True) if slope > STEEP)


def settings_at(slab: Slab, d: int, alpha: float) -> tuple[Setting, ...]:
    """Return the settings whose end points are computed at (d, α): beyond d = 1000 steep ones."""
    every = end_settings(slab)
    if d <= LARGEST_SWEPT:
        return every
    trained = alpha in SCALES["desk"].alphas
    return tuple(one for one in every if trained and alpha in steep(one))


def draw(chosen: Sequence[Setting], d: int, alpha: float, seed: int) -> CurveData:
    """Draw the data of settings of one slab, as the trained networks' are drawn."""
    configuration = {
        "slab": chosen[0].slab,
        "rho_pt": RHO_PT,
        "d": d,
        "alpha": alpha,
        "settings": [as_configuration(one) for one in chosen],
    }
    return curve_data(configuration, seed)


def scale_of(setting: Setting, beta_pt: FloatArray) -> FloatArray:
    """Return the penalty's scale of each coordinate, (d,): c_FT, and c in a single task."""
    init = setting.initialization
    if setting.overlap is None:
        return np.full(beta_pt.shape, init.c)
    return init.finetune_scale(beta_pt)


def measure(chosen: Sequence[Setting], d: int, alpha: float, seed: int) -> dict[str, float]:
    """Return the errors and the teachers' lengths by column, all on one design.

    Raises
    ------
    UnsolvedError
        If a minimiser's certificate fails.
    """
    data, found = draw(chosen, d, alpha, seed), {}
    for i, setting in enumerate(chosen):
        where = f"{setting.name} at d={d}, alpha={alpha}, seed={seed}"
        truth = data.beta_ft[i]
        beta = solved(where, data.X, data.y[i], scale_of(setting, data.beta_pt[i])).beta
        found[column(setting)] = float(np.mean((beta - truth) ** 2))
        found[length_column(setting)] = float(np.mean(truth**2))
    return found


@dataclass(frozen=True)
class EndPoints:
    """Recorded end points of one law of the teacher.

    Attributes
    ----------
    d, alpha, seed
        Of each row, shape (N,).
    columns
        Errors by `column` and lengths by `length_column`, (N,); NaN where not computed.
    """

    d: FloatArray
    alpha: FloatArray
    seed: FloatArray
    columns: Mapping[str, FloatArray]

    def of(self, setting: Setting, d: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return α (A,), errors and lengths (A, S) of a setting in d dimensions, by α and seed.

        Raises
        ------
        KeyError
            If there are none.
        ValueError
            If a data scale lacks a seed, or has one twice.
        """
        errors = self.columns[column(setting)]
        rows = np.flatnonzero((self.d == d) & ~np.isnan(errors))
        if rows.size == 0:
            raise KeyError(f"no end points of {setting.name} in d = {d}")
        order = rows[np.lexsort((self.seed[rows], self.alpha[rows]))]
        alphas, seeds = np.unique(self.alpha[order]), np.unique(self.seed[order])
        shape = alphas.size, seeds.size
        found = self.seed[order].tolist()
        if found != alphas.size * seeds.tolist():
            raise ValueError(f"{setting.name} must have every seed once at each α, got {found}")
        errors, lengths = (
            self.columns[name][order].reshape(shape)
            for name in (column(setting), length_column(setting))
        )
        return alphas, errors, lengths


def load(slab: Slab, text: str | None = None) -> EndPoints:
    """Read recorded end points from the text of a file; by default the one of this package.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If a row does not have as many fields as the file has columns.
    """
    if text is None:
        text = (files("empirics") / "recorded" / record_name(slab)).read_text(encoding="utf-8")
    columns = read_columns(text)
    return EndPoints(columns.pop("d"), columns.pop("alpha"), columns.pop("seed"), columns)


def plan(only: Sequence[int] = (), seeds: range | None = None) -> Iterator[Key]:
    """Yield (d, α, seed) of every row, seed by seed; of some dimensions, or with other seeds."""
    for d, planned in SEEDS.items():
        if only and d not in only:
            continue
        for seed in planned if seeds is None else seeds:
            for alpha in ALPHAS:
                yield float(d), alpha, float(seed)


def produce(out: Path, revision: str, fixed: str, slab: Slab, rows: Iterator[Key]) -> int:
    """Measure the rows that `out` lacks and append them; return their number.

    `revision` is that of the code, `fixed` that at which the plan was fixed.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """
    every = end_settings(slab)
    names = [column(one) for one in every]
    names += dict.fromkeys(length_column(one) for one in every)

    def cells(key: Key) -> list[str]:
        d, alpha, seed = int(key[0]), key[1], int(key[2])
        found = measure(chosen, d, alpha, seed) if (chosen := settings_at(slab, d, alpha)) else {}
        return [f"{found[name]:.11g}" if name in found else "" for name in names]

    head = header(
        f"Error (1/d)|beta - beta*|^2 of the penalty's minimiser, {slab} slab: one row a design X, "
        "one column a setting; and the length |beta*|^2/d of each teacher",
        f"empirics.end_points --slab {slab}",
        revision,
        {
            "plan": f"verify/plans.toml at {fixed}",
            "seeds": "of the trained networks for d = 1000; in the column `seed`",
        },
    )
    return extend(out, head, ("d", "alpha", "seed"), names, rows, cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m empirics.end_points", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--slab", choices=SLABS, required=True, help="law of the coefficients")
    parser.add_argument("--out", type=Path, required=True, help="file to create or to continue")
    parser.add_argument("--revision", default="unknown", help="of the code, for the header")
    parser.add_argument("--plan", default="none", help="revision at which the plan was fixed")
    parser.add_argument(
        "--d", type=int, nargs="*", default=(), choices=[*SEEDS], help="only these dimensions"
    )
    parser.add_argument(
        "--pilot", type=int, nargs=2, metavar=("FIRST", "END"), help="other seeds, for a pilot"
    )
    chosen = parser.parse_args(arguments)
    rows = plan(chosen.d, range(*chosen.pilot) if chosen.pilot else None)
    found = produce(chosen.out, chosen.revision, chosen.plan, chosen.slab, rows)
    sys.stdout.write(f"{found} new rows\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
