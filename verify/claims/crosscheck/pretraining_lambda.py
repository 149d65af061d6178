"""λ has no influence on what pretraining learns, only on how (Theorem 4.1; Section 3.2)."""

import numpy as np

from numerics import Initialization, minimum_penalty
from numerics.gradient_flow import pretrain_flow
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register

SEED = 97
TOLERANCE = 1e-7


def decide(scales: tuple[tuple[float, float], ...]) -> Evidence:
    """Train from several (c, λ) on the same few data; all must end at the first one's minimiser."""
    rng = np.random.default_rng(SEED)
    d, n = 10, 5
    X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
    minimum = minimum_penalty(X, y, scales[0][0])
    worst, where = 0.0, {}
    for c, lam in scales:
        flow = pretrain_flow(Initialization(c, lam), X, y)
        if not flow.converged:
            return Evidence(None, f"pretraining did not end: {flow.message}")
        gap = largest(np.abs(flow.beta[-1] - minimum.beta).max() / np.abs(minimum.beta).max())
        if gap > worst:
            worst, where = gap, {"c, lambda": str((c, lam)), "distance": repr(gap)}
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"one minimiser from {len(scales)} relative scales, within {worst:.2g}",
        figure=worst,
        counterexample=None if holds else where,
        comparisons=(Comparison("β_PT, n < d", ("weights' flow", "dual Newton"), worst),),
    )


SAME_C = ((0.2, 0.0), (0.2, 0.19), (0.2, -0.1), (0.2, 0.2), (0.2, -0.2))

register(
    Claim(
        id="crosscheck.pretraining-lambda",
        title="Pretraining does not see λ",
        sentence="From the same c, gradient flow of pretraining ends at the minimiser of Σ q with "
        "scale c, whatever λ.",
        latex=r"\beta_{PT} = \operatorname{argmin}_{X\beta = y} \sum_i q(\beta_i; c),\quad "
        r"\text{for every}\; \lambda \in [-c, c]",
        source="Theorem 4.1; Section 3.2",
        assumptions=("n < d", "d = 10, n = 5"),
        requires=("implicit-bias.pretraining-lambda-free",),
        checks=(
            Check(
                "flows from five relative scales",
                Method.FLOW,
                decide,
                SAME_C,
                (
                    Control("c varied instead", ((0.2, 0.0), (0.1, 0.0))),
                    Control("w₀ held while λ varies", ((0.2, 0.0), (0.15, 0.05))),
                ),
                tolerance=TOLERANCE,
                reason="the flow stops at a training error of 1e-20",
                seed=SEED,
            ),
        ),
    )
)
