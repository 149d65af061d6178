r"""Flows stopped as published networks are, at d = 5000: how far from the minimiser, and a ridge's.

A published network stops at a training error of 10⁻⁴ in its own units, looked at every 5000 epochs
(`empirics.published_networks`); the flow stopped so is that network, to first order in the learning
rate. Here flows are stopped on instances of this project's own. A row is one instance, with

    time, training_error   where the flow stopped, and ‖Xβ − y‖²/n there
    stopped, minimiser     (1/d)‖β − β*‖² there, and of the minimiser of Σq on Xβ = y
    ridge, ridge_error     ϱ of the minimiser of (1/2ϱ)‖y − Xβ‖² + Σq that has the same training
                           error (to `MATCHED`), and its (1/d)‖β − β*‖²

    python -m empirics.stopped_flow --out FILE        continues an incomplete FILE

The plan, fixed before any row of the file was measured
-------------------------------------------------------
Known before: the published errors, and pilots with other streams of random numbers (one instance of
each condition, and two more), which chose conditions and number of seeds, mostly by cost.

* Rows: `CONDITIONS` × `SEEDS`, all measured once with the committed code, none added after looking.
  Teachers lie at the quantiles of their law (`empirics.finite_problems`), so that ‖β*‖²/d = 1:
  lengths that fluctuate, as those of published networks do, would be most of the scatter.
* Where the rule shows is said by the theory alone: where the replica error with the ridge whose
  training error is the threshold is off that of the minimiser by more than `SHOWN`. That is so in
  5 of the 17 published conditions.
* In the other 12, the mean published error over that of the minimiser, less 1, is expected within
  ±`NEAR`: two one-sided t-tests, Holm's correction over the 12, level 0.05.
* In these 5, the mean log of published errors less that of stopped flows here is expected within
  ±log `FACTOR`: Welch's t, two one-sided tests, Holm over the 5. Minimisers of the same instances
  are expected to fail that, by more than `FACTOR` everywhere.
  Changed when 11 of the 28 rows were there, for their scatter at α = 0.402: the mean of log p_t is
  taken by regression on the log of the minimiser's error of the same instance, where that is the
  replica error; margin and tests stay. Without it, four instances cannot decide that condition.
* At equal training error the stopped flow is expected to have a larger error than the ridge's
  minimiser of the same instance, in each of the 5: one-sided t-tests of the log of the ratio,
  Holm over the 5. How far published networks are from the ridge is reported, whatever it is.
* Conditions of `CONDITIONS` where the rule does not show: stopped flow and minimiser of an instance
  are expected within `SHOWN` of each other.
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
from scipy.optimize import brentq

from empirics import published_networks
from empirics.finite_problems import (
    Curve,
    UnsolvedError,
    coordinate_scales,
    draw_design,
    draw_teacher,
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
from empirics.published_networks import Condition
from numerics import solve_replica
from numerics.gradient_flow import mirror_flow
from numerics.validation import FloatArray

# Places in `published_networks.load()`: of the five where the stopping rule shows, and of two where
# it does not.
CONDITIONS = (2, 10, 6, 3, 4, 15, 16)
SEEDS = (500, 501, 502, 503)
SHOWN, NEAR, FACTOR = 0.05, 0.1, 1.3
MATCHED = 0.01  # relative, of training errors
RECORDED = "stopped-flow.csv"
KEYS = ("condition", "seed")
MEASURED = ("time", "training_error", "stopped", "minimiser", "ridge", "ridge_error")

_LOG_RIDGE = (-25.0, 6.9)  # `solve_replica` takes up to 1e3
_FEW = 8


@cache
def conditions() -> tuple[Condition, ...]:
    """Return the published conditions; a row names one by its place here."""
    return published_networks.load()


def plan() -> Iterator[tuple[int, int]]:
    """Yield (condition, seed) of every row, seed by seed."""
    for seed in SEEDS:
        yield from ((index, seed) for index in CONDITIONS)


class Predicted(NamedTuple):
    """Errors in the limit of large networks: of the minimiser, and of a ridge's."""

    minimiser: float
    ridge: float  # its strength ϱ
    ridge_error: float

    @property
    def shown(self) -> bool:
        """Whether the stopping rule shows: the errors differ by more than `SHOWN`."""
        return abs(math.log(self.ridge_error / self.minimiser)) > SHOWN


def predicted(condition: Condition) -> Predicted:
    """Return the replica errors of the minimiser, and with the ridge that trains to the threshold.

    Raises
    ------
    ValueError
        If no ridge has that training error.
    """
    return _predicted(condition, condition.run.threshold)


def _predicted(condition: Condition, target: float) -> Predicted:
    task, init = condition.setting.task, condition.setting.initialization

    def curve(ridge: float) -> tuple[float, float]:
        found = solve_replica(task, init, condition.n / condition.d, ridge=ridge)
        return float(found.training_error[0]), float(found.mse[0])

    def excess(log_ridge: float) -> float:
        return math.log(curve(math.exp(log_ridge))[0] / target)

    if not excess(_LOG_RIDGE[0]) < 0.0 < excess(_LOG_RIDGE[1]):
        raise ValueError(f"a ridge must have the training error, got {target!r}")
    ridge = math.exp(brentq(excess, *_LOG_RIDGE, xtol=1e-9))
    return Predicted(curve(0.0)[1], ridge, curve(ridge)[1])


