"""Conserved quantities (Theorem 4.1; Appendix B.1, “conserved quantities”; Azulay et al. (2021)).

λ₊ = w₊² − v₊², λ₋ = w₋² − v₋² and c = w₊w₋ + v₊v₋ of every coordinate keep their initial values
throughout training: λ, λ and c from the initialisation of eqs. 2-3.
"""

import numpy as np
import sympy as sp

from theory.network import gradient_flow, initial_weights, rate, weights
from verify.claim import Check, Method
from verify.claims.network._weights import LAM_MINUS, LAM_PLUS, ROUNDING, SHOWN, C, invariants
from verify.methods import flow
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.registry import state


def lam_plus(w):
    return w.w_plus**2 - w.v_plus**2


def lam_minus(w):
    return w.w_minus**2 - w.v_minus**2


def scale(w):
    return w.w_plus * w.w_minus + w.v_plus * w.v_minus


STATED = Formulas(
    lam_plus=Formula(LAM_PLUS, (SHOWN,), lam_plus),
    lam_minus=Formula(LAM_MINUS, (SHOWN,), lam_minus),
    c=Formula(C, (SHOWN,), scale),
)
CONTROLS = (
    STATED.but("c = w₊w₋ − v₊v₋", c=lambda w: w.w_plus * w.w_minus - w.v_plus * w.v_minus),
    STATED.but("λ₊ = w₊² + v₊²", lam_plus=lambda w: w.w_plus**2 + w.v_plus**2),
    STATED.but("λ₋ = w₋² − v₊²", lam_minus=lambda w: w.w_minus**2 - w.v_plus**2),
)


def decide(stated):
    """Differentiate each quantity along the flow; insert the initialisation."""
    return prove_all(steps(stated))


def steps(stated):
    now, g = weights(), sp.Symbol("g", real=True)
    velocities = gradient_flow([now], [g])
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)  # cover every |λ| ≤ c
    c, lam = w0**2 + v0**2, w0**2 - v0**2
    start = initial_weights(c, lam)
    for name, form, value in (
        ("λ₊", stated.lam_plus, lam),
        ("λ₋", stated.lam_minus, lam),
        ("c", stated.c, c),
    ):
        meant = form.left(invariants(now))
        yield f"{name} is what eqs. 2-3 call so", equal(form({SHOWN: now}), meant)
        yield f"{name} does not change", zero(rate(form({SHOWN: now}), [now], velocities))
        yield f"its value at the initialisation is {value}", equal(form({SHOWN: start}), value)


SEED = 31


def integrate(stated):
    """Train from random weights, equal in nothing, and as initialised; compare start and end."""
    now, rng, worst = weights(), np.random.default_rng(SEED), Worst()
    forms = [
        (name, form, function_of(form({SHOWN: now}), *now)) for name, form in vars(stated).items()
    ]
    for _ in range(3):
        start = flow.State(*(rng.normal(size=(4, 5))))
        end = flow.train(start, *flow.random_task(rng, 3, 5))
        for name, form, formula in forms:
            meant = function_of(form.left(invariants(now)), *now)
            before, after = meant(*start), formula(*end)
            worst.at(np.abs(after - before), quantity=name, before=before, after=after)
    lam, c = 0.3, 0.7
    end = flow.train(flow.initial_state(c, lam, 5), *flow.random_task(rng, 3, 5))
    for name, form, formula in forms:
        before = float(form.left({C: c, LAM_PLUS: lam, LAM_MINUS: lam}))
        after = formula(*end)
        worst.at(np.abs(after - before), quantity=name, before=before, after=after)
    return worst.measured("largest change {worst} over 4 trainings of 5 coordinates")


state(
    "network.conservation",
    __doc__,
    (
        Check("derivative along the flow", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("integration", Method.FLOW, integrate, STATED, CONTROLS, 1e-8, ROUNDING, seed=SEED),
    ),
    assumptions=("the loss is differentiable",),
    requires=("network.flow",),
)
