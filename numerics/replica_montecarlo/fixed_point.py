r"""One fixed point of the sampled replica equations, and its propagated sampling error (E.2).

The iteration is that of Appendix E.2.2: moments by means over draws, a damped update, a floor.

Propagated sampling error.  A fixed point solves x = T(x, m(x)) in x = (theta^2, tau), and the
moments m = (p, m) carry a sampling error delta.  By the implicit function theorem

    dx = (I - G)^(-1) D delta,   G = dT/dx along m(x),   D = diag(1, tau) / alpha,
    dp = alpha dx_1 = g . delta,   Var(p) = g' Cov(e, db/dz) g / S,

with e = (b - beta*)^2 per draw.  The batch-means error of E.2.4 is Var(e)/S: it lacks the factor
g and therefore describes the estimate of p at given (theta, tau), not the solution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from numerics.replica_montecarlo.channel import (
    ScalarGroup,
    batch_means_error,
    draw,
    evaluate_channel,
    moment_jacobian,
)
from numerics.validation import FloatArray

Sampling = Literal["per-point", "common", "fresh"]

# Beyond this theta² or tau an iteration diverges: it stops and counts as not converged.
_STATE_LIMIT = 1e100


@dataclass(frozen=True)
class PointSettings:
    """Settings of the iteration, documented by `numerics.replica_montecarlo`, already checked."""

    samples: int
    seed: int
    damping: float
    tolerance: float
    max_iterations: int
    floor: float
    sampling: Sampling
    reuse_estimates: bool


@dataclass(frozen=True)
class SampledFixedPoint:
    """Where the iteration ended; the fields are those of `MonteCarloReplicaCurve`, at one point."""

    theta2: float
    tau: float
    mse: float
    residual: float
    iterations: int
    converged: bool
    floored: bool
    standard_error: float
    amplification: tuple[float, float]
    propagated_standard_error: float


def _generators(alpha: float, settings: PointSettings) -> Iterator[np.random.Generator]:
    """Yield the generator of each iteration's draws; fixed sampling ends after the first."""
    entropy = [settings.seed]
    if settings.sampling != "common":
        entropy += [int(word) for word in np.array([alpha]).view(np.uint32)]
    sequence = np.random.SeedSequence(entropy)
    yield np.random.default_rng(sequence)
    while settings.sampling == "fresh":
        yield np.random.default_rng(sequence.spawn(1)[0])


def solve_point(
    mixture: tuple[ScalarGroup, ...],
    alpha: float,
    noise: float,
    ridge: float,
    settings: PointSettings,
    state: tuple[float, float],
) -> SampledFixedPoint:
    """Iterate at one data scale from `state` = (theta², tau)."""
    generators = _generators(alpha, settings)
    draws = draw(mixture, settings.samples, next(generators))
    theta2, tau = (max(value, settings.floor) for value in state)
    guess: FloatArray | None = None
    for iteration in range(settings.max_iterations + 1):
        if settings.sampling == "fresh" and iteration > 0:
            draws, guess = draw(mixture, settings.samples, next(generators)), None
        channel = evaluate_channel(draws, theta2, tau, guess)
        guess = channel.estimate if settings.reuse_estimates else None
        mse, susceptibility = float(channel.squared_error.mean()), float(channel.slope.mean())
        raw = (noise + mse / alpha, ridge + tau * susceptibility / alpha)
        target = tuple(max(value, settings.floor) for value in raw)
        residual = max(abs(target[0] - theta2), abs(target[1] - tau))
        bounded = max(target) <= _STATE_LIMIT
        converged = bounded and residual < settings.tolerance
        # The state stays as it was evaluated, so that residual and moments belong to it.
        if converged or not bounded or iteration == settings.max_iterations:
            break
        theta2 += settings.damping * (target[0] - theta2)
        tau += settings.damping * (target[1] - tau)
    amplification, propagated = (np.nan, np.nan), np.nan
    if converged:
        derivatives = moment_jacobian(draws, channel, theta2, tau)
        amplification = _amplification(derivatives, susceptibility, tau, alpha)
        response = amplification[0] * channel.squared_error + amplification[1] * channel.slope
        propagated = float(np.std(response, ddof=1) / np.sqrt(settings.samples))
    drawn = np.empty_like(channel.squared_error)
    drawn[draws.order] = channel.squared_error
    return SampledFixedPoint(
        theta2=theta2,
        tau=tau,
        mse=mse,
        residual=residual,
        iterations=iteration,
        converged=converged,
        floored=bool(min(raw) < settings.floor),
        standard_error=batch_means_error(drawn),
        amplification=amplification,
        propagated_standard_error=propagated,
    )


def _amplification(
    derivatives: FloatArray, susceptibility: float, tau: float, alpha: float
) -> tuple[float, float]:
    """Return g = e1' (I - G)^(-1) diag(1, tau), the response of p to errors of its two moments.

    `derivatives` is d(p, m)/d(theta², tau), shape (2, 2).
    """
    update = derivatives * np.array([[1.0], [tau]]) + np.diag([0.0, susceptibility])
    system = np.eye(2) - update / alpha
    if np.linalg.det(system) == 0.0:
        return (np.inf, np.inf)
    response = np.linalg.solve(system.T, np.array([1.0, 0.0]))
    return (float(response[0]), float(response[1] * tau))
