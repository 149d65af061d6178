"""λ is irrelevant in a single task (Section 4.1, “λ in pretraining”; Experiment 4, Appendix E.2.6).

Networks of the same absolute scale c end at the same β in a single task, whatever their relative
scale λ.

Networks of one c and five λ learn the same data from scratch. Their end points, extrapolated to
learning rate zero, are compared with one minimiser, that of scale c, coordinate by coordinate.
After pretraining the same λ do matter, which a control shows.

From w₊ = w₋, v₊ = v₋ the steps of gradient descent depend on λ no more than the flow does: β =
½(w₀² + v₀²)(P² − M²), whose factors P and M (`empirics.diagonal`) follow from β alone. So the
errors of recorded networks of d = 1000, compared in pairs of the same data, must agree in all
digits.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, minimum_penalty
from verify.claim import Check, Control, Method
from verify.claims.training._effects import RECORD, recorded
from verify.claims.training._minimiser import ARGMIN, SCALE
from verify.claims.training._small_networks import (
    SIZES,
    D,
    by_training,
    converged,
    distances,
    problems,
)
from verify.methods.formula import written
from verify.methods.numeric import Worst
from verify.registry import state


class Statement(NamedTuple):
    """The scale of the minimiser, a formula of c and λ, and where training starts."""

    scale: Callable[..., Any] = lambda c, lam: c
    pretrained: bool = False

    def latex(self):
        start = "after pretraining" if self.pretrained else "from scratch"
        scale = written(self.scale, *sp.symbols("c lambda"))
        return (
            rf"\beta(c, \lambda) = {ARGMIN},\quad {SCALE} {scale} "
            rf"\\ \text{{for all }} |\lambda| \le c, \text{{ {start}}}"
        )


class Pairs(NamedTuple):
    """Which recorded networks are paired with those of λ = 0: overlap, and shift of the seed."""

    overlap: float | None = None
    shift: int = 0

    def latex(self):
        seed, equal = f"s + {self.shift}" if self.shift else "s", r"\hat p_{\lambda = 0}(s)"
        return rf"\hat p_{{\lambda}}({seed}) = {equal}, \quad \text{{{self.task}}}"

    @property
    def task(self):
        """What the networks learn, in words."""
        if self.overlap is None:
            return "single task"
        return f"pretraining and fine-tuning with overlap {self.overlap:g}"


STATED = Statement()
CONTROLS = (
    Control("fine-tuned after pretraining", Statement(pretrained=True)),
    Control("scale c + λ/10", Statement(lambda c, lam: c + lam / 10)),
    Control("scale 1.1 c", Statement(lambda c, lam: 1.1 * c)),
)
PAIRED = (
    Control("after pretraining", Pairs(overlap=0.0)),
    Control("paired with the next seed", Pairs(shift=1)),
)
SEED, RATE, C = 223, 0.02, 0.1
RATIOS = (-1.0, -0.9, 0.0, 0.5, 0.99)
TASK = TaskDistribution.pretrain_finetune(0.3, 0.3, 1.0, ft_amplitude=1.0)
SAMPLES = [sample for _, sample in problems(((C, 0.0, 0.1),), 2, SEED, TASK)]


@cache
def extrapolated(pretrained):
    """Return the end points of all λ and samples, extrapolated to rate 0, (ratios, samples, d)."""
    from empirics.diagonal import initial_state, stacked

    networks = [(Initialization(C, r * C, 0.1), sample) for r in RATIOS for sample in SAMPLES]
    start = None if pretrained else stacked([initial_state(init, 1, D) for init, _ in networks])
    options = {"threshold": 1e-14, "most_epochs": 200_000}
    whole, half = (converged(networks, r, start, **options).beta for r in (RATE, RATE / 2))
    return (2 * half - whole).reshape(len(RATIOS), len(SAMPLES), D)


def decide(statement):
    """Compare the end points of all λ with the minimiser of the stated scale."""
    found, worst, spread = extrapolated(statement.pretrained), Worst(), Worst()
    scales = [float(statement.scale(C, ratio * C)) for ratio in RATIOS]
    for index, sample in enumerate(SAMPLES):
        end = found[:, index]
        spread.at(np.ptp(end, axis=0) / np.abs(end).max())
        optima = [minimum_penalty(sample.X, sample.y, scale).beta for scale in scales]
        worst.at(distances(end, optima), relative_scale=np.array(RATIOS), sample=index)
    return worst.measured(
        f"{len(RATIOS)} relative scales end within {{worst}} of one minimiser, and "
        f"{spread.figure:.2g} of each other",
        spread=repr(spread.figure),
    )


def paired(pairs):
    """Compare the recorded errors of all λ with that of λ = 0 on the same data."""
    record, worst = recorded(), Worst()
    chosen = [s for s in record.settings() if s.overlap == pairs.overlap and s.gamma == 0.0]
    for setting in chosen:
        middle, found = replace(setting, relative_scale=0.0), record.of(setting)
        stationary = (found.stop_reason == "stationary").any()
        if setting == middle or middle not in chosen or stationary:
            continue
        # A network that did not converge has no error, and must not count as one that agrees.
        reference = record.of(middle).error
        gap = np.abs(np.roll(found.error, pairs.shift, axis=1) - reference)
        worst.at(gap / reference, setting=setting.name)
    seed = f"with seeds shifted by {pairs.shift}" if pairs.shift else "on the same data"
    return worst.measured(
        f"p̂(λ) = p̂(λ = 0) {seed}, {pairs.task}: {{count}} recorded networks within {{worst}}"
    )


ORDER = "linear extrapolation leaves the second order in the learning rate"
EPOCH = "relative: an epoch more or less is possible where rounding differs"
PAIRS = "recorded networks in pairs"
state(
    "training.single-task-lambda",
    __doc__,
    (
        by_training("five relative scales", decide, STATED, CONTROLS, 2e-3, ORDER, seed=SEED),
        Check(PAIRS, Method.TRAINING, paired, Pairs(), PAIRED, 1e-4, EPOCH, needs_files=(RECORD,)),
    ),
    assumptions=(f"c = 0.1, {SIZES}", "learning rate extrapolated to zero"),
    requires=("implicit-bias.pretraining-lambda-free",),
)
