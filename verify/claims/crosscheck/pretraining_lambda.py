"""Pretraining does not see λ (Section 4.1, “λ in pretraining”; Section 3.2).

Gradient flow of pretraining ends at β̂(c), the minimiser of Σ q with scale c among all β that fit
the data, whatever λ.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization, minimum_penalty
from numerics.gradient_flow import pretrain_flow
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.methods.formula import written
from verify.registry import state

SEED = 97


# (c, λ).
NETWORKS = ((0.2, 0.0), (0.2, 0.19), (0.2, -0.1), (0.2, 0.2), (0.2, -0.2), (0.1, 0.05))


class SameEnd(NamedTuple):
    """The scale whose minimiser pretraining ends at, as a function of the network's c and λ."""

    scale: Callable[[Any, Any], Any]

    def latex(self):
        return (
            rf"\beta_{{PT}}(c, \lambda) = \hat\beta({written(self.scale, *sp.symbols('c lambda'))})"
        )


STATED = SameEnd(lambda c, lam: c)
CONTROLS = (
    Control("one minimiser for all c", SameEnd(lambda c, lam: 0.2)),
    Control("w₀² = (c+λ)/2 in place of c/2", SameEnd(lambda c, lam: c + lam)),
)


@cache
def flows():
    """Train all networks on the same few data."""
    rng = np.random.default_rng(SEED)
    d, n = 10, 5
    X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
    return X, y, [pretrain_flow(Initialization(*network), X, y) for network in NETWORKS]


def decide(stated):
    """Hold each network's end to the minimiser stated for it."""
    gaps, (X, y, trained) = Gaps(), flows()
    for network, flow in zip(NETWORKS, trained, strict=True):
        if not flow.converged:
            return Evidence(None, f"pretraining did not end: {flow.message}")
        minimum = minimum_penalty(X, y, float(stated.scale(*network))).beta
        results = {"weights' flow": flow.beta[-1], "dual Newton": minimum}
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
