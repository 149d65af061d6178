"""The paper's experiments as data: Experiments 1-4 (Appendix E.2) and Figure 5 (Appendix A).

Each setting is one error curve over the data scale α = n/d: a task, an initialisation, and
what is swept. The same settings are trained in networks and drawn as theory lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray

Slab = Literal["gaussian", "sign"]
SLABS: tuple[Slab, ...] = ("gaussian", "sign")

RHO_PT = 0.1
BASELINE_C = 1e-3
SCALES_C = (1e-6, 1e-3, 1.0)
RELATIVE_SCALES = (-1.0, -0.99, 0.0, 0.99)
READOUTS = (0.0, 1.0, 10.0)

# Figure 5's regimes as (c, λ/c, γ). Regime I is λ → −c; its own value is −0.9999 c.
REGIMES = {
    "I": (1e-6, -0.9999, 0.0),
    "II": (1e-6, 0.99, 0.0),
    "III": (1e-6, 0.0, 1.0),
    "IV": (1e-6, -0.99, 0.0),
}
# Figure 5's ground truths as (overlap ω, ρ_FT).
TRUTHS = ((0.0, 0.01), (1.0, 0.01), (1.0, 0.1), (0.0, 0.9))


@dataclass(frozen=True)
class Setting:
    """One curve.

    Attributes
    ----------
    experiment
        "reuse", "new-features", "nested-features", "single-task" or "regimes".
    label
        What tells it from the other curves of its experiment.
    rho_ft
        Density ρ_FT of the fine-tuning teacher (of the only teacher, in a single task).
    overlap
        Overlap ω of the two teachers; None for a single task.
    c, relative_scale, gamma
        Initialisation: c, λ/c and γ.
    slab
        Law of the active coefficients, of amplitude 1/√ρ_FT.
    rho_pt
        Density ρ_PT of the pretraining teacher, whose coefficients are ±1.
    """

    experiment: str
    label: str
    rho_ft: float
    overlap: float | None
    c: float
    relative_scale: float
    gamma: float
    slab: Slab = "gaussian"
    rho_pt: float = RHO_PT

    @property
    def name(self) -> str:
        """Unique name of the curve."""
        return f"{self.experiment}/{self.slab}/{self.label}"

    @property
    def initialization(self) -> Initialization:
        """The initialisation; λ = (λ/c)·c."""
        return Initialization(self.c, self.relative_scale * self.c, self.gamma)

    @property
    def task(self) -> TaskDistribution:
        """The task; ValueError, naming the inequality, where the groups forbid it."""
        if self.overlap is None:
            return TaskDistribution.single_task(self.rho_ft, slab=self.slab)
        return TaskDistribution.pretrain_finetune(
            self.rho_pt, self.rho_ft, self.overlap, slab=self.slab
        )


def theory_grid(points: int = 80) -> FloatArray:
    """Return the data scales of the published theory lines: `points` from 0.01 to 0.5."""
    return np.linspace(0.01, 0.5, points)


def empirical_grid(points: int = 11) -> FloatArray:
    """Return the data scales of the published networks: `points` from 0.01 to 0.5."""
    return np.linspace(0.01, 0.5, points)


def reuse(slab: Slab = "gaussian") -> Iterator[Setting]:
    """Experiment 1: benefit from existing features, ρ_FT = 0.1."""
    for overlap in (0.0, 0.5, 1.0):
        yield from _sweeps("reuse", 0.1, overlap, slab)


def new_features(slab: Slab = "gaussian") -> Iterator[Setting]:
    """Experiment 2: learning new features, ω = 0."""
    for rho_ft in (0.1, 0.9):
        yield from _sweeps("new-features", rho_ft, 0.0, slab)


def nested_features(slab: Slab = "gaussian") -> Iterator[Setting]:
    """Experiment 3: a few of the pretrained features, or as many new ones."""
    for overlap in (0.0, 1.0):
        for rho_ft in (0.01, 0.04):
            yield from _sweeps("nested-features", rho_ft, overlap, slab)


def single_task(slab: Slab = "gaussian") -> Iterator[Setting]:
    """Experiment 4: one task from scratch; λ must not matter."""
    for rho in (0.01, 0.04, 0.1, 0.9):
        for c in SCALES_C:
            for ratio in RELATIVE_SCALES:
                label = f"rho={rho:g} c={c:g} lam/c={ratio:g}"
                yield Setting("single-task", label, rho, None, c, ratio, 0.0, slab)


def regimes(slab: Slab = "gaussian") -> Iterator[Setting]:
    """Figure 5: four regimes under four ground truths."""
    for overlap, rho_ft in TRUTHS:
        for regime, (c, ratio, gamma) in REGIMES.items():
            label = f"{regime} omega={overlap:g} rho_ft={rho_ft:g}"
            yield Setting("regimes", label, rho_ft, overlap, c, ratio, gamma, slab)


EXPERIMENTS = {
    "reuse": reuse,
    "new-features": new_features,
    "nested-features": nested_features,
    "single-task": single_task,
    "regimes": regimes,
}


def settings(experiment: str, slab: Slab = "gaussian") -> tuple[Setting, ...]:
    """Return the settings of one experiment.

    Raises
    ------
    ValueError
        If there is no such experiment or slab.
    """
    if experiment not in EXPERIMENTS:
        raise ValueError(f"experiment must be one of {sorted(EXPERIMENTS)}, got {experiment!r}")
    if slab not in SLABS:
        raise ValueError(f"slab must be one of {SLABS}, got {slab!r}")
    return tuple(EXPERIMENTS[experiment](slab))


def infeasible(candidates: tuple[Setting, ...]) -> dict[str, str]:
    """Return the settings whose groups would need a negative probability, with the reason."""
    found = {}
    for setting in candidates:
        try:
            _ = setting.task
        except ValueError as error:
            found[setting.name] = str(error)
    return found


def _sweeps(experiment: str, rho_ft: float, overlap: float, slab: Slab) -> Iterator[Setting]:
    """Yield the baseline and the sweeps of c, λ and γ, one at a time; each setting once."""
    where = f"omega={overlap:g} rho_ft={rho_ft:g}"
    baseline = Setting(experiment, f"{where} baseline", rho_ft, overlap, BASELINE_C, 0.0, 0.0, slab)
    yield baseline
    for c in SCALES_C:
        if c != BASELINE_C:
            yield replace(baseline, label=f"{where} c={c:g}", c=c)
    for ratio in RELATIVE_SCALES:
        if ratio != 0.0:
            yield replace(baseline, label=f"{where} lam/c={ratio:g}", relative_scale=ratio)
    for gamma in READOUTS:
        if gamma != 0.0:
            yield replace(baseline, label=f"{where} gamma={gamma:g}", gamma=gamma)
