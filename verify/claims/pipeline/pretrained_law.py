"""What imperfect pretraining leaves (beyond the paper; Proposition 4.2, Section 3.2).

In every group of coordinates the pretrained coefficients of finite networks, and the scales c_FT
that fine-tuning gets from them, follow the law that the two-stage theory gives them.

A coordinate sees z₁, its teacher with the noise θ₁ of the replica equations of pretraining, and
learns β̂_PT = P(z₁; τ₁, c), the answer b of b + τ₁q′(b) = z₁ with q of scale c. B_u and C_u are the
shares of a group's coordinates whose coefficient, with the sign that makes a teacher of random
signs positive, and whose c_FT lie below the u-quantiles of the stated law. Networks are drawn from
data and solved each time; nothing is fitted to them. The unit of replication is the seed.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.two_stage import TwoStages, draw, learnt_scale, pretrained
from numerics.validation import FloatArray
from verify.claim import Control
from verify.claims.crosscheck._intervals import Quantity, equivalence, over_seeds
from verify.claims.crosscheck._scale import BETA_PT, WRONG_SCALES, evaluated
from verify.claims.pipeline._two_stages import (
    LEARNING,
    LEARNT,
    TEACHER,
    WRONG_LEARNING,
    Learning,
    channel,
    spreads,
    teacher_channel,
)
from verify.methods.bounds import at_least, deviation, within
from verify.methods.formula import Formula, defined
from verify.registry import state

SCALES = ("c_FT twice as large", "−λ for λ")
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
BELOW, SCALE_BELOW, LEVEL = sp.symbols("B_u C_u u", real=True)
REGIMES = {"I": (1e-6, -0.9999, 0.0), "II": (1e-6, 0.99, 0.0), "baseline": (1e-3, 0.0, 0.0)}
REGIMES |= {"IV": (1e-6, -0.99, 0.0), "III": (1e-6, 0.0, 1.0)}


def stages(regime, pt_slab, alpha_pt, noise_pt):
    """Return a problem; of fine-tuning, only what it begins with is looked at."""
    return TwoStages(0.2, 0.2, 0.5, "sign", pt_slab, *REGIMES[regime], alpha_pt, noise_pt, 0.5)


class Learnt(NamedTuple):
    """What pretraining leaves in one instance, by whether it is active: sizes (m,), each."""

    coefficients: dict[str, FloatArray]
    scales: dict[str, FloatArray]


class Statement(NamedTuple):
    """The problems; bounds of both shares; and the law."""

    problems: tuple[TwoStages, ...]
    d: int
    seeds: range
    share: Formula
    scale_share: Formula
    law: Learning = LEARNING

    def latex(self):
        levels = ", ".join(f"{one:g}" for one in LEVELS)
        return (
            rf"{self.share.latex()}, \quad {self.scale_share.latex()}, \quad "
            rf"u \in \{{{levels}\}} \\ {self.law.latex()}"
        )

    def margins(self):
        return f"{float(self.share.side()):.6g} in probability"


def of_problems(problems, d, seeds, margin):
    shares = within(BELOW - LEVEL, margin), within(SCALE_BELOW - LEVEL, margin)
    return Statement(problems, d, seeds, *shares)


@cache
def instances(problem, d, seeds):
    """Pretrain on data of each seed; return what is learnt."""
    found, init = [], problem.initialization
    for seed in seeds:
        stage = draw(problem, d, np.random.default_rng([seed, d, 5])).pretraining
        learnt = pretrained(f"{problem.name}, seed {seed}", init, stage)
        active = stage.truth != 0.0
        if problem.pt_slab == "sign":
            learnt = np.where(stage.truth < 0.0, -learnt, learnt)
        parts = {"active": active, "inactive": ~active}
        scales = learnt_scale(init, learnt)
        found.append(Learnt(*({k: of[m] for k, m in parts.items()} for of in (learnt, scales))))
    return tuple(found)


def quantiles(law, problem, part):
    """Return the quantiles of the coefficient and of c_FT in a part, as stated, (5,) each."""
    active = part == "active"
    group = next(one for one in problem.task.groups if (one.pt_magnitude > 0.0) is active)
    stated = channel(law, problem, group)
    used = sp.sympify(defined(law.used, BETA_PT))
    if used == LEARNT:
        sizes = [stated.size_quantile(level) for level in LEVELS]
    elif used == TEACHER:
        sizes = [teacher_channel(group).size_quantile(level) for level in LEVELS]
    else:
        values = spreads(law, problem)[problem.task.groups.index(group)].values
        sizes = [float(abs(values[0]))] * len(LEVELS)
    scales = evaluated(law.scale, problem.initialization, sizes)
    return [stated.quantile(level) for level in LEVELS], scales.tolist()


def decide(stated):
    """Average the shares over the seeds, and hold each to its margin."""
    found = []
    for problem in stated.problems:
        solved = instances(problem, stated.d, stated.seeds)
        for part in ("active", "inactive"):
            ends = quantiles(stated.law, problem, part)
            for what, bound, symbol, below in (
                ("coefficients", stated.share, BELOW, ends[0]),
                ("scales", stated.scale_share, SCALE_BELOW, ends[1]),
            ):
                for level, end in zip(LEVELS, below, strict=True):
                    shares = np.array([np.mean(getattr(one, what)[part] < end) for one in solved])
                    away = deviation(bound, {symbol: shares, LEVEL: level})
                    name = f"{problem.name}: {part} {what} below the quantile of {level}"
                    found.append(Quantity(name, away, bound))
    return equivalence(
        found,
        between=("dual Newton", "theory of two stages"),
        what="law of β̂_PT and c_FT by groups",
        measure="probability",
    )


def check(stated, **how):
    of = stated._replace
    larger = replace(
        LEARNING.seen, body=lambda teacher, theta, z: teacher + sp.Rational(5, 4) * theta * z
    )
    wrong = {
        **WRONG_LEARNING,
        "θ₁ a quarter larger": LEARNING._replace(seen=larger),
        **{why: LEARNING._replace(scale=WRONG_SCALES[why]) for why in SCALES},
    }
    controls = [Control(why, of(law=law)) for why, law in wrong.items()]
    controls.append(Control("further away than the margin", of(share=at_least(stated.share))))
    return over_seeds(decide, stated, tuple(controls), **how)


TWO = (stages("II", "sign", 0.4, 0.05), stages("baseline", "gaussian", 0.4, 0.0))
EIGHT = (
    *TWO,
    stages("I", "sign", 0.2, 0.0),
    stages("IV", "gaussian", 0.3, 0.1),
    stages("IV", "sign", 0.7, 0.1),
    stages("baseline", "sign", 0.1, 0.01),
    stages("II", "gaussian", 1.5, 0.1),
    stages("III", "sign", 0.5, 0.1),
)
state(
    "pipeline.pretrained-law",
    __doc__,
    (
        check(of_problems(TWO, 400, range(120), 0.05), limit=180.0),
        check(of_problems(EIGHT, 800, range(200), 0.025), tier="full", limit=1800.0),
    ),
    assumptions=("ρ_PT = 0.2", "d = 400 (quick), d = 800 (full)"),
    requires=("replica.exact-solver", "network.finetune-scale"),
)
