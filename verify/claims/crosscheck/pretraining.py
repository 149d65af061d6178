"""Real pretraining ends where the analytic end state is (Section 3.2; Appendix B.1).

With n_PT ≥ d examples the flow recovers β*_PT and leaves the weights that the invariants predict.
"""

from itertools import product
from typing import Any

import numpy as np

from numerics import Initialization
from numerics.gradient_flow import pretrain_flow
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register

SEED = 89
TOLERANCE = 1e-7
D = 8
CASES = ((0.5, 0.0), (0.5, 0.45), (1.0, -0.9), (0.1, -0.1), (0.1, 0.1), (2.0, 1.0))


def predicted(init: Initialization, beta: Any) -> Any:
    """Return the weights from the invariants, (4, d)."""
    weights = init.pretraining_layer_weights(beta)
    return np.array([weights.w_plus, weights.v_plus, weights.w_minus, weights.v_minus])


def decide(statement: Any) -> Evidence:
    """Pretrain on 2d and on d examples; compare β and all weights, signs included."""
    rng = np.random.default_rng(SEED)
    worst, where = 0.0, {}
    for n, (c, lam) in product((2 * D, D), CASES):
        init, d = Initialization(c, lam), D
        beta = rng.choice([-1.0, 0.0, 1.0], size=d)
        X = rng.standard_normal((n, d)) / np.sqrt(n)
        flow = pretrain_flow(init, X, X @ beta)
        if not flow.converged or flow.weights is None:
            return Evidence(None, f"pretraining did not end: {flow.message}")
        found = flow.weights[:, -1]
        errors = {
            "beta_PT": float(np.abs(flow.beta[-1] - beta).max()),
            "weights": float(np.abs(found - statement(init, beta)).max()),
        }
        gap = largest(*errors.values())
        if gap > worst:
            worst = gap
            where = {
                "n, c, lambda": str((n, c, lam)),
                "beta": str(beta.tolist()),
                **{name: repr(value) for name, value in errors.items()},
            }
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"β_PT and all weights within {worst:.2g} in {2 * len(CASES)} networks",
        figure=worst,
        counterexample=None if holds else where,
        comparisons=(
            Comparison(
                "β_PT and layer weights", ("weights' flow", "analytic end"), worst, "absolute"
            ),
        ),
    )


register(
    Claim(
        id="crosscheck.pretraining",
        title="Real pretraining",
        sentence="Pretrained by gradient flow on n ≥ d examples, a network recovers β*_PT and has "
        "the layer weights that c, λ and β*_PT determine.",
        latex=r"n_{PT} \ge d:\quad \beta_{PT} = \beta_{PT}^*,\quad w_\pm, v_\pm\;"
        r"\text{from}\;(\beta_{PT}^*, c, \lambda)",
        source="Section 3.2; Appendix B.1",
        assumptions=("no label noise", f"d = {D}, n = {2 * D} and n = {D}"),
        requires=("network.layer-weights",),
        checks=(
            Check(
                "flow of twelve networks",
                Method.FLOW,
                decide,
                predicted,
                (
                    Control(
                        "λ of the opposite sign",
                        lambda init, beta: predicted(Initialization(init.c, -init.lam), beta),
                    ),
                    Control(
                        "c twice as large",
                        lambda init, beta: predicted(Initialization(2 * init.c, init.lam), beta),
                    ),
                ),
                tolerance=TOLERANCE,
                reason="the flow stops at a training error of 1e-20, conditions of X up to 100",
                seed=SEED,
            ),
        ),
    )
)
