"""Trained networks end at the minimiser of Theorem 4.1, as the learning rate goes to zero.

Gradient descent is not the flow: its end points at the rates η, η/2 and η/4 are extrapolated to
zero (Richardson), and compared with Newton's method on the dual, coordinate by coordinate.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution, minimum_penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.crosscheck._solvers import stated_scale
from verify.methods.numeric import largest
from verify.registry import register

SEED = 107
TOLERANCE = 1e-4
D, ALPHA, RATE = 40, 0.5, 0.04
INITS = ((1e-2, -0.99, 0.0), (1e-2, 0.9, 0.0), (0.1, 0.0, 1.0), (0.05, -0.8, 0.1))

Scale = Callable[[Initialization, Any], Any]


@cache
def trained() -> tuple[tuple[Initialization, Any, Any, Any], ...]:
    """Train a network from each initialisation; return data and extrapolated end points."""
    import torch

    from empirics.diagonal import train_from_infinite_pretraining

    torch.set_num_threads(1)
    rng = np.random.default_rng(SEED)
    task = TaskDistribution.pretrain_finetune(0.3, 0.3, 0.5, slab="gaussian")
    outcomes = []
    for c, ratio, gamma in INITS:
        init = Initialization(c, ratio * c, gamma)
        sample = task.sample(D, ALPHA, rng)
        ends = []
        for rate in (RATE, RATE / 2, RATE / 4):
            found = train_from_infinite_pretraining(
                init,
                sample.beta_pt[None],
                sample.X[None],
                sample.y[None],
                learning_rate=rate,
                threshold=1e-16,
            )
            if found.stop_reason[0] != "converged":
                raise ArithmeticError(f"training must converge, got {found.stop_reason[0]}")
            ends.append(found.beta[0])
        first, second = 2 * ends[1] - ends[0], 2 * ends[2] - ends[1]
        outcomes.append((init, sample, ends[2], (4 * second - first) / 3))
    return tuple(outcomes)


def decide(scale: Scale) -> Evidence:
    """Compare the extrapolated end points with the minimiser."""
    worst, gap, where = 0.0, 0.0, {}
    for init, sample, at_rate, extrapolated in trained():
        optimum = minimum_penalty(sample.X, sample.y, scale(init, sample.beta_pt)).beta
        size = np.abs(optimum).max()
        distance = largest(np.abs(extrapolated - optimum).max() / size)
        gap = max(gap, float(np.abs(at_rate - optimum).max() / size))
        if distance > worst:
            worst = distance
            where = {
                "c, lambda, gamma": str((init.c, init.lam, init.gamma)),
                "distance": repr(distance),
            }
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"within {worst:.2g} of the minimiser in {len(INITS)} networks, extrapolated to learning "
        f"rate 0; {gap:.2g} at {RATE / 4:g}",
        figure=worst,
        counterexample=None if holds else where,
        data={"gap at the smallest rate": gap},
    )


register(
    Claim(
        id="training.optimum",
        title="Trained networks end at the minimiser",
        sentence="Networks trained by gradient descent end at the β of Theorem 4.1 as the learning "
        "rate goes to zero.",
        latex=r"\lim_{\eta \to 0} \beta_{GD}(\eta) = "
        r"\operatorname{argmin}_{X\beta = y} \sum_i q_{k_i}(\beta_i)",
        source="Theorem 4.1; Appendix E.2.6",
        assumptions=("analytic end of infinite pretraining", "d = 40, α = 0.5"),
        requires=("implicit-bias.minimiser",),
        checks=(
            Check(
                "four networks at three learning rates",
                Method.TRAINING,
                decide,
                stated_scale,
                (
                    Control("c_FT twice as large", lambda i, b: 2 * stated_scale(i, b)),
                    Control("γ²/2 for γ²", lambda i, b: stated_scale(i, b) - i.gamma**2 / 2),
                    Control(
                        "−λ for λ",
                        lambda i, b: stated_scale(Initialization(i.c, -i.lam, i.gamma), b),
                    ),
                ),
                tolerance=TOLERANCE,
                reason="the third order in the learning rate is left",
                needs=("torch",),
                limit=120.0,
                seed=SEED,
            ),
        ),
    )
)
