"""Gradient descent follows its own invariants (beyond the paper; Theorem 4.1; Even et al. (2023)).

Gradient descent ends at the minimiser of Theorem 4.1 for the invariants that it has at its end, up
to a distance quadratic in the learning rate.

A step of gradient descent multiplies λ₊, λ₋ and c by 1 − η²g² in each coordinate
(`empirics.diagonal`), so that fine-tuning ends with invariants c_FT PM instead of c_FT. With them,
and

    β = ½ c_FT (P² − M²) = c_FT PM sinh(log P/M),   log P/M = −2 Σ artanh(ηg) = −2 Σ (ηg + O(η³)),

the end point has the form of the KKT condition of Theorem 4.1 for the scale c_FT PM, up to the
third powers of single steps: 1/η of them are of order η². Even, Pesme, Gunasekar and Flammarion
(NeurIPS 2023) have it exactly, with a perturbation of the penalty, for any learning rate at which
gradient descent converges; here it is read off networks to second order. Δ(η) is the distance from
the minimiser for the scale c, and c_end = c_FT PM the invariants at the end. Most of the gap to the
flow is therefore the shrinkage of c_FT, by the first order in η.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics import minimum_penalty
from verify.claim import Control
from verify.claims.crosscheck._scale import C_FT, C
from verify.claims.training._small_networks import SIZES, by_training, distances
from verify.claims.training.learning_rate_gap import (
    PROBLEMS,
    RATES,
    SEED,
    batch,
    decay,
    held_to,
)
from verify.methods.formula import Formula
from verify.methods.on_arrays import on_arrays
from verify.registry import state

AT_END = sp.Symbol(r"c_{\mathrm{end}}")


class Gap(NamedTuple):
    """By what the gap falls when the rate is halved, and the scale of the minimiser."""

    decay: Formula
    scale: Formula

    def latex(self):
        return rf"{self.decay.latex()} \\ {self.scale.latex()}"


STATED = Gap(decay(2), Formula(C.name, (AT_END,), lambda end: end))


def of_scale(body):
    return STATED._replace(scale=Formula(C.name, (C_FT, AT_END), body))


CONTROLS = (
    Control("the invariants of the start", of_scale(lambda start, end: start)),
    Control("half of the shrinkage", of_scale(lambda start, end: sp.sqrt(start * end))),
    Control("distance ∝ η³", STATED._replace(decay=decay(3))),
)
# Index of the rates 0.01 and 0.005: at the smallest, 0.0025, the training error at which networks
# stop, 1e-16, shows in distances of 1e-7.
PAIR = 1


def gaps(rate, scale):
    """Return the distance of each end point from the minimiser for its shrunken scale."""
    w_plus, v_plus, w_minus, v_minus = batch(rate).weights
    final, optima = w_plus * w_minus + v_plus * v_minus, []
    for (init, sample), left in zip(PROBLEMS, final, strict=True):
        start = init.finetune_scale(sample.beta_pt)
        stated = on_arrays(scale(), {C_FT: start, AT_END: left})
        optima.append(minimum_penalty(sample.X, sample.y, stated).beta)
    return distances(batch(rate).beta, optima)


def decide(gap):
    """Hold the exponent between two rates to the stated one."""
    found = np.array([gaps(rate, gap.scale) for rate in RATES])
    held = held_to(gap.decay, found, PAIR)
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
