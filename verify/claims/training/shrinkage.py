r"""What gradient descent ends at: the minimiser for the invariants that it is left with.

A step of gradient descent multiplies λ₊, λ₋ and c by 1 − η²g² in each coordinate (`empirics.
diagonal`), so that fine-tuning ends with invariants c_FT PM instead of c_FT. With them, and

    β = ½ c_FT (P² − M²) = c_FT PM sinh(log P/M),   log P/M = −2 Σ artanh(ηg) = −2 Σ (ηg + O(η³)),

the end point has the form of the KKT condition of Theorem 4.1 for the scale c_FT PM, up to the
third powers of single steps: 1/η of them are of order η². Most of the gap to the flow is therefore
the shrinkage of c_FT, by the first order in η.
"""

from typing import Any, NamedTuple

import numpy as np

from numerics import minimum_penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.training.learning_rate_gap import PROBLEMS, RATES, SEED, trained
from verify.registry import register

EXPONENT_TOLERANCE = 0.15
# Index of the rates 0.01 and 0.005: at the smallest, 0.0025, the training error at which networks
# stop, 1e-16, shows in distances of 1e-7.
PAIR = 1


class Statement(NamedTuple):
    """The exponent of the distance, and the power of the shrinkage PM in the scale c_FT (PM)^s."""

    exponent: float = 2.0
    power: float = 1.0


def distances(rate: float, power: float) -> Any:
    """Return the distance of each end point from the minimiser, relative to its largest entry."""
    found = trained(rate)
    w_plus, v_plus, w_minus, v_minus = found.weights
    final = w_plus * w_minus + v_plus * v_minus
    result = []
    for index, (init, sample) in enumerate(PROBLEMS):
        start = init.finetune_scale(sample.beta_pt)
        scale = start * (final[index] / start) ** power
        optimum = minimum_penalty(sample.X, sample.y, scale).beta
        result.append(np.abs(found.beta[index] - optimum).max() / np.abs(optimum).max())
    return np.array(result)


def decide(statement: Statement) -> Evidence:
    """Hold the exponent between two rates, network by network, to the stated one."""
    found = np.array([distances(rate, statement.power) for rate in RATES])
    exponents = np.log2(found[PAIR] / found[PAIR + 1])
    off = np.abs(exponents - statement.exponent)
    worst = float(off.max()) if np.isfinite(off).all() else float("inf")
    holds = worst <= EXPONENT_TOLERANCE
    where = int(np.argmax(np.nan_to_num(off, nan=np.inf)))
    shrinkage = float(np.median(trained(RATES[-1]).shrinkage))
    return Evidence(
        holds,
        f"distance ∝ η^{float(np.median(exponents)):.3f} (median of {off.size} networks), "
        f"{float(np.median(found[-1])):.2g} of the largest coefficient at η = {RATES[-1]:g}, where "
        f"c_FT shrinks by up to {shrinkage:.2g} of itself",
        figure=worst,
        counterexample=None
        if holds
        else {"network": str(where), "distances": str(found[:, where].tolist())},
        data={"rates": list(RATES), "median_distances": np.median(found, axis=1).tolist()},
    )


register(
    Claim(
        id="training.shrinkage",
        title="Gradient descent follows its own invariants",
        sentence="Gradient descent ends at the minimiser of Theorem 4.1 for the invariants that it "
        "has at its end, up to a distance quadratic in the learning rate.",
        latex=r"\Big\|\beta_{GD}(\eta) - \operatorname{argmin}_{X\beta = y} "
        r"\sum_i q_{k_i}(\beta_i)\Big\|_\infty = O(\eta^2), \quad "
        r"\sqrt{k_i} = 2 c_{FT,i} \prod_t (1 - \eta^2 g_{t,i}^2)",
        source="beyond the paper; Theorem 4.1, Appendix B.1",
        assumptions=("analytic end of infinite pretraining", "d = 40, α = 0.5"),
        requires=("implicit-bias.minimiser",),
        checks=(
            Check(
                "rates that halve",
                Method.TRAINING,
                decide,
                Statement(),
                (
                    Control("the invariants of the start", Statement(power=0.0)),
                    Control("half of the shrinkage", Statement(power=0.5)),
                    Control("distance ∝ η³", Statement(exponent=3.0)),
                ),
                tolerance=EXPONENT_TOLERANCE,
                reason="the next order in the learning rate is left at rates of 0.01 and 0.005",
                needs=("torch",),
                limit=180.0,
                seed=SEED,
            ),
        ),
    )
)
