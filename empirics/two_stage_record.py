r"""Errors of finite networks from data in both stages, for comparison with the two-stage theory.

A row is one instance of a problem (`empirics.two_stage`): data of both stages drawn, both solved as
convex problems. It has (1/d)‖β̂_FT − β*_FT‖², its mean in each group, the same of pretraining, and
the mean of c_FT(β̂_PT) where pretraining is active and where it is not. In all dimensions the groups
have exactly the shares of the task, and n and n_PT are whole.

    python -m empirics.two_stage_record --out FILE        continues an incomplete FILE

Each row has data of its own. What errors owe to the fluctuation of a few squares is known: ‖y‖² and
the ‖X_gᵀy‖² of the columns in each group g, of both stages, have means that are known exactly
(`expected_squares`). Rows keep their relative deviations, control variates whose mean is 0.

The plan, made before any row was measured
------------------------------------------
Problems: `ROWS`, 64: the four regimes and c = 10⁻³, both slabs of both stages, ω = 0, ½ and 1,
α_PT from 0.05 to 1.5, σ_PT² = 0, 0.01 and 0.1, some with σ² = 0.1. α is, of 0.1, 0.15, 0.2, 0.25,
0.3, 0.4 and 0.5, the largest at which the theory's slopes in log α and log α_PT let expect a
scatter of at most 4.2/√d in log E; that scatter is the last column (1.2 · 1.8 · the length of the
slope: 1.8 as in `empirics.finite_size`, 1.2 from a pilot of six other problems with other streams
of random numbers, d = 250 to 1000, whose means were within their scatter of the theory and were
seen). One problem (regime II, α_PT = 0.5, ω = 1) got pretraining noise, as its scatter was 15/√d
without.
Seeds: `seeds_of`, so that the standard error of log(E_d/E) as d → ∞ is about 0.015, less where the
squares explain much. Stopping rule: all rows of `plan` are measured once with the committed code,
and none is added after looking. Changed when 7300 rows were there, for their cost, and nothing of
them had been read: rows are measured a fifth of each problem's seeds after the other, and only four
fifths (`FIFTHS`) are; the standard error is then about 0.017.

Estimate of each problem: log(E_d/E) = a + b/d + Σ γ·(the squares), weighted by d; a with its
standard error from the residuals (HC2). E is the error that the theory of both stages predicts,
`numerics.solve_pipeline`. Two-sided everywhere; families are the 64 problems; level 0.05:

1. Equivalence: |a| ≤ 0.1 for every problem: two one-sided t-tests each, Holm's correction. That is
   three standard errors of an error of 0.05 beyond it, and 0.05 at one problem alone is seen by 2.
2. z = a/(standard error), taken from Student's law to the normal: Σz² by a two-sided χ² test, the
   number of |z| > 2 by a two-sided binomial test, and the largest |z| by its two-sided p-value
   times 64; the three together by Holm's rule.
3. The one factor on all E that fits best, the mean of a weighted by 1/(its variance + 0.01²), is
   within 0.01 of 1 in the logarithm: two one-sided tests.
4. Mean c_FT of the active and of the inactive coordinates over the theory's: in the same way as 1,
   within 0.1 in the logarithm, wherever the scatter of its seeds decides that; at how many it does
   not is said.

False theories that 1 to 3 must tell apart: pretraining perfect, c_FT(β*_PT); θ₁ ignored; τ₁
ignored; c_FT at the mean of |β̂_PT| for its law; E five per cent larger or smaller.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empirics.measured_rows import Key, command_line, extend, header, read_record, require_cells
from empirics.two_stage import Stage, TwoStages, draw, learnt_scale, solve
from numerics.initialization import REGIMES
from numerics.validation import ActiveSlab, FloatArray

RHO_FT = 0.1
INITS = {**REGIMES, "baseline": (1e-3, 0.0, 0.0)}
# Initialisation, slabs of pretraining and fine-tuning, ρ_PT, ω, α_PT, σ_PT², α, σ², and √d times
# the scatter of log E that is expected.
_Row = tuple[str, ActiveSlab, ActiveSlab, float, float, float, float, float, float, float]
# fmt: off
ROWS: tuple[_Row, ...] = (
    ("I", "sign", "gaussian", 0.1, 0, 0.05, 0, 0.2, 0, 3.7),
    ("I", "gaussian", "sign", 0.2, 0.5, 0.1, 0, 0.25, 0, 2.3),
    ("I", "sign", "sign", 0.1, 1, 0.1, 0.1, 0.25, 0, 2.8),
    ("I", "gaussian", "gaussian", 0.2, 0, 0.2, 0, 0.2, 0, 3.2),
    ("I", "sign", "gaussian", 0.1, 0.5, 0.2, 0.01, 0.5, 0.1, 1.2),
    ("I", "gaussian", "sign", 0.2, 1, 0.3, 0, 0.25, 0, 3.1),
    ("I", "sign", "sign", 0.1, 0, 0.3, 0.01, 0.3, 0, 3.5),
    ("I", "gaussian", "gaussian", 0.2, 0.5, 0.5, 0, 0.2, 0, 4.1),
    ("I", "sign", "gaussian", 0.1, 1, 0.5, 0.1, 0.15, 0, 2.7),
    ("I", "gaussian", "sign", 0.2, 0, 0.7, 0.01, 0.5, 0.1, 3.2),
    ("I", "sign", "sign", 0.1, 0.5, 0.9, 0.1, 0.25, 0, 2.3),
    ("I", "gaussian", "gaussian", 0.2, 1, 0.9, 0.01, 0.15, 0, 2.6),
    ("I", "sign", "gaussian", 0.1, 0, 1.5, 0.01, 0.2, 0, 3.6),
    ("I", "gaussian", "sign", 0.2, 0.5, 1.5, 0.1, 0.25, 0, 2.5),
    ("II", "gaussian", "sign", 0.2, 0.5, 0.05, 0, 0.3, 0, 2.7),
    ("II", "sign", "sign", 0.1, 1, 0.1, 0, 0.3, 0, 3.2),
    ("II", "gaussian", "gaussian", 0.2, 0, 0.1, 0.1, 0.25, 0, 3.1),
    ("II", "sign", "gaussian", 0.1, 0.5, 0.2, 0, 0.5, 0.1, 2.2),
    ("II", "gaussian", "sign", 0.2, 1, 0.2, 0.01, 0.3, 0, 2.1),
    ("II", "sign", "sign", 0.1, 0, 0.3, 0, 0.4, 0, 3.2),
    ("II", "gaussian", "gaussian", 0.2, 0.5, 0.3, 0.01, 0.3, 0, 2.7),
    ("II", "sign", "gaussian", 0.1, 1, 0.5, 0.1, 0.3, 0, 2.7),
    ("II", "gaussian", "sign", 0.2, 0, 0.5, 0.1, 0.5, 0.1, 2.4),
    ("II", "sign", "sign", 0.1, 0.5, 0.7, 0.01, 0.4, 0, 2.5),
    ("II", "gaussian", "gaussian", 0.2, 1, 0.9, 0.1, 0.5, 0, 4),
    ("II", "sign", "gaussian", 0.1, 0, 0.9, 0.01, 0.5, 0, 4),
    ("II", "gaussian", "sign", 0.2, 0.5, 1.5, 0.01, 0.4, 0, 3.2),
    ("II", "sign", "sign", 0.1, 1, 1.5, 0.1, 0.5, 0.1, 3.3),
    ("III", "sign", "sign", 0.1, 1, 0.05, 0, 0.5, 0, 3.1),
    ("III", "sign", "gaussian", 0.1, 0.5, 0.1, 0.1, 0.5, 0.1, 2.3),
    ("III", "sign", "sign", 0.1, 0, 0.2, 0.01, 0.5, 0, 3),
    ("III", "sign", "gaussian", 0.1, 1, 0.3, 0.01, 0.5, 0, 4.1),
    ("III", "sign", "sign", 0.1, 0.5, 0.5, 0.1, 0.5, 0, 3.1),
    ("III", "sign", "gaussian", 0.1, 0, 0.9, 0.1, 0.5, 0, 3.6),
    ("III", "sign", "sign", 0.1, 1, 1.5, 0.01, 0.5, 0.1, 2.1),
    ("III", "gaussian", "gaussian", 0.2, 0, 1.5, 0.1, 0.5, 0, 3.3),
    ("IV", "gaussian", "gaussian", 0.2, 0, 0.05, 0, 0.2, 0, 3.2),
    ("IV", "sign", "gaussian", 0.1, 0.5, 0.1, 0, 0.5, 0.1, 0.5),
    ("IV", "gaussian", "sign", 0.2, 1, 0.1, 0.1, 0.3, 0, 4),
    ("IV", "sign", "sign", 0.1, 0, 0.2, 0, 0.3, 0, 2.9),
    ("IV", "gaussian", "gaussian", 0.2, 0.5, 0.2, 0.01, 0.2, 0, 2.8),
    ("IV", "sign", "gaussian", 0.1, 1, 0.3, 0, 0.1, 0, 2.7),
    ("IV", "gaussian", "sign", 0.2, 0, 0.3, 0.01, 0.3, 0.1, 2),
    ("IV", "sign", "sign", 0.1, 0.5, 0.5, 0, 0.2, 0, 2.1),
    ("IV", "gaussian", "gaussian", 0.2, 1, 0.5, 0.1, 0.2, 0, 3),
    ("IV", "sign", "gaussian", 0.1, 0, 0.7, 0.01, 0.25, 0, 3.8),
    ("IV", "gaussian", "sign", 0.2, 0.5, 0.9, 0.1, 0.3, 0, 2.9),
    ("IV", "sign", "sign", 0.1, 1, 0.9, 0.01, 0.5, 0.1, 2.5),
    ("IV", "gaussian", "gaussian", 0.2, 0, 1.5, 0.01, 0.2, 0, 2.8),
    ("IV", "sign", "gaussian", 0.1, 0.5, 1.5, 0.1, 0.2, 0, 3.2),
    ("baseline", "sign", "gaussian", 0.1, 0.5, 0.05, 0, 0.5, 0.1, 0.7),
    ("baseline", "gaussian", "sign", 0.2, 1, 0.1, 0, 0.3, 0, 2.8),
    ("baseline", "sign", "sign", 0.1, 0, 0.1, 0.1, 0.3, 0, 2.5),
    ("baseline", "gaussian", "gaussian", 0.2, 0.5, 0.2, 0, 0.25, 0, 3),
    ("baseline", "sign", "gaussian", 0.1, 1, 0.2, 0.01, 0.2, 0, 3.5),
    ("baseline", "gaussian", "sign", 0.2, 0, 0.3, 0, 0.4, 0.1, 3.1),
    ("baseline", "sign", "sign", 0.1, 0.5, 0.3, 0.01, 0.3, 0, 3.2),
    ("baseline", "gaussian", "gaussian", 0.2, 1, 0.5, 0, 0.15, 0, 3),
    ("baseline", "sign", "gaussian", 0.1, 0, 0.5, 0.1, 0.3, 0, 2.7),
    ("baseline", "gaussian", "sign", 0.2, 0.5, 0.7, 0.01, 0.3, 0, 1.9),
    ("baseline", "sign", "sign", 0.1, 1, 0.9, 0.1, 0.3, 0.1, 3.6),
    ("baseline", "gaussian", "gaussian", 0.2, 0, 0.9, 0.01, 0.3, 0, 2.2),
    ("baseline", "sign", "gaussian", 0.1, 0.5, 1.5, 0.01, 0.3, 0, 4),
    ("baseline", "gaussian", "sign", 0.2, 1, 1.5, 0.1, 0.4, 0, 3.2),
)
# fmt: on
DIMENSIONS = (260, 500, 1000)
FIFTHS = 4  # of the seeds, that are measured
ERRORS = ("error", "error overlap", "error new", "error pt-only", "error none")
PT_ERRORS = ("pt error", "pt error active", "pt error inactive")
SCALES = ("scale active", "scale inactive")
SQUARES = ("labels", "overlap", "new", "pt-only", "none")
PT_SQUARES = ("pt labels", "pt active", "pt inactive")
MEASURED = (*ERRORS, *PT_ERRORS, *SCALES, *SQUARES, *PT_SQUARES)
KEYS = ("problem", "d", "seed")
RECORDED = "two-stage.csv"


class Problem(NamedTuple):
    """A finite problem, its initialisation's name, and the scatter of log E, times √d."""

    stages: TwoStages
    label: str
    scatter: float

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        return f"{self.label}: {self.stages.name}"


