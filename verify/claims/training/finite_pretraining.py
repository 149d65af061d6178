"""Pretraining on data and its analytic end (Section 3.3, “α_PT ≥ 1”; Appendix E.2.6).

Networks pretrained on α_PT ≥ 1 data to a small training error fine-tune to the end point of those
that start from the analytic end of pretraining.

β_FT is the end point after pretraining on α_PT d examples to the training error ε_PT, β*_FT(c, λ,
γ) that of networks that start from the analytic end of pretraining. The published fine-tuning
starts from the end of infinite pretraining, β_PT = β*_PT. Here networks are pretrained by gradient
descent on n_PT = α_PT d examples down to a training error, re-balanced and fine-tuned; their end
points are compared with those that start from the analytic end.
"""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization
from verify.claim import Control
from verify.claims.crosscheck._scale import GAMMA, LAM, C, own
from verify.claims.training._small_networks import (
    SIZES,
    D,
    by_training,
    converged,
    distances,
    problems,
)
from verify.methods.formula import Formula
from verify.methods.notation import number
from verify.methods.numeric import Worst, compared
from verify.methods.on_arrays import arguments
from verify.registry import state

SEED, RATE = 311, 0.05
# (c, λ/c, γ)
INITS = ((0.1, -0.8, 0.1), (0.1, 0.0, 0.1), (0.1, 0.8, 0.1), (0.01, -0.9, 0.3))
PROBLEMS = problems(INITS, seeds=2, seed=SEED)
THRESHOLDS = (1e-4, 1e-6, 1e-8)
PUBLISHED = 1e-4


IDEAL = sp.Function(r"\beta_{FT}^*")


class Statement(NamedTuple):
    """On how many data pretraining is, to which error, and of which networks the ideal end is."""

    scales: tuple[float, ...] = (1.25, 2.0)
    threshold: float = THRESHOLDS[-1]
    end: Formula = Formula(
        r"\beta_{FT}", (C, LAM, GAMMA), lambda c, lam, gamma: IDEAL(c, lam, gamma)
    )

    def latex(self):
        data = ", ".join(f"{scale:g}" for scale in self.scales)
        return (
            rf"{self.end.latex()} \\ "
            rf"\alpha_{{PT}} \in \{{{data}\}},\quad \epsilon_{{PT}} = {number(self.threshold)}"
        )


STATED = Statement()
OPPOSITE = replace(STATED.end, body=lambda c, lam, gamma: IDEAL(c, -lam, gamma))
CONTROLS = (
    Control("α_PT = 1/2", Statement(scales=(0.5,))),
    Control("stopped at the published 1e-4", Statement(threshold=PUBLISHED)),
    Control("analytic end of −λ", Statement(end=OPPOSITE)),
)


@cache
def from_infinite(end):
    """Return the end points of fine-tuning from the analytic end of pretraining, as stated."""
    networks = [
        (Initialization(*arguments(end, IDEAL, own(init))), sample) for init, sample in PROBLEMS
    ]
    return converged(networks, RATE, threshold=1e-12).beta


@cache
def from_data(scale):
    """Return the end points of fine-tuning after pretraining on data, by its training error."""
    from empirics.diagonal import initial_state, rebalanced, stacked

    count, found = round(scale * D), {}
    if abs(count - scale * D) > 1e-9:
        raise ValueError(f"α_PT must make a whole number of examples, got {scale} times {D}")
    rng = np.random.default_rng((SEED, count))
    X = rng.standard_normal((len(PROBLEMS), count, D)) / np.sqrt(count)
    before = [
        (init, SimpleNamespace(X=inputs, y=inputs @ sample.beta_pt))
        for inputs, (init, sample) in zip(X, PROBLEMS, strict=True)
    ]
    weights = stacked([initial_state(init, 1, D) for init, _ in PROBLEMS])
    gammas = np.array([[init.gamma] for init, _ in PROBLEMS])
    for threshold in THRESHOLDS:
        weights = converged(before, RATE, weights, threshold=threshold).layer_weights()
        start = rebalanced(weights, gammas)
        found[threshold] = converged(PROBLEMS, RATE, start, threshold=1e-12).beta
    return found


def decide(statement):
    """Measure the distances from the end points that start from the analytic end."""
    worst, published, largest = Worst(), Worst(), {}
    for scale in statement.scales:
        ends = from_data(scale)
        gaps = {at: distances(end, from_infinite(statement.end())) for at, end in ends.items()}
        worst.at(gaps[statement.threshold], alpha_PT=scale, network=np.arange(len(PROBLEMS)))
        published.at(gaps[PUBLISHED])
        largest[f"{scale:g}"] = [float(gap.max()) for gap in gaps.values()]
    measured = worst.measured(
        f"within {{worst}} of the largest coefficient at training error {statement.threshold:g}; "
        f"{published.figure:.2g} at {PUBLISHED:g}, the published threshold",
        by_alpha_PT=largest,
    )
    methods = ("pretrained on data", "analytic end of pretraining")
    return compared(measured, "fine-tuned β", methods, "relative to the largest coefficient")


NAME = "eight networks, two sizes of pretraining data"
REASON = "what the learning rate of pretraining leaves"
CHECK = by_training(NAME, decide, STATED, CONTROLS, 0.015, REASON, limit=180.0, seed=SEED)
state(
    "training.finite-pretraining",
    __doc__,
    (CHECK,),
    assumptions=(SIZES, f"learning rate {RATE:g} of the summed loss in both phases"),
    requires=("network.finetune-scale",),
)
