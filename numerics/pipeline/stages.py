r"""Any number of stages on data, each fine-tuning what the one before has left (Section 3.2).

A stage starts from hidden weights w and output weights v, so that its penalty has the scale
w² + v². It ends with hidden weights whose sum starts the next: w² becomes 2w²(1 + R/c) with
R = √(c² + β̂²) and c = w² + v², or

    log w² + log 4 + y,     y = 2 log cosh(u/2),     u = asinh(β̂/c):

what a stage adds to log w² is log 4 and the y of `numerics.pipeline.coefficient_law`. A coordinate
carries nothing else into the next stage. Within a group the law of the sum of all y is that of the
last stage but one, node by node, spread by the law of y at that node's scale; Gauss's rule for it
keeps the number of nodes from growing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from numerics.initialization import Initialization
from numerics.pipeline.averaged import ScaleLaws, fill_averaged
from numerics.pipeline.coefficient_law import CoefficientLaw, ScaleRule
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
from numerics.replica.solve import checked_alpha, checked_strengths
from numerics.tasks import AMPLITUDE_RANGE
from numerics.validation import ActiveSlab, FloatArray, Slab, finite_scalar, require

_LOG_4 = float(np.log(4.0))
_SLABS = get_args(Slab)


@dataclass(frozen=True)
class Stage:
    """Data of a stage, and how it is fitted.

    Attributes
    ----------
    alpha
        Data scale n/d in [1e-3, 1e3]; in the last stage also several, shape (A,).
    noise_variance, ridge
        Label noise σ² and strength ϱ, both in [0, 1e3].
    gamma
        Output weights γ ≥ 0 at the start; not used in the first stage, which starts from the
        initialisation.

    Raises
    ------
    ValueError
        If one of them is out of range.
    """

    alpha: ArrayLike
    noise_variance: float = 0.0
    ridge: float = 0.0
    gamma: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", checked_alpha(self.alpha))
        noise, ridge = checked_strengths(self.noise_variance, self.ridge)
        gamma = finite_scalar("gamma", self.gamma)
        require(gamma >= 0.0, "re-initialisation scale must satisfy gamma >= 0", "gamma", gamma)
        for name, value in (("noise_variance", noise), ("ridge", ridge), ("gamma", abs(gamma))):
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class StageGroup:
    """Coordinates whose coefficients follow the same law in each stage, independently.

    Attributes
    ----------
    name
        Name of the group in results.
    probability
        Share of the coordinates, in (0, 1].
    slabs
        Law of the coefficient in each stage: ``("zero", 0)``, ``("sign", a)`` for ±a, or
        ``("gaussian", a)`` for N(0, a²), a in [1e-100, 1e100].

    Raises
    ------
    ValueError
        If one of them is out of range.
    """

    name: str
    probability: float
    slabs: tuple[tuple[Slab, float], ...]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ValueError(f"name of a group must be a string, got {self.name!r}")
        probability = finite_scalar("probability", self.probability)
        if not 0.0 < probability <= 1.0:
            raise ValueError(f"probability must lie in (0, 1], got {probability!r}")
        slabs = tuple(_checked_slab(law) for law in _in_sequence("slabs", self.slabs))
        object.__setattr__(self, "probability", probability)
        object.__setattr__(self, "slabs", slabs)


def _in_sequence(name: str, values: Any) -> tuple[Any, ...]:
    """Return a list or tuple as a tuple; raise ValueError for anything else, or if it is empty."""
    if not isinstance(values, (list, tuple)) or not values:
        raise ValueError(f"{name} must be a list or tuple that is not empty, got {values!r}")
    return tuple(values)


def _checked_slab(law: Any) -> tuple[Slab, float]:
    named = isinstance(law, (list, tuple)) and len(law) == 2 and isinstance(law[0], str)
    if not named or law[0] not in _SLABS:
        raise ValueError(f"a slab must be one of {_SLABS} and an amplitude, got {law!r}")
    amplitude = finite_scalar("amplitude", law[1])
    low, high = (0.0, 0.0) if law[0] == "zero" else AMPLITUDE_RANGE
    if not low <= amplitude <= high:
        raise ValueError(
            f"amplitude of the slab {law[0]!r} must lie in [{low:g}, {high:g}], got {amplitude!r}"
        )
    return law[0], amplitude


def solve_stages(
    groups: Sequence[StageGroup], init: Initialization, stages: Sequence[Stage]
) -> tuple[ReplicaCurve, ...]:
    """Return the error of each stage, in the limit of large networks.

    Parameters
    ----------
    groups
        Groups of coordinates, with a law for each stage; their probabilities sum to 1.
    init
        Initialisation of the first stage; its γ is not used.
    stages
        Data of the stages, in their order. The last may have several data scales.

    Returns
    -------
    tuple of ReplicaCurve
        One for each stage; `mse_gradient` holds the derivative in the stage's own α, and NaN for
        the other parameters; `relative_error` takes the earlier stages for exact. Two stages are
        those of `solve_pipeline`, which has all derivatives.

    Raises
    ------
    ValueError
        If the groups do not fit, a stage but the last has several data scales, nothing can be
        learnt in a stage, or a scale c_FT is 0 or beyond the range of float64.
    ConvergenceError
        If the equations of a stage were not solved.

    Source: Proposition 4.2, stage by stage; Section 3.2 between them.
    """
    shares = _checked_groups(groups, init, stages)
    hidden, _ = init.initial_weights
    log_square = 2.0 * np.log(hidden) if hidden else -np.inf  # of w, less the sum of all y
    # No coordinate has a past yet.
    rules = [ScaleRule.fixed(np.zeros(1), np.ones(1))] * len(groups)
    curves: list[ReplicaCurve] = []
    for index, stage in enumerate(stages):
        output_square = 0.5 * (init.c - init.lam) if index == 0 else stage.gamma * stage.gamma
        slabs = [group.slabs[index] for group in groups]
        laws = _laws(index, shares, slabs, rules, log_square, output_square)
        alpha = np.asarray(stage.alpha)
        curve = empty_curve(alpha, tuple(group.name for group in groups))
        if laws.groups.second_moment == 0.0 and stage.noise_variance == 0.0:
            raise ValueError(
                "a group with beta* != 0 or noise_variance > 0 is required (otherwise the error is "
                f"0), got slabs={slabs!r} in stage {index + 1}"
            )
        fill_averaged(curve, laws, stage.noise_variance, stage.ridge, _alpha_slope)
        if not curve.converged.all():
            advice = (
                f"add a small ridge or noise_variance to stage {index + 1}, or change its alpha"
            )
            raise ConvergenceError(curve, advice)
        curves.append(curve)
        if index + 1 < len(stages):
            rules = [
                _after(rule, laws.scale, slab, float(curve.tau[0]), float(curve.theta[0]))
                for rule, slab in zip(rules, slabs, strict=True)
            ]
            log_square += _LOG_4
    return tuple(curves)


def _checked_groups(
    groups: Sequence[StageGroup], init: Initialization, stages: Sequence[Stage]
) -> FloatArray:
    """Return the shares of the groups, divided by their sum; raise ValueError if nothing fits."""
    if not isinstance(init, Initialization):
        raise ValueError(f"init must be an Initialization, got {init!r}")
    for name, values, kind in (("groups", groups, StageGroup), ("stages", stages, Stage)):
        if not all(isinstance(value, kind) for value in _in_sequence(name, values)):
            raise ValueError(f"{name} must be {kind.__name__} records, got {values!r}")
    for group in groups:
        if len(group.slabs) != len(stages):
            raise ValueError(
                f"a group must have one slab for each of the {len(stages)} stages, got "
                f"{len(group.slabs)} in the group {group.name!r}"
            )
    for index, stage in enumerate(stages[:-1]):
        if np.size(stage.alpha) != 1:
            raise ValueError(
                f"a stage but the last must have one alpha, got {np.size(stage.alpha)} in stage "
                f"{index + 1}"
            )
        if np.asarray(stage.alpha)[0] == 1.0 and stage.noise_variance > 0.0 == stage.ridge:
            raise ValueError(
                "a stage but the last must not have alpha = 1 with noise and without ridge (its "
                f"error is infinite), got noise_variance={stage.noise_variance!r} in stage "
                f"{index + 1}"
            )
    shares = np.array([group.probability for group in groups])
    total = float(shares.sum())
    if not abs(total - 1.0) <= 1e-9:
        raise ValueError(f"group probabilities must sum to 1, got sum={total!r}")
    return np.asarray(shares / total)


def _laws(
    index: int,
    shares: FloatArray,
    slabs: Sequence[tuple[Slab, float]],
    rules: Sequence[ScaleRule],
    log_square: float,
    output_square: float,
) -> ScaleLaws:
    """Return the groups of a stage with the laws of its scale w² + v²."""

    def scale(total: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            value = np.exp(log_square + total) + output_square
        require(
            np.isfinite(value) & (value > 0.0),
            f"the penalty's scale must be positive and finite in stage {index + 1}",
            "scale",
            value,
        )
        return np.asarray(value)

    return ScaleLaws(
        ChannelGroups.of_slabs(shares, slabs),
        tuple(rules),
        scale,
        lambda group, rule: np.empty((0, rule.y.size)),
    )


def _after(
    rule: ScaleRule,
    scale: Callable[[FloatArray], FloatArray],
    slab: tuple[Slab, float],
    tau: float,
    theta: float,
) -> ScaleRule:
    """Return the law of the sum of all y after a stage that found (τ, θ)."""
    kind: ActiveSlab = "gaussian" if slab[0] == "gaussian" else "sign"
    # The next stage decides how many nodes it needs of this law, but not of the one before.
    (before,) = rule.gauss(2.0)
    added = [
        CoefficientLaw(float(size), tau, theta, kind, slab[1]).trapezoid()
        for size in scale(before.y)
    ]
    pairs = list(zip(before.y, before.weight, added, strict=True))
    return ScaleRule.fixed(
        np.concatenate([y + law.y for y, _, law in pairs]),
        np.concatenate([weight * law.weight for _, weight, law in pairs]),
    )


def _alpha_slope(problem: FixedPointProblem, found: FixedPoints) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of log p in `PARAMETERS`, of which only that in α is known."""
    slopes = np.full((len(PARAMETERS), problem.alpha.size), np.nan)
    slopes[-1] = log_error_slopes(problem, found, np.empty((0, 0)))[-1]
    return slopes, np.zeros(problem.alpha.size)
