"""The cheapest division of a budget between the two stages, and the least cost of an error.

At the cheapest split, unless it is at an end or a kink, an example of each stage is worth its price
(`numerics.exchange.rates`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar

from numerics.exchange.rates import ExchangeRates, NoiseConvention, Noises, exchange_rates
from numerics.initialization import Initialization
from numerics.replica import ALPHA_RANGE, solve_replica
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, finite_scalar

# Splits that are tried within a segment on which the error has no kink.
_SCAN = 24
# Data scales of fine-tuning among which the first that is enough is looked for.
_LOOKED_AT = np.unique(
    np.concatenate(
        [np.geomspace(1e-3, 0.05, 8), np.linspace(0.05, 1.0, 33), np.geomspace(1.0, 1e3, 12)]
    )
)
# Relative change of an error that counts as one.
_SAME = 1e-12


@dataclass(frozen=True)
class Split:
    """A division of a budget between the two stages.

    Attributes
    ----------
    alpha_pt, alpha
        Data scales that it buys. At 0 there are no data of that stage: pretraining has learnt
        β̂_PT = 0, or fine-tuning leaves β̂ = 0.
    mse
        Error of fine-tuning.
    cost
        What both cost, per coordinate.
    finetuning_per_pretraining
        Rate of exchange there, as in `ExchangeRates`; NaN at an end or a kink.
    """

    alpha_pt: float
    alpha: float
    mse: float
    cost: float
    finetuning_per_pretraining: float


def cheapest_split(
    task: TaskDistribution,
    init: Initialization,
    budget: float,
    price_pt: float,
    price_ft: float,
    *,
    noise_variance_pt: float = 0.0,
    ridge_pt: float = 0.0,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    noise_convention: NoiseConvention = "1/n",
) -> Split:
    """Return the split of a budget with the least error.

    All of it is spent, price_pt α_PT + price_ft α = budget. The error is scanned between its kinks
    at α_PT = 1 and α = 1, and every valley of the scan is followed down.
    The ends count, too: α_PT = 0, where pretraining has learnt nothing and every c_FT is c_FT(0),
    and α = 0, where the error is E[β*²]. Between 0 and 1e-3 nothing is tried. Of splits with the
    same error that with the fewest pretraining examples is returned.

    Parameters
    ----------
    budget
        What may be spent, per coordinate: enough for both scales to be 1e-3, and at most for
        α = 1e3.
    price_pt, price_ft
        Positive prices of an example of pretraining and of fine-tuning.
    task, init, noise_variance_pt, ridge_pt, noise_variance, ridge, noise_convention
        As in `exchange_rates`. With noise a budget nearly always means examples that are alike,
        ``"1/d"``; variances are then at most 1.

    Raises
    ------
    ValueError
        If an argument is out of range, or the task has no pretraining.
    PretrainingError, ConvergenceError
        If the equations of a stage were not solved.
    """
    noises = Noises(noise_variance_pt, noise_variance, noise_convention)
    market = _Market(task, init, noises, ridge_pt, ridge, price_pt, price_ft)
    total = _positive("budget", budget)
    least, most = ALPHA_RANGE[0] * market.cost(1.0, 1.0), ALPHA_RANGE[1] * market.price_ft
    if not least <= total <= most:
        raise ValueError(
            f"budget must lie in [1e-3 (price_pt + price_ft), 1e3 price_ft] = [{least:g}, "
            f"{most:g}], got budget={total!r}"
        )

    def at(alpha_pt: float) -> Split:
        rest = (total - market.price_pt * alpha_pt) / market.price_ft
        return market.split(alpha_pt, max(rest, ALPHA_RANGE[0]))

    most_pt = (total - market.price_ft * ALPHA_RANGE[0]) / market.price_pt
    # With one example for each coefficient in fine-tuning.
    determined = (total - market.price_ft) / market.price_pt
    scanned = _least(at, ALPHA_RANGE[0], max(most_pt, ALPHA_RANGE[0]), (determined, 1.0), _error)
    none = market.without_pretraining(total / market.price_ft)
    blank = Split(total / market.price_pt, 0.0, task.second_moment, total, math.nan)
    return _first_of_the_best([none, *scanned, blank], _error)


def least_cost(
    task: TaskDistribution,
    init: Initialization,
    target: float,
    price_pt: float,
    price_ft: float,
    *,
    noise_variance_pt: float = 0.0,
    ridge_pt: float = 0.0,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    noise_convention: NoiseConvention = "1/n",
) -> Split:
    """Return the cheapest data with which fine-tuning reaches an error.

    To each α_PT belongs the least α with E(α_PT, α) ≤ target, the first among some fifty data
    scales, made exact; of these pairs the cheapest is found as in `cheapest_split`.

    Parameters
    ----------
    target
        Positive error to be reached.
    task, init, price_pt, price_ft
        As in `cheapest_split`.
    noise_variance_pt, ridge_pt, noise_variance, ridge, noise_convention
        As in `cheapest_split`.

    Raises
    ------
    ValueError
        If an argument is out of range, the task has no pretraining, or no data scales up to 1e3
        reach the target.
    PretrainingError, ConvergenceError
        If the equations of a stage were not solved.
    """
    noises = Noises(noise_variance_pt, noise_variance, noise_convention)
    market = _Market(task, init, noises, ridge_pt, ridge, price_pt, price_ft)
    wanted = _positive("target", target)

    if task.second_moment <= wanted:
        return Split(0.0, 0.0, task.second_moment, 0.0, math.nan)
    none = market.cheapest_reaching(wanted, 0.0, ALPHA_RANGE[1])
    most = min(none.alpha, ALPHA_RANGE[1])

    def at(alpha_pt: float) -> Split:
        return market.cheapest_reaching(wanted, alpha_pt, most)

    low, high = ALPHA_RANGE[0], min(none.cost / market.price_pt, ALPHA_RANGE[1])
    scanned = _least(at, low, high, (1.0,), _cost) if high > low else []
    best = _first_of_the_best([none, *scanned], _cost)
    if best.cost == math.inf:
        raise ValueError(
            f"target must be an error that data scales up to {ALPHA_RANGE[1]:g} reach, got "
            f"target={wanted!r}"
        )
    return best


@dataclass(frozen=True)
class _Market:
    """A problem with prices for its data."""

    task: TaskDistribution
    init: Initialization
    noises: Noises
    ridge_pt: float
    ridge: float
    price_pt: float
    price_ft: float

    def __post_init__(self) -> None:
        if not isinstance(self.task, TaskDistribution):
            raise ValueError(f"task must be a TaskDistribution, got {self.task!r}")
        if not isinstance(self.init, Initialization):
            raise ValueError(f"init must be an Initialization, got {self.init!r}")
        for name in ("price_pt", "price_ft"):
            object.__setattr__(self, name, _positive(name, getattr(self, name)))
        largest = max(self.noises.variance_pt, self.noises.variance)
        if self.noises.are_of_examples and largest > 1.0:
            raise ValueError(
                "noise variances of a split must be at most 1 for inputs of the variance 1/d, got "
                f"{largest!r}"
            )

    def cost(self, alpha_pt: float, alpha: float) -> float:
        return self.price_pt * alpha_pt + self.price_ft * alpha

    def split(self, alpha_pt: float, alpha: float) -> Split:
        """Return the split with these data; its error is infinite at a pole."""
        cost = self.cost(alpha_pt, alpha)
        if self.has_pole(alpha_pt):
            return Split(alpha_pt, alpha, math.inf, cost, math.nan)
        found = self.rates(alpha_pt, alpha)
        rate = float(found.finetuning_per_pretraining[0, 0])
        return Split(alpha_pt, alpha, float(found.mse[0, 0]), cost, rate)

    def has_pole(self, alpha_pt: float) -> bool:
        """Whether the error of pretraining is infinite."""
        return alpha_pt == 1.0 and self.noises.variance_pt > 0.0 and self.ridge_pt == 0.0

    def rates(self, alpha_pt: float, alpha: ArrayLike) -> ExchangeRates:
        return exchange_rates(
            self.task,
            self.init,
            alpha_pt,
            alpha,
            noise_variance_pt=self.noises.variance_pt,
            ridge_pt=self.ridge_pt,
            noise_variance=self.noises.variance,
            ridge=self.ridge,
            noise_convention=self.noises.convention,
        )

    def without_pretraining(self, alpha: float) -> Split:
        """Return the split with no data of pretraining, where c_FT is c_FT(0) everywhere."""
        groups = (replace(group, pt_magnitude=0.0) for group in self.task.groups)
        curve = solve_replica(
            TaskDistribution(tuple(groups)),
            self.init,
            alpha,
            noise_variance=self.noises.finetuning(alpha),
            ridge=self.ridge,
        )
        return Split(0.0, alpha, float(curve.mse[0]), self.cost(0.0, alpha), math.nan)

    def cheapest_reaching(self, target: float, alpha_pt: float, most: float) -> Split:
        """Return the split with the least α up to `most` whose error is at most the target.

        Its cost is infinite where there is none.
        """

        def distance(alpha: float) -> float:
            error = self.errors(alpha_pt, np.array([alpha]))[0]
            return float((error - target) / (error + target)) if error < math.inf else 1.0

        looked_at = np.append(_LOOKED_AT[: np.searchsorted(_LOOKED_AT, most)], most)
        for part in np.split(np.arange(looked_at.size), range(10, looked_at.size, 10)):
            enough = part[self.errors(alpha_pt, looked_at[part]) <= target]
            if enough.size:
                alpha = float(looked_at[enough[0]])
                if enough[0] > 0:
                    root = float(brentq(distance, looked_at[enough[0] - 1], alpha, xtol=1e-12))
                    alpha = self._enough(alpha_pt, target, root, alpha)
                return self.split(alpha_pt, alpha) if alpha_pt else self.without_pretraining(alpha)
        return Split(alpha_pt, math.inf, math.nan, math.inf, math.nan)

    def _enough(self, alpha_pt: float, target: float, root: float, high: float) -> float:
        """Return an α at or just above `root`, up to `high`, whose error is at most the target."""
        alpha, step = root, math.ulp(root)
        while alpha < high and self.errors(alpha_pt, np.array([alpha]))[0] > target:
            alpha, step = root + step, 4.0 * step
        return min(alpha, high)

    def errors(self, alpha_pt: float, alpha: FloatArray) -> FloatArray:
        """Return the errors at several data scales of fine-tuning, (A,)."""
        if alpha_pt == 0.0:
            return np.array([self.without_pretraining(float(one)).mse for one in alpha])
        if self.has_pole(alpha_pt):
            return np.full(alpha.size, math.inf)
        return np.asarray(self.rates(alpha_pt, alpha).mse[0])


def _error(split: Split) -> float:
    return split.mse


def _cost(split: Split) -> float:
    return split.cost


def _least(
    at: Callable[[float], Split],
    low: float,
    high: float,
    kinks: tuple[float, ...],
    value: Callable[[Split], float],
) -> list[Split]:
    """Scan all segments and follow every valley inside; return all splits that were tried."""
    ends = sorted({low, high, *(kink for kink in kinks if low < kink < high)})
    # Denser towards the ends of a segment.
    shares = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, _SCAN))
    places = [low]
    for first, last in pairwise(ends):
        places += [*(first + (last - first) * shares[1:-1]), last]
    splits = [at(float(place)) for place in places]
    values = np.array([value(split) for split in splits])
    for index in range(1, len(places) - 1):
        before, here, after = values[index - 1 : index + 2]
        if 0.0 < here <= min(before, after) and here < max(before, after) and here < math.inf:
            with np.errstate(invalid="ignore"):  # infinite where no data are enough
                found = minimize_scalar(
                    lambda place: value(at(float(place))),
                    bounds=(places[index - 1], places[index + 1]),
                    method="bounded",
                    options={"xatol": 1e-8 * places[index + 1]},
                )
            splits.append(at(float(found.x)))
    return splits


def _first_of_the_best(splits: list[Split], value: Callable[[Split], float]) -> Split:
    """Return that with the fewest pretraining examples of those with the least value."""
    best = min(map(value, splits))
    good = [split for split in splits if value(split) <= best * (1.0 + _SAME)]
    return min(good, key=lambda split: split.alpha_pt)


def _positive(name: str, value: float) -> float:
    number = finite_scalar(name, value)
    if not number > 0.0:
        raise ValueError(f"{name} must be positive, got {name}={number!r}")
    return number
