r"""The paper's Monte-Carlo solver of the replica-symmetric equations (Appendix E.2), as a baseline.

Statement solved (Proposition 4.2, Appendix C.1).  With X_ij ~ N(0, 1/n), alpha = n/d,
y = X beta* + eps, Var(eps) = sigma^2, and the estimator argmin |y - Xb|^2 / (2 rho) + sum q(b_i),

    z = beta* + theta Z,   b(z) = argmin_b (b - z)^2 / (2 tau) + q(b),   q'(b) = asinh(b/c) / 2,
    theta^2 = sigma^2 + p / alpha,         p  = E[(b - beta*)^2],
    tau     = rho + tau m / alpha,         m  = E[db/dz],   db/dz = 1 / (1 + tau q''(b)),

where c is the penalty scale of the coordinate's group (sqrt(k) = 2c).  Appendix E.2.1 replaces
the two expectations by means over S i.i.d. draws of (group, beta*, Z), finds b by a safeguarded
Newton method on the primal condition b - z + tau q'(b) = 0, and damps the iteration.

Which draws.  The text does not say whether the draws are renewed in every iteration.  It does
report residuals below 1e-6, and two continuations that agree; both are impossible with renewed
draws (their moments fluctuate by about S^(-1/2)), so the draws of a point must have been fixed.
``sampling="per-point"`` fixes them, independently for each point, ``"common"`` shares
them over the grid, ``"fresh"`` renews them in every iteration (and then reports no convergence).

Noise conventions.  Appendix E.2.1 prints theta^2 = (sigma^2 + p) / alpha.  That is the same model
with X'_ij ~ N(0, 1/d): X' = sqrt(alpha) X, so y' = sqrt(alpha) (X beta* + eps'/sqrt(alpha)), and
|y' - X'b|^2 / (2 rho') = |y - Xb|^2 / (2 rho'/alpha).  Hence sigma^2 = sigma'^2 / alpha and
rho = rho' / alpha, while theta, tau and p are the same numbers; see `convert_loss_convention`.

One point is solved in `numerics.replica_montecarlo.fixed_point`, which also derives the propagated
error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.initialization import Initialization
from numerics.replica_montecarlo.channel import ScalarGroup, task_groups
from numerics.replica_montecarlo.fixed_point import (
    PointSettings,
    SampledFixedPoint,
    Sampling,
    solve_point,
)
from numerics.tasks import TaskDistribution
from numerics.validation import (
    FloatArray,
    finite_array,
    finite_scalar,
    integer_at_least,
    require,
)

DesignVariance = Literal["1/n", "1/d"]


class MonteCarloOptions(TypedDict, total=False):
    """Keyword arguments of `solve_replica_montecarlo`, which documents them."""

    samples: int
    seed: int
    damping: float
    tolerance: float
    max_iterations: int
    ridge: float
    noise_variance: float
    noise_convention: DesignVariance
    floor: float
    sampling: Sampling
    reliability_threshold: float
    reuse_estimates: bool


_DECIBEL = 10.0 / np.log(10.0)
# The backward pass begins near perfect recovery, the forward pass at the null estimator, so the
# branch mismatch tests for a second solution even on a grid of one point.
_INFORMED = 1e-2


@dataclass(frozen=True)
class MonteCarloReplicaCurve:
    """Solutions over a grid of data scales, with the diagnostics of Appendix E.2.4.

    All attributes are arrays of shape (A,), in the order of the `alpha` asked for.

    Attributes
    ----------
    alpha, mse, tau, theta
        Data scale; p = E[(b - beta*)²] on the draws; effective regularisation; effective noise
        (a standard deviation, theta² = sigma² + p/alpha at convergence).
    residual, iterations, converged
        max(|Δtheta²|, |Δtau|) of the undamped update at the returned state; updates made
        by the selected branch; whether the residual is below the tolerance.  The tolerance is
        absolute: where p is not far above it, an iteration stops early and the branches differ.
    floored
        Whether theta² or tau is at its positive lower limit at the returned state.
    forward_mse, backward_mse, branch_mismatch_db
        p from the two continuations and |10 log10 p_fwd - 10 log10 p_bwd|.
    standard_error, standard_error_db
        Batch-means standard error of p *at the returned (theta, tau)*, and
        (10/ln 10)·SE/max(p, floor): the error bars of Appendix E.2.4.
    amplification
        Shape (A, 2): dp/d(error of p's estimate) and dp/d(error of m's estimate).
    propagated_standard_error
        Standard error of p as a solution of the sampled equations; NaN, like `amplification`,
        where the iteration has not converged.
    reliability, reliable
        max(mismatch, 3·SE_dB, log10(1 + residual/tolerance)); converged and score within the
        threshold. This is the paper's flag; it does not use the propagated error.
    """

    alpha: FloatArray
    mse: FloatArray
    tau: FloatArray
    theta: FloatArray
    residual: FloatArray
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]
    floored: NDArray[np.bool_]
    forward_mse: FloatArray
    backward_mse: FloatArray
    branch_mismatch_db: FloatArray
    standard_error: FloatArray
    standard_error_db: FloatArray
    amplification: FloatArray
    propagated_standard_error: FloatArray
    reliability: FloatArray
    reliable: NDArray[np.bool_]


def convert_loss_convention(
    value: ArrayLike, alpha: ArrayLike, *, source: DesignVariance, target: DesignVariance
) -> FloatArray:
    """Restate a noise variance, or a ridge strength, for another variance of X_ij.

    The same estimation problem has value(1/n) = value(1/d) / alpha, for both quantities (module
    docstring).  Broadcasts `value` against `alpha`.  Raises ValueError for non-finite input,
    alpha <= 0, an unknown convention, or a result beyond the range of float64.
    """
    for convention in (source, target):
        _require_convention(convention)
    amount, load = finite_array("value", value), finite_array("alpha", alpha)
    require(load > 0.0, "data scale must satisfy alpha > 0", "alpha", load)
    if source == target:
        return np.broadcast_to(amount, np.broadcast_shapes(amount.shape, load.shape)).copy()
    with np.errstate(over="ignore"):
        restated = np.asarray(amount / load if source == "1/d" else amount * load)
    require(np.isfinite(restated), "the value restated must be finite", "value", amount)
    return restated


def solve_replica_montecarlo(
    groups: Sequence[ScalarGroup],
    alpha: ArrayLike,
    *,
    samples: int = 80_000,
    seed: int = 0,
    damping: float = 0.25,
    tolerance: float = 1e-6,
    max_iterations: int = 900,
    ridge: float = 1e-6,
    noise_variance: float = 0.0,
    noise_convention: DesignVariance = "1/n",
    floor: float = 1e-12,
    sampling: Sampling = "per-point",
    reliability_threshold: float = 1.0,
    reuse_estimates: bool = True,
) -> MonteCarloReplicaCurve:
    """Solve the replica equations as Appendix E.2 does: sampled moments, damping, continuation.

    Parameters
    ----------
    groups
        The mixture of coordinates; probabilities sum to 1 within 1e-9.
    alpha
        Data scales n/d, a number or shape (A,), positive, in any order.  The forward pass takes
        them in increasing, the backward pass in decreasing order.
    samples
        Draws per point, at least 5 (one a batch).
    seed
        Non-negative; a point's draws depend on (seed, alpha) alone, not on the rest of the grid.
    damping
        Weight of the update, in (0, 1].
    tolerance, max_iterations
        On the undamped update's max(|Δtheta²|, |Δtau|); updates per point and pass.
    ridge, noise_variance
        Strength of the external ridge and variance of the label noise, non-negative, both
        measured for X_ij of the variance `noise_convention`.
    noise_convention
        ``"1/n"``: theta² = sigma² + p/alpha; ``"1/d"``: theta² = (sigma² + p)/alpha, as printed
        in E.2.1.  See the module docstring for the translation.
    floor
        Positive lower limit of theta² and tau, and of p where decibels are taken.
    sampling
        ``"per-point"``, ``"common"`` or ``"fresh"`` draws (module docstring).
    reliability_threshold
        Largest score, in dB, of a point that is called reliable.
    reuse_estimates
        Whether the denoiser's Newton method starts from the estimates of the previous iteration.
        The paper describes no such start (its warm starts are those of (theta, tau)); without it
        every evaluation starts from a bound of the root. The solutions agree to rounding; reuse
        halves the time.

    Returns
    -------
    MonteCarloReplicaCurve
        Of two converged branches the one of smaller p; of two branches of which one has
        converged, that one.  ``converged`` is False at a point that has not converged.

    Raises
    ------
    ValueError
        For parameters outside the ranges above.
    """
    mixture = _validated_mixture(groups)
    grid = np.atleast_1d(finite_array("alpha", alpha))
    if grid.ndim != 1 or grid.size == 0:
        raise ValueError(f"alpha must be a number or a non-empty vector, got shape {grid.shape}")
    require((grid >= 1e-6) & (grid <= 1e6), "data scale must lie in [1e-6, 1e6]", "alpha", grid)
    damping = finite_scalar("damping", damping)
    require(0.0 < damping <= 1.0, "damping must lie in (0, 1]", "damping", damping)
    tolerance, floor = finite_scalar("tolerance", tolerance), finite_scalar("floor", floor)
    require(tolerance > 0.0, "tolerance must be positive", "tolerance", tolerance)
    require(1e-100 <= floor <= 1.0, "floor must lie in [1e-100, 1]", "floor", floor)
    threshold = finite_scalar("reliability_threshold", reliability_threshold)
    require(threshold > 0.0, "reliability threshold must be positive", "threshold", threshold)
    if sampling not in ("per-point", "common", "fresh"):
        raise ValueError(f"sampling must be per-point, common or fresh, got sampling={sampling!r}")
    settings = PointSettings(
        samples=integer_at_least("samples", samples, 5),
        seed=integer_at_least("seed", seed, 0),
        damping=damping,
        tolerance=tolerance,
        max_iterations=integer_at_least("max_iterations", max_iterations, 1),
        floor=floor,
        sampling=sampling,
        reuse_estimates=bool(reuse_estimates),
    )
    losses = []
    for name, amount in (("noise_variance", noise_variance), ("ridge", ridge)):
        strength = finite_scalar(name, amount)
        require(0.0 <= strength <= 1e80, f"{name} must lie in [0, 1e80]", name, strength)
        losses.append(
            convert_loss_convention(strength, grid, source=noise_convention, target="1/n")
        )
    order = np.argsort(grid, kind="stable")
    sorted_grid = grid[order]
    sorted_losses = np.stack(losses)[:, order]
    forward = _continue(mixture, sorted_grid, sorted_losses, settings, 1.0)
    backward = _continue(mixture, sorted_grid[::-1], sorted_losses[:, ::-1], settings, _INFORMED)[
        ::-1
    ]
    rank = np.argsort(order, kind="stable")
    return _curve(
        grid, [forward[i] for i in rank], [backward[i] for i in rank], settings, threshold
    )


def solve_task_montecarlo(
    task: TaskDistribution,
    init: Initialization,
    alpha: ArrayLike,
    **options: Unpack[MonteCarloOptions],
) -> MonteCarloReplicaCurve:
    """Solve a task of Section 3.3 at an initialisation; see `solve_replica_montecarlo`.

    Raises ValueError as that function does, and where `init` makes a penalty scale 0.
    """
    return solve_replica_montecarlo(task_groups(task, init), alpha, **options)


def _validated_mixture(groups: Sequence[ScalarGroup]) -> tuple[ScalarGroup, ...]:
    mixture = tuple(groups)
    for group in mixture:
        if not isinstance(group, ScalarGroup):
            raise ValueError(f"groups must be ScalarGroup records, got {group!r}")
    total = sum(group.probability for group in mixture)
    if abs(total - 1.0) > 1e-9:
        raise ValueError(f"group probabilities must sum to 1, got sum={total!r}")
    return mixture


def _require_convention(convention: str) -> None:
    if convention not in ("1/n", "1/d"):
        raise ValueError(f"convention must be 1/n or 1/d, got convention={convention!r}")


def _continue(
    mixture: tuple[ScalarGroup, ...],
    grid: FloatArray,
    losses: FloatArray,
    settings: PointSettings,
    fraction: float,
) -> list[SampledFixedPoint]:
    """Solve along the grid, each point starting from the state of the one before.

    The first point, and one after a point that has not converged, starts from the error
    `fraction` · E[beta*²] and from a regularisation of the order of the penalty's width.
    """
    signal = sum(group.probability * group.second_moment for group in mixture)
    mean_scale = sum(group.probability * group.scale for group in mixture)
    branches: list[SampledFixedPoint] = []
    for alpha, (noise, ridge) in zip(grid, losses.T, strict=True):
        if branches and branches[-1].converged:
            state = (branches[-1].theta2, branches[-1].tau)
        else:
            state = (float(noise + fraction * signal / alpha), 1.0 + 2.0 * mean_scale)
        branches.append(
            solve_point(mixture, float(alpha), float(noise), float(ridge), settings, state)
        )
    return branches


def _curve(
    alpha: FloatArray,
    forward: list[SampledFixedPoint],
    backward: list[SampledFixedPoint],
    settings: PointSettings,
    threshold: float,
) -> MonteCarloReplicaCurve:
    chosen = [
        min(pair, key=lambda branch: (not branch.converged, branch.mse))
        for pair in zip(forward, backward, strict=True)
    ]
    forward_mse = np.array([branch.mse for branch in forward])
    backward_mse = np.array([branch.mse for branch in backward])
    mismatch = np.abs(
        10.0 * np.log10(np.maximum(forward_mse, settings.floor))
        - 10.0 * np.log10(np.maximum(backward_mse, settings.floor))
    )
    mse = np.array([branch.mse for branch in chosen])
    residual = np.array([branch.residual for branch in chosen])
    converged = np.array([branch.converged for branch in chosen])
    error = np.array([branch.standard_error for branch in chosen])
    error_db = _DECIBEL * error / np.maximum(mse, settings.floor)
    unsettled = np.log10(1.0 + residual / settings.tolerance)
    reliability = np.maximum(np.maximum(mismatch, 3.0 * error_db), unsettled)
    return MonteCarloReplicaCurve(
        alpha=alpha,
        mse=mse,
        tau=np.array([branch.tau for branch in chosen]),
        theta=np.sqrt([branch.theta2 for branch in chosen]),
        residual=residual,
        iterations=np.array([branch.iterations for branch in chosen], dtype=np.int64),
        converged=converged,
        floored=np.array([branch.floored for branch in chosen]),
        forward_mse=forward_mse,
        backward_mse=backward_mse,
        branch_mismatch_db=mismatch,
        standard_error=error,
        standard_error_db=error_db,
        amplification=np.array([branch.amplification for branch in chosen]),
        propagated_standard_error=np.array([b.propagated_standard_error for b in chosen]),
        reliability=reliability,
        reliable=converged & (reliability <= threshold),
    )
