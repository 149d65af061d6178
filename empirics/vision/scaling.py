"""The factors κ, c and γ of Section 6, as pure functions of a state dict.

    kappa         relative scale: conv1, bn1 and stages 1-3, before pretraining        (D.1)
    scale         absolute scale c: every parameter, before pretraining                (D.2)
    gamma         re-initialisation scale γ: the last layer, after pretraining         (D.3)
    all-weights   Lippl & Lindsey's rescaling: every parameter, after pretraining      (D.4)

Two more take κ apart, which in a batch-normalised network is a learning rate (claim
`vision.kappa-function`). Both act on the modules of κ, from the start of pretraining on:

    kappa-rate       their learning rates are divided by κ², their weights left alone
    kappa-constant   their weights are multiplied by κ, and their learning rates by κ²

The affine parameters of batch normalisation are parameters; its running statistics are not, and
no factor touches them. Scaling by a power of two is exact, and undone exactly by its inverse.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from empirics.vision.state import State, is_buffer

Phase = Literal["before pretraining", "after pretraining"]
Rates = tuple[tuple[str, float], ...]

VALUES = (0.125, 0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Factor:
    """A factor: what it multiplies, when, and its values in the studies.

    Attributes
    ----------
    name, symbol
        Name on the command line and letter in the paper.
    modules
        Top-level modules whose parameters are multiplied; empty for all of them.
    phase
        Whether pretraining or only fine-tuning starts from the scaled weights.
    values
        The published values, or those that are compared with published ones.
    of_weights, of_rates
        Powers of the value that multiply the parameters, and their learning rates in both phases.
    """

    name: str
    symbol: str
    modules: tuple[str, ...]
    phase: Phase
    values: tuple[float, ...] = VALUES
    of_weights: int = 1
    of_rates: int = 0

    def touches(self, name: str) -> bool:
        """Return whether the tensor `name` of a state dict is multiplied."""
        inside = not self.modules or name.partition(".")[0] in self.modules
        return bool(self.of_weights) and inside and not is_buffer(name)

    def rates(self, value: float) -> Rates:
        """Return the modules whose learning rates are multiplied, each with its multiplier."""
        if not self.of_rates:
            return ()
        return tuple((module, value**self.of_rates) for module in self.modules)


_EARLY = ("conv1", "bn1", "layer1", "layer2", "layer3")
FACTORS = {
    one.name: one
    for one in (
        Factor("kappa", "κ", _EARLY, "before pretraining", (*VALUES, 4.0)),
        Factor("scale", "c", (), "before pretraining"),
        Factor("gamma", "γ", ("fc",), "after pretraining"),
        Factor("all-weights", "all weights", (), "after pretraining"),
        Factor("kappa-rate", "κ, rates alone", _EARLY, "before pretraining", (0.125,), 0, -2),
        Factor(
            "kappa-constant", "κ, rates against it", _EARLY, "before pretraining", (0.125,), 1, 2
        ),
    )
}


def factor(name: str) -> Factor:
    """Return a factor by name; `ValueError` if there is none."""
    if name not in FACTORS:
        raise ValueError(f"factor must be one of {', '.join(FACTORS)}, got {name!r}")
    return FACTORS[name]


def scaled(state: State, which: Factor, value: float) -> State:
    """Return a copy of `state` with the tensors that the factor multiplies multiplied.

    `ValueError` unless the value is finite and positive.
    """
    if not (math.isfinite(value) and value > 0.0):
        raise ValueError(f"value must satisfy 0 < value < inf, got value={value!r}")
    return {
        name: tensor * value**which.of_weights if which.touches(name) else tensor.clone()
        for name, tensor in state.items()
    }


def touched(names: Iterable[str], which: Factor) -> tuple[str, ...]:
    """Return those of the names that the factor multiplies, in order."""
    return tuple(name for name in names if which.touches(name))
