r"""Least values of the training objective in finite problems, for comparison with the free energy.

F_d = (1/d) min {(1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ; c_FT,ᵢ)}, without ridge (1/d) Σ q(β̂ᵢ) where Xβ̂ = y, by
dual Newton; of each problem also its two parts, (1/d) Σ q(β̂ᵢ) and (1/n)‖y − Xβ̂‖².

    python -m empirics.free_energy --out FILE        continues an incomplete FILE

Each row has a design of its own: deviations of different problems are independent. In all
dimensions d = 260, 500, ... the groups have exactly the shares of the task, and n = αd is whole.

What F_d owes to the fluctuation of a few squares is known: ‖y‖² and the ‖X_gᵀy‖² of the columns in
each group g have means that are known exactly (`expected_squares`). Rows keep their relative
deviations, control variates whose mean is 0.

The plan, made before any row was measured
------------------------------------------
Problems: both slabs × the four regimes × `KINDS`, 64 in all. Seeds: `seeds_of`, so that the
standard error of F_d/F as d → ∞ is about 0.002: from `SCATTER`, the scatter in a pilot with other
streams of random numbers (d = 250, some 500). It chose α, ϱ and σ², too, by scatter and cost; that
its means were within a few of its standard errors of the replica value was seen. Stopping rule: all
rows of `plan` are measured once with the committed code, and none is added after looking.

Estimate of each problem: F_d/F − 1 = a + b/d + Σ γ·(the five squares), weighted by d; a with its
standard error from the residuals (HC2, which allows for scatter that is not as 1/d). F is the
replica value. Decided of all 64 (level 0.05):

1. |a| ≤ 0.01 for every problem: two one-sided t-tests each, Holm's correction.
2. z = a/(standard error), taken from Student's law to the normal: the sum of z² by a two-sided χ²
   test, and the number of |z| > 2 by a two-sided binomial test; both together by Holm's rule.
3. Training errors of the 48 problems with a ridge: |a| ≤ 0.03 of their replica value, as in 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empirics.experiments import REGIMES, RHO_PT, SLABS, Setting
from empirics.finite_problems import (
    Curve,
    coordinate_scales,
    draw_design,
    draw_labels,
    draw_teacher,
    sizes_of,
    solved,
)
from empirics.measured_rows import (
    Key,
    command_line,
    extend,
    header,
    read_record,
    require_cells,
)
from numerics.penalty import penalty
from numerics.validation import FloatArray

OVERLAP = 0.5
# Of (α, ϱ, σ²): the standard deviation of F_d/F times √d that the squares leave in regimes I to IV,
# the larger of the two slabs.
SCATTER: Mapping[tuple[float, float, float], tuple[float, float, float, float]] = {
    (0.3, 0.0, 0.0): (0.37, 0.70, 0.61, 0.43),
    (0.3, 0.05, 0.0): (0.43, 0.81, 0.60, 0.51),
    (0.4, 0.05, 0.0): (0.25, 0.35, 0.59, 0.25),
    (0.4, 0.2, 0.0): (0.45, 0.76, 0.55, 0.47),
    (0.4, 0.0, 0.1): (0.62, 0.78, 0.70, 0.67),
    (0.4, 0.05, 0.1): (0.48, 0.69, 0.68, 0.53),
    (0.6, 0.1, 0.1): (0.36, 0.55, 0.72, 0.41),
    (1.2, 0.2, 0.0): (0.28, 0.27, 0.14, 0.25),
}
KINDS = tuple(SCATTER)
LARGEST, LARGEST_ALPHA = 5000, 0.3  # at this dimension only up to this α: the cost is that of n²d
SQUARES = ("labels", "overlap", "new", "pt-only", "none")
MEASURED = ("objective", "penalty", "training error", *SQUARES)
RECORDED = "free_energy.csv"


@dataclass(frozen=True)
class Problem:
    """A curve at one data scale, with a ridge.

    Attributes
    ----------
    curve
        Task, initialisation and label noise.
    alpha
        n/d.
    ridge
        Strength ϱ; 0 demands interpolation.
    """

    curve: Curve
    alpha: float
    ridge: float

    @property
    def kind(self) -> tuple[float, float, float]:
        """(α, ϱ, σ²)."""
        return (self.alpha, self.ridge, self.curve.noise_variance)

    @property
    def regime(self) -> str:
        """The regime of Figure 5."""
        return self.curve.setting.label

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        alpha, ridge, noise = self.kind
        where = f"alpha={alpha:g} ridge={ridge:g} noise={noise:g}"
        return f"{self.curve.setting.slab} slab, regime {self.regime}, {where}"


@cache
def problems() -> tuple[Problem, ...]:
    """Return all problems; a row names one by its place here."""
    return tuple(
        Problem(Curve(Setting("regimes", regime, RHO_PT, OVERLAP, *init, slab), noise), alpha, rho)
        for alpha, rho, noise in KINDS
        for slab in SLABS
        for regime, init in REGIMES.items()
    )


def seeds_of(problem: Problem) -> dict[int, int]:
    """Return the number of seeds in each dimension."""
    spread = SCATTER[problem.kind][[*REGIMES].index(problem.regime)]
    # Extrapolation from 260 and 1000 multiplies the standard error at 1000 by about 4/3.
    many = max(20, math.ceil(450 * spread**2))
    counts = {260: math.ceil(1.5 * many), 500: math.ceil(many / 4), 1000: many}
    if problem.alpha < 1.0:
        counts[2000] = 4
    if problem.alpha <= LARGEST_ALPHA:
        counts[LARGEST] = 2
    return counts


def plan() -> Iterator[tuple[int, int, int]]:
    """Yield (problem, d, seed) of every row."""
    for index, problem in enumerate(problems()):
        for d, count in seeds_of(problem).items():
            yield from ((index, d, seed) for seed in range(count))


def expected_squares(problem: Problem, d: int) -> FloatArray:
    """Return the means of ‖y‖² and of ‖X_gᵀy‖² in each group g over X and the noise, (1 + G,).

    With n examples, E‖y‖² = ‖β*‖² + nσ², and of a column E(xᵢᵀy)² = β*ᵢ² + (β*ᵢ² + ‖β*‖²)/n + σ²:
    the other columns add β*ⱼ²/n each, and xᵢᵀxᵢ = 1 + O(1/√n) has the variance 2/n.
    """
    n, noise = round(problem.alpha * d), problem.curve.noise_variance
    sizes = sizes_of(problem.curve, d)
    own = sizes * np.array([g.second_moment for g in problem.curve.setting.task.groups])
    total = own.sum()
    columns = own * (1 + 1 / n) + sizes * (total / n + noise)
    return np.array([total + n * noise, *columns])


class Found(NamedTuple):
    """What is measured in one row."""

    objective: float  # F_d
    penalty: float  # (1/d) Σ q(β̂ᵢ)
    training_error: float  # (1/n)‖y − Xβ̂‖²
    squares: FloatArray  # relative deviations from `expected_squares`, (5,)


class Instance(NamedTuple):
    """Design (n, d), labels (n,) and penalty scales (d,)."""

    X: FloatArray
    y: FloatArray
    scale: FloatArray


def draw(index: int, d: int, seed: int) -> Instance:
    """Draw the instance of a row.

    Raises
    ------
    ValueError
        If there is no such problem, or αd is not a whole number of examples, at least one.
    """
    if not 0 <= index < len(problems()):
        raise ValueError(f"problem must be one of {len(problems())}, got {index}")
    problem = problems()[index]
    n = round(problem.alpha * d)
    if n < 1 or abs(n - problem.alpha * d) > 1e-9 * n:
        raise ValueError(f"alpha d must be a whole number of examples, got {problem.alpha * d}")
    rng = np.random.default_rng([seed, d, n, index])
    X = draw_design(n, d, rng)
    truth = draw_teacher(problem.curve, d, rng)
    y = draw_labels(problem.curve, X, truth, rng)
    return Instance(X, y, coordinate_scales(problem.curve, d))


def measure(index: int, d: int, seed: int) -> Found:
    """Solve the problem of a row.

    Raises
    ------
    UnsolvedError
        If the minimiser's certificate fails.
    """
    problem, (X, y, scale) = problems()[index], draw(index, d, seed)
    found = solved(f"{problem.name} at d={d}, seed={seed}", X, y, scale, problem.ridge)
    ends = np.cumsum(sizes_of(problem.curve, d))[:-1]
    squares = [y @ y, *(part @ part for part in np.split(X.T @ y, ends))]
    return Found(
        found.value / d,
        float(np.mean(penalty(found.beta, scale))),
        float(np.mean((y - X @ found.beta) ** 2)),
        np.array(squares) / expected_squares(problem, d) - 1.0,
    )


@dataclass(frozen=True)
class Recorded:
    """Recorded rows.

    Attributes
    ----------
    problem, d, seed
        Of each row, shape (N,); `problem` is its place in `problems`.
    objective, penalty, training_error
        As in `Found`, (N,).
    squares
        As in `Found`, (N, 5).
    """

    problem: NDArray[np.int64]
    d: NDArray[np.int64]
    seed: NDArray[np.int64]
    objective: FloatArray
    penalty: FloatArray
    training_error: FloatArray
    squares: FloatArray


def load(text: str | None = None) -> Recorded:
    """Read recorded rows from the text of a file; by default the one of this package.

    Raises
    ------
    ValueError
        If the file has other columns or problems, or a row lacks a number.
    """
    names = ("problem", "d", "seed", *MEASURED)
    columns = read_record(RECORDED, names, _numbered(problems()), text)
    require_cells(columns, names)
    index, d, seed = (columns[name].astype(np.int64) for name in names[:3])
    objective, part, misfit = (columns[name] for name in MEASURED[:3])
    squares = np.stack([columns[name] for name in SQUARES], axis=1)
    return Recorded(index, d, seed, objective, part, misfit, squares)


def _numbered(named: Sequence[Problem]) -> list[str]:
    return [f"problem {index}: {problem.name}" for index, problem in enumerate(named)]


def produce(out: Path, revision: str) -> int:
    """Measure the rows that `out` lacks and append them; return their number.

    An incomplete last row is measured again.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """

    def cells(key: Key) -> list[str]:
        found = measure(*(int(one) for one in key))
        parts = [f"{one:.8g}" for one in (found.penalty, found.training_error)]
        return [f"{found.objective:.11g}", *parts, *(f"{one:.5f}" for one in found.squares)]

    head = header(
        "Least value per coordinate of (1/2 ridge)|y - X beta|^2 + sum q(beta_i) in finite "
        "problems, its parts, and relative deviations of |y|^2 and |X_g' y|^2 from their means: "
        "one row a problem.",
        "empirics.free_energy",
        revision,
        {
            "seeds": "0, 1, ... for each problem and d, in the column `seed`",
            **dict(line.split(": ", 1) for line in _numbered(problems())),
        },
    )
    return extend(out, head, ("problem", "d", "seed"), MEASURED, plan(), cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return command_line("empirics.free_energy", __doc__ or "", produce, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
