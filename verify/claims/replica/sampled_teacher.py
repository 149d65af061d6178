"""Part of the Monte-Carlo error is the sampled teacher's (Appendix E.2.1).

Of the mean square of log(p̂/p), p̂ from 80 000 draws, the teacher that was drawn explains a share R²
between a quarter and three quarters at α = 0.171, and less than a half at α = 0.364, where sampled
noise, amplified by the fixed point, does the rest.

The draws have their own densities and second moments, group by group; p_S is the exact error of a
teacher with these. What it explains is what is left less if p̂ is compared with p_S.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from numerics import TaskDistribution, solve_replica
from numerics.replica_montecarlo import solve_task_montecarlo
from numerics.replica_montecarlo.channel import draw, evaluate_channel, task_groups
from numerics.tasks import CoordinateGroup
from verify.claim import Check, Control, Method
from verify.claims.replica.montecarlo_agreement import PUBLISHED, baseline
from verify.methods.notation import Mean, as_written, number
from verify.methods.numeric import Worst
from verify.registry import state

SAMPLES, SEEDS = 80_000, 30
p, ESTIMATED, SAMPLED = sp.symbols(r"p \hat{p} p_S", positive=True)


class Share(NamedTuple):
    """Between which bounds R² is at α."""

    alpha: float
    least: float
    most: float

    def latex(self):
        with as_written():
            left, whole = (sp.latex(Mean(sp.log(ESTIMATED / of) ** 2)) for of in (SAMPLED, p))
        return (
            rf"{number(self.least)} < 1 - \frac{{{left}}}{{{whole}}} < {number(self.most)}, \quad "
            rf"\alpha = {self.alpha}"
        )


def teacher_of(draws, scales):
    """Return the task whose densities and second moments are those of the draws."""
    scale = np.empty_like(draws.teacher)
    for value, block in draws.blocks:
        scale[block] = value
    pretrained, active = scale == scales[1], draws.teacher != 0.0
    groups = []
    for before in (False, True):
        for slab in ("zero", "gaussian"):
            own = (pretrained == before) & (active == (slab == "gaussian"))
            size = float(np.sqrt(np.mean(draws.teacher[own] ** 2)))
            name = f"{slab}, pretrained {before}"
            groups.append(CoordinateGroup(name, float(own.mean()), float(before), slab, size))
    return TaskDistribution(tuple(groups))


@cache
def logarithms(alpha):
    """Return log(p̂/p) and log(p̂/p_S) by seed; ArithmeticError if the draws are not those of p̂."""
    task, init = baseline()
    exact, scales = float(solve_replica(task, init, alpha).mse[0]), init.finetune_scale([0.0, 1.0])
    words = [int(word) for word in np.array([alpha]).view(np.uint32)]
    found = []
    for seed in range(SEEDS):
        options: dict[str, Any] = PUBLISHED | {"damping": 1.0, "samples": SAMPLES, "seed": seed}
        one = solve_task_montecarlo(task, init, [alpha], **options)
        rng = np.random.default_rng(np.random.SeedSequence([seed, *words]))
        draws = draw(task_groups(task, init), SAMPLES, rng)
        again = evaluate_channel(draws, float(one.theta[0]) ** 2, float(one.tau[0]))
        if not np.isclose(again.squared_error.mean(), one.mse[0], rtol=1e-9, atol=0.0):
            raise ArithmeticError(f"draws of seed {seed} must give p = {one.mse[0]!r}")
        drawn = float(solve_replica(teacher_of(draws, scales), init, alpha).mse[0])
        found.append((np.log(one.mse[0] / exact), np.log(one.mse[0] / drawn)))
    return np.array(found).T


def decide(stated):
    """Return how far R² is inside of its bounds."""
    whole, left = (float(np.mean(values**2)) for values in logarithms(stated.alpha))
    share, inside = 1.0 - left / whole, Worst(smallest=True)
    inside.at(min(share - stated.least, stated.most - share), alpha=stated.alpha, share=share)
    return inside.measured(
        f"R² = {share:.2f} at α = {stated.alpha:g}, {SEEDS} seeds; log(p̂/p) is {whole**0.5:.3f} in "
        f"root mean square, log(p̂/p_S) {left**0.5:.3f}",
        share=share,
        scatter=whole**0.5,
    )


def check(stated, *controls, **how):
    return Check(
        f"{SEEDS} seeds at α = {stated.alpha:.3f}",
        Method.STATISTICS,
        decide,
        stated,
        controls,
        above=0.0,
        reason="R² lies inside",
        limit=300.0,
        seed=0,
        **how,
    )


FEW, MORE = Share(0.17126582, 0.25, 0.75), Share(0.3635443, 0.0, 0.5)
state(
    "replica.sampled-teacher",
    __doc__,
    (
        check(
            FEW,
            Control("nearly all", FEW._replace(least=0.75, most=1.0)),
            Control("nearly nothing", FEW._replace(least=0.0, most=0.25)),
        ),
        check(MORE, Control("most of it", MORE._replace(least=0.5, most=1.0)), tier="full"),
    ),
    assumptions=(
        "baseline of Experiment 1, Gaussian slab",
        f"α = {MORE.alpha:.3f} in the full tier",
        f"{SAMPLES} draws held fixed per point, ridge 10⁻⁶ for X of variance 1/d, undamped",
    ),
    requires=("replica.montecarlo-agreement",),
)
