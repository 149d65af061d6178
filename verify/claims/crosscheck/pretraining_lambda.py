"""Pretraining does not see λ (Section 4.1, “λ in pretraining”; Section 3.2).

Gradient flow of pretraining ends at β̂(c), the minimiser of Σ q with scale c among all β that fit
the data, whatever λ.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import sympy as sp

from numerics import Initialization, minimum_penalty
from numerics.gradient_flow import pretrain_flow
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.claims.crosscheck._scale import LAM, C
from verify.methods.formula import Formula
from verify.methods.on_arrays import applied
from verify.registry import state

SEED = 97


# (c, λ).
NETWORKS = ((0.2, 0.0), (0.2, 0.19), (0.2, -0.1), (0.2, 0.2), (0.2, -0.2), (0.1, 0.05))


END, MINIMISER = sp.Function(r"\beta_{PT}"), sp.Function(r"\hat\beta")
STATED = Formula(END(C, LAM), (C,), lambda c: MINIMISER(c))
CONTROLS = (
    STATED.but("one minimiser for all c", lambda c: MINIMISER(0.2)),
    Control(
        "w₀² = (c+λ)/2 in place of c/2",
        replace(STATED, symbols=(C, LAM), body=lambda c, lam: MINIMISER(c + lam)),
    ),
    Control("the end of networks of c/2", replace(STATED, name=END(C / 2, LAM / 2))),
)


@cache
def data():
    """Draw the few data that all networks are trained on."""
    rng = np.random.default_rng(SEED)
    d, n = 10, 5
    return rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)


@cache
def trained(c, lam):
    """Train one network; ArithmeticError if that does not end."""
    flow = pretrain_flow(Initialization(c, lam), *data())
    if not flow.converged:
        raise ArithmeticError(f"pretraining must end, got {flow.message!r}")
    return flow.beta[-1]


def minimiser(c):
    X, y = data()
    return minimum_penalty(X, y, c).beta


def decide(stated):
    """Hold each network's end to the minimiser stated for it."""
    gaps = Gaps()
    for network in NETWORKS:
        at = dict(zip((C, LAM), network, strict=True))
        end = applied(stated.name, {END: trained}, at)
        minimum = applied(stated(), {MINIMISER: minimiser}, at)
        results = {"weights' flow": end, "dual Newton": minimum}
        relative(gaps, "β_PT, n < d", results, {"c, lambda": network})
    return gaps.measured("the minimisers of c from {count} networks, within {worst}")


REASON = "the flow stops at a training error of 1e-20"
state(
    "crosscheck.pretraining-lambda",
    __doc__,
    (Check("six networks", Method.FLOW, decide, STATED, CONTROLS, 1e-7, REASON, seed=SEED),),
    assumptions=("n < d", "d = 10, n = 5"),
    requires=("implicit-bias.pretraining-lambda-free",),
)
