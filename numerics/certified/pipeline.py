r"""Errors of pretraining and fine-tuning, both on data, with a proof attached (Proposition 4.2).

Pretraining is one task whose coordinates all have the scale c. Its (τ₁, θ₁) is enclosed by
`certify_replica`, or given in closed form: with α_PT ≥ 1 and no ridge it is least squares, τ₁ = 0
and θ₁² = σ_PT²/(1 − 1/α_PT). From balls of them follow balls of the moments of fine-tuning
(`numerics.certified.averaged`, which proves it), and for every (τ₁, θ₁) in the balls Krawczyk's
operator proves that a box holds the solution of fine-tuning's two equations
(`numerics.certified.fixed_point`). It is the only one, whatever the law of c_FT
(`replica.unique-solution`).

Where c_FT is one number in each group, as pretraining recovers a teacher ±a, or does not matter,
the error is that of `certify_replica`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from numerics.certified.arguments import (
    ExactPretraining,
    check_digits,
    check_teacher,
    checked_strength,
    data_scales,
    exact_mixture,
)
from numerics.certified.averaged import AveragedChannel, Law, Scales, TwoStageGroup
from numerics.certified.channel import Accuracy, State, log_of
from numerics.certified.exact import Ball, ExactGroup, Mixture, Real, as_float, ball
from numerics.certified.fixed_point import (
    SWITCH,
    Enclosure,
    Interval,
    NotCertifiedError,
    Problem,
    enclose,
    evaluate,
    needed_bits,
)
from numerics.certified.solution import CertifiedSolution, CertifiedSolutions
from numerics.certified.solve import certify_replica, lost_bits, problem_of
from numerics.certified.start import float_pipeline_states
from numerics.certified.trapezoid import IntegrationError
from numerics.initialization import Initialization
from numerics.pipeline import Pretraining
from numerics.tasks import CoordinateGroup, TaskDistribution

PIPELINE_DIGITS_RANGE = (3, 60)
_MOST_DATA = 1000
_GUARD_DIGITS = 2
# Of (τ₁, θ₁), beyond those of (τ, θ).
_STAGE_DIGITS = 6
_MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class CertifiedPretraining:
    """What pretraining has learnt, every number a ball.

    Attributes
    ----------
    reason
        Why it was not enclosed; "" if it was. All balls are then NaN.
    mse
        E[(β̂_PT − β*_PT)²].
    tau, theta
        Effective regularisation τ₁ and noise θ₁; τ₁ = 0 where it is least squares.
    """

    reason: str
    mse: Ball
    tau: Ball
    theta: Ball

    @property
    def certified(self) -> bool:
        """Whether it was enclosed."""
        return not self.reason


@dataclass(frozen=True, kw_only=True)
class CertifiedPipelinePoint(CertifiedSolution):
    """The error of fine-tuning after pretraining, at one data scale, every number a ball.

    What is not listed is as in `CertifiedSolution`.

    Attributes
    ----------
    log_error_slope
        d log p/d log α, to a few digits, or with `slopes` to about as many as `mse`; NaN where no
        derivative exists.
    pretraining_slope
        d log p/d log α_PT, likewise; NaN without `slopes`.
    group_mse
        E[(β̂ − β*)²] within each group, in the order of the curve's `group_names`; to the digits of
        `mse`, not to as many of its own.
    """

    pretraining_slope: Ball


@dataclass(frozen=True)
class CertifiedPipelineCurve(CertifiedSolutions):
    """Errors of fine-tuning at data scales: `CertifiedSolutions`, and what they build on.

    Attributes
    ----------
    pretraining
        What pretraining has learnt.
    """

    points: tuple[CertifiedPipelinePoint, ...]
    pretraining: CertifiedPretraining


def certify_pipeline(
    task: TaskDistribution | Mixture,
    init: Initialization | None,
    pretraining: Pretraining | ExactPretraining,
    alpha: Any,
    *,
    noise_variance: Real = 0,
    ridge: Real = 0,
    digits: int = 10,
    slopes: bool = False,
) -> CertifiedPipelineCurve:
    """Enclose the error of fine-tuning at data scales, after pretraining on data.

    Parameters
    ----------
    task, init
        Distribution of the teachers and initialisation, as for `numerics.solve_pipeline`; or a
        `Mixture`, which holds both as rational numbers, and None.
    pretraining
        Data of pretraining.
    alpha
        A data scale in [1e-3, 1e3], or a sequence of them: a float (as it is stored), decimal text
        or fraction (as written).
    noise_variance, ridge
        σ² and ϱ of fine-tuning, in [0, 1e3].
    digits
        Decimal digits of p, 3 to 60.
    slopes
        Whether the derivatives of the error are wanted.

    Returns
    -------
    CertifiedPipelineCurve
        A point for each data scale. What is out of reach is not certified, with the reason; what is
        certified holds the truth.

    Raises
    ------
    ValueError
        If an argument is out of range, the task has no pretraining, or β*_FT = 0 without noise.

    Source: Proposition 4.2, for both stages; Section 3.2 between them.
    """
    mixture, groups = _both_stages(task, init)
    stage = pretraining
    if isinstance(stage, Pretraining):
        stage = ExactPretraining.of(stage.alpha, stage.noise_variance, stage.ridge)
    elif not isinstance(stage, ExactPretraining):
        raise ValueError(
            f"pretraining must be a Pretraining or ExactPretraining, got {pretraining!r}"
        )
    check_digits(digits, *PIPELINE_DIGITS_RANGE)
    noise = checked_strength("noise_variance", noise_variance)
    strength = checked_strength("ridge", ridge)
    intervals = data_scales(alpha)
    if any(one.low != one.high for one in intervals):
        raise ValueError(f"alpha must be a number or a sequence of them, got alpha={alpha!r}")
    check_teacher(mixture, noise)
    solver = _Solver(mixture, groups, stage, noise, strength, digits, slopes=slopes)
    points = tuple(solver.at(one.low) for one in intervals)
    return CertifiedPipelineCurve(
        points, tuple(group.name for group in groups), digits, solver.pretraining(digits)
    )


def _both_stages(
    task: TaskDistribution | Mixture, init: Initialization | None
) -> tuple[Mixture, tuple[TwoStageGroup, ...]]:
    """Return the groups with |β_PT| for one number, and with the laws of both stages."""
    mixture = exact_mixture(task, init)
    groups = []
    for group in mixture.groups:
        if group.pretrained is None:
            raise ValueError("the task must have a pretraining stage, got a single task")
        before = Law(group.pt_slab if group.pretrained else "zero", group.pretrained**2)
        after = Law(group.slab, group.amplitude_squared)
        groups.append(TwoStageGroup(group.name, group.share, before, after))
    signs = tuple(replace(group, pt_slab="sign") for group in mixture.groups)
    return replace(mixture, groups=signs), tuple(groups)


class _Solver:
    """Certifies fine-tuning after one pretraining at any data scale."""

    def __init__(
        self,
        mixture: Mixture,
        groups: tuple[TwoStageGroup, ...],
        stage: ExactPretraining,
        noise: Fraction,
        ridge: Fraction,
        digits: int,
        *,
        slopes: bool,
    ) -> None:
        self.slopes = slopes
        self.mixture, self.groups, self.stage = mixture, groups, stage
        self.noise, self.ridge, self.digits = noise, ridge, digits
        self._first: dict[int, CertifiedPretraining] = {}
        self._channels: dict[int, AveragedChannel] = {}

    def pretraining(self, digits: int) -> CertifiedPretraining:
        """Enclose what pretraining learns, to this many digits."""
        if digits not in self._first:
            with ctx.workprec(math.ceil(3.33 * (digits + 8)) + 24):
                self._first[digits] = self._pretraining(digits)
        return self._first[digits]

    def _pretraining(self, digits: int) -> CertifiedPretraining:
        stage, teachers, zero = self.stage, self._teachers(), arb(0)
        if stage.determined:
            error = ball(stage.noise_variance)
            if stage.alpha is not None and stage.noise_variance:
                error = ball(stage.noise_variance * stage.alpha / (stage.alpha - 1))
            return CertifiedPretraining("", error, zero, error.sqrt())
        if teachers.second_moment == 0 == stage.noise_variance:
            return CertifiedPretraining("", zero, zero, zero)
        nan = arb.nan()
        if stage.alpha is None or stage.alpha > _MOST_DATA:
            reason = "alpha of pretraining beyond 1000 with a ridge is not enclosed"
            return CertifiedPretraining(reason, nan, nan, nan)
        (point,) = certify_replica(
            teachers,
            None,
            stage.alpha,
            noise_variance=stage.noise_variance,
            ridge=stage.ridge,
            digits=digits,
        ).points
        reason = "" if point.certified else f"pretraining: {point.reason}"
        return CertifiedPretraining(reason, point.mse, point.tau, point.theta)

    def _teachers(self) -> Mixture:
        """Return pretraining's task."""
        groups = (ExactGroup(group.name, group.share, None, *group.before) for group in self.groups)
        return Mixture(tuple(groups), self.mixture.c, self.mixture.lam, self.mixture.gamma)

    def at(self, alpha: Fraction) -> CertifiedPipelinePoint:
        """Certify one data scale."""
        with ctx.workprec(math.ceil(3.33 * (self.digits + 8)) + 24):
            try:
                return self._at(alpha)
            except (NotCertifiedError, IntegrationError) as error:
                return self._not_certified(alpha, str(error))

    def _at(self, alpha: Fraction) -> CertifiedPipelinePoint:
        first = self.pretraining(self.digits + _GUARD_DIGITS + _STAGE_DIGITS)
        if not first.certified:
            raise NotCertifiedError(first.reason)
        exact = first.theta == 0 and all(group.before.slab != "gaussian" for group in self.groups)
        if exact or self.mixture.is_saddle or (self.ridge == 0 and alpha >= 1):
            return self._single_scales(alpha)
        start, bits = self._start(alpha), -math.inf
        for attempt in range(_MOST_ATTEMPTS):
            digits = self.digits + _GUARD_DIGITS + 4 * attempt
            channel = self._channel(digits + _STAGE_DIGITS)
            problem = _problem(channel, self.noise, self.ridge)
            found = enclose(problem, Interval(alpha, alpha), start, digits)
            point = self._solved(alpha, channel, problem, found, digits)
            if self.slopes:
                point = self._with_slopes(point, channel, problem, found, digits)
            bits = point.mse.rel_accuracy_bits()
            if bits >= 3.33 * self.digits:
                return point
        raise NotCertifiedError(
            f"p is enclosed to {max(0.0, bits / 3.33):.1f} digits only, of {self.digits} asked for"
        )

    def _channel(self, digits: int) -> AveragedChannel:
        """Return the channel of fine-tuning after what pretraining learns, to this many digits."""
        if digits not in self._channels:
            first = self.pretraining(digits)
            if not first.certified:
                raise NotCertifiedError(first.reason)
            scales = Scales(self.mixture.c, self.mixture.lam, self.mixture.gamma)
            theta_squared = first.theta**2
            self._channels[digits] = AveragedChannel(self.groups, scales, first.tau, theta_squared)
        return self._channels[digits]

    def _start(self, alpha: Fraction) -> tuple[float, float]:
        """Return (log τ, log θ²) near the solution, from float64."""
        mixture, stage = self.mixture, self.stage
        total = sum((group.share for group in self.groups), Fraction(0))
        members = tuple(
            CoordinateGroup(
                group.name,
                float(group.share / total),
                math.sqrt(group.before.square),
                group.after.slab,
                math.sqrt(group.after.square),
                "gaussian" if group.before.slab == "gaussian" else "sign",
            )
            for group in self.groups
        )
        try:
            state = float_pipeline_states(
                TaskDistribution(members),
                Initialization(float(mixture.c), float(mixture.lam), float(mixture.gamma)),
                Pretraining(
                    math.inf if stage.alpha is None else float(stage.alpha),
                    float(stage.noise_variance),
                    float(stage.ridge),
                ),
                [alpha],
                self.noise,
                self.ridge,
            )
        except ValueError as error:
            raise NotCertifiedError(f"float64 has no place to start from: {error}") from error
        log_tau, log_theta_squared = (float(one) for one in state[:, 0])
        if not (math.isfinite(log_tau) and math.isfinite(log_theta_squared)):
            raise NotCertifiedError(
                f"float64 finds no solution to start from at alpha={float(alpha)!r}"
            )
        return log_tau, log_theta_squared

    def _solved(
        self,
        alpha: Fraction,
        channel: AveragedChannel,
        problem: Problem,
        found: Enclosure,
        digits: float,
    ) -> CertifiedPipelinePoint:
        """Return what follows from the state."""
        tau, theta_squared = (one.exp() for one in found.middle)
        state = State(tau, theta_squared)
        error = ball(alpha) * (theta_squared - ball(self.noise))
        with ctx.workprec(math.ceil(needed_bits(problem, state, digits))):
            lost = digits * math.log(10.0)
            size = error if error > 0 else ball(alpha) * theta_squared
            wanted = Accuracy(log_of(ball(alpha)) - lost, log_of(size) - lost)
            moments = channel.moments_by_group(state, wanted, residual=False, slopes=False)
            # None of the errors is negative.
            by_group = [one[3].nonnegative_part() for one in moments]
            shares = channel.shares()
            mean = sum((share * one for share, one in zip(shares, by_group, strict=True)), arb(0))
        error = error.intersection(mean)
        ratio = ball(self.ridge) / tau
        return CertifiedPipelinePoint(
            alpha=ball(alpha),
            mse=error,
            tau=tau,
            theta=theta_squared.sqrt(),
            degrees_of_freedom=ball(alpha) * (1 - ratio),
            # p = α(θ² − σ²)
            log_error_slope=1 + ball(alpha) * theta_squared / error * found.slopes[1],
            pretraining_slope=arb.nan(),
            training_error=theta_squared * ratio**2,
            group_mse=tuple(by_group),
        )

    def _with_slopes(
        self,
        point: CertifiedPipelinePoint,
        channel: AveragedChannel,
        problem: Problem,
        found: Enclosure,
        digits: int,
    ) -> CertifiedPipelinePoint:
        """Return the point with derivatives, by implicit differentiation through both stages."""
        alpha, residual = found.alpha.ball, found.alpha.middle >= SWITCH
        tau, theta_squared = (one.exp() for one in found.middle)
        state = State(tau, theta_squared)
        with ctx.workprec(math.ceil(needed_bits(problem, state, digits))):
            there = evaluate(problem, found.middle, alpha, digits, residual=residual, slopes=True)
            gain = alpha * theta_squared / point.mse
            in_alpha = 1 + gain * _solution(there.jacobian, there.in_log_alpha)[1]
            in_alpha_pt, stage = arb.nan(), self._stage_slopes(digits + _STAGE_DIGITS)
            if stage is not None:
                lost = digits * math.log(10.0)
                size = log_of(1 - alpha if residual and alpha < 1 else alpha)
                accuracy = Accuracy(size - lost, size + log_of(theta_squared) - lost)
                response, square = channel.pretraining_slopes(state, accuracy, residual=residual)
                first, second = (
                    sum((x * y for x, y in zip(one, stage, strict=True)), arb(0))
                    for one in (response, square)
                )
                if residual:
                    first, second = -first, second - theta_squared * first
                in_alpha_pt = gain * _solution(there.jacobian, (first, second))[1]
        return replace(point, log_error_slope=in_alpha, pretraining_slope=in_alpha_pt)

    def _stage_slopes(self, digits: int) -> tuple[Ball, Ball] | None:
        """Return the derivatives of (log τ₁, log θ₁²) in log α_PT; None if there are none."""
        stage, first = self.stage, self.pretraining(digits)
        if stage.determined and stage.alpha == 1:
            return None
        if stage.alpha is None or first.theta == 0:
            return arb(0), arb(0)
        if stage.determined:
            return arb(0), 1 / ball(1 - stage.alpha)
        start = as_float(first.tau.log()), as_float((first.theta**2).log())
        problem = problem_of(self._teachers(), stage.noise_variance, stage.ridge)
        at = Interval(stage.alpha, stage.alpha)
        return enclose(problem, at, start, digits, sharp=True).slopes

    def _single_scales(self, alpha: Fraction) -> CertifiedPipelinePoint:
        """Certify where c_FT is one number in each group, or does not matter."""
        (point,) = certify_replica(
            self.mixture,
            None,
            alpha,
            noise_variance=self.noise,
            ridge=self.ridge,
            digits=self.digits,
        ).points
        kink = self.stage.determined and self.stage.alpha == 1
        flat = self.slopes and point.certified and point.mse > 0 and not kink
        shared = {field.name: getattr(point, field.name) for field in fields(CertifiedSolution)}
        slope = arb(0) if flat else arb.nan()
        return CertifiedPipelinePoint(**shared, pretraining_slope=slope)

    def _not_certified(self, alpha: Fraction, reason: str) -> CertifiedPipelinePoint:
        return CertifiedPipelinePoint.not_certified(ball(alpha), reason, len(self.groups))


def _problem(channel: AveragedChannel, noise: Fraction, ridge: Fraction) -> Problem:
    """Return fine-tuning's two equations."""

    def extra_bits(state: State) -> float:
        return max(lost_bits(group, state) for group in channel.widest())

    direct, residual = channel.direct_moments, channel.residual_moments
    return Problem(channel, direct, residual, extra_bits, None, None, None, noise, ridge)


def _solution(
    matrix: tuple[tuple[Ball, Ball], tuple[Ball, Ball]], right: tuple[Ball, Ball]
) -> tuple[Ball, Ball]:
    """Return x of Jx = −r, which is all NaN if the determinant of J may be 0."""
    (a, b), (c, d) = matrix
    determinant = a * d - b * c
    return (
        (b * right[1] - d * right[0]) / determinant,
        (c * right[0] - a * right[1]) / determinant,
    )
