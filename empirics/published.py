r"""The published runs of diagonal networks, and their units, converted once (Appendix E.2.6).

The published code and this project scale the same run in two ways. With n examples of d inputs,

    quantity                       published code           here               here, from the former
    inputs X, labels y             variance of X 1/d        variance 1/n       times √(d/n)
    loss                           ‖Xβ − y‖²/n, without ½   ½‖Xβ − y‖²
    learning rate η                of that loss             of that loss       2η/d
    training error, threshold      ‖Xβ − y‖²/n              ‖Xβ − y‖²/n        times d/n
    variance of the label noise    with X of variance 1/d   with 1/n           times d/n
    readout after pretraining v±   γ/√2                     γ                  γ/√2
    c, λ, β, epochs                                                            as they are

λ is absolute in the published code as it is here; the paper's text means λ/c by it. A run in one
system of units and the same run in the other take the same steps
(claim `training.published-units`): with the published rate 0.5, η = 1/d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from numerics.validation import (
    FloatArray,
    finite_array,
    finite_scalar,
    integer_at_least,
    require,
)


@dataclass(frozen=True)
class Run:
    """How a network is fine-tuned, in either system of units.

    Attributes
    ----------
    learning_rate
        Learning rate of the units' loss, > 0.
    threshold
        Training error at which training stops, > 0.
    gamma
        γ of the units' readouts, ≥ 0.
    noise_variance
        Variance of the label noise, ≥ 0.
    look_every
        Epochs between looks at the training error, ≥ 1.
    most_epochs
        Epochs after which training stops in any case, ≥ 1.
    """

    learning_rate: float
    threshold: float
    gamma: float = 0.0
    noise_variance: float = 0.0
    look_every: int = 1
    most_epochs: int = 5_000_000

    def __post_init__(self) -> None:
        for name, positive in (
            ("learning_rate", True),
            ("threshold", True),
            ("gamma", False),
            ("noise_variance", False),
        ):
            value = finite_scalar(name, getattr(self, name))
            allowed = value > 0.0 if positive else value >= 0.0
            bound = "> 0" if positive else ">= 0"
            require(allowed, f"{name} must satisfy {bound}", name, value)
        for name in ("look_every", "most_epochs"):
            integer_at_least(name, getattr(self, name), 1)

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of `empirics.diagonal.train` (of a run in this project's units)."""
        names = ("learning_rate", "threshold", "look_every", "most_epochs")
        return {name: getattr(self, name) for name in names}


def published(gamma: float = 0.0, noise_variance: float = 0.0) -> Run:
    """Return the published run in its own units: d = 5000, a rate of 0.5 down to 10⁻⁴."""
    return Run(0.5, 1e-4, gamma, noise_variance, look_every=5000)


def from_published(run: Run, n: int, d: int) -> Run:
    """Return the same run of n examples of d inputs in this project's units.

    Raises
    ------
    ValueError
        If n or d is less than 1.
    """
    _check_sizes(n, d)
    return Run(
        2.0 * run.learning_rate / d,
        run.threshold * d / n,
        run.gamma / math.sqrt(2.0),
        run.noise_variance * d / n,
        run.look_every,
        run.most_epochs,
    )


def to_published(run: Run, n: int, d: int) -> Run:
    """Return the same run in the published units; `from_published` takes it back."""
    _check_sizes(n, d)
    return Run(
        0.5 * run.learning_rate * d,
        run.threshold * n / d,
        run.gamma * math.sqrt(2.0),
        run.noise_variance * n / d,
        run.look_every,
        run.most_epochs,
    )


def data_from_published(values: ArrayLike, n: int, d: int) -> FloatArray:
    """Return inputs or labels, of any shape, in this project's units."""
    _check_sizes(n, d)
    return finite_array("values", values) * math.sqrt(d / n)


def data_to_published(values: ArrayLike, n: int, d: int) -> FloatArray:
    """Return inputs or labels, of any shape, in the published units."""
    _check_sizes(n, d)
    return finite_array("values", values) * math.sqrt(n / d)


def _check_sizes(n: int, d: int) -> None:
    for name, value in (("n", n), ("d", d)):
        integer_at_least(name, value, 1)
