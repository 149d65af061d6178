"""What a trained network does on images: test accuracy, and the activations of its stages.

In evaluation mode, that is with the running statistics of batch normalisation, but where another is
asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from empirics.vision.data import normalised
from empirics.vision.resnet import Population, features, logits, side_by_side
from empirics.vision.state import State

_BATCH = 500


def accuracy(
    state: State,
    images: Any,
    indices: NDArray[np.int64],
    targets: NDArray[np.int64],
    classes: Sequence[int],
    device: str = "cpu",
) -> float:
    """Return the share of images whose largest logit among `classes` is the right one.

    `targets` are positions in `classes`.
    """
    network = Population.of([state], device)
    right = 0
    with torch.no_grad():
        for first in range(0, len(indices), _BATCH):
            inputs = _inputs(images, indices[first : first + _BATCH], device)
            out = logits(network, inputs, training=False)[0][:, list(classes)]
            expected = torch.from_numpy(targets[first : first + _BATCH]).to(device)
            right += int((out.argmax(dim=1) == expected).sum())
    return right / len(indices)


def stage_features(
    state: State,
    images: Any,
    indices: NDArray[np.int64],
    device: str = "cpu",
    *,
    training: bool = False,
) -> dict[str, NDArray[np.float64]]:
    """Return the activations of every stage on the images, (N, D) each.

    In evaluation mode, or in training mode, as one batch; the state is left alone.
    """
    network = Population.of([state], device)
    with torch.no_grad():
        return {
            stage: activations.flatten(1).double().cpu().numpy()
            for stage, activations in features(
                network, _inputs(images, indices, device), training=training
            )
        }


def calibrated(state: State, images: Any, indices: NDArray[np.int64], device: str = "cpu") -> State:
    """Return the state with the running statistics that it has on the images, as one batch."""
    network = Population.of([state], device)
    with torch.no_grad():
        inputs = _inputs(images, indices, device)
        for _ in features(network, inputs, training=True, momentum=1.0):
            pass
    return network.state(0)


def _inputs(images: Any, indices: NDArray[np.int64], device: str) -> Any:
    chosen = torch.from_numpy(indices).to(device)
    return side_by_side(normalised(images[chosen]).unsqueeze(1))
