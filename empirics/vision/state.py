"""State dicts of a ResNet: which of their tensors are parameters; known without torch."""

from __future__ import annotations

from typing import Any

State = dict[str, Any]

_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def is_buffer(name: str) -> bool:
    """Return whether a tensor of the state dict is a running statistic, not a parameter."""
    return name.rpartition(".")[2] in _BUFFERS
