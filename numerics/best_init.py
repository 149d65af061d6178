r"""Search for the initialisation with the smallest error (Section 5.3).

The error is minimised over (log c, log(1 + λ/c), log γ) within bounds by L-BFGS-B with the
derivatives that `solve_replica` returns, or after pretraining on data `solve_pipeline`, through
both stages: c then also decides what pretraining learns. The search starts in each of the four
named regimes, then at seeded random points. In these coordinates the boundaries of the regimes are
a few units wide. The corners λ = −c and γ = 0 are limits that the search cannot reach; therefore
the four regimes are listed, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from numerics.initialization import REGIMES, Initialization
from numerics.pipeline import Pretraining, solve_pipeline
from numerics.replica import ReplicaCurve, solve_replica
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, integer_at_least

_LOWEST = np.log([1e-9, 1e-9, 1e-9])
_HIGHEST = np.log([1e3, 2.0, 1e2])


@dataclass(frozen=True)
class Candidate:
    """One initialisation and its error.

    Attributes
    ----------
    label
        "best", or the name of a regime.
    init
        Initialisation.
    mse
        Error of fine-tuning from it.
    at_bound
        Which of c, λ/c, γ lie on the edge of the search.
    """

    label: str
    init: Initialization
    mse: float
    at_bound: tuple[str, ...] = ()


def best_initialization(
    task: TaskDistribution,
    alpha: float,
    *,
    pretraining: Pretraining | None = None,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    starts: int = 12,
    seed: int = 0,
) -> tuple[Candidate, ...]:
    """Return the best initialisation found, followed by the four regimes of Figure 5.

    Parameters
    ----------
    task, alpha, noise_variance, ridge
        As in `numerics.replica.solve_replica`; one data scale, and α < 1 unless there is a ridge
        (otherwise the error does not depend on the initialisation).
    pretraining
        Data of pretraining, as in `numerics.solve_pipeline`; None where it recovers its teacher.
    starts
        Number of starts, at least 4: the four regimes, then random ones.
    seed
        Seed of the random starts, an integer >= 0.

    Raises
    ------
    ValueError
        If an argument is out of range.
    PretrainingError, ConvergenceError
        If the equations were not solved at an initialisation that was tried.
    """

    def curve_of(init: Initialization) -> ReplicaCurve:
        if pretraining is None:
            return solve_replica(task, init, alpha, noise_variance=noise_variance, ridge=ridge)
        return solve_pipeline(
            task, init, pretraining, alpha, noise_variance=noise_variance, ridge=ridge
        )

    at_start = curve_of(Initialization(1.0, 0.0))
    if at_start.alpha.size != 1:
        raise ValueError(f"alpha must be one number, got shape {np.shape(alpha)}")
    if ridge == 0.0 and at_start.alpha[0] >= 1.0:
        raise ValueError(
            "alpha must be < 1 without ridge (the initialisation has no effect), got "
            f"alpha={float(at_start.alpha[0])!r}"
        )
    integer_at_least("starts", starts, len(REGIMES))
    integer_at_least("seed", seed, 0)
    if not task.pretrained:
        # Then λ and γ have no effect, and only c is varied.
        low, high = _LOWEST.copy(), _HIGHEST.copy()
        high[1:] = low[1:] = [0.0, _LOWEST[2]]
    else:
        low, high = _LOWEST, _HIGHEST

    def solved(init: Initialization) -> tuple[float, FloatArray]:
        curve = curve_of(init)
        return float(curve.mse[0]), curve.mse_gradient[:, 0]

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        init = _initialization(point)
        error, gradient = solved(init)
        chain = np.array([1.0, 1.0 + init.relative_scale, init.gamma])
        return float(np.log(error)), gradient[:3] * chain / error

    rng = np.random.default_rng(seed)
    best: Candidate | None = None
    for start in _starts(starts, rng, low, high):
        found = minimize(
            objective, start, jac=True, method="L-BFGS-B", bounds=list(zip(low, high, strict=True))
        )
        init = _initialization(found.x)
        error, _ = solved(init)
        if best is None or error < best.mse:
            best = Candidate("best", init, error, _edges(found.x, low, high))
    named = [
        Candidate(name, init, solved(init)[0])
        for name, init in (
            (name, Initialization(c, ratio * c, gamma))
            for name, (c, ratio, gamma) in REGIMES.items()
        )
    ]
    if best is None:  # starts >= 4
        raise ValueError("no start was tried")
    return (best, *named)


def _initialization(point: FloatArray) -> Initialization:
    c, gamma = float(np.exp(point[0])), float(np.exp(point[2]))
    return Initialization(c, min(max(np.expm1(point[1]), -1.0), 1.0) * c, gamma)


def _starts(count: int, rng: np.random.Generator, low: FloatArray, high: FloatArray) -> FloatArray:
    named = np.array([(c, 1.0 + ratio, max(gamma, 1e-3)) for c, ratio, gamma in REGIMES.values()])
    drawn = rng.uniform(low, high, size=(count - len(named), 3))
    return np.asarray(np.clip(np.vstack([np.log(named), drawn]), low, high))


def _edges(point: FloatArray, low: FloatArray, high: FloatArray) -> tuple[str, ...]:
    touching = (point - low < 1e-6) | (high - point < 1e-6)
    free = high > low
    names = np.array(["c", "lambda/c", "gamma"])
    return tuple(str(name) for name in names[touching & free])
