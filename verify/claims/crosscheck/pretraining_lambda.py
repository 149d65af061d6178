"""Pretraining does not see λ (Section 4.1, “λ in pretraining”; Section 3.2).

From the same c, gradient flow of pretraining ends at the minimiser of Σ q with scale c, whatever λ.
"""

from typing import NamedTuple

import numpy as np

from numerics import Initialization, minimum_penalty
from numerics.gradient_flow import pretrain_flow
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.registry import state

SEED = 97


class SameEnd(NamedTuple):
    """The networks (c, λ) that are said to end at the minimiser of scale `c`."""

    c: float
    networks: tuple[tuple[float, float], ...]

    def latex(self):
        listed = ", ".join(f"({c:g}, {lam:g})" for c, lam in self.networks)
        return (
            rf"(c, \lambda) \in \{{{listed}\}}: \quad "
            rf"\beta_{{PT}} = \operatorname{{argmin}}_{{X\beta = y}} \sum_i q(\beta_i; {self.c:g})"
        )


STATED = SameEnd(0.2, ((0.2, 0.0), (0.2, 0.19), (0.2, -0.1), (0.2, 0.2), (0.2, -0.2)))
CONTROLS = (
    Control("c varied instead", SameEnd(0.2, ((0.2, 0.0), (0.1, 0.0)))),
    Control("w₀ held while λ varies", SameEnd(0.2, ((0.2, 0.0), (0.15, 0.05)))),
)


def decide(stated):
    """Train from several (c, λ) on the same few data."""
    rng, gaps = np.random.default_rng(SEED), Gaps()
    d, n = 10, 5
    X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
    minimum = minimum_penalty(X, y, stated.c).beta
    for c, lam in stated.networks:
        flow = pretrain_flow(Initialization(c, lam), X, y)
        if not flow.converged:
            return Evidence(None, f"pretraining did not end: {flow.message}")
        results = {"weights' flow": flow.beta[-1], "dual Newton": minimum}
        relative(gaps, "β_PT, n < d", results, {"c, lambda": (c, lam)})
    return gaps.measured("one minimiser from {count} relative scales, within {worst}")


REASON = "the flow stops at a training error of 1e-20"
state(
    "crosscheck.pretraining-lambda",
    __doc__,
    (Check("five networks", Method.FLOW, decide, STATED, CONTROLS, 1e-7, REASON, seed=SEED),),
    assumptions=("n < d", "d = 10, n = 5"),
    requires=("implicit-bias.pretraining-lambda-free",),
)