@cache
def problems() -> tuple[Problem, ...]:
    """Return all problems; a row names one by its place here."""
    return tuple(
        Problem(
            TwoStages(
                rho_pt,
                RHO_FT,
                overlap,
                slab,
                pt_slab,
                *INITS[label],
                alpha_pt,
                noise_pt,
                alpha,
                noise,
            ),
            label,
            scatter,
        )
        for label, pt_slab, slab, rho_pt, overlap, alpha_pt, noise_pt, alpha, noise, scatter in ROWS
    )


def seeds_of(problem: Problem) -> dict[int, int]:
    """Return the number of seeds in each dimension."""
    # Extrapolation from 260 and 1000 multiplies the standard error at 1000 by about 4/3.
    many = max(20, math.ceil(9.0 * problem.scatter**2))
    return dict(zip(DIMENSIONS, (math.ceil(1.5 * many), math.ceil(many / 4), many), strict=True))


def plan() -> Iterator[tuple[int, int, int]]:
    """Yield (problem, d, seed) of every row, a fifth of each problem's seeds after the other."""
    for part in range(FIFTHS):
        for index, problem in enumerate(problems()):
            for d, count in seeds_of(problem).items():
                yield from ((index, d, seed) for seed in range(part, count, 5))


def expected_squares(stage: Stage, group: NDArray[np.intp], noise: float) -> FloatArray:
    """Return the means of ‖y‖² and of ‖X_gᵀy‖² in each group g over X and the noise, (1 + G,).

    As `empirics.free_energy.expected_squares`, of a given teacher.
    """
    n, squares = stage.y.size, stage.truth**2
    total = squares.sum()
    sizes, own = (np.bincount(group, weights=one) for one in (np.ones(group.size), squares))
    columns = own * (1.0 + 1.0 / n) + sizes * (total / n + noise)
    return np.array([total + n * noise, *columns])


