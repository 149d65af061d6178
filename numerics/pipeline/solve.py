r"""Error curves of the whole pipeline: pretraining and fine-tuning, both from data.

`solve_pipeline` is `solve_replica` without the assumption that pretraining recovers its teacher:
c_FT then has a continuous law within each group (`numerics.pipeline.coefficient_law`), over which
the channel of fine-tuning is averaged. The derivatives follow both stages by implicit
differentiation. Where pretraining is perfect the two functions return the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from numerics.initialization import Initialization
from numerics.pipeline.channel import AveragedChannel, ScaleMixture, scale_mixture
from numerics.pipeline.coefficient_law import CoefficientLaw, ScaleRule
from numerics.pipeline.pretraining import Pretraining, PretrainingSolution, solve_pretraining
from numerics.replica.curve import (
    PARAMETERS,
    ConvergenceError,
    ReplicaCurve,
    empty_curve,
    fill_least_squares,
    fill_solution,
    log_error_slopes,
)
from numerics.replica.equations import FixedPointProblem
from numerics.replica.newton import CORRECTIONS, FixedPoints, finished, solve_states
from numerics.replica.quadrature import ChannelGroups
from numerics.replica.solve import checked_alpha, checked_strengths, learnable, solve_replica
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray

PIPELINE_PARAMETERS = (*PARAMETERS, "alpha_pt", "sigma_pt")

# Numbers of nodes over c_FT in a group: of the rule, of one to check it, of one to start with.
# The rule is accepted where the solution by the second solves its equations; elsewhere the next
# are taken. Last is the trapezoidal rule, against every second of its nodes.
_NODE_COUNTS = ((22, 20, 10), (44, 40, 20), (88, 80, 40), (176, 160, 80), None)
# The fine quadrature costs several times the coarse one here: this step spares a pass of it.
_COARSE_DONE = 4e-4


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
    rules = _rules(task, init, first.laws, _NODE_COUNTS[0])
    groups = learnable(_with_typical_scales(rules.coarse), task, noise)
    curve = _with_pretraining(empty_curve(scales, first.group_names), first)
    todo = np.ones(scales.size, dtype=np.bool_)
    if strength == 0.0:
        overdetermined = scales >= 1.0
        todo &= ~overdetermined
        finest = scale_mixture(task, init, first.laws, CoefficientLaw.trapezoid)
        fill_least_squares(
            curve, np.flatnonzero(overdetermined), groups, noise, finest.observed_penalty
        )
    points, start = np.flatnonzero(todo), None
    for counts in _NODE_COUNTS:
        if not points.size:
            break
        rules = _rules(task, init, first.laws, counts)
        check, problem = (
            FixedPointProblem(
                groups, AveragedChannel(rule, rules.coarse), scales[points], noise, strength
            )
            for rule in (rules.check, rules.full)
        )
        state, iterations = solve_states(check, start=start, coarse_done=_COARSE_DONE)
        # A step that is left is the error of the smaller rule, and not to be corrected.
        found = finished(problem, state, iterations, 1 if counts else CORRECTIONS)
        slopes, error = _through_pretraining(first, problem, found)
        fill_solution(curve, points, problem, found, slopes)
        curve.relative_error[points] += error
        rough = ~found.converged
        points, start = points[rough], found.state[:, rough]
    if throw and not curve.converged.all():
        raise ConvergenceError(curve)
    return curve


class _Rules(NamedTuple):
    """Rules for the means over c_FT: with all nodes, with fewer, and with few."""

    full: ScaleMixture
    check: ScaleMixture
    coarse: ScaleMixture


def _rules(
    task: TaskDistribution,
    init: Initialization,
    laws: tuple[CoefficientLaw, ...],
    counts: tuple[int, int, int] | None,
) -> _Rules:
    """Return Gauss's rules with these numbers of nodes; None for the trapezoidal rule."""

    def mixture(rule_of: Callable[[CoefficientLaw], ScaleRule]) -> ScaleMixture:
        return scale_mixture(task, init, laws, rule_of)

    if counts is None:
        every_second = mixture(lambda law: law.trapezoid().every_second())
        return _Rules(mixture(CoefficientLaw.trapezoid), every_second, every_second)
    return _Rules(*(mixture(partial(CoefficientLaw.gauss, count=count)) for count in counts))


def _with_typical_scales(mixture: ScaleMixture) -> ChannelGroups:
    """Return the task's groups, each with the geometric mean of its scales."""
    starts = np.flatnonzero(np.diff(mixture.group, prepend=-1))
    nodes = mixture.nodes
    return ChannelGroups(
        np.add.reduceat(nodes.probability, starts),
        np.exp(mixture.within_groups(np.log(nodes.scale)[:, None])[:, 0]),
        nodes.sign_amplitude[starts],
        nodes.gaussian_amplitude[starts],
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
    if pretraining.alpha == 1.0 and not init.is_saddle:
        # Below α_PT = 1 the error of pretraining is not 0, and with noise it is infinite at 1.
        gradient[len(PARAMETERS) :] = np.nan
    return _with_pretraining(curve, first, gradient)
