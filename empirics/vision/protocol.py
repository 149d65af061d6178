"""The protocol of the vision study as data: the published one, and a reduced one for two cores.

Source: Section 6, Appendix D and E.3. A study varies one factor; the networks that are trained are
its conditions, and a factor at its value 1 is the same baseline in every study.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from empirics.vision.recipe import Recipe, Statistics
from empirics.vision.scaling import FACTORS, Rates, factor

STUDIES = tuple(FACTORS)


@dataclass(frozen=True)
class Protocol:
    """What is held fixed over a study.

    Attributes
    ----------
    name
        "published", "reduced" or a name of one's own; stands in every result.
    classes, images_per_class
        How many of the 100 classes take part, two of them to fine-tune on, and how many images of
        each class are pretrained on.
    pretraining_goal, finetuning_goal
        Training losses of an epoch at which the phases stop.
    most_pretraining_epochs, most_finetuning_epochs
        After which they stop anyway.
    learning_rate, momentum, batch
        Of SGD.
    sizes
        Numbers n of fine-tuning images.
    inputs
        Number of fine-tuning inputs on which representations are compared.
    statistics
        Of batch normalisation: of the batch, or "fixed", those that the initial network, before
        anything is scaled, has on the pretraining images.
    """

    name: str
    classes: int
    images_per_class: int
    pretraining_goal: float
    most_pretraining_epochs: int
    finetuning_goal: float
    most_finetuning_epochs: int
    sizes: tuple[int, ...]
    learning_rate: float = 1e-3
    momentum: float = 0.9
    batch: int = 128
    inputs: int = 500
    statistics: Statistics = "batch"

    def __post_init__(self) -> None:
        if not 4 <= self.classes <= 100:
            raise ValueError(f"classes must satisfy 4 <= classes <= 100, got {self.classes}")
        if self.images_per_class < 1 or self.inputs < 2 or self.inputs % 2:
            raise ValueError(
                "images_per_class must be >= 1 and inputs even and >= 2, got "
                f"images_per_class={self.images_per_class}, inputs={self.inputs}"
            )
        if not self.sizes or any(n < 2 or n % 2 for n in self.sizes):
            raise ValueError(f"sizes must be even and >= 2, for two classes, got {self.sizes}")
        # Both recipes check the rest.
        self.pretraining, self.finetuning  # noqa: B018

    @property
    def pretraining(self) -> Recipe:
        """How the pretraining task is trained."""
        return self._recipe(self.pretraining_goal, self.most_pretraining_epochs)

    @property
    def finetuning(self) -> Recipe:
        """How the fine-tuning task is trained."""
        return self._recipe(self.finetuning_goal, self.most_finetuning_epochs)

    def _recipe(self, goal: float, most_epochs: int) -> Recipe:
        return Recipe(
            goal, most_epochs, self.learning_rate, self.momentum, self.batch, self.statistics
        )

    def as_json(self) -> dict[str, Any]:
        """Return the protocol as JSON values; it is part of every task's configuration."""
        return {**asdict(self), "sizes": list(self.sizes)}

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> Protocol:
        """Return what `as_json` wrote as a protocol; `ValueError` if its names are not those."""
        names = {one.name for one in fields(cls)}
        if set(values) != names:
            raise ValueError(f"a protocol must have {sorted(names)}, got {sorted(values)}")
        return cls(**{**values, "sizes": tuple(values["sizes"])})


_REDUCED = Protocol(
    "reduced",
    classes=12,
    images_per_class=50,
    pretraining_goal=0.2,
    most_pretraining_epochs=200,
    finetuning_goal=0.01,
    most_finetuning_epochs=300,
    sizes=(10, 20, 50, 96),
    batch=32,
)
PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "published",
            classes=100,
            images_per_class=500,
            pretraining_goal=0.01,
            most_pretraining_epochs=2000,
            finetuning_goal=1e-4,
            most_finetuning_epochs=1000,
            sizes=(10, 20, 50, 100, 200, 500, 1000),
        ),
        _REDUCED,
        replace(_REDUCED, name="reduced-fixed-statistics", statistics="fixed"),
    )
}


@dataclass(frozen=True)
class Scaling:
    """A factor at a value; `factor` is None at value 1, where all factors are the same."""

    factor: str | None = None
    value: float = 1.0

    def __post_init__(self) -> None:
        if (self.factor is None) != (self.value == 1.0):
            raise ValueError(f"a factor must be named exactly if its value is not 1, got {self}")
        if self.factor is not None:
            factor(self.factor)

    @property
    def rates(self) -> Rates:
        """The modules whose learning rates it multiplies, each with its multiplier."""
        return () if self.factor is None else factor(self.factor).rates(self.value)

    def as_json(self) -> dict[str, Any]:
        """Return the scaling as JSON values, under the names that stores have had since 0.1."""
        return {"lever": self.factor, "factor": self.value}

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Scaling:
        """Return what `as_json` wrote as a scaling."""
        return cls(values["lever"], values["factor"])


@dataclass(frozen=True)
class Condition:
    """One fine-tuned network of a study: what was scaled before and after pretraining, n, seed."""

    seed: int
    before: Scaling
    after: Scaling
    n: int

    @property
    def pretrained(self) -> Pretraining:
        """The network that it starts from."""
        return Pretraining(self.seed, self.before)

    def as_json(self) -> dict[str, Any]:
        """Return the condition as JSON values."""
        return {**self.pretrained.as_json(), "after": self.after.as_json(), "n": self.n}


@dataclass(frozen=True)
class Pretraining:
    """One pretrained network."""

    seed: int
    before: Scaling

    def as_json(self) -> dict[str, Any]:
        """Return the network as JSON values."""
        return {"seed": self.seed, "before": self.before.as_json()}


def conditions(
    study: str,
    protocol: Protocol,
    seeds: Sequence[int],
    values: Iterable[float] | None = None,
) -> Iterator[Condition]:
    """Yield the conditions of a study, seed by seed, and within a seed value by value.

    `values` are the factor's published ones unless given; `ValueError` if there is no such study.
    """
    which = factor(study)
    chosen = which.values if values is None else tuple(values)
    for seed in seeds:
        for value in chosen:
            applied = Scaling() if value == 1.0 else Scaling(study, value)
            first = which.phase == "before pretraining"
            before, after = (applied, Scaling()) if first else (Scaling(), applied)
            for n in protocol.sizes:
                yield Condition(seed, before, after, n)