def square_deviations(stage: Stage, group: NDArray[np.intp], noise: float) -> FloatArray:
    """Return the relative deviations of the squares from their means, (1 + G,)."""
    columns = np.bincount(group, weights=(stage.X.T @ stage.y) ** 2)
    squares = np.array([stage.y @ stage.y, *columns])
    return squares / expected_squares(stage, group, noise) - 1.0


def measure(index: int, d: int, seed: int) -> dict[str, float]:
    """Solve the instance of a row; return what is measured by name, without groups that are empty.

    Raises
    ------
    ValueError
        If there is no such problem.
    UnsolvedError
        If a minimiser's certificate fails.
    """
    if not 0 <= index < len(problems()):
        raise ValueError(f"problem must be one of {len(problems())}, got {index}")
    problem = problems()[index]
    stages, init = problem.stages, problem.stages.initialization
    drawn = draw(stages, d, np.random.default_rng([seed, d, index, 2]))
    ends = solve(f"{problem.name} at d={d}, seed={seed}", init, drawn)
    names = [one.name for one in stages.task.groups]
    inactive = (drawn.pretraining.truth == 0.0).astype(np.intp)
    misfits = (ends.finetuned - drawn.finetuning.truth) ** 2
    pt_misfits = (ends.pretrained - drawn.pretraining.truth) ** 2
    scale = learnt_scale(init, ends.pretrained)

    def means(values: FloatArray, group: NDArray[np.intp]) -> FloatArray:
        return np.asarray(np.bincount(group, weights=values) / np.bincount(group))

    return {
        "error": float(misfits.mean()),
        **_named("error ", names, means(misfits, drawn.group)),
        "pt error": float(pt_misfits.mean()),
        **_named("pt error ", ("active", "inactive"), means(pt_misfits, inactive)),
        **_named("scale ", ("active", "inactive"), means(scale, inactive)),
        **_named(
            "",
            ("labels", *names),
            square_deviations(drawn.finetuning, drawn.group, stages.noise_variance),
        ),
        **_named(
            "",
            PT_SQUARES,
            square_deviations(drawn.pretraining, inactive, stages.noise_variance_pt),
        ),
    }


