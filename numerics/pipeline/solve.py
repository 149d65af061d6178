r"""Error curves of the whole pipeline: pretraining and fine-tuning, both from data.

`solve_pipeline` is `solve_replica` without the assumption that pretraining recovers its teacher:
c_FT then has a continuous law within each group (`numerics.pipeline.coefficient_law`), over which
the channel of fine-tuning is averaged. The derivatives follow both stages by implicit
differentiation. Where pretraining is perfect the two functions return the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from numerics.initialization import Initialization
from numerics.pipeline.averaged import ScaleLaws, fill_averaged
from numerics.pipeline.coefficient_law import finetune_scales
from numerics.pipeline.pretraining import Pretraining, PretrainingSolution, solve_pretraining
from numerics.replica.curve import (
    PARAMETERS,
    ConvergenceError,
    ReplicaCurve,
    empty_curve,
    log_error_slopes,
)
from numerics.replica.equations import FixedPointProblem
from numerics.replica.newton import FixedPoints
from numerics.replica.quadrature import ChannelGroups
from numerics.replica.solve import checked_alpha, checked_strengths, learnable, solve_replica
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray

PIPELINE_PARAMETERS = (*PARAMETERS, "alpha_pt", "sigma_pt")


@dataclass(frozen=True)
class PipelineCurve(ReplicaCurve):
    """Error of fine-tuning at A data scales, after pretraining on data.

    As `ReplicaCurve`, and

    Attributes
    ----------
    mse_gradient
        Derivatives of `mse` in log c (at fixed λ/c), λ/c, γ, α, α_PT and σ_PT, the standard
        deviation of the noise in pretraining (`parameters`), shape (6, A); through both stages.
    pretraining
        What pretraining has learnt: τ₁, θ₁, its error, and the laws of β̂_PT.
    """

    pretraining: PretrainingSolution

    @property
    def parameters(self) -> tuple[str, ...]:
        """What `mse_gradient` differentiates in, in its order."""
        return PIPELINE_PARAMETERS


def solve_pipeline(
    task: TaskDistribution,
    init: Initialization,
    pretraining: Pretraining,
    alpha: ArrayLike,
    *,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    throw: bool = True,
) -> PipelineCurve:
    """Return the error of fine-tuning at the data scales `alpha`, after pretraining on data.

    Parameters
    ----------
    task
        Distribution of the teachers.
    init
        Initialisation (c, λ, γ).
    pretraining
        Data of pretraining.
    alpha, noise_variance, ridge, throw
        Of fine-tuning, as in `solve_replica`.

    Raises
    ------
    ValueError
        If an argument is out of range, the task has no pretraining, or β*_FT = 0 without noise.
    PretrainingError
        If the equations of pretraining were not solved.
    ConvergenceError
        With `throw`, if those of fine-tuning were not solved at some α.

    Source: Proposition 4.2, for both stages; Section 3.2 between them.
    """
    first = solve_pretraining(task, init, pretraining)
    if init.is_saddle:  # c_FT = 0 whatever pretraining has learnt
        task = TaskDistribution(tuple(replace(group, pt_slab="sign") for group in task.groups))
    if init.is_saddle or all(law.spread == 0.0 for law in first.laws):
        curve = solve_replica(
            task, init, alpha, noise_variance=noise_variance, ridge=ridge, throw=throw
        )
        return _with_exact_scales(curve, init, pretraining, first)
    scales = checked_alpha(alpha)
    noise, strength = checked_strengths(noise_variance, ridge)
    laws = _scale_laws(task, init, first)
    learnable(laws.groups, task, noise)
    curve = _with_pretraining(empty_curve(scales, first.group_names), first)
    fill_averaged(curve, laws, noise, strength, partial(_through_pretraining, first))
    if _has_kink(pretraining):
        curve.mse_gradient[len(PARAMETERS) :] = np.nan
    if throw and not curve.converged.all():
        raise ConvergenceError(
            curve, "add a small ridge or noise_variance, or pass throw=False for the other points"
        )
    return curve


def _scale_laws(
    task: TaskDistribution, init: Initialization, first: PretrainingSolution
) -> ScaleLaws:
    """Return the groups of fine-tuning with the laws of c_FT that pretraining left."""
    rules = {law: law.trapezoid() for law in set(first.laws)}
    slabs = [(group.slab, group.ft_amplitude) for group in task.groups]
    return ScaleLaws(
        ChannelGroups.of_slabs(task.probabilities, slabs),
        tuple(rules[law] for law in first.laws),
        partial(finetune_scales, init),
        lambda group, rule: first.laws[group].scale_slopes(init, rule),
    )


def _through_pretraining(
    first: PretrainingSolution, problem: FixedPointProblem, found: FixedPoints
) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of log p in `PIPELINE_PARAMETERS`, (6, A), and its error, (A,).

    The error is what the uncertainty of (τ₁, θ₁) adds to that of p.
    """
    slopes = log_error_slopes(problem, found, np.eye(5))
    in_state = slopes[3:5]
    through_state = first.state_slopes.T @ in_state
    result = np.concatenate([slopes[:3], slopes[5:], through_state[1:]])
    result[0] += through_state[0]
    return result, first.state_error @ np.abs(in_state)


def _with_pretraining(
    curve: ReplicaCurve, first: PretrainingSolution, gradient: FloatArray | None = None
) -> PipelineCurve:
    values = {field.name: getattr(curve, field.name) for field in fields(ReplicaCurve)}
    if gradient is None:
        gradient = np.full((len(PIPELINE_PARAMETERS), curve.alpha.size), np.nan)
    return PipelineCurve(**(values | {"mse_gradient": gradient}), pretraining=first)


def _with_exact_scales(
    curve: ReplicaCurve, init: Initialization, pretraining: Pretraining, first: PretrainingSolution
) -> PipelineCurve:
    """Return a curve of `solve_replica`, where c_FT is one number in each group."""
    gradient = np.zeros((len(PIPELINE_PARAMETERS), curve.alpha.size))
    gradient[: len(PARAMETERS)] = curve.mse_gradient
    gradient[len(PARAMETERS) :, ~curve.converged] = np.nan
    if _has_kink(pretraining) and not init.is_saddle:
        gradient[len(PARAMETERS) :] = np.nan
    return _with_pretraining(curve, first, gradient)


def _has_kink(pretraining: Pretraining) -> bool:
    """Whether pretraining recovers its teacher here but not for less data, or with noise."""
    return pretraining.alpha == 1.0 and pretraining.ridge == 0.0
