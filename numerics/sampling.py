r"""Finite instances of a task: teachers of d coordinates, and data from them (Section 3.3).

Teachers are drawn once for both stages. Each stage has n inputs X_ij ~ N(0, 1/n) of its own, and
labels y = Xβ + ε with ε ~ N(0, σ²).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray, finite_scalar, integer_at_least, require

GroupSizes = Literal["exact", "iid"]


class GroupLaw(Protocol):
    """What is drawn of a group of coordinates (`numerics.tasks.CoordinateGroup`)."""

    @property
    def probability(self) -> float:
        """Share of the coordinates."""

    @property
    def pt_magnitude(self) -> float:
        """Size of the coefficients of pretraining."""

    @property
    def pt_slab(self) -> str:
        """Their law, ``"sign"`` or ``"gaussian"``."""

    @property
    def slab(self) -> str:
        """Law of the coefficients of fine-tuning."""

    @property
    def ft_amplitude(self) -> float:
        """Their size."""


class TaskSample(NamedTuple):
    """A finite instance of a task.

    Attributes
    ----------
    X
        Inputs, shape (n, d), entries N(0, 1/n).
    y
        Labels, shape (n,): Xβ_FT + ε, or Xβ_PT + ε of pretraining.
    beta_pt, beta_ft
        Teachers of pretraining and of fine-tuning, shape (d,).
    """

    X: FloatArray
    y: FloatArray
    beta_pt: FloatArray
    beta_ft: FloatArray


class PipelineSample(NamedTuple):
    """A finite instance of both stages, with the same teachers.

    Attributes
    ----------
    pretraining
        Inputs (n_PT, d) with entries N(0, 1/n_PT), and labels of β_PT.
    finetuning
        Inputs (n, d) with entries N(0, 1/n), and labels of β_FT.
    """

    pretraining: TaskSample
    finetuning: TaskSample


def exact_group_sizes(probabilities: FloatArray, d: int) -> NDArray[np.intp]:
    """Return integers that sum to `d`, each within 1 of d times its share (largest remainders)."""
    expected = np.asarray(probabilities, dtype=np.float64) * d
    # A share such as 0.1 is not exact: 0.1 · 30 must count as 3, not as 2 and a remainder.
    whole = np.floor(expected + 1e-9).astype(np.intp)
    order = np.argsort(whole - expected, kind="stable")
    whole[order[: d - int(whole.sum())]] += 1
    return whole


class Stage(NamedTuple):
    """How much data a stage has: n examples, and the variance of their label noise."""

    n: int
    noise_variance: float

    def draw(self, teacher: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Draw inputs (n, d) and labels (n,) of a teacher (d,)."""
        X = rng.standard_normal((self.n, teacher.size)) / math.sqrt(self.n)
        y = X @ teacher
        if self.noise_variance > 0.0:
            y += math.sqrt(self.noise_variance) * rng.standard_normal(self.n)
        return X, y


def checked_stage(d: int, alpha: float, noise_variance: float, suffix: str = "") -> Stage:
    """Return the stage of n = round(αd) examples.

    Parameters
    ----------
    d, alpha, noise_variance
        As in `numerics.tasks.TaskDistribution.sample`.
    suffix
        Of the names of n, alpha and noise_variance, for the error message.

    Raises
    ------
    ValueError
        If d or n is not at least 1, or the variance is negative.
    """
    integer_at_least("d", d, 1)
    number, ratio, variance = (f"{name}{suffix}" for name in ("n", "alpha", "noise_variance"))
    load = finite_scalar(ratio, alpha)
    n = round(load * int(d))
    if n < 1:
        raise ValueError(
            f"{number} = round({ratio} d) must be at least 1, got {number}={n} for "
            f"{ratio}={load!r}, d={d!r}"
        )
    noise = finite_scalar(variance, noise_variance)
    require(noise >= 0.0, f"{variance} must be >= 0", variance, noise)
    return Stage(n, noise)


def draw_teachers(
    groups: Sequence[GroupLaw], d: int, rng: np.random.Generator, group_sizes: GroupSizes
) -> tuple[FloatArray, FloatArray]:
    """Draw β_PT and β_FT, each (d,); ValueError if `group_sizes` is not known."""
    membership = _memberships(np.array([one.probability for one in groups]), d, rng, group_sizes)
    signs = np.where(rng.random((2, d)) < 0.5, -1.0, 1.0)
    amplitudes = np.array([one.ft_amplitude for one in groups])
    gaussian = np.array([one.slab == "gaussian" for one in groups])
    shape = np.where(gaussian[membership], rng.standard_normal(d), signs[1])
    beta_ft = amplitudes[membership] * shape
    pt_shape = signs[0]
    pt_gaussian = np.array([one.pt_slab == "gaussian" for one in groups])
    if pt_gaussian.any():
        pt_shape = np.where(pt_gaussian[membership], rng.standard_normal(d), pt_shape)
    return np.array([one.pt_magnitude for one in groups])[membership] * pt_shape, beta_ft


def _memberships(
    probabilities: FloatArray, d: int, rng: np.random.Generator, mode: str
) -> NDArray[np.intp]:
    if mode == "exact":
        sizes = exact_group_sizes(probabilities, d)
        return rng.permutation(np.repeat(np.arange(sizes.size), sizes))
    if mode == "iid":
        return np.asarray(rng.choice(probabilities.size, size=d, p=probabilities), dtype=np.intp)
    raise ValueError(f"group_sizes must be 'exact' or 'iid', got group_sizes={mode!r}")
