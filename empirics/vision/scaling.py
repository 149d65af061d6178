"""The levers of Section 6, as pure functions of a state dict.

    kappa         relative scale: conv1, bn1 and stages 1-3, before pretraining        (D.1)
    scale         absolute scale c: every parameter, before pretraining                (D.2)
    gamma         re-initialisation scale γ: the last layer, after pretraining         (D.3)
    all-weights   Lippl & Lindsey's rescaling: every parameter, after pretraining      (D.4)

The affine parameters of batch normalisation are parameters; its running statistics are not, and
no lever touches them. Scaling by a power of two is exact, and undone exactly by its inverse.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from empirics.vision.state import State, is_buffer

Phase = Literal["before pretraining", "after pretraining"]

FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Lever:
    """What is multiplied, when, and by which factors in the published study.

    Attributes
    ----------
    name, symbol
        Name on the command line and letter in the paper.
    modules
        Top-level modules whose parameters are multiplied; empty for all of them.
    phase
        Whether pretraining or only fine-tuning starts from the scaled weights.
    factors
        The published factors.
    """

    name: str
    symbol: str
    modules: tuple[str, ...]
    phase: Phase
    factors: tuple[float, ...] = FACTORS

    def touches(self, name: str) -> bool:
        """Return whether the tensor `name` of a state dict is multiplied."""
        inside = not self.modules or name.partition(".")[0] in self.modules
        return inside and not is_buffer(name)


LEVERS = {
    lever.name: lever
    for lever in (
        Lever(
            "kappa",
            "κ",
            ("conv1", "bn1", "layer1", "layer2", "layer3"),
            "before pretraining",
            (*FACTORS, 4.0),
        ),
        Lever("scale", "c", (), "before pretraining"),
        Lever("gamma", "γ", ("fc",), "after pretraining"),
        Lever("all-weights", "all weights", (), "after pretraining"),
    )
}


def lever(name: str) -> Lever:
    """Return a lever by name; `ValueError` if there is none."""
    if name not in LEVERS:
        raise ValueError(f"lever must be one of {', '.join(LEVERS)}, got {name!r}")
    return LEVERS[name]


def scaled(state: State, which: Lever, factor: float) -> State:
    """Return a copy of `state` with the lever's tensors multiplied by `factor`.

    `ValueError` unless the factor is finite and positive.
    """
    if not (math.isfinite(factor) and factor > 0.0):
        raise ValueError(f"factor must satisfy 0 < factor < inf, got factor={factor!r}")
    return {
        name: tensor * factor if which.touches(name) else tensor.clone()
        for name, tensor in state.items()
    }


def touched(names: Iterable[str], which: Lever) -> tuple[str, ...]:
    """Return those of the names that the lever multiplies, in order."""
    return tuple(name for name in names if which.touches(name))
