"""Small networks that are trained in a moment: how they start, and what they are fine-tuned on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution
from numerics.validation import FloatArray

D, ALPHA = 40, 0.5

Problems = tuple[tuple[Initialization, Any], ...]


def problems(
    inits: Sequence[tuple[float, float, float]], seeds: int, seed: int, overlap: float = 0.5
) -> Problems:
    """Draw `seeds` samples for each (c, λ/c, γ), of one generator; ρ = 0.3."""
    rng = np.random.default_rng(seed)
    task = TaskDistribution.pretrain_finetune(0.3, 0.3, overlap, ft_amplitude=1.0)
    return tuple(
        (Initialization(c, ratio * c, gamma), task.sample(D, ALPHA, rng))
        for c, ratio, gamma in inits
        for _ in range(seeds)
    )


def trained(problems: Problems, rate: float, weights: Any = None, **options: Any) -> Any:
    """Fine-tune from the analytic end of pretraining, or from `weights`; return the batch."""
    import torch

    from empirics.diagonal import rebalanced, stacked, train

    torch.set_num_threads(1)
    if weights is None:
        weights = stacked(
            [
                rebalanced(init.pretraining_layer_weights(sample.beta_pt[None]), init.gamma)
                for init, sample in problems
            ]
        )
    X = np.array([sample.X for _, sample in problems])
    y = np.array([sample.y for _, sample in problems])
    return train(weights, X, y, learning_rate=rate, **options)


def ends(problems: Problems, rate: float, weights: Any = None, **options: Any) -> FloatArray:
    """Return the end points of networks that all must converge, (B, d).

    Raises
    ------
    ArithmeticError
        If one did not.
    """
    found = trained(problems, rate, weights, **options)
    if not (found.stop_reason == "converged").all():
        raise ArithmeticError(f"training must converge, got {found.stop_reason.tolist()}")
    return found.beta  # type: ignore[no-any-return]


def distances(found: FloatArray, optima: Sequence[FloatArray]) -> FloatArray:
    """Return the largest distance of each end point, relative to its largest coefficient, (B,)."""
    reference = np.array(optima)
    return np.asarray(np.abs(found - reference).max(axis=1) / np.abs(reference).max(axis=1))
