"""Conserved quantities (Theorem 4.1, proof; Appendix B.1; Azulay et al. (2021)).

λ₊ = w₊² − v₊², λ₋ = w₋² − v₋² and c = w₊w₋ + v₊v₋ of every coordinate keep their initial values
throughout training.
"""

from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from theory.network import gradient_flow, rate, weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN
from verify.methods import flow
from verify.methods.formula import written
from verify.methods.identity import zero
from verify.methods.numeric import Worst
from verify.methods.symbolic import prove_all
from verify.registry import state


def lam_plus(w):
    return w.w_plus**2 - w.v_plus**2


def lam_minus(w):
    return w.w_minus**2 - w.v_minus**2


def scale(w):
    return w.w_plus * w.w_minus + w.v_plus * w.v_minus


class Conserved(NamedTuple):
    """Functions of the weights of a coordinate that are said to be conserved."""

    lam_plus: Any
    lam_minus: Any
    c: Any

    def latex(self):
        forms = (written(form, SHOWN) for form in self)
        return r" \\ ".join(rf"\frac{{d}}{{dt}}\left({form}\right) = 0" for form in forms)


STATED = Conserved(lam_plus, lam_minus, scale)
CONTROLS = (
    Control("c = w₊w₋ − v₊v₋", STATED._replace(c=lambda w: scale(w._replace(v_plus=-w.v_plus)))),
    Control("λ₊ = w₊² + v₊²", STATED._replace(lam_plus=lambda w: w.w_plus**2 + w.v_plus**2)),
    Control("λ₋ = w₋² − v₊²", STATED._replace(lam_minus=lambda w: w.w_minus**2 - w.v_plus**2)),
)


def decide(conserved):
    """Differentiate each quantity along the flow."""
    coordinate, g = weights(), sp.Symbol("g", real=True)
    velocities = gradient_flow([coordinate], [g])
    return prove_all(
        (f"{name} does not change", zero(rate(form(coordinate), [coordinate], velocities)))
        for name, form in zip(("λ₊", "λ₋", "c"), conserved, strict=True)
    )


SEED = 31


def integrate(conserved):
    """Train from random weights, equal in nothing, and compare start and end."""
    rng, worst = np.random.default_rng(SEED), Worst()
    for _ in range(3):
        start = flow.State(*(rng.normal(size=(4, 5))))
        end = flow.train(start, *flow.random_task(rng, 3, 5))
        for name, form in conserved._asdict().items():
            before, after = form(start), form(end)
            worst.at(np.abs(after - before), quantity=name, before=before, after=after)
    return worst.measured("largest change {worst} over 3 trainings of 5 coordinates")


state(
    "network.conservation",
    __doc__,
    (
        Check("derivative along the flow", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "change during integrated training",
            Method.FLOW,
            integrate,
            STATED,
            CONTROLS,
            tolerance=1e-8,
            reason="the integrator's local tolerance is 1e-10; the weights are of order one",
            seed=SEED,
        ),
    ),
    assumptions=("the loss is differentiable",),
    requires=("network.flow",),
)
