"""What the certified solvers are asked for: checked, and made exact."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from numerics.certified.exact import Mixture, Real, ends, rational
from numerics.certified.fixed_point import Interval
from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution

ALPHA_RANGE = (Fraction(1, 1000), Fraction(1000))
"""As in `numerics.solve_replica`."""
LARGEST_STRENGTH = Fraction(1000)
"""Of σ² and ϱ, as in `numerics.solve_replica`."""


def exact_mixture(task: TaskDistribution | Mixture, init: Initialization | None) -> Mixture:
    """Return teachers and initialisation as rational numbers.

    Raises
    ------
    ValueError
        If they are neither a task and an initialisation nor a mixture alone.
    """
    if not isinstance(task, Mixture):
        return Mixture.of(task, init)  # type: ignore[arg-type]
    if init is not None:
        raise ValueError(f"a Mixture holds its initialisation: init must be None, got {init!r}")
    return task


def check_digits(digits: int, low: int, high: int) -> None:
    """Raise ValueError unless a number of digits is an integer in [low, high]."""
    if isinstance(digits, bool) or not isinstance(digits, int) or not low <= digits <= high:
        raise ValueError(f"digits must be an integer in [{low}, {high}], got digits={digits!r}")


def checked_strength(name: str, value: Real) -> Fraction:
    """Return σ² or ϱ as a fraction; raise ValueError unless it lies in [0, 1000]."""
    number = rational(name, value)
    if not 0 <= number <= LARGEST_STRENGTH:
        raise ValueError(f"{name} must lie in [0, 1000], got {name}={value!r}")
    return number


def check_teacher(mixture: Mixture, noise_variance: Fraction) -> None:
    """Raise ValueError if there is nothing to learn, and no noise: the error is 0 then."""
    if mixture.second_moment == 0 and noise_variance == 0:
        raise ValueError(
            "a group with beta* != 0 in fine-tuning, or noise_variance > 0, is required (otherwise "
            f"the error is 0), got groups={mixture.groups!r}, noise_variance=0"
        )


def data_scales(alpha: Any) -> list[Interval]:
    """Return data scales as intervals; raise ValueError unless all lie in [1e-3, 1e3]."""
    single = isinstance(alpha, (str, bytes, arb)) or not isinstance(alpha, Iterable)
    values = [alpha] if single or getattr(alpha, "ndim", 1) == 0 else list(alpha)
    if not values:
        raise ValueError("alpha must not be empty")
    low, high = ALPHA_RANGE
    found = []
    for value in values:
        if isinstance(value, arb):
            if not value.is_finite():
                raise ValueError(f"alpha must be finite, got alpha={value}")
            first, last = ends(value)
        else:
            first = last = rational("alpha", value)
        if not (low <= first and last <= high):
            raise ValueError(f"alpha must lie in [1e-3, 1e3], got alpha={value}")
        found.append(Interval(first, last))
    return found


@dataclass(frozen=True)
class ExactPretraining:
    """Data of pretraining, as `numerics.Pretraining`, by rational numbers.

    Attributes
    ----------
    alpha
        Data scale α_PT, at least 1e-3; None for unlimited data.
    noise_variance, ridge
        σ_PT² and ϱ_PT, in [0, 1e3].

    Raises
    ------
    ValueError
        If one of them is out of range; if α_PT is 1 with noise and without ridge, where the error
        of pretraining is infinite.
    """

    alpha: Fraction | None
    noise_variance: Fraction = Fraction(0)
    ridge: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if self.alpha is not None and self.alpha < ALPHA_RANGE[0]:
            raise ValueError(f"alpha of pretraining must be >= 1e-3, got alpha={self.alpha}")
        checked_strength("noise_variance of pretraining", self.noise_variance)
        checked_strength("ridge of pretraining", self.ridge)
        if self.alpha == 1 and self.noise_variance > 0 and self.ridge == 0:
            raise ValueError(
                "alpha of pretraining must not be 1 with noise and without ridge (its error is "
                f"infinite), got alpha=1, noise_variance={self.noise_variance}"
            )

    @classmethod
    def of(cls, alpha: Real, noise_variance: Real = 0, ridge: Real = 0) -> ExactPretraining:
        """Return the data of pretraining: decimal texts as written, floats as stored.

        `alpha` may be `math.inf`.

        Raises
        ------
        ValueError
            If one of them is no number, or out of range.
        """
        unlimited = isinstance(alpha, float) and alpha == math.inf
        return cls(
            None if unlimited else rational("alpha", alpha),
            rational("noise_variance", noise_variance),
            rational("ridge", ridge),
        )

    @property
    def determined(self) -> bool:
        """Whether the examples determine β without a ridge: least squares."""
        return self.ridge == 0 and (self.alpha is None or self.alpha >= 1)
