"""Trained networks end at the minimiser (Theorem 4.1; Appendix E.2.6).

Networks trained by gradient descent end at the β of Theorem 4.1 as the learning rate goes to zero.

β̂(c_FT) is the interpolating β of least Σ q with scale c_FT. Gradient descent is not the flow: its
end points at the rates η, η/2 and η/4 are extrapolated to zero (Richardson), and compared with
Newton's method on the dual, coordinate by coordinate.
"""

import math
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import sympy as sp

from numerics import TaskDistribution, minimum_penalty
from verify.claim import Control
from verify.claims.crosscheck._scale import C_FT, STATED_SCALE, WRONG_SCALES, evaluated
from verify.claims.training._minimiser import ETA, MINIMISER
from verify.claims.training._small_networks import (
    SIZES,
    by_training,
    converged,
    distances,
    problems,
)
from verify.methods.formula import Formula
from verify.methods.numeric import Worst
from verify.methods.on_arrays import applied
from verify.methods.relations import Limit as To
from verify.methods.relations import Side
from verify.registry import state

SEED, RATE = 107, 0.04
INITS = ((1e-2, -0.99, 0.0), (1e-2, 0.9, 0.0), (0.1, 0.0, 1.0), (0.05, -0.8, 0.1))
TASK = TaskDistribution.pretrain_finetune(0.3, 0.3, 0.5, slab="gaussian")
PROBLEMS = problems(INITS, 1, SEED, TASK)


END = sp.Function(r"\beta_{GD}")


class Limit(NamedTuple):
    """Where end points go as the learning rate goes to zero, and the scale of the minimiser."""

    end: Formula = Formula(
        END(ETA), (C_FT,), lambda scale: MINIMISER(scale), limit=To(ETA, 0, Side.ABOVE)
    )
    scale: Formula = STATED_SCALE

    def latex(self):
        return rf"{self.end.latex()} \\ {self.scale.latex()}"


@cache
def trained():
    """Return the end points at three rates, the smallest last."""
    rates = RATE, RATE / 2, RATE / 4
    return rates, [converged(PROBLEMS, rate, threshold=1e-16).beta for rate in rates]


def extrapolated(to):
    """Return the end points, extrapolated to a rate."""
    rates, ends = trained()
    weights = (
        math.prod((to - other) / (rate - other) for other in rates if other != rate)
        for rate in rates
    )
    return sum(weight * end for weight, end in zip(weights, ends, strict=True))


def end_points(end):
    """Return the left side of the limit: the end points, extrapolated to where the rate goes.

    Raises
    ------
    ValueError
        If it goes there from below, where no rates are.
    """
    limit = end.towards
    if limit.side is not Side.ABOVE:
        raise ValueError(f"learning rates are positive, got the limit {limit}")
    return applied(end.name, {END: extrapolated}, {limit.variable: limit.to})


def minimiser(limit, init, sample):
    """Return the right side of the limit on a sample, for c_FT as stated."""

    def found(scale):
        return minimum_penalty(sample.X, sample.y, scale).beta

    at = {C_FT: evaluated(limit.scale, init, sample.beta_pt)}
    return applied(limit.end(), {MINIMISER: found}, at)


def decide(limit):
    """Compare the extrapolated end points with the minimisers."""
    optima = [minimiser(limit, init, sample) for init, sample in PROBLEMS]
    (_, ends), worst = trained(), Worst()
    gap = float(distances(ends[-1], optima).max())
    for network, distance in zip(INITS, distances(end_points(limit.end), optima), strict=True):
        worst.at(distance, network=network)
    return worst.measured(
        "within {worst} of the minimiser in {count} networks, extrapolated to learning rate 0; "
        f"{gap:.2g} at {RATE / 4:g}",
        gap_at_the_smallest_rate=repr(gap),
    )


NAME = "four networks at three learning rates"
REASON = "the third order in the learning rate is left"
CONTROLS = tuple(Control(why, Limit(scale=one)) for why, one in WRONG_SCALES.items())
ONE = replace(Limit().end, limit=To(ETA, RATE, Side.ABOVE))
CONTROLS = (*CONTROLS, Control("the limit at the rate 0.04", Limit(ONE)))
CHECK = by_training(NAME, decide, Limit(), CONTROLS, 1e-4, REASON, seed=SEED)
state(
    "training.optimum",
    __doc__,
    (CHECK,),
    assumptions=("analytic end of infinite pretraining", SIZES),
    requires=("implicit-bias.minimiser",),
)
