r"""Finite instances of a curve: Gaussian design, teacher at the quantiles of its law, labels.

Groups have the sizes nearest to their shares (`exact_group_sizes`), and the m coefficients of a
Gaussian slab are the law's quantiles (means of m slices of equal probability of |z|, scaled to the
law's second moment) with random signs: the theory holds for all sequences of teachers whose
empirical law converges, and this one converges fastest. Random magnitudes would add a
fluctuation of order 1/√m, which at ρ_FT = 0.01 and d = 250 is one of m = 2.5 coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from empirics.experiments import Setting
from numerics.certificate import PenaltyMinimum
from numerics.interpolation import minimum_penalty
from numerics.tasks import TaskDistribution, exact_group_sizes
from numerics.validation import FloatArray, Slab


class UnsolvedError(RuntimeError):
    """The certificate of a minimiser is not valid."""


@dataclass(frozen=True)
class Curve:
    """A curve of Experiments 1-4, with the variance of the label noise.

    Attributes
    ----------
    setting
        Task and initialisation.
    noise_variance
        σ², with inputs of variance 1/n.
    """

    setting: Setting
    noise_variance: float = 0.0

    @property
    def name(self) -> str:
        """Column of the recorded file."""
        noise = f" noise={self.noise_variance:g}" if self.noise_variance else ""
        return f"{self.setting.slab} {self.setting.experiment} {self.setting.label}{noise}"

    @property
    def baseline(self) -> bool:
        """Whether nothing is swept: the settings of the largest dimension."""
        return self.setting.label.endswith("baseline") and not self.noise_variance

    def composed(self, d: int) -> TaskDistribution:
        """Return the task with the shares that d coordinates actually have."""
        task = self.setting.task
        groups = tuple(
            replace(g, probability=size / d)
            for g, size in zip(task.groups, sizes_of(self, d), strict=True)
        )
        return TaskDistribution(groups, task.pretrained)


def scales_of(curve: Curve) -> FloatArray:
    """Return the penalty's scale in each group of the task, (G,); 0 everywhere at the saddle.

    It is written out here, c_FT of Theorem 4.1 and c in a single task, so that networks and the
    replica curve, which has it from the task, do not share it.
    """
    init, task = curve.setting.initialization, curve.setting.task
    if not task.pretrained:
        return np.full(len(task.groups), init.c)
    beta_pt = np.array([group.pt_magnitude for group in task.groups])
    grown = 1.0 + np.sqrt(1.0 + (beta_pt / init.c) ** 2)
    return np.asarray((init.c + init.lam) * grown + init.gamma**2)


def sizes_of(curve: Curve, d: int) -> NDArray[np.intp]:
    """Return the number of coordinates in each group of the task, (G,)."""
    return exact_group_sizes(curve.setting.task.probabilities, d)


def draw_design(n: int, d: int, rng: np.random.Generator) -> FloatArray:
    """Draw X of shape (n, d) with entries N(0, 1/n)."""
    return np.asarray(rng.standard_normal((n, d)) / np.sqrt(n))


def draw_teacher(curve: Curve, d: int, rng: np.random.Generator) -> FloatArray:
    """Draw the signs of a teacher (d,) whose coordinates are in the order of their groups.

    That is no restriction because the columns of X are exchangeable.
    """
    groups = curve.setting.task.groups
    parts = [
        draw_slab(g.slab, g.ft_amplitude, int(m), rng)
        for g, m in zip(groups, sizes_of(curve, d), strict=True)
    ]
    return np.concatenate(parts)


def draw_slab(slab: Slab, amplitude: float, size: int, rng: np.random.Generator) -> FloatArray:
    """Draw the signs of `size` coefficients; magnitudes, of a Gaussian slab too, are fixed."""
    if slab == "zero" or size == 0:
        return np.zeros(size)
    signs = rng.choice([-1.0, 1.0], size=size)
    if slab == "sign":
        return amplitude * signs
    edges = ndtri(0.5 + np.arange(size) / (2 * size))
    density = np.append(np.exp(-(edges**2) / 2), 0.0)
    magnitudes = density[:-1] - density[1:]  # means of the slices of |z|, up to a factor
    return np.asarray(amplitude * signs * magnitudes / np.sqrt(np.mean(magnitudes**2)))


def draw_labels(
    curve: Curve, X: FloatArray, truth: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return the labels Xβ* + ε, (n,); draws nothing where there is no noise."""
    y = X @ truth
    if curve.noise_variance:
        y = y + np.sqrt(curve.noise_variance) * rng.standard_normal(y.size)
    return y


def coordinate_scales(curve: Curve, d: int) -> FloatArray:
    """Return c_FT of each coordinate, (d,)."""
    return np.repeat(scales_of(curve), sizes_of(curve, d))


def solved(
    what: str,
    X: FloatArray,
    y: FloatArray,
    scale: FloatArray,
    ridge: float = 0.0,
    dual: FloatArray | None = None,
) -> PenaltyMinimum:
    """Return the minimiser of the penalty, with or without ridge, by dual Newton.

    `dual` are the multipliers of the same problem with another ridge, to start from.

    Raises
    ------
    UnsolvedError
        If its certificate fails; `what` names the problem.
    """
    before = None if dual is None else scale
    found = minimum_penalty(X, y, scale, ridge=ridge, dual=dual, dual_scale=before)
    if not found.converged:
        raise UnsolvedError(
            f"{what}: {found.status.value}, gap {found.gap:.3e}, infeasibility "
            f"{found.infeasibility:.3e}"
        )
    return found