def _named(start: str, names: Sequence[str], values: FloatArray) -> dict[str, float]:
    return {f"{start}{name}": value for name, value in zip(names, values.tolist(), strict=True)}


@dataclass(frozen=True)
class Recorded:
    """Recorded rows.

    Attributes
    ----------
    problem, d, seed
        Of each row, shape (N,); `problem` is its place in `problems`.
    measured
        By name (`MEASURED`), each of shape (N,); NaN where a problem has no such group.
    """

    problem: NDArray[np.int64]
    d: NDArray[np.int64]
    seed: NDArray[np.int64]
    measured: dict[str, FloatArray]

    def squares(self, index: int) -> FloatArray:
        """Return the control variates of a problem's rows, (S, K), of the groups that it has."""
        rows = self.problem == index
        columns = [self.measured[name][rows] for name in (*SQUARES, *PT_SQUARES)]
        return np.stack([one for one in columns if np.isfinite(one).all()], axis=1)


def load(text: str | None = None) -> Recorded:
    """Read recorded rows from the text of a file; by default the one of this package.

    Raises
    ------
    ValueError
        If the file has other columns or problems, or a row lacks a number.
    """
    columns = read_record(RECORDED, (*KEYS, *MEASURED), _numbered(), text)
    require_cells(columns, (*KEYS, "error", "pt error", *SCALES, "labels", "pt labels"))
    index, d, seed = (columns[name].astype(np.int64) for name in KEYS)
    return Recorded(index, d, seed, {name: columns[name] for name in MEASURED})


def _numbered() -> list[str]:
    return [f"problem {index}: {one.name}" for index, one in enumerate(problems())]


def produce(out: Path, revision: str) -> int:
    """Measure the rows that `out` lacks and append them; return their number.

    An incomplete last row is measured again.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """
    digits = dict.fromkeys((*SQUARES, *PT_SQUARES), ".4f")

    def cells(key: Key) -> list[str]:
        found = measure(*(int(one) for one in key))
        return [
            f"{found[name]:{digits.get(name, '.7g')}}" if name in found else "" for name in MEASURED
        ]

    head = header(
        "Errors of finite networks from data in both stages, overall and by groups, mean scales "
        "c_FT, and relative deviations of |y|^2 and |X_g' y|^2 from their means: one row an "
        "instance.",
        "empirics.two_stage_record",
        revision,
        {
            "seeds": "0, 1, ... for each problem and d, in the column `seed`",
            **dict(line.split(": ", 1) for line in _numbered()),
        },
    )
    return extend(out, head, KEYS, MEASURED, plan(), cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return command_line("empirics.two_stage_record", __doc__ or "", produce, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
