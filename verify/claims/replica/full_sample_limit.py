"""Limit of full samples (Proposition 4.2, expanded at τ → 0).

Without noise the error vanishes linearly as α → 1⁻: p/(1 − α) tends to E[q′(β*)²]/E[q″(β*)]².

For α → 1⁻ without noise τ → 0: then 1 − α = E[1 − η′] ≈ τE[q″(β*)] and E[(β̂ − z)²] ≈ τ²E[q′(β*)²],
so that the second equation, in the form E[(β̂ − z)²] = θ²E[1 − η′], gives p/(1 − α).
"""

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory.replica import alpha, error
from verify.claim import Check, Method
from verify.claims.replica._limits import near
from verify.claims.replica._means import TARGET, groups_of, over, q
from verify.methods.formula import Formula
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Limit, Side
from verify.registry import state

SQUARE = sp.Derivative(q(TARGET), TARGET) ** 2
CURVATURE = sp.Derivative(q(TARGET), (TARGET, 2))
with as_written():
    RATE = error / (1 - alpha)
STATED = Formula(
    RATE,
    (Mean(SQUARE), Mean(CURVATURE)),
    lambda slope_squared, curvature: slope_squared / curvature**2,
    limit=Limit(alpha, 1, Side.BELOW),
)
CONTROLS = (
    STATED.but("E[q′²]/E[q″]", lambda squared, curvature: squared / curvature),
    STATED.but("twice that", lambda squared, curvature: 2 * squared / curvature**2),
)
INITS = ((0.5, 0.0, 0.3), (1.0, 0.7, 0.0), (0.2, -0.5, 1.0), (0.05, 0.0, 0.1))
STEPS = "1e-5", "2e-5"
CASES = [(slab, *init) for slab in ("sign", "gaussian") for init in INITS]


def decide(stated):
    """Extrapolate the solver's p/(1 − α) from two α close to 1."""

    def problem(slab, c, ratio, gamma):
        task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab=slab)
        return task, Initialization(c, ratio * c, gamma)

    def extrapolated(*case):
        task, init = problem(*case)
        curve = solve_replica(
            task, init, [float(near(stated.towards, alpha, step)) for step in STEPS]
        )
        one, other = (
            float(on_arrays(stated.name, {error: mse, alpha: data}))
            for mse, data in zip(curve.mse, curve.alpha, strict=True)
        )
        return 2 * one - other

    def claimed(*case):
        return float(stated({Mean: over(groups_of(*problem(*case)))}))

    found = compare(extrapolated, claimed, CASES, names=("slab", "c", "λ/c", "γ"))
    return compared(found, "p/(1 − α) as α → 1", (FLOAT64, CLOSED_FORM))


REASON = "terms of order (1−α)² = 10⁻¹⁰ remain, times derivatives of q up to 10³"
state(
    "replica.full-sample-limit",
    __doc__,
    (Check("solver close to α = 1", Method.FLOAT64, decide, STATED, CONTROLS, 1e-6, REASON),),
    assumptions=("σ = 0, ϱ = 0", "c_FT > 0"),
    requires=("replica.degrees-of-freedom",),
)
