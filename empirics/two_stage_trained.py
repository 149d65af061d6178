r"""Networks trained by gradient descent through both stages, from data in both (beyond the paper).

A row is one network of `empirics.diagonal`, trained on pretraining data from the initialisation,
re-balanced (eqs. 4-5) and trained on fine-tuning data: (1/d)‖β − β*‖² at the end of both stages,
the training errors and epochs there, and the same errors of the two convex problems on the same
data (`empirics.two_stage.solve`). Errors of fine-tuning tend to these with the learning rate; those
of pretraining are kept and not judged.

    python -m empirics.two_stage_trained --out FILE        continues an incomplete FILE

The plan, made before any network of the record was trained
-----------------------------------------------------------
Problems: `CASES`, ten: ρ_PT = ρ_FT = 0.1, ω = 1, sign slab in pretraining and Gaussian slab in
fine-tuning, c = 0.01, λ = γ = 0, α = 0.3 without noise, and α_PT = 0.1, 0.3, 0.5, 0.8, 1.5 with
σ_PT² = 0 and 0.01. d = 300: at d = 1000 the slowest networks, near n_PT = d with noise, would each
need an hour.
Learning rates: η = 0.05 and 0.0125, for the loss ½‖Xβ − y‖² of inputs of variance 1/n. The
published rate, 1/d, would be 0.0033 here and take four times as long; in a pilot with other seeds
(16 networks at four of the problems) log E differed from the convex problems' by up to 0.066 at
0.05, 0.017 at 0.0125 and 0.003 when extrapolated to 0, so that it goes as η.
A stage ends at a training error of 10⁻⁹, checked every 50 epochs. Where n_PT > d and labels are
noisy none is reached: pretraining ends after the time 1000 of the flow.
Seeds: 0 to 39, with the same data for both rates. Stopping rule: all rows are trained once with
the committed code; none is added or left out. A network that diverges, or reaches 10⁷ epochs, stays
in the record, and no claim stands that it is part of.

Judged (family-wise level 0.05; two-sided but for 4):

1. |log(E_η/E)| ≤ 5η for each network, where E is the error of the two convex problems on its data;
   (4 log E_η − log E_4η)/3, extrapolated to η = 0, is within 0.02 of log E. No scatter: each.
2. The mean over seeds of the extrapolated log E is within 0.3 of the theory of two stages, log of
   `numerics.solve_pipeline`'s E, at each of the ten problems: two one-sided t tests each, Holm.
   (The pilot's convex problems, 30 other seeds each, scatter by 0.28 to 0.49 and lay within 1.3
   standard errors of the theory; no correction for finite d.)
3. The mean of all ten deviations is within 0.1: two one-sided t tests on the means of the seeds.
4. Without noise the error falls from each α_PT to the next. With noise it falls up to α_PT = 0.5,
   and rises from 0.5 to 0.8: near n_PT = d more noisy examples harm. One-sided Welch t tests of the
   mean of the extrapolated log E, seven, Holm.

False theories that 2 must tell apart: pretraining perfect, c_FT(β*_PT); θ₁ ignored; τ₁ ignored;
c_FT at the mean of |β̂_PT| for its law; c_FT twice as large.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empirics.diagonal import TrainingResult, initial_state, rebalanced, train
from empirics.measured_rows import Key, command_line, extend, header, read_record, require_cells
from empirics.provenance import version
from empirics.two_stage import Instance, Stage, TwoStages, draw, solve
from numerics.initialization import LayerWeights
from numerics.validation import FloatArray

D = 300
ALPHA_PT = (0.1, 0.3, 0.5, 0.8, 1.5)
NOISE_PT = (0.0, 0.01)
CASES = tuple(
    TwoStages(0.1, 0.1, 1.0, "gaussian", "sign", 0.01, 0.0, 0.0, alpha_pt, noise_pt, 0.3)
    for noise_pt in NOISE_PT
    for alpha_pt in ALPHA_PT
)
RATES = (0.05, 0.0125)
SEEDS = 40
TOGETHER = 8  # seeds that are trained in one batch
THRESHOLD = 1e-9
LOOK_EVERY = 50
MOST_EPOCHS = 10_000_000
LEAST_SQUARES_TIME = 1000.0
ERRORS = ("error", "pt error", "convex error", "convex pt error")
TRAINING = ("training error", "pt training error", "epochs", "pt epochs")
MEASURED = (*ERRORS, *TRAINING)
KEYS = ("problem", "rate", "seed")
RECORDED = "two-stage-trained.csv"


class Trained(NamedTuple):
    """A batch of networks at the ends of both stages."""

    pretraining: TrainingResult
    finetuning: TrainingResult


def instance(index: int, seed: int) -> Instance:
    """Return the data of a row."""
    return draw(CASES[index], D, np.random.default_rng([seed, D, index, 3]))


def fits(problem: TwoStages) -> bool:
    """Whether some β fits the data of pretraining."""
    return problem.alpha_pt <= 1.0 or problem.noise_variance_pt == 0.0


def train_both(problem: TwoStages, drawn: Sequence[Instance], rate: float) -> Trained:
    """Train a network on each instance, through both stages, at a learning rate."""
    init = problem.initialization
    most = MOST_EPOCHS if fits(problem) else round(LEAST_SQUARES_TIME / rate)
    start = initial_state(init, len(drawn), drawn[0].pretraining.truth.size)
    first = _descend(start, [one.pretraining for one in drawn], rate, most)
    again = rebalanced(first.layer_weights(), init.gamma)
    return Trained(first, _descend(again, [one.finetuning for one in drawn], rate, MOST_EPOCHS))


def _descend(
    start: LayerWeights, stages: Sequence[Stage], rate: float, most: int
) -> TrainingResult:
    X, y = (np.stack([getattr(one, name) for one in stages]) for name in ("X", "y"))
    return train(
        start,
        X,
        y,
        learning_rate=rate,
        threshold=THRESHOLD,
        look_every=LOOK_EVERY,
        most_epochs=most,
    )


def plan() -> Iterator[tuple[int, float, int]]:
    """Yield (problem, rate, seed) of every row, some seeds of each problem after the other."""
    for first in range(0, SEEDS, TOGETHER):
        for index in range(len(CASES)):
            for rate in RATES:
                yield from ((index, rate, seed) for seed in range(first, first + TOGETHER))


@lru_cache(maxsize=1)
def _measured(index: int, rate: float, first: int) -> list[dict[str, float]]:
    """Train a batch of networks of consecutive seeds; return what is measured of each."""
    problem, seeds = CASES[index], range(first, first + TOGETHER)
    drawn = [instance(index, seed) for seed in seeds]
    pt_truth, truth = (
        np.stack([one.truth for one in stages])
        for stages in zip(*((one.pretraining, one.finetuning) for one in drawn), strict=True)
    )
    ends = train_both(problem, drawn, rate)
    found = zip(
        seeds,
        drawn,
        ends.finetuning.squared_error(truth),
        ends.pretraining.squared_error(pt_truth),
        ends.finetuning.training_error,
        ends.pretraining.training_error,
        ends.finetuning.epochs,
        ends.pretraining.epochs,
        strict=True,
    )
    rows = []
    for seed, one, error, pt_error, *training in found:
        convex = solve(f"{problem.name}, seed {seed}", problem.initialization, one)
        of_convex = (
            float(np.mean((convex.finetuned - one.finetuning.truth) ** 2)),
            float(np.mean((convex.pretrained - one.pretraining.truth) ** 2)),
        )
        values = (float(error), float(pt_error), *of_convex, *(float(part) for part in training))
        rows.append(dict(zip(MEASURED, values, strict=True)))
    return rows


def measure(index: int, rate: float, seed: int) -> dict[str, float]:
    """Train the network of a row, in the batch of its seeds; return what is measured by name.

    Raises
    ------
    ValueError
        If there is no such row.
    UnsolvedError
        If a convex problem's certificate fails.
    ImportError
        If torch is not installed (the extra ``torch``).
    """
    if not (0 <= index < len(CASES) and rate in RATES and 0 <= seed < SEEDS):
        raise ValueError(
            f"a row must have one of {len(CASES)} problems, a rate in {RATES} and one of {SEEDS} "
            f"seeds, got {(index, rate, seed)}"
        )
    place = seed % TOGETHER
    return _measured(index, rate, seed - place)[place]


@dataclass(frozen=True)
class Recorded:
    """Recorded rows.

    Attributes
    ----------
    problem, rate, seed
        Of each row, shape (N,); `problem` is its place in `CASES`.
    measured
        By name (`MEASURED`), each of shape (N,).
    """

    problem: NDArray[np.int64]
    rate: FloatArray
    seed: NDArray[np.int64]
    measured: dict[str, FloatArray]

    def of(self, name: str, index: int, rate: float) -> FloatArray:
        """Return what was measured of a problem at a rate, in the order of the seeds, (S,)."""
        rows = np.flatnonzero((self.problem == index) & (self.rate == rate))
        return self.measured[name][rows[np.argsort(self.seed[rows])]]

    def at_no_rate(self, index: int) -> FloatArray:
        """Return log E of a problem extrapolated to η = 0 from both rates, of each seed, (S,).

        Errors of gradient descent go as η: the line through both is taken at 0.

        Raises
        ------
        ValueError
            If the seeds at the two rates are not the same.
        """
        coarse, fine = RATES
        seeds, others = (
            np.sort(self.seed[(self.problem == index) & (self.rate == rate)]) for rate in RATES
        )
        if not np.array_equal(seeds, others):
            raise ValueError(
                f"problem {index} must have the same seeds at both rates, got {seeds.tolist()} and "
                f"{others.tolist()}"
            )
        weight = coarse / (coarse - fine)
        at_coarse, at_fine = (np.log(self.of("error", index, rate)) for rate in RATES)
        return np.asarray(weight * at_fine + (1.0 - weight) * at_coarse)


def converged(problem: TwoStages, row: dict[str, float]) -> bool:
    """Whether both stages of a network ended as planned."""
    first = not fits(problem) or row["pt training error"] <= THRESHOLD
    return bool(first and row["training error"] <= THRESHOLD)


def load(text: str | None = None) -> Recorded:
    """Read recorded rows from the text of a file; by default the one of this package.

    Raises
    ------
    ValueError
        If the file has other columns or problems, a number is missing, or a network did not end as
        planned.
    """
    columns = read_record(RECORDED, (*KEYS, *MEASURED), _numbered(), text)
    require_cells(columns, (*KEYS, *TRAINING))
    require_cells(columns, ERRORS, positive=True)
    index, seed = (columns[name].astype(np.int64) for name in ("problem", "seed"))
    found = Recorded(index, columns["rate"], seed, {name: columns[name] for name in MEASURED})
    for row, place in enumerate(index.tolist()):
        values = {name: float(column[row]) for name, column in found.measured.items()}
        if not converged(CASES[place], values):
            raise ValueError(
                f"row {row} must end at training errors of {THRESHOLD:g} at most, got "
                f"{values['pt training error']:g} and {values['training error']:g}"
            )
    return found


def _numbered() -> list[str]:
    return [f"problem {index}: {one.name}" for index, one in enumerate(CASES)]


def produce(out: Path, revision: str) -> int:
    """Train the networks that `out` lacks and append their rows; return their number.

    An incomplete last row is trained again.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """

    def cells(key: Key) -> list[str]:
        index, rate, seed = key
        found = measure(int(index), float(rate), int(seed))
        return [f"{found[name]:.7g}" for name in MEASURED]

    head = header(
        "Networks trained by gradient descent through both stages, from data in both: errors at "
        "the end of each, those of the two convex problems on the same data, training errors and "
        "epochs: one row a network.",
        "empirics.two_stage_trained",
        revision,
        {
            "torch": str(version("torch")),
            "d": f"{D}",
            "seeds": f"0 to {SEEDS - 1} for each problem and rate, in the column `seed`",
            **dict(line.split(": ", 1) for line in _numbered()),
        },
    )
    return extend(out, head, KEYS, MEASURED, plan(), cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return command_line("empirics.two_stage_trained", __doc__ or "", produce, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
