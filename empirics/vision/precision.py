"""Does a lower precision change what is learned? Both train the same seeds, in one process.

The learning curves (log training loss by epoch) of two precisions are compared seed by seed, and
the difference is held against what another seed makes of the same curve. A lower precision
may be used for a study only where the first is within the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from empirics.vision.measure import Workload
from empirics.vision.protocol import Pretraining, Scaling
from empirics.vision.recipe import Precision
from empirics.vision.training import Run


@dataclass(frozen=True)
class PrecisionComparison:
    """Curves under two precisions.

    Attributes
    ----------
    precision
        The lower one; the other is float32.
    difference
        Mean over seeds of (log loss under it) − (log loss under float32), by epoch; and its
        standard error.
    error
        Standard error of that mean.
    seed_noise
        Standard deviation over seeds of log loss under float32, by epoch.
    """

    precision: Precision
    difference: tuple[float, ...]
    error: tuple[float, ...]
    seed_noise: tuple[float, ...]

    @property
    def within_noise(self) -> bool:
        """Whether the mean difference stays below the seed noise at every epoch."""
        return all(abs(d) <= s for d, s in zip(self.difference, self.seed_noise, strict=True))


def compare(
    workload: Workload, seeds: Sequence[int], precision: Precision, *, epochs: int
) -> PrecisionComparison:
    """Pretrain the seeds for `epochs` epochs in float32 and in `precision`.

    Raises
    ------
    ValueError
        If there are fewer than two seeds, or the precision is float32.
    """
    if len(seeds) < 2 or precision == "float32":
        raise ValueError(
            f"a comparison must have two seeds and a lower precision, got {seeds}, {precision}"
        )
    plain, lower = (
        _curves(replace(workload, machine=replace(workload.machine, precision=kind)), seeds, epochs)
        for kind in ("float32", precision)
    )
    gaps = lower - plain
    return PrecisionComparison(
        precision,
        tuple(gaps.mean(axis=0).tolist()),
        tuple((gaps.std(axis=0, ddof=1) / np.sqrt(len(seeds))).tolist()),
        tuple(plain.std(axis=0, ddof=1).tolist()),
    )


def _curves(workload: Workload, seeds: Sequence[int], epochs: int) -> np.ndarray:
    own = workload.protocol.pretraining
    recipe = replace(own, goal=1e-30, most_epochs=epochs)
    networks = [Pretraining(seed, Scaling()) for seed in seeds]
    run = Run.start(
        [workload.pretraining_set(str(one.seed), one) for one in networks],
        [workload.start_of_pretraining(one) for one in networks],
        recipe,
        workload.machine,
        workload.train,
    )
    run.advance()
    curves = [run.finished[str(seed)].curve for seed in seeds]
    # A network that diverged has no losses from there on, and nothing is within noise of it.
    return np.log([(*curve, *[np.nan] * (epochs - len(curve))) for curve in curves])
