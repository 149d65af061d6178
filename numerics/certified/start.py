"""Where to look for the solution: the state of the float64 solver, which nothing is taken on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from flint import ctx

from numerics.certified.exact import Mixture, as_float
from numerics.certified.fixed_point import NotCertifiedError
from numerics.initialization import Initialization
from numerics.pipeline import Pretraining, PretrainingError, solve_pipeline
from numerics.replica.equations import FixedPointProblem
from numerics.replica.newton import solve_fixed_points
from numerics.replica.quadrature import ChannelGroups, channel_moments
from numerics.replica.soft_threshold import l1_moments
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray


def float_states(
    mixture: Mixture, alpha: Sequence[Fraction], noise_variance: Fraction, ridge: Fraction
) -> FloatArray:
    """Return (log τ, log θ²) at data scales, shape (2, A); T for τ in the limit of ℓ1."""
    with ctx.workprec(80):
        groups = mixture.enclosed()
    probability = np.array([as_float(group.share) for group in groups])
    slabs = [(group.slab, as_float(group.amplitude)) for group in groups]
    scale = np.array([as_float(group.scale) for group in groups])
    problem = FixedPointProblem(
        ChannelGroups.of_slabs(probability, slabs, scale),
        l1_moments if mixture.is_saddle else channel_moments,
        np.array([float(one) for one in alpha]),
        float(noise_variance),
        float(ridge),
    )
    return solve_fixed_points(problem).state


def float_pipeline_states(
    task: TaskDistribution,
    init: Initialization,
    pretraining: Pretraining,
    alpha: Sequence[Fraction],
    noise_variance: Fraction,
    ridge: Fraction,
) -> FloatArray:
    """Return (log τ, log θ²) of fine-tuning after pretraining on data, shape (2, A).

    They are NaN where the equations of either stage were not solved.

    Raises
    ------
    ValueError
        If c_FT is beyond the range of float64.
    """
    scales = [float(one) for one in alpha]
    strengths = {"noise_variance": float(noise_variance), "ridge": float(ridge)}
    try:
        curve = solve_pipeline(task, init, pretraining, scales, throw=False, **strengths)
    except PretrainingError:
        return np.full((2, len(scales)), np.nan)
    with np.errstate(all="ignore"):
        return np.asarray(np.log([curve.tau, curve.theta**2]))


class Starts:
    """Starting points from float64, many at once where they are close."""

    def __init__(self, mixture: Mixture, noise: Fraction, ridge: Fraction) -> None:
        self._mixture, self._noise, self._ridge = mixture, noise, ridge
        self._known: dict[Fraction, tuple[float, float]] = {}

    def prepare(self, alpha: Sequence[Fraction]) -> None:
        """Solve at several data scales together."""
        new = [one for one in alpha if one not in self._known]
        if new:
            states = float_states(self._mixture, new, self._noise, self._ridge)
            self._known |= {
                one: (float(x), float(y)) for one, x, y in zip(new, *states, strict=True)
            }

    def __call__(self, alpha: Fraction) -> tuple[float, float]:
        """Return (log τ, log θ²); raise NotCertifiedError if float64 finds none."""
        self.prepare([alpha])
        found = self._known[alpha]
        lost = self._ridge == 0 and float(alpha) == 1.0
        if lost or not all(map(math.isfinite, found)):
            raise NotCertifiedError(
                f"float64 finds no solution to start from at alpha={float(alpha)!r}"
            )
        return found
