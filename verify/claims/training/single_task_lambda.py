"""λ is irrelevant in a single task (Section 4.1, “λ in pretraining”; Experiment 4, Appendix E.2.6).

Networks of the same absolute scale c end at the same β in a single task, whatever their relative
scale λ.

β̂(c) is the interpolating β of least Σ q with scale c, p̂(λ, s) the error of a network of relative
scale λ and seed s. Networks of one c and five λ, and one of another c, learn the same data from
scratch. Their end points, extrapolated to learning rate zero, are compared with the minimiser of
scale c, coordinate by coordinate. After pretraining the same λ do matter, which a control shows.

From w₊ = w₋, v₊ = v₋ the steps of gradient descent depend on λ no more than the flow does: β =
½(w₀² + v₀²)(P² − M²), whose factors P and M (`empirics.diagonal`) follow from β alone. So the
errors of recorded networks of d = 1000, compared in pairs of the same data, must agree in all
digits.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.experiments import SLABS
from numerics import Initialization, TaskDistribution, minimum_penalty
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._scale import LAM
from verify.claims.crosscheck._scale import C as SCALE
from verify.claims.training._minimiser import MINIMISER
from verify.claims.training._recorded import RECORDS, recorded
from verify.claims.training._small_networks import (
    SIZES,
    D,
    by_training,
    converged,
    distances,
    problems,
)
from verify.methods.formula import Formula
from verify.methods.numeric import Worst
from verify.methods.on_arrays import applied, arguments
from verify.registry import state

# β at the end: of a single task from the start, or after pretraining.
SCRATCH, TUNED = sp.Function(r"\beta_{\mathrm{scratch}}"), sp.Function(r"\beta_{\mathrm{tuned}}")
ERROR, SEED_OF = sp.Function(r"\hat p"), sp.Symbol("s", integer=True)


class Pairs(NamedTuple):
    """Which recorded networks are compared: of which overlap, and of which λ and seeds."""

    overlap: float | None = None
    equal: Formula = Formula(ERROR(LAM, SEED_OF), (SEED_OF,), lambda seed: ERROR(0, seed))

    def latex(self):
        return rf"{self.equal.latex()}, \quad \text{{{self.task}}}"

    @property
    def task(self):
        """What the networks learn, in words."""
        if self.overlap is None:
            return "single task"
        return f"pretraining and fine-tuning with overlap {self.overlap:g}"


STATED = Formula(SCRATCH(SCALE, LAM), (SCALE,), lambda c: MINIMISER(c))
CONTROLS = (
    Control("fine-tuned after pretraining", replace(STATED, name=TUNED(SCALE, LAM))),
    Control(
        "scale c + λ/10",
        replace(STATED, symbols=(SCALE, LAM), body=lambda c, lam: MINIMISER(c + lam / 10)),
    ),
    STATED.but("scale 1.1 c", lambda c: MINIMISER(1.1 * c)),
    STATED.but("scale 10 c²", lambda c: MINIMISER(10 * c**2)),
)
NEXT = replace(Pairs().equal, name=ERROR(LAM, SEED_OF + 1))
PAIRED = (
    Control("after pretraining", Pairs(overlap=0.0)),
    Control("paired with the next seed", Pairs(equal=NEXT)),
)
SEED, RATE = 223, 0.02
# (c, λ/c): of one c five λ, and one more c, so that the minimiser's scale is seen to be c.
ONE = tuple((0.1, ratio) for ratio in (-1.0, -0.9, 0.0, 0.5, 0.99))
SCALES = (*ONE, (0.3, -0.5))
TASK = TaskDistribution.pretrain_finetune(0.3, 0.3, 1.0, ft_amplitude=1.0)
SAMPLES = [sample for _, sample in problems(((0.1, 0.0, 0.1),), 2, SEED, TASK)]


@cache
def extrapolated(pretrained):
    """Return the end points of all scales and samples, extrapolated to rate 0, (…, samples, d)."""
    from empirics.diagonal import initial_state, stacked

    networks = [(Initialization(c, r * c, 0.1), sample) for c, r in SCALES for sample in SAMPLES]
    start = None if pretrained else stacked([initial_state(init, 1, D) for init, _ in networks])
    options = {"threshold": 1e-14, "most_epochs": 200_000}
    whole, half = (converged(networks, r, start, **options).beta for r in (RATE, RATE / 2))
    return (2 * half - whole).reshape(len(SCALES), len(SAMPLES), D)


def end_point(pretrained, index):
    """Return the end points on a sample, as a function of c and λ."""

    def found(c, lam):
        known = [np.allclose((c, lam), (one, r * one), rtol=1e-12, atol=0) for one, r in SCALES]
        if not any(known):
            raise ValueError(f"no networks were trained of c = {c:g}, λ = {lam:g}")
        return extrapolated(pretrained)[known.index(True), index]

    return found


def decide(statement):
    """Compare the end points of all scales with the minimiser of the stated one."""
    worst, spread = Worst(), Worst()
    networks = [{SCALE: c, LAM: ratio * c} for c, ratio in SCALES]
    for index, sample in enumerate(SAMPLES):
        ends = {SCRATCH: end_point(False, index), TUNED: end_point(True, index)}
        end = np.array([applied(statement.name, ends, at) for at in networks])
        spread.at(np.ptp(end[: len(ONE)], axis=0) / np.abs(end).max())

        def minimiser(scale, sample=sample):
            return minimum_penalty(sample.X, sample.y, scale).beta

        optima = [applied(statement(), {MINIMISER: minimiser}, at) for at in networks]
        c, ratios = np.array(SCALES).T
        worst.at(distances(end, optima), absolute_scale=c, relative_scale=ratios, sample=index)
    return worst.measured(
        f"{len(ONE)} relative scales of one c, and one of another, end within {{worst}} of the "
        f"minimiser of that c, and those of one c within {spread.figure:.2g} of each other",
        spread=repr(spread.figure),
    )


def paired(pairs):
    """Compare the recorded errors of all λ with that of λ = 0 on the same data."""
    worst = Worst()
    for slab in SLABS:
        compare_pairs(pairs, recorded(slab), worst)
    what = f"{pairs.equal.name} = {pairs.equal()}, {pairs.task}"
    return worst.measured(f"{what}: {{count}} recorded networks within {{worst}}")


def compare_pairs(pairs, record, worst):
    """Compare the errors of one record."""
    chosen = [s for s in record.settings() if s.overlap == pairs.overlap and s.gamma == 0.0]
    for setting in chosen:
        found = record.of(setting)
        if (found.stop_reason == "stationary").any():
            continue
        seeds = np.array(found.seeds)
        at = {LAM: setting.relative_scale, SEED_OF: seeds}
        own, first = arguments(pairs.equal.name, ERROR, at)
        other, second = arguments(pairs.equal(), ERROR, at)
        setting, middle = (replace(setting, relative_scale=float(one)) for one in (own, other))
        if setting == middle or middle not in chosen:
            continue
        known = np.isin(first, seeds) & np.isin(second, seeds)
        if not known.any():
            raise ValueError(f"networks of the seeds {seeds} are recorded, not {first}, {second}")
        one, two = (np.searchsorted(seeds, which[known]) for which in (first, second))
        left, right = record.of(setting).error[:, one], record.of(middle).error[:, two]
        # Of two that did not converge nothing is said; one of two is a difference.
        said = np.isfinite(left) | np.isfinite(right)
        worst.at((np.abs(left - right) / right)[said], setting=setting.name)


ORDER = "linear extrapolation leaves the second order in the learning rate"
EPOCH = "relative: an epoch more or less is possible where rounding differs"
PAIRS = "recorded networks in pairs"
state(
    "training.single-task-lambda",
    __doc__,
    (
        by_training("five relative scales", decide, STATED, CONTROLS, 2e-3, ORDER, seed=SEED),
        Check(PAIRS, Method.TRAINING, paired, Pairs(), PAIRED, 1e-4, EPOCH, needs_files=RECORDS),
    ),
    assumptions=(
        f"c = 0.1 and one network of c = 0.3, {SIZES}",
        "learning rate extrapolated to zero",
    ),
    requires=("implicit-bias.pretraining-lambda-free",),
)
