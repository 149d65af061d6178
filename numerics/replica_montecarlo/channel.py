r"""The scalar channel of the replica equations, evaluated on random draws (Appendix E.2.1).

    z = beta* + theta Z,   b(z) = argmin_b (b - z)^2 / (2 tau) + q(b),   q'(b) = asinh(b/c) / 2

The minimiser comes from Newton's method on the primal condition b - z + tau q'(b) = 0, and the
susceptibility from the local curvature, s = db/dz = 1 / (1 + tau q''(b)) = 2h / (2h + tau) with
h = sqrt(c^2 + b^2).  The moments of the fixed point are p = E[(b - beta*)^2] and m = E[s]; here
they are means over i.i.d. draws of (group, beta*, Z), evaluated by groups of equal scale c.

Derivatives along fixed draws follow from the same condition, with dz = Z dtheta^2 / (2 theta):

    db = s dz - s q' dtau,      ds = 2 (tau (b/h) db - h dtau) / (2h + tau)^2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, Slab, finite_scalar

_NEWTON_LIMIT = 200
# Draws per call of the denoiser: its working arrays then stay in the processor's cache.
_CHUNK = 8192
# Inside these bounds the squares of |z|/scale and of |z| stay within float64.
_SCALE_RANGE = (1e-100, 1e100)
_AMPLITUDE_LIMIT = 1e40


@dataclass(frozen=True)
class ScalarGroup:
    """One group of coordinates of the decoupled scalar problem (Definition C.1).

    Attributes
    ----------
    probability
        Fraction of the coordinates, in [0, 1].
    scale
        Penalty scale c of the group (c_FT after pretraining), positive.
    slab
        Law of beta*: ``"zero"``, ``"sign"`` (±amplitude, equally likely) or ``"gaussian"``
        (variance amplitude²).
    amplitude
        Size of beta*, non-negative; ignored for ``"zero"``.
    """

    probability: float
    scale: float
    slab: Slab
    amplitude: float = 0.0

    def __post_init__(self) -> None:
        for name in ("probability", "scale", "amplitude"):
            object.__setattr__(self, name, finite_scalar(f"group {name}", getattr(self, name)))
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(
                f"group probability must lie in [0, 1], got probability={self.probability!r}"
            )
        if not _SCALE_RANGE[0] <= self.scale <= _SCALE_RANGE[1]:
            raise ValueError(
                "group penalty scale must be positive, in [1e-100, 1e100] "
                f"(the primal condition divides by it), got scale={self.scale!r}"
            )
        if self.slab not in get_args(Slab):
            raise ValueError(f"group slab must be zero, sign or gaussian, got slab={self.slab!r}")
        if not 0.0 <= self.amplitude <= _AMPLITUDE_LIMIT:
            raise ValueError(
                f"group amplitude must lie in [0, 1e40], got amplitude={self.amplitude!r}"
            )

    @property
    def second_moment(self) -> float:
        """E[beta*²] within the group."""
        return 0.0 if self.slab == "zero" else self.amplitude**2


@dataclass(frozen=True)
class Draws:
    """S draws of the channel's inputs, stored in blocks of equal penalty scale.

    Attributes
    ----------
    teacher, noise
        beta* and Z, shape (S,).
    order
        Shape (S,): position in the drawing order of each stored draw.
    blocks
        (scale, slice) pairs which tile the draws.
    """

    teacher: FloatArray
    noise: FloatArray
    order: NDArray[np.intp]
    blocks: tuple[tuple[float, slice], ...]


@dataclass(frozen=True)
class Channel:
    """The channel's output on S draws at one state (theta², tau).

    Attributes
    ----------
    estimate, width
        b and h = sqrt(c² + b²), shape (S,).
    squared_error, slope
        (b - beta*)² and db/dz, shape (S,); their means estimate p and m.
    """

    estimate: FloatArray
    width: FloatArray
    squared_error: FloatArray
    slope: FloatArray


def task_groups(task: TaskDistribution, init: Initialization) -> tuple[ScalarGroup, ...]:
    """Return a task's groups with the penalty scales that `init` gives them.

    Raises ValueError where a scale is 0 (lambda = -c with gamma = 0: the primal condition of the
    denoiser does not exist there) or outside [1e-100, 1e100].
    """
    return tuple(
        ScalarGroup(group.probability, float(scale), group.slab, group.ft_amplitude)
        for group, scale in zip(task.groups, task.penalty_scales(init), strict=True)
    )


def draw(mixture: Sequence[ScalarGroup], samples: int, rng: np.random.Generator) -> Draws:
    """Draw (group, beta*, Z); beta* takes one normal, so that splitting a group changes nothing."""
    edges = np.cumsum([group.probability for group in mixture])
    # Rounding may leave the last edge below 1; the uniform draw is scaled to it.
    labels = np.searchsorted(edges, rng.random(samples) * edges[-1], side="right")
    normal, noise = rng.standard_normal((2, samples))
    amplitude = np.array([0.0 if g.slab == "zero" else g.amplitude for g in mixture])
    gaussian = np.array([g.slab == "gaussian" for g in mixture])
    teacher = amplitude[labels] * np.where(gaussian[labels], normal, np.copysign(1.0, normal))
    scales, block = np.unique([group.scale for group in mixture], return_inverse=True)
    order = np.argsort(block[labels], kind="stable")
    ends = np.cumsum(np.bincount(block[labels], minlength=scales.size))
    blocks = tuple(
        (float(scale), slice(first, min(first + _CHUNK, int(end))))
        for scale, begin, end in zip(scales, (0, *ends[:-1]), ends, strict=True)
        for first in range(int(begin), int(end), _CHUNK)
    )
    return Draws(teacher[order], noise[order], order, blocks)


def evaluate_channel(
    draws: Draws, theta2: float, tau: float, start: FloatArray | None = None
) -> Channel:
    """Evaluate the channel on all draws; `start`, shape (S,), is a first guess of the estimates."""
    z = draws.teacher + np.sqrt(theta2) * draws.noise
    estimate, width = np.empty_like(z), np.empty_like(z)
    for scale, block in draws.blocks:
        guess = None if start is None else start[block]
        estimate[block] = newton_denoiser(z[block], tau, scale, guess)
        width[block] = _width(estimate[block] / scale, scale)
    slope = 2.0 * width / (2.0 * width + tau)
    return Channel(estimate, width, (estimate - draws.teacher) ** 2, slope)


def moment_jacobian(draws: Draws, channel: Channel, theta2: float, tau: float) -> FloatArray:
    """Differentiate the sampled moments (p, m) by (theta², tau) along the draws; shape (2, 2)."""
    theta = np.sqrt(theta2)
    dual = (draws.teacher + theta * draws.noise - channel.estimate) / tau  # q'(b)
    along_theta2 = channel.slope * draws.noise / (2.0 * theta)
    along_tau = -channel.slope * dual
    error = 2.0 * (channel.estimate - draws.teacher)
    curvature_slope = tau * channel.estimate / channel.width
    weight = 2.0 / (2.0 * channel.width + tau) ** 2
    return np.array(
        [
            [np.mean(error * along_theta2), np.mean(error * along_tau)],
            [
                np.mean(weight * curvature_slope * along_theta2),
                np.mean(weight * (curvature_slope * along_tau - channel.width)),
            ],
        ]
    )


def _width(ratio: FloatArray, scale: float) -> FloatArray:
    """Return sqrt(scale² + b²) for ratio = b/scale, without squaring a tiny scale."""
    return np.asarray(scale * np.sqrt(1.0 + ratio * ratio), dtype=np.float64)


def newton_denoiser(
    z: FloatArray, tau: float, scale: float, start: FloatArray | None = None
) -> FloatArray:
    """Solve b - z + (tau/2) asinh(b/scale) = 0 by a safeguarded Newton method.

    Parameters
    ----------
    z
        Observations, any shape; |z|/scale up to 1e150.
    tau, scale
        Effective regularisation and penalty scale, positive.
    start
        First guess, of the shape of `z`; without it a rigorous lower bound of the root is used.

    Raises
    ------
    ArithmeticError
        If the iteration does not settle.

    Notes
    -----
    For z > 0 the condition is increasing and concave in b > 0: a Newton step from anywhere lands
    at or below the root, and from there the iterates rise to it.  The one danger is a step from
    above that lands below zero, where the condition is convex; it is replaced by the lower bound.
    With h = sqrt(scale² + b²) the error after a Newton step s is at most s²/(2h), so a step
    below 1e-7 h leaves a relative error of 5e-15.
    """
    size = np.abs(z)
    root = (
        _lower_bound(size, tau, scale)
        if start is None
        else np.clip(np.copysign(1.0, z) * start, 0.0, size)
    )
    return np.asarray(np.copysign(_newton_iteration(size, tau, scale, root), z), dtype=np.float64)


def _newton_iteration(size: FloatArray, tau: float, scale: float, root: FloatArray) -> FloatArray:
    for _ in range(_NEWTON_LIMIT):
        ratio = root / scale
        width = _width(ratio, scale)
        step = (size - root - (0.5 * tau) * np.arcsinh(ratio)) / (1.0 + (0.5 * tau) / width)
        unsettled = np.abs(step) > 1e-7 * width
        root = root + step
        fallen = np.flatnonzero(unsettled & (root <= 0.0))
        if fallen.size:
            root[fallen] = _lower_bound(size[fallen], tau, scale)
        remaining = int(np.count_nonzero(unsettled))
        if remaining == 0:
            return root
        if 4 * remaining < size.size:
            root[unsettled] = _newton_iteration(size[unsettled], tau, scale, root[unsettled])
            return root
    raise ArithmeticError(
        f"scalar denoiser did not settle at {remaining} points (tau={tau!r}, scale={scale!r})"
    )


def _lower_bound(size: FloatArray, tau: float, scale: float) -> FloatArray:
    """Bound the root from below: insert upper bounds of b into b = z - (tau/2) asinh(b/c).

    b <= z gives the first bound; b = c sinh(2(z - b)/tau) with b <= min(z, c sinh(2z/tau)) gives
    the second, tight below the soft threshold, where the first is negative.
    """
    ceiling = np.arcsinh(size / scale)
    below = 2.0 * size / tau < ceiling
    upper = np.where(below, scale * np.sinh(np.where(below, 2.0 * size / tau, 0.0)), size)
    above_threshold = size - 0.5 * tau * ceiling
    exponent = np.minimum(2.0 * (size - upper) / tau, ceiling)
    return np.asarray(np.maximum(above_threshold, scale * np.sinh(exponent)), dtype=np.float64)


def batch_means_error(values: FloatArray) -> float:
    """Return the standard error of the mean of S values from batch means (Appendix E.2.4).

    The values, in drawing order, are cut into B = max(5, min(50, S/200)) batches.
    """
    batches = max(5, min(50, values.size // 200))
    means = [float(batch.mean()) for batch in np.array_split(values, batches)]
    return float(np.std(means, ddof=1) / np.sqrt(batches))
