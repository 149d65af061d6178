r"""The function whose saddle point is the replica fixed point (Proposition 4.2).

With the Moreau envelope e(z; τ) = min_β (β − z)²/(2τ) + q(β) and z = β* + θZ, Z ~ N(0, 1),

    ψ(θ, b) = (b/2)(σ²/θ + θ) − ϱb²/2 + (1/α) {E[e(z; θ/b)] − bθ/2}

is convex in θ and concave in b. It is stationary where (τ, θ) with τ = θ/b solves the two equations
of `numerics.replica.solve`, and αψ is there the limit of (1/d) min {(1/2ϱ)‖y − Xβ‖² + Σ q}: the
scalar problem of the convex Gaussian min-max theorem (Thrampoulidis, Abbasi & Hassibi 2018).

E[e] is bθE[(z − β̂)²]/(2θ²) + E[q(β̂)]. Where β̂ is small it cancels against bθ/2; there the
envelope of the conjugate stands for it,

    E[e] − bθ/2 = bE[β*²]/(2θ) − E[e*]        e* = z²/(2τ) − e = zβ̂/τ − β̂²/(2τ) − q(β̂)

with E[zβ̂] = E[β*β̂] + θ²E[η′] by Stein's lemma.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from numerics.initialization import Initialization
from numerics.replica.solve import ALPHA_RANGE, MOMENTS, channel_groups, checked_strengths
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, finite_arrays, first_where

POTENTIAL_RANGE = (1e-50, 1e50)
"""Domain of θ and b."""


def potential(
    task: TaskDistribution,
    init: Initialization,
    alpha: ArrayLike,
    theta: ArrayLike,
    b: ArrayLike,
    *,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
) -> FloatArray:
    """Return ψ(θ, b), to about 1e-14 of the largest of its terms.

    Parameters
    ----------
    task, init
        Distribution of the teachers, and initialisation, of which c_FT > 0.
    alpha
        Data scales n/d in [1e-3, 1e3].
    theta, b
        Noise θ and dual variable b = θ/τ, in [1e-50, 1e50]. `alpha`, `theta` and `b` broadcast
        together, and the result has their shape.
    noise_variance, ridge
        σ² and ϱ in [0, 1e3].

    Raises
    ------
    ValueError
        If an argument is out of range, the shapes do not broadcast, or c_FT = 0.

    Source: Proposition 4.2.
    """
    noise, strength = checked_strengths(noise_variance, ridge)
    groups = channel_groups(task, init)
    if not groups.scale.all():
        raise ValueError("the potential requires c_FT > 0, got c_FT = 0 (lam = -c, gamma = 0)")
    given = finite_arrays(alpha=alpha, theta=theta, b=b)
    if not all(one.size for one in given):
        raise ValueError("alpha, theta and b must not be empty")
    for name, values, (low, high) in zip(
        ("alpha", "theta", "b"), given, (ALPHA_RANGE, POTENTIAL_RANGE, POTENTIAL_RANGE), strict=True
    ):
        outside = (values < low) | (values > high)
        if outside.any():
            found = first_where(values, outside)
            raise ValueError(f"{name} must lie in [{low:g}, {high:g}], got {name}={found}")
    scales, noise_level, dual = (values.ravel() for values in given)
    log_theta = np.log(noise_level)
    moments = MOMENTS(groups, log_theta - np.log(dual), 2.0 * log_theta, detailed=True)
    details = moments.in_detail()
    penalty = groups.probability @ details.group_penalty
    misfit = 0.5 * dual * noise_level * moments.residual
    inverse_tau = dual / noise_level
    signal = 0.5 * inverse_tau * groups.second_moment
    conjugate = (
        inverse_tau * (details.cross_moment - 0.5 * details.second_moment)
        + dual * noise_level * moments.response
        - penalty
    )
    half = 0.5 * dual * noise_level
    direct = (penalty + misfit - half * (1.0 - scales)) / scales
    by_conjugate = half + (signal - conjugate) / scales
    envelope = np.where(penalty + misfit + half <= signal + conjugate, direct, by_conjugate)
    value = 0.5 * inverse_tau * noise - 0.5 * strength * dual**2 + envelope
    return np.asarray(value.reshape(given[0].shape))
