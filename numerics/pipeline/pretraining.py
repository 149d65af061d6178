r"""Pretraining on data: the first stage of the pipeline, exactly (Proposition 4.2).

Pretraining is a single task with the scale c everywhere. Its replica equations give (τ₁, θ₁), from
which the law of β̂_PT follows (`numerics.pipeline.coefficient_law`). With α_PT ≥ 1 and no ridge it
is least squares, β̂_PT = β*_PT + N(0, θ₁²) and θ₁² = σ_PT²/(1 − 1/α_PT); without noise it recovers
β*_PT, which is what the paper assumes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from numerics.initialization import Initialization
from numerics.pipeline.coefficient_law import CoefficientLaw
from numerics.replica.curve import relative_error, state_error
from numerics.replica.equations import FixedPointProblem, alpha_slopes, noise_slopes, scale_slopes
from numerics.replica.newton import solve_fixed_points
from numerics.replica.quadrature import ChannelGroups
from numerics.replica.solve import ALPHA_RANGE, MOMENTS, checked_strengths
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, finite_scalar

_EPS = float(np.finfo(np.float64).eps)
# With a ridge, results at this α_PT and beyond are those of unlimited data to rounding.
_UNLIMITED = 1e17


class PretrainingError(ArithmeticError):
    """The equations of pretraining were not solved to rounding."""


@dataclass(frozen=True)
class Pretraining:
    """Data of pretraining, and how it is fitted.

    Attributes
    ----------
    alpha
        Data scale α_PT = n_PT/d, at least 1e-3; `math.inf` for unlimited data.
    noise_variance
        Variance σ_PT² of the label noise, in [0, 1e3], where inputs have the variance 1/n_PT.
    ridge
        Strength ϱ_PT in [0, 1e3]; 0 interpolates.

    Raises
    ------
    ValueError
        If one of them is out of range, or alpha = 1 with noise and without ridge, where the error
        of pretraining is infinite.
    """

    alpha: float
    noise_variance: float = 0.0
    ridge: float = 0.0

    def __post_init__(self) -> None:
        unlimited = isinstance(self.alpha, (float, np.floating)) and self.alpha == math.inf
        try:
            alpha = math.inf if unlimited else finite_scalar("alpha", self.alpha)
        except ValueError:
            alpha = math.nan
        low = ALPHA_RANGE[0]
        if not alpha >= low:
            raise ValueError(
                f"alpha of pretraining must be a number >= {low:g} (inf for unlimited data), got "
                f"alpha={self.alpha!r}"
            )
        noise, ridge = checked_strengths(self.noise_variance, self.ridge, " of pretraining")
        if alpha == 1.0 and noise > 0.0 and ridge == 0.0:
            raise ValueError(
                "alpha of pretraining must not be 1 with noise and without ridge (its error is "
                f"infinite), got alpha={self.alpha!r}, noise_variance={noise!r}"
            )
        for name, value in (("alpha", alpha), ("noise_variance", noise), ("ridge", ridge)):
            object.__setattr__(self, name, value)

    @property
    def is_perfect(self) -> bool:
        """Whether pretraining recovers its teacher: α_PT ≥ 1, no noise and no ridge."""
        return self.alpha >= 1.0 and self.noise_variance == 0.0 and self.ridge == 0.0


@dataclass(frozen=True)
class PretrainingSolution:
    """What pretraining has learnt, in the limit of large networks.

    Attributes
    ----------
    tau, theta
        Effective regularisation τ₁ and noise θ₁.
    mse
        Error E[(β̂_PT − β*_PT)²].
    relative_error
        Estimated relative error of `mse`.
    group_names
        Names of the task's groups.
    group_mse
        Error within each group, shape (G,).
    laws
        Law of β̂_PT within each group.
    state_slopes
        Derivatives of (log τ₁, log θ₁²) in log c, α_PT and σ_PT, shape (2, 3); 0 where τ₁ = 0 or
        θ₁ = 0.
    state_error
        Estimated absolute errors of (log τ₁, log θ₁²), shape (2,).
    """

    tau: float
    theta: float
    mse: float
    relative_error: float
    group_names: tuple[str, ...]
    group_mse: FloatArray
    laws: tuple[CoefficientLaw, ...]
    state_slopes: FloatArray
    state_error: FloatArray


def solve_pretraining(
    task: TaskDistribution, init: Initialization, pretraining: Pretraining
) -> PretrainingSolution:
    """Return what pretraining on data learns of its teacher.

    Parameters
    ----------
    task
        Distribution of the teachers; that of pretraining counts.
    init
        Initialisation, of which c counts: λ and γ have no influence on what pretraining learns.
    pretraining
        Data of pretraining.

    Raises
    ------
    ValueError
        If an argument has another type, or the task has no pretraining.
    PretrainingError
        If the equations were not solved.

    Source: Proposition 4.2, at scale c.
    """
    for name, value, article, kind in (
        ("task", task, "a", TaskDistribution),
        ("init", init, "an", Initialization),
        ("pretraining", pretraining, "a", Pretraining),
    ):
        if not isinstance(value, kind):
            raise ValueError(f"{name} must be {article} {kind.__name__}, got {value!r}")
    if not task.pretrained:
        raise ValueError(
            "the task must have a pretraining stage, got a single task (pretrained=False)"
        )
    teachers = [(group.pt_slab, group.pt_magnitude) for group in task.groups]
    kinds = sorted(set(teachers))
    member = np.array([kinds.index(teacher) for teacher in teachers])
    shares = np.zeros(len(kinds))
    np.add.at(shares, member, task.probabilities)
    groups = ChannelGroups.of_slabs(shares, kinds, init.c)
    if pretraining.is_perfect or (groups.second_moment == pretraining.noise_variance == 0.0):
        stage = _Stage(by_kind=np.zeros(len(kinds)))
    elif pretraining.ridge == 0.0 and pretraining.alpha >= 1.0:
        stage = _least_squares(pretraining, len(kinds))
    else:
        stage = _solved(groups, pretraining)
    return PretrainingSolution(
        stage.tau,
        stage.theta,
        stage.mse,
        stage.relative_error,
        tuple(group.name for group in task.groups),
        stage.by_kind[member],
        tuple(CoefficientLaw(init.c, stage.tau, stage.theta, *teacher) for teacher in teachers),
        stage.state_slopes,
        stage.state_error,
    )


@dataclass(frozen=True)
class _Stage:
    """As `PretrainingSolution`; `by_kind` is the error for each law of the teacher."""

    by_kind: FloatArray
    tau: float = 0.0
    theta: float = 0.0
    mse: float = 0.0
    relative_error: float = 0.0
    state_slopes: FloatArray = field(default_factory=lambda: np.zeros((2, 3)))
    state_error: FloatArray = field(default_factory=lambda: np.zeros(2))


def _least_squares(pretraining: Pretraining, kinds: int) -> _Stage:
    alpha, noise = pretraining.alpha, pretraining.noise_variance
    # Not σ²/(1 − 1/α), which cancels near α = 1.
    error = noise if alpha == math.inf else noise * (alpha / (alpha - 1.0))
    slopes = np.zeros((2, 3))
    slopes[1, 1:] = -1.0 / (alpha * (alpha - 1.0)), 2.0 / math.sqrt(noise)
    return _Stage(
        by_kind=np.full(kinds, error),
        theta=math.sqrt(error),
        mse=error,
        relative_error=8.0 * _EPS,
        state_slopes=slopes,
        state_error=np.array([0.0, 8.0 * _EPS]),
    )


def _solved(groups: ChannelGroups, pretraining: Pretraining) -> _Stage:
    alpha, noise = np.array([min(pretraining.alpha, _UNLIMITED)]), pretraining.noise_variance
    problem = FixedPointProblem(groups, MOMENTS, alpha, noise, pretraining.ridge)
    found = solve_fixed_points(problem)
    equations = found.equations
    if not found.converged[0]:
        residual = float(np.abs(equations.f).max())
        raise PretrainingError(
            "the replica equations of pretraining did not converge at "
            f"alpha={pretraining.alpha!r} (largest residual {residual:.2g}); change alpha slightly,"
            " or add a small ridge or noise_variance to pretraining"
        )
    f_slopes = np.stack(
        [
            scale_slopes(problem, found.state, equations).sum(axis=1),
            alpha_slopes(problem, found.state, equations),
            2.0 * math.sqrt(noise) * noise_slopes(problem, found.state, equations),
        ],
        axis=1,
    )
    theta_squared = float(np.exp(found.state[1, 0]))
    return _Stage(
        by_kind=theta_squared * equations.moments.in_detail().group_error[:, 0],
        tau=float(np.exp(found.state[0, 0])),
        theta=math.sqrt(theta_squared),
        mse=theta_squared * float(equations.moments.error[0]),
        relative_error=float(relative_error(found)[0]),
        state_slopes=equations.implicit_derivative(f_slopes)[:, :, 0],
        state_error=state_error(found)[:, 0],
    )
