"""Gradient descent follows its own invariants (beyond the paper; Theorem 4.1, Appendix B.1).

Gradient descent ends at the minimiser of Theorem 4.1 for the invariants that it has at its end, up
to a distance quadratic in the learning rate.

A step of gradient descent multiplies λ₊, λ₋ and c by 1 − η²g² in each coordinate
(`empirics.diagonal`), so that fine-tuning ends with invariants c_FT PM instead of c_FT. With them,
and

    β = ½ c_FT (P² − M²) = c_FT PM sinh(log P/M),   log P/M = −2 Σ artanh(ηg) = −2 Σ (ηg + O(η³)),

the end point has the form of the KKT condition of Theorem 4.1 for the scale c_FT PM, up to the
third powers of single steps: 1/η of them are of order η². Most of the gap to the flow is therefore
the shrinkage of c_FT, by the first order in η.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from numerics import minimum_penalty
from verify.claim import Control
from verify.claims.training._minimiser import ARGMIN, SCALE
from verify.claims.training._small_networks import SIZES, by_training, distances
from verify.claims.training.learning_rate_gap import PROBLEMS, RATES, SEED, batch, held_to_exponent
from verify.registry import state


class Gap(NamedTuple):
    """The power of the rate that the gap goes with, and that of the shrinkage in the scale."""

    exponent: float = 2
    power: float = 1

    def latex(self):
        gap = (
            rf"\Big\| \beta_{{GD}}(\eta) - {ARGMIN} \Big\|_\infty \propto \eta^{{{self.exponent}}}"
        )
        power = "" if self.power == 1 else f"^{{{self.power:g}}}"
        return rf"{gap} \\ {SCALE} c_{{FT}} \prod_t (1 - \eta^2 g_t^2){power}"


STATED = Gap()
CONTROLS = (
    Control("the invariants of the start", Gap(power=0)),
    Control("half of the shrinkage", Gap(power=0.5)),
    Control("distance ∝ η³", Gap(exponent=3)),
)
# Index of the rates 0.01 and 0.005: at the smallest, 0.0025, the training error at which networks
# stop, 1e-16, shows in distances of 1e-7.
PAIR = 1


def gaps(rate, power):
    """Return the distance of each end point from the minimiser for its shrunken scale."""
    w_plus, v_plus, w_minus, v_minus = batch(rate).weights
    final, optima = w_plus * w_minus + v_plus * v_minus, []
    for (init, sample), left in zip(PROBLEMS, final, strict=True):
        start = init.finetune_scale(sample.beta_pt)
        scale = start * (left / start) ** power
        optima.append(minimum_penalty(sample.X, sample.y, scale).beta)
    return distances(batch(rate).beta, optima)


def decide(gap):
    """Hold the exponent between two rates to the stated one."""
    found = np.array([gaps(rate, gap.power) for rate in RATES])
    held = held_to_exponent(found, gap.exponent, PAIR)
    shrinkage = float(np.median(batch(RATES[-1]).shrinkage))
    text = f"{held.summary}, where c_FT shrinks by up to {shrinkage:.2g} of itself"
    return replace(held, summary=text)


REASON = "the next order in the learning rate is left at rates of 0.01 and 0.005"
NAME = "rates that halve"
CHECK = by_training(NAME, decide, STATED, CONTROLS, 0.15, REASON, limit=180.0, seed=SEED)
state(
    "training.shrinkage",
    __doc__,
    (CHECK,),
    assumptions=("analytic end of infinite pretraining", SIZES),
    requires=("implicit-bias.minimiser",),
)
