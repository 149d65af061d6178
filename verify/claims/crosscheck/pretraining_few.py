"""Pretraining on few examples (Section 3.2; Theorem 4.1; equations 4-5).

On fewer examples than coordinates pretraining ends at β̂(c), the interpolator of least Σ q with
scale c; its layer weights, and c_FT after it, are those of that β_PT.

It cannot recover β*_PT, and fine-tuning proceeds from the β_PT learnt, not from the teacher's.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from numerics import Initialization, minimum_penalty
from numerics.gradient_flow import finetune_flow, pretrain_flow
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import Gaps, absolute, times
from verify.claims.crosscheck._scale import stated_scale
from verify.claims.crosscheck.pretraining import STATED as WEIGHTS
from verify.methods.numeric import Worst
from verify.registry import state

SEED = 113
CASES = ((0.5, 0.0, 0.0), (0.5, 0.45, 0.2), (0.2, -0.15, 0.0), (1.0, 0.5, 1.0))
D, N_PT, N_FT = 10, 6, 4
LEARNT, TEACHER = r"\beta_{PT}", r"\beta_{PT}^*"


class TwoPhases(NamedTuple):
    """The scale of pretraining's penalty in units of c, and whose β leads to c_FT.

    An infinite scale is that of least squares.
    """

    scale: float = 1.0
    leads: str = LEARNT

    def latex(self):
        scale = r"\infty" if np.isinf(self.scale) else f"{times(self.scale)}c"
        return rf"\beta_{{PT}} = \hat\beta({scale}) \\ {stated_scale.latex(self.leads)}"

    def learnt(self, X, y, c):
        if np.isinf(self.scale):
            return np.linalg.pinv(X) @ y
        return minimum_penalty(X, y, float(self.scale) * c).beta


STATED = TwoPhases()
CONTROLS = (
    Control("c_FT of the teacher, not of what was learnt", TwoPhases(leads=TEACHER)),
    Control("pretraining from 2c", TwoPhases(2.0)),
    Control("pretraining by least squares", TwoPhases(np.inf)),
)


@cache
def flows():
    """Follow the flow through both phases in every network."""
    rng, found = np.random.default_rng(SEED), []
    for c, lam, gamma in CASES:
        init, teacher = Initialization(c, lam, gamma), rng.choice([-1.0, 0.0, 1.0], size=D)
        X = rng.standard_normal((N_PT, D)) / np.sqrt(N_PT)
        X_ft, y_ft = rng.standard_normal((N_FT, D)) / np.sqrt(N_FT), rng.standard_normal(N_FT)
        before = pretrain_flow(init, X, X @ teacher)
        after = finetune_flow(before.end, init, X_ft, y_ft)
        found.append((init, teacher, X, X_ft, y_ft, before, after))
    return tuple(found)


def decide(stated):
    """After both phases compare β_PT, the weights, and β after fine-tuning."""
    gaps, missed = Gaps(), Worst(smallest=True)
    for init, teacher, X, X_ft, y_ft, before, after in flows():
        c, where = init.c, {"c, lambda, gamma": (init.c, init.lam, init.gamma)}
        if before.weights is None or not (before.converged and after.converged):
            return Evidence(None, f"the flow did not end: {before.message}, {after.message}")
        learnt = stated.learnt(X, X @ teacher, c)
        scale = stated_scale(init, {LEARNT: learnt, TEACHER: teacher}[stated.leads])
        tuned = minimum_penalty(X_ft, y_ft, scale).beta
        learning = {"weights' flow": before.beta[-1], "dual Newton": learnt}
        absolute(gaps, "β_PT, n < d", learning, where)
        layers = {"weights' flow": before.weights[:, -1], "invariants": WEIGHTS(init, learnt)}
        absolute(gaps, "layer weights, n < d", layers, where)
        both = {"weights' flow": after.beta[-1], "dual Newton": tuned}
        absolute(gaps, "β through both phases", both, where)
        missed.at(np.abs(learnt - teacher).max())
    return gaps.measured(
        "β_PT, weights and β after fine-tuning within {worst}; the teacher is missed by at least "
        f"{missed.figure:.2g}"
    )


REASON = "the flow stops at a training error of 1e-20, conditions of X up to 1e3"
NAME = "flow through both phases, four networks"
state(
    "crosscheck.pretraining-few",
    __doc__,
    (Check(NAME, Method.FLOW, decide, STATED, CONTROLS, 1e-6, REASON, seed=SEED),),
    assumptions=("no label noise", f"d = {D}, n_PT = {N_PT}, n_FT = {N_FT}"),
    requires=("crosscheck.pretraining", "crosscheck.minimiser"),
)
