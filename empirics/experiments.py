"""The paper's experiments as data: Experiments 1-4 (Appendix E.2) and Figure 5 (Appendix A).

Each setting is one error curve over the data scale α = n/d: a task and an initialisation. Networks
are trained, and theory lines drawn, with the same settings. A sweep trains the settings of an
experiment at every data scale and seed of a `Scale`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from empirics.diagonal import MOST_EPOCHS, THRESHOLD
from empirics.sweep import Task
from numerics.initialization import REGIMES as REGIMES
from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution
from numerics.validation import ActiveSlab, FloatArray

Slab = ActiveSlab
SLABS: tuple[Slab, ...] = ("gaussian", "sign")

RHO_PT = 0.1
BASELINE_C = 1e-3
SCALES_C = (1e-6, 1e-3, 1.0)
RELATIVE_SCALES = (-1.0, -0.99, 0.0, 0.99)
READOUTS = (0.0, 1.0, 10.0)

# Data scales of pretraining on data; from 1 on it recovers its teacher.
PRETRAINING_SCALES = (0.25, 0.5, 1.0, 2.0)
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
        Distinguishes it from the other curves of its experiment.
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
    def parameters(self) -> tuple[Any, ...]:
        """All that the curve depends on: settings with the same parameters are the same curve."""
        whole = (self.slab, self.rho_pt, self.rho_ft, self.overlap)
        return (*whole, self.c, self.relative_scale, self.gamma)

    @property
    def initialization(self) -> Initialization:
        """The initialisation; λ = (λ/c)·c."""
        return Initialization(self.c, self.relative_scale * self.c, self.gamma)

    @property
    def task(self) -> TaskDistribution:
        """The task; raises ValueError, naming the inequality, where the groups do not exist."""
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
    """Experiment 4: one task from scratch; λ must have no effect."""
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


def finite_pretraining(slab: Slab = "gaussian") -> Iterator[Setting]:
    """Pretraining on data or to its analytic end: ρ_FT = 0.1 with all features new, or reused."""
    for overlap in (0.0, 1.0):
        for ratio in (-0.99, 0.0, 0.99):
            label = f"omega={overlap:g} lam/c={ratio:g}"
            yield Setting("finite-pretraining", label, 0.1, overlap, BASELINE_C, ratio, 0.0, slab)


EXPERIMENTS: dict[str, Callable[[Slab], Iterator[Setting]]] = {
    "reuse": reuse,
    "new-features": new_features,
    "nested-features": nested_features,
    "single-task": single_task,
    "regimes": regimes,
}


# The experiments that can be trained: those of the paper, and one on pretraining itself.
TRAINED = {**EXPERIMENTS, "finite-pretraining": finite_pretraining}
ALL = "all"


@dataclass(frozen=True)
class Scale:
    """The size of a sweep.

    Attributes
    ----------
    d
        Coordinates.
    alphas
        Data scales n/d.
    seeds
        Seeds of independent draws.
    rate, threshold
        "published", or a fraction of the stable learning rate and a training error
        (`empirics.diagonal_tasks`).
    look_every, most_epochs
        Epochs between looks at the training error, and after which training stops in any case.
    largest_product
        Bound on the rate times the curvature of the loss; None is no bound.
    test_inputs
        Number of test inputs; 0 is the expectation over them.
    device
        Device of torch, or "auto".
    """

    d: int
    alphas: tuple[float, ...]
    seeds: tuple[int, ...]
    rate: float | Literal["published"]
    threshold: float | Literal["published"] = THRESHOLD
    look_every: int = 1
    most_epochs: int = MOST_EPOCHS
    largest_product: float | None = None
    test_inputs: int = 10_000
    device: str = "cpu"


# 0.01 … 0.5 as published, rounded to decimals.
_ALPHAS = tuple(round(0.01 + 0.049 * step, 3) for step in range(11))
_SEEDS = tuple(range(6, 20))
# The published looks, every 5000 epochs, are one unit of the flow's time apart at d = 5000, where
# the rate is 1/d; so are those of d epochs. The rate times the curvature goes as 1/d, and in the
# published runs exceeds 0.55 only at α = 0.01, γ = 10: both scales are held to that, as their γ is
# that of eq. (5), and with γ = 10 such networks would diverge. The scale "paper" is for a GPU.
SCALES = {
    "smoke": Scale(100, (0.255, 0.5), (6, 7), 0.5, most_epochs=20_000, test_inputs=0),
    "desk": Scale(
        1000,
        _ALPHAS,
        tuple(range(200, 214)),
        "published",
        "published",
        look_every=1000,
        largest_product=0.55,
        test_inputs=0,
    ),
    "paper": Scale(
        5000,
        _ALPHAS,
        _SEEDS,
        "published",
        "published",
        look_every=5000,
        largest_product=0.55,
        device="auto",
    ),
}
TASK_FUNCTION = "empirics.diagonal_tasks:train_curves"


def settings(experiment: str, slab: Slab = "gaussian") -> tuple[Setting, ...]:
    """Return the settings of one experiment.

    Raises
    ------
    ValueError
        If there is no such experiment or slab.
    """
    if experiment not in TRAINED:
        raise ValueError(f"experiment must be one of {sorted(TRAINED)}, got {experiment!r}")
    if slab not in SLABS:
        raise ValueError(f"slab must be one of {SLABS}, got {slab!r}")
    return tuple(TRAINED[experiment](slab))


def sweep_names() -> tuple[str, ...]:
    """Return the names of the sweeps, with the Gaussian slab or, with "-sign", the sign slab.

    Besides single experiments there is "all", the experiments of the paper in one sweep, which
    trains a setting that several of them share only once.
    """
    names = (*TRAINED, ALL)
    return (*names, *(f"{name}-sign" for name in names))


def sweep_of_all(slab: Slab) -> str:
    """Return the name of the sweep of all experiments of the paper with a slab."""
    return ALL if slab == "gaussian" else f"{ALL}-{slab}"


def sweep_settings(sweep: str) -> tuple[Setting, ...]:
    """Return the settings of a sweep, including infeasible ones, each once.

    Raises
    ------
    ValueError
        If there is no such sweep.
    """
    if sweep not in sweep_names():
        raise ValueError(f"experiment must be one of {list(sweep_names())}, got {sweep!r}")
    name = sweep.removesuffix("-sign")
    slab: Slab = "gaussian" if name == sweep else "sign"
    found: dict[tuple[Any, ...], Setting] = {}
    for experiment in EXPERIMENTS if name == ALL else (name,):
        for setting in settings(experiment, slab):
            found.setdefault(setting.parameters, setting)
    return tuple(found.values())


def sweep_tasks(experiment: str, scale: str) -> list[Task]:
    """Return the tasks of a sweep, seed by seed: one for each data scale.

    A task trains all feasible settings of the sweep; `infeasible` lists the others.

    Raises
    ------
    ValueError
        If there is no such sweep or scale.
    """
    chosen = sweep_settings(experiment)
    if scale not in SCALES:
        raise ValueError(f"scale must be one of {list(SCALES)}, got {scale!r}")
    refused = infeasible(chosen)
    rows = [as_configuration(setting) for setting in chosen if setting.name not in refused]
    on_data = PRETRAINING_SCALES if chosen[0].experiment == "finite-pretraining" else ()
    size, slab = SCALES[scale], chosen[0].slab
    return [
        Task(TASK_FUNCTION, _configuration(slab, size, alpha, alpha_pt, rows), seed)
        for seed in size.seeds
        for alpha in size.alphas
        for alpha_pt in (None, *on_data)
    ]


def _configuration(
    slab: Slab, scale: Scale, alpha: float, alpha_pt: float | None, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "slab": slab,
        "rho_pt": RHO_PT,
        "d": scale.d,
        "alpha": alpha,
        "alpha_pt": alpha_pt,
        "rate": scale.rate,
        "threshold": scale.threshold,
        "look_every": scale.look_every,
        "largest_product": scale.largest_product,
        "most_epochs": scale.most_epochs,
        "test_inputs": scale.test_inputs,
        "device": scale.device,
        "settings": rows,
    }


def as_configuration(setting: Setting) -> dict[str, Any]:
    """Return a setting as an entry of a task's configuration."""
    return {
        "experiment": setting.experiment,
        "curve": setting.label,
        "rho_ft": setting.rho_ft,
        "overlap": setting.overlap,
        "c": setting.c,
        "relative_scale": setting.relative_scale,
        "gamma": setting.gamma,
    }


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