class Found(NamedTuple):
    """What is measured in one row."""

    time: float
    training_error: float
    stopped: float
    minimiser: float
    ridge: float
    ridge_error: float


class Instance(NamedTuple):
    """Design (n, d), labels (n,), teacher (d,) and penalty scales (d,)."""

    X: FloatArray
    y: FloatArray
    truth: FloatArray
    scale: FloatArray


def draw(index: int, seed: int) -> Instance:
    """Draw the instance of a row.

    Raises
    ------
    ValueError
        If there is no such condition.
    """
    if not 0 <= index < len(conditions()):
        raise ValueError(f"condition must be one of {len(conditions())}, got {index}")
    condition = conditions()[index]
    curve, n, d = Curve(condition.setting), condition.n, condition.d
    rng = np.random.default_rng([seed, d, n, index])
    X = draw_design(n, d, rng)
    truth = draw_teacher(curve, d, rng)
    return Instance(X, X @ truth, truth, coordinate_scales(curve, d))


def measure(index: int, seed: int) -> Found:
    """Stop the flow of a row's instance and solve the two problems.

    Raises
    ------
    UnsolvedError
        If the flow does not stop, a certificate fails, or no ridge with the same training error is
        found.
    """
    condition, (X, y, truth, scale) = conditions()[index], draw(index, seed)
    where = f"{condition.name}, seed={seed}"
    flow = mirror_flow(
        scale,
        X,
        y,
        target=condition.run.threshold,
        looks=condition.looks,
        longest=condition.longest,
        rtol=1e-5,
        atol=1e-7,
        method="RK23",
    )
    if not flow.converged:
        raise UnsolvedError(f"{where}: the flow did not stop: {flow.message}")
    time, reached, stopped = flow.times[-1], float(flow.training_error[-1]), flow.beta[-1]
    guess = _predicted(condition, reached).ridge
    logs: list[tuple[float, float]] = []
    dual = None
    for _ in range(_FEW):
        smooth = solved(where, X, y, scale, guess, dual=dual)
        dual = smooth.dual
        apart = math.log(float(np.mean((y - X @ smooth.beta) ** 2)) / reached)
        if abs(apart) < MATCHED:
            break
        logs.append((math.log(guess), apart))
        slope = 1.6  # the training error goes about as this power of the ridge
        if len(logs) > 1:
            (before, was), (here, is_now) = logs[-2:]
            slope = (is_now - was) / (here - before)
        guess = math.exp(logs[-1][0] - apart / slope)
    else:
        raise UnsolvedError(f"{where}: no ridge of training error {reached} in {_FEW} solutions")
    exact = solved(where, X, y, scale, dual=dual)

    def error(beta: FloatArray) -> float:
        return float(np.mean((beta - truth) ** 2))

    return Found(float(time), reached, error(stopped), error(exact.beta), guess, error(smooth.beta))


@dataclass(frozen=True)
class Recorded:
    """Recorded rows.

    Attributes
    ----------
    condition, seed
        Of each row, shape (N,); `condition` is its place in `conditions`.
    measured
        By name (`MEASURED`), each of shape (N,), positive.
    """

    condition: NDArray[np.int64]
    seed: NDArray[np.int64]
    measured: dict[str, FloatArray]

    def of(self, index: int) -> dict[str, FloatArray]:
        """Return what was measured in a condition, by name, each of shape (S,).

        Raises
        ------
        KeyError
            If nothing was.
        """
        rows = self.condition == index
        if not rows.any():
            raise KeyError(f"no stopped flow recorded of condition {index}")
        return {name: column[rows] for name, column in self.measured.items()}


def load(text: str | None = None) -> Recorded:
    """Read recorded rows from the text of a file; by default the one of this package.

    Raises
    ------
    ValueError
        If the file has other columns or conditions, a row twice, or a number that is not finite
        and positive.
    """
    columns = read_record(RECORDED, (*KEYS, *MEASURED), _numbered(), text, what="conditions")
    require_cells(columns, MEASURED, positive=True)
    index, seed = (columns[name].astype(np.int64) for name in KEYS)
    rows = list(zip(index.tolist(), seed.tolist(), strict=True))
    if len(set(rows)) != len(rows):
        raise ValueError("a record must have each condition and seed once")
    return Recorded(index, seed, {name: columns[name] for name in MEASURED})


def _numbered() -> list[str]:
    return [f"condition {index}: {conditions()[index].name}" for index in sorted(CONDITIONS)]


def produce(out: Path, revision: str) -> int:
    """Measure the rows that `out` lacks and append them; return their number.

    An incomplete last row is measured again.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """

    def cells(key: Key) -> list[str]:
        return [f"{one:.8g}" for one in measure(*(int(one) for one in key))]

    head = header(
        "Flows stopped as published networks are, minimisers of the penalty, and of a ridge with "
        "the same training error: one row an instance.",
        "empirics.stopped_flow",
        revision,
        {
            "seeds": f"{', '.join(map(str, SEEDS))} for each condition, in the column `seed`",
            **dict(line.split(": ", 1) for line in _numbered()),
        },
    )
    return extend(out, head, KEYS, MEASURED, plan(), cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return command_line("empirics.stopped_flow", __doc__ or "", produce, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
