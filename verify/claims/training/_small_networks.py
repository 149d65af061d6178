"""Small networks that are trained in a moment: how they start, and what they are fine-tuned on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution

D, ALPHA = 40, 0.5


def problems(
    inits: Sequence[tuple[float, float, float]], seeds: int, seed: int
) -> tuple[tuple[Initialization, Any], ...]:
    """Draw `seeds` samples for each (c, λ/c, γ), of one generator; ρ = 0.3, ω = ½."""
    rng = np.random.default_rng(seed)
    task = TaskDistribution.pretrain_finetune(0.3, 0.3, 0.5, ft_amplitude=1.0)
    return tuple(
        (Initialization(c, ratio * c, gamma), task.sample(D, ALPHA, rng))
        for c, ratio, gamma in inits
        for _ in range(seeds)
    )
