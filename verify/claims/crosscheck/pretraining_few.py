"""Pretraining on few examples (Section 3.2; Theorem 4.1; equations 4-5).

On fewer examples than coordinates pretraining ends at β̂(c), the interpolator of least Σ q with
scale c; its layer weights, and c_FT after it, are those of that β_PT.

It cannot recover β*_PT, and fine-tuning proceeds from the β_PT learnt, not from the teacher's.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization, minimum_penalty
from numerics.gradient_flow import finetune_flow, pretrain_flow
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import Gaps, absolute
from verify.claims.crosscheck._scale import BETA_PT, C_FT, GAMMA, LAM, STATED_SCALE, C, own
from verify.claims.crosscheck.pretraining import STATED as WEIGHTS
from verify.claims.crosscheck.pretraining import TEACHER
from verify.methods.formula import Formula, defined
from verify.methods.numeric import Worst
from verify.methods.on_arrays import applied, on_arrays
from verify.registry import state

SEED = 113
CASES = ((0.5, 0.0, 0.0), (0.5, 0.45, 0.2), (0.2, -0.15, 0.0), (1.0, 0.5, 1.0))
D, N_PT, N_FT = 10, 6, 4
MINIMISER = sp.Function(r"\hat\beta")


class TwoPhases(NamedTuple):
    """What pretraining learns, and c_FT after it."""

    learnt: Formula = Formula(BETA_PT, (C,), lambda c: MINIMISER(c))
    scale: Formula = STATED_SCALE

    def latex(self):
        return rf"{self.learnt.latex()} \\ {self.scale.latex()}"

    def of(self, X, y, c):
        """Return what is learnt; an infinite scale is that of least squares."""

        def minimiser(scale):
            if np.isinf(scale):
                return np.linalg.pinv(X) @ y
            return minimum_penalty(X, y, scale).beta

        return applied(defined(self.learnt, BETA_PT), {MINIMISER: minimiser}, {C: c})


STATED = TwoPhases()
BY_TEACHER = replace(STATED_SCALE, symbols=(TEACHER, C, LAM, GAMMA))
TWICE, INFINITE = (
    replace(STATED.learnt, body=body)
    for body in (lambda c: MINIMISER(2 * c), lambda c: MINIMISER(sp.oo))
)
CONTROLS = (
    Control("c_FT of the teacher, not of what was learnt", TwoPhases(scale=BY_TEACHER)),
    Control("pretraining from 2c", TwoPhases(TWICE)),
    Control("pretraining by least squares", TwoPhases(INFINITE)),
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
        learnt = stated.of(X, X @ teacher, c)
        scale = on_arrays(
            defined(stated.scale, C_FT), own(init) | {BETA_PT: learnt, TEACHER: teacher}
        )
        tuned = minimum_penalty(X_ft, y_ft, scale).beta
        learning = {"weights' flow": before.beta[-1], "dual Newton": learnt}
        absolute(gaps, "β_PT, n < d", learning, where)
        layers = {
            "weights' flow": before.weights[:, -1],
            "invariants": WEIGHTS.weights_of(init, learnt),
        }
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
