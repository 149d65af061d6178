"""Small networks that are trained in a moment: how they start, and what they are fine-tuned on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution
from numerics.validation import FloatArray
from verify.claim import Check, Method

# Coordinates, and examples of fine-tuning.
D, N = 40, 20
SIZES = f"d = {D}, α = {N / D:g}"
TASK = TaskDistribution.pretrain_finetune(0.3, 0.3, 0.5, ft_amplitude=1.0)

Problems = Sequence[tuple[Initialization, Any]]


def problems(
    inits: Iterable[tuple[float, float, float]],
    seeds: int,
    seed: int,
    task: Any = TASK,
    alpha: float = N / D,
) -> Problems:
    """Draw `seeds` samples for each (c, λ/c, γ), of one generator."""
    rng = np.random.default_rng(seed)
    return tuple(
        (Initialization(c, ratio * c, gamma), task.sample(D, alpha, rng))
        for c, ratio, gamma in inits
        for _ in range(seeds)
    )


def trained(problems: Problems, rate: float, weights: Any = None, **options: Any) -> Any:
    """Train a batch from the analytic end of pretraining, or from `weights`."""
    import torch

    from empirics.diagonal import rebalanced, stacked, train

    torch.set_num_threads(1)
    if weights is None:
        before = [init.pretraining_layer_weights(one.beta_pt[None]) for init, one in problems]
        starts = zip(before, problems, strict=True)
        weights = stacked([rebalanced(start, init.gamma) for start, (init, _) in starts])
    X, y = (np.array([getattr(sample, name) for _, sample in problems]) for name in "Xy")
    return train(weights, X, y, learning_rate=rate, **options)


def converged(problems: Problems, rate: float, weights: Any = None, **options: Any) -> Any:
    """Train a batch likewise; ArithmeticError unless all networks converge."""
    found = trained(problems, rate, weights, **options)
    if not (found.stop_reason == "converged").all():
        raise ArithmeticError(f"training must converge, got {found.stop_reason.tolist()}")
    return found


def by_training(
    name: str, decide: Any, stated: Any, controls: Any, tolerance: float, reason: str, **how: Any
) -> Check:
    """Return a check that trains networks, within two minutes unless it is said otherwise."""
    how = {"limit": 120.0, "needs": ("torch",), **how}
    return Check(name, Method.TRAINING, decide, stated, controls, tolerance, reason, **how)


def distances(found: Iterable[FloatArray], references: Iterable[FloatArray]) -> FloatArray:
    """Return how far each end point is from its reference, relative to the largest coefficient."""
    return np.array(
        [np.abs(a - b).max() / np.abs(b).max() for a, b in zip(found, references, strict=True)]
    )
