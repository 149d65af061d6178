"""Trained networks end at the minimiser (Theorem 4.1; Appendix E.2.6).

Networks trained by gradient descent end at the β of Theorem 4.1 as the learning rate goes to zero.

Gradient descent is not the flow: its end points at the rates η, η/2 and η/4 are extrapolated to
zero (Richardson), and compared with Newton's method on the dual, coordinate by coordinate.
"""

from functools import cache
from typing import NamedTuple

from numerics import TaskDistribution
from verify.claim import Control
from verify.claims.crosscheck._scale import WRONG_SCALES, FinetuneScale, stated_scale
from verify.claims.training._minimiser import ARGMIN, SCALE, minimiser
from verify.claims.training._small_networks import (
    SIZES,
    by_training,
    converged,
    distances,
    problems,
)
from verify.methods.numeric import Worst
from verify.registry import state

SEED, RATE = 107, 0.04
INITS = ((1e-2, -0.99, 0.0), (1e-2, 0.9, 0.0), (0.1, 0.0, 1.0), (0.05, -0.8, 0.1))
TASK = TaskDistribution.pretrain_finetune(0.3, 0.3, 0.5, slab="gaussian")
PROBLEMS = problems(INITS, 1, SEED, TASK)


class Limit(NamedTuple):
    """The scale of the minimiser where end points go as the learning rate goes to zero."""

    scale: FinetuneScale = stated_scale

    def latex(self):
        end = rf"\lim_{{\eta \to 0}} \beta_{{GD}}(\eta) = {ARGMIN}"
        return rf"{end} \\ {SCALE}{self.scale.written()}"


@cache
def extrapolated():
    """Return the end points at the smallest rate, and extrapolated to rate 0."""
    rates = RATE, RATE / 2, RATE / 4
    whole, half, quarter = (converged(PROBLEMS, rate, threshold=1e-16).beta for rate in rates)
    return quarter, (4 * (2 * quarter - half) - (2 * half - whole)) / 3


def decide(limit):
    """Compare the extrapolated end points with the minimisers."""
    optima = [minimiser(sample, init, limit.scale) for init, sample in PROBLEMS]
    at_rate, limits = (distances(end, optima) for end in extrapolated())
    worst, gap = Worst(), float(at_rate.max())
    for network, distance in zip(INITS, limits, strict=True):
        worst.at(distance, network=network)
    return worst.measured(
        "within {worst} of the minimiser in {count} networks, extrapolated to learning rate 0; "
        f"{gap:.2g} at {RATE / 4:g}",
        gap_at_the_smallest_rate=repr(gap),
    )


NAME = "four networks at three learning rates"
REASON = "the third order in the learning rate is left"
CONTROLS = tuple(Control(why, Limit(scale)) for why, scale in WRONG_SCALES.items())
CHECK = by_training(NAME, decide, Limit(), CONTROLS, 1e-4, REASON, seed=SEED)
state(
    "training.optimum",
    __doc__,
    (CHECK,),
    assumptions=("analytic end of infinite pretraining", SIZES),
    requires=("implicit-bias.minimiser",),
)
