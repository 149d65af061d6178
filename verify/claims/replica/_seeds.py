"""The Monte-Carlo solver over many seeds, held to the exact error in units of an error bar."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.replica_montecarlo import solve_task_montecarlo
from verify.claim import Evidence
from verify.methods.numeric import FLOAT64, MONTE_CARLO, compared

# Root mean square of 100 standard normal numbers: [0.8, 1.25] holds it with probability 0.998.
RANGE = (0.8, 1.25)
SEED = 0
SEEDS = 100

Estimates = dict[str, NDArray[np.float64]]


@cache
def estimates(alpha: float, samples: int) -> tuple[float, Estimates]:
    """Return the exact error of the baseline, and estimate and error bars for each seed.

    Bars: "batch-means", that of Appendix E.2.4, and "propagated", through the fixed point.
    """
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    init = Initialization(1e-3, 0.0)
    exact = float(solve_replica(task, init, alpha).mse[0])
    rows = []
    for seed in range(SEED, SEED + SEEDS):
        found = solve_task_montecarlo(task, init, [alpha], samples=samples, seed=seed, ridge=0.0)
        rows.append((found.mse[0], found.standard_error[0], found.propagated_standard_error[0]))
    mse, batch, propagated = np.array(rows).T
    return exact, {"mse": mse, "batch-means": batch, "propagated": propagated}


def coverage(bar: str, alpha: float, samples: int, *, exact_factor: float = 1.0) -> Evidence:
    """Decide whether (estimate − exact)/bar has unit root mean square over the seeds."""
    exact, found = estimates(alpha, samples)
    exact *= exact_factor
    deviations = (found["mse"] - exact) / found[bar]
    size = float(np.sqrt(np.mean(deviations**2)))
    holds = bool(RANGE[0] <= size <= RANGE[1])
    worst = int(np.argmax(np.abs(deviations)))
    decided = Evidence(
        holds,
        f"deviations are {size:.3g} of the {bar} error bars in root mean square, "
        f"{SEEDS} seeds at α = {alpha:g}, {samples} samples",
        figure=size,
        counterexample=None
        if holds
        else {
            "alpha": repr(alpha),
            "seed": str(SEED + worst),
            "estimate": repr(float(found["mse"][worst])),
            "exact": repr(exact),
            "error bar": repr(float(found[bar][worst])),
        },
        data={"samples": samples, "seeds": SEEDS, "worst_seed": SEED + worst},
    )
    return compared(decided, "error p", (MONTE_CARLO, FLOAT64), f"{bar} error bars, rms")
