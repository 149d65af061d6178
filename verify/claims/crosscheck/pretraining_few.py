"""Pretraining on fewer examples than coordinates (Section 3.2; Theorem 4.1).

It cannot recover β*_PT. It ends at the interpolator of least Σ q with scale c, leaves the weights
that the invariants give for that β_PT, and fine-tuning proceeds from there: c_FT is that of the
β_PT learnt, not of the teacher's.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numerics import Initialization, minimum_penalty
from numerics.gradient_flow import finetune_flow, pretrain_flow
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register

SEED = 113
TOLERANCE = 1e-6
CASES = ((0.5, 0.0, 0.0), (0.5, 0.45, 0.2), (0.2, -0.15, 0.0), (1.0, 0.5, 1.0))
D, N_PT, N_FT = 10, 6, 4


class Learnt(NamedTuple):
    """How the statement takes β_PT from the data of pretraining, and what β_PT leads to c_FT."""

    beta_pt: Callable[[Any, Any, Initialization], Any]
    leads: Callable[[Any, Any], Any] = lambda learnt, teacher: learnt


def _by_newton(X: Any, y: Any, init: Initialization) -> Any:
    return minimum_penalty(X, y, init.c).beta


def decide(statement: Learnt) -> Evidence:
    """Follow the flow through both phases; compare β_PT, the weights, and β after fine-tuning."""
    rng = np.random.default_rng(SEED)
    worst = {"β_PT": 0.0, "layer weights": 0.0, "β after fine-tuning": 0.0}
    missed, where = np.inf, {}
    for c, lam, gamma in CASES:
        init = Initialization(c, lam, gamma)
        teacher = rng.choice([-1.0, 0.0, 1.0], size=D)
        X = rng.standard_normal((N_PT, D)) / np.sqrt(N_PT)
        X_ft, y_ft = rng.standard_normal((N_FT, D)) / np.sqrt(N_FT), rng.standard_normal(N_FT)
        before = pretrain_flow(init, X, X @ teacher)
        after = finetune_flow(before.end, init, X_ft, y_ft)
        if before.weights is None or not (before.converged and after.converged):
            return Evidence(None, f"the flow did not end: {before.message}, {after.message}")
        learnt = statement.beta_pt(X, X @ teacher, init)
        weights = init.pretraining_layer_weights(learnt)
        expected = np.array([weights.w_plus, weights.v_plus, weights.w_minus, weights.v_minus])
        scale = init.finetune_scale(statement.leads(learnt, teacher))
        errors = {
            "β_PT": np.abs(before.beta[-1] - learnt).max(),
            "layer weights": np.abs(before.weights[:, -1] - expected).max(),
            "β after fine-tuning": np.abs(
                after.beta[-1] - minimum_penalty(X_ft, y_ft, scale).beta
            ).max(),
        }
        missed = min(missed, float(np.abs(learnt - teacher).max()))
        for name, error in errors.items():
            gap = largest(error)
            if gap > max(worst.values()):
                where = {"c, lambda, gamma": str((c, lam, gamma)), name: repr(float(error))}
            worst[name] = max(worst[name], gap)
    figure = max(worst.values())
    holds = figure <= TOLERANCE
    roads = ("weights' flow", "dual Newton")
    return Evidence(
        holds,
        f"β_PT, weights and β after fine-tuning within {figure:.2g}; the teacher is missed by "
        f"at least {missed:.2g}",
        figure=figure,
        counterexample=None if holds else where,
        data={"smallest distance of β_PT from the teacher": missed},
        comparisons=(
            Comparison("β_PT, n < d", roads, worst["β_PT"], "absolute"),
            Comparison(
                "layer weights, n < d",
                ("weights' flow", "invariants"),
                worst["layer weights"],
                "absolute",
            ),
            Comparison("β through both phases", roads, worst["β after fine-tuning"], "absolute"),
        ),
    )


register(
    Claim(
        id="crosscheck.pretraining-few",
        title="Pretraining on few examples",
        sentence="On fewer examples than coordinates pretraining ends at the interpolator of "
        "least Σ q with scale c; its layer weights, and c_FT after it, are those of that β_PT.",
        latex=r"n_{PT} < d:\quad \beta_{PT} = \operatorname{argmin}_{X\beta = y} "
        r"\sum_i q(\beta_i; c),\quad c_{FT} = (c+\lambda)\Bigl(1 + "
        r"\sqrt{1 + (\beta_{PT}/c)^2}\Bigr) + \gamma^2",
        source="Section 3.2; Theorem 4.1; equations 4-5",
        assumptions=("no label noise", f"d = {D}, n_PT = {N_PT}, n_FT = {N_FT}"),
        requires=("crosscheck.pretraining", "crosscheck.minimiser"),
        checks=(
            Check(
                "flow through both phases, four networks",
                Method.FLOW,
                decide,
                Learnt(_by_newton),
                (
                    Control(
                        "c_FT of the teacher, not of what was learnt",
                        Learnt(_by_newton, lambda learnt, teacher: teacher),
                    ),
                    Control(
                        "pretraining from 2c",
                        Learnt(lambda X, y, init: minimum_penalty(X, y, 2 * init.c).beta),
                    ),
                    Control(
                        "pretraining by least squares",
                        Learnt(lambda X, y, init: np.linalg.pinv(X) @ y),
                    ),
                ),
                tolerance=TOLERANCE,
                reason="the flow stops at a training error of 1e-20, conditions of X up to 1e3",
                seed=SEED,
            ),
        ),
    )
)
