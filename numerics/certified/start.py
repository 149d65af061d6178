"""Where to look for the solution: the state of the float64 solver, which nothing is taken on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from flint import ctx

from numerics.certified.exact import Mixture, as_float
from numerics.replica.equations import FixedPointProblem
from numerics.replica.newton import solve_fixed_points
from numerics.replica.quadrature import ChannelGroups, channel_moments
from numerics.replica.soft_threshold import l1_moments
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
