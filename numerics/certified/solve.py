r"""Error curves with a proof attached (Proposition 4.2): every number a ball that holds the truth.

The float64 solver says where to look, and nothing else is taken from it. Krawczyk's operator proves
that a box holds the solution of the two equations (`numerics.certified.fixed_point`), arcs extend
that to whole intervals of data scales (`numerics.certified.path`), and integrals are sums whose
remainder is bounded (`numerics.certified.trapezoid`). Inputs are exact: a float stands for the
binary number that it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, ctx

from numerics.certified import soft_threshold
from numerics.certified.arguments import (
    check_digits,
    check_teacher,
    checked_strength,
    data_scales,
    exact_mixture,
)
from numerics.certified.channel import (
    GroupEstimates,
    State,
    bend,
    direct_moments,
    group_estimates,
    log_of,
    residual_moments,
)
from numerics.certified.exact import (
    Ball,
    Group,
    Mixture,
    Real,
    ball,
)
from numerics.certified.fixed_point import (
    Enclosure,
    Interval,
    NotCertifiedError,
    Pair,
    Problem,
    enclose,
)
from numerics.certified.float_series import float_moments
from numerics.certified.path import Path
from numerics.certified.series import series_moments
from numerics.certified.solution import CertifiedSolution, CertifiedSolutions
from numerics.certified.start import Starts
from numerics.certified.trapezoid import IntegrationError
from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution

DIGITS_RANGE = (3, 100)
_GUARD_DIGITS = 2
_MOST_ATTEMPTS = 3
_MOST_PIECES = 2000
_SHORTEST = Fraction(1, 10**9)
# How many mixtures' starting points are kept.
_MIXTURES = 256


@dataclass(frozen=True, kw_only=True)
class CertifiedPoint(CertifiedSolution):
    """The error of fine-tuning at one data scale, or over an interval, every number a ball.

    What is not listed is as in `CertifiedSolution`.

    Attributes
    ----------
    threshold
        In the limit c_FT → 0⁺ the soft threshold T, and τ = 0; else None.
    penalty
        E[q(β̂)], the limit of (1/d) Σ q(β̂ᵢ).
    objective
        `penalty` + (α/2ϱ) `training_error`, or +∞ where nothing interpolates.
    """

    threshold: Ball | None
    penalty: Ball
    objective: Ball


@dataclass(frozen=True)
class CertifiedCurve(CertifiedSolutions):
    """Errors at data scales: `CertifiedSolutions` whose `points` have a penalty, too."""

    points: tuple[CertifiedPoint, ...]


def certify_replica(
    task: TaskDistribution | Mixture,
    init: Initialization | None,
    alpha: Any,
    *,
    noise_variance: Real = 0,
    ridge: Real = 0,
    digits: int = 12,
) -> CertifiedCurve:
    """Enclose the error of fine-tuning at data scales, or over whole intervals of them.

    Parameters
    ----------
    task, init
        Distribution of the teachers and initialisation, as for `numerics.solve_replica`; or a
        `Mixture`, which holds both as rational numbers, and None.
    alpha
        A data scale in [1e-3, 1e3], or a sequence of them: a float (as it is stored), decimal text
        or fraction (as written), or an `arb` ball, which stands for every α that it holds.
    noise_variance
        σ² in [0, 1e3], where inputs have the variance 1/n.
    ridge
        ϱ in [0, 1e3]; 0 interpolates.
    digits
        Decimal digits of p, 3 to 100, at single data scales. Over an interval the balls are as wide
        as the interval makes them.

    Returns
    -------
    CertifiedCurve
        A point for each data scale. What is out of reach is not certified, with the reason; what is
        certified holds the truth.

    Raises
    ------
    ValueError
        If an argument is out of range, |β_PT| is not one number in each group, or β* = 0 without
        noise.

    Source: Proposition 4.2.
    """
    mixture = exact_mixture(task, init)
    check_digits(digits, *DIGITS_RANGE)
    noise = checked_strength("noise_variance", noise_variance)
    strength = checked_strength("ridge", ridge)
    check_teacher(mixture, noise)
    solver = _Solver(mixture, noise, strength, digits)
    points = tuple(solver.over(interval) for interval in data_scales(alpha))
    return CertifiedCurve(points, tuple(group.name for group in mixture.groups), digits)


def certified_path(mixture: Mixture, digits: float = 8) -> Path:
    """Return the solutions of a noiseless, interpolating problem with c_FT > 0 for α < 1.

    Raises
    ------
    ValueError
        If c_FT = 0 or β* = 0, or |β_PT| is not one number in each group.
    """
    if not isinstance(mixture, Mixture):
        raise ValueError(f"a path requires a Mixture, got {mixture!r}")
    if mixture.is_saddle or mixture.second_moment == 0:
        raise ValueError("a path requires c_FT > 0 and beta* != 0")
    problem = problem_of(mixture, Fraction(0), Fraction(0))
    starts = _starts(mixture)
    return Path(problem, starts, digits, starts.prepare)


@lru_cache(maxsize=_MIXTURES)
def _starts(mixture: Mixture) -> Starts:
    """Return the starting points on a mixture's path, which do not depend on digits."""
    return Starts(mixture, Fraction(0), Fraction(0))


def problem_of(mixture: Mixture, noise_variance: Fraction, ridge: Fraction) -> Problem:
    """Return the two equations of a mixture; for c_FT = 0 those of its limit, with T for τ.

    Raises
    ------
    ValueError
        If |β_PT| is not one number in each group.
    """
    if any(group.pt_slab == "gaussian" for group in mixture.groups):
        raise ValueError(
            "|beta_PT| must be one number in each group, got pt_slab='gaussian' in "
            f"groups={mixture.groups!r}"
        )
    kept: dict[int, tuple[Group, ...]] = {}

    def groups() -> tuple[Group, ...]:
        if ctx.prec not in kept:
            kept[ctx.prec] = mixture.enclosed()
        return kept[ctx.prec]

    def extra_bits(state: State) -> float:
        return max(lost_bits(group, state) for group in groups())

    def of(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given, **options: function(groups(), *given, **options)

    at_zero = mixture.is_saddle
    return Problem(
        mixture=mixture,
        direct=of(soft_threshold.direct_moments if at_zero else direct_moments),
        residual=of(soft_threshold.residual_moments if at_zero else residual_moments),
        extra_bits=extra_bits,
        bend=None if at_zero else of(bend),
        series=None if at_zero else of(series_moments),
        float_series=None if at_zero else of(float_moments),
        noise_variance=noise_variance,
        ridge=ridge,
    )


def lost_bits(group: Group, state: State) -> float:
    """Return how many bits sums over the channel lose to cancellation in their arguments."""
    log_theta = log_of(state.theta_squared) / 2
    sizes = [one for one in (group.amplitude, group.scale, state.tau) if one > 0]
    most = max(0.0, *(log_of(one) - log_theta for one in sizes))
    return 3.0 * most / math.log(2.0) + 4.0


class _Solver:
    """Certifies one mixture at any data scale."""

    def __init__(self, mixture: Mixture, noise: Fraction, ridge: Fraction, digits: int) -> None:
        self.mixture, self.noise, self.ridge, self.digits = mixture, noise, ridge, digits
        self.starts = Starts(mixture, noise, ridge)
        self.problem = problem_of(mixture, noise, ridge)

    def over(self, alpha: Interval) -> CertifiedPoint:
        """Certify one data scale or an interval of them."""
        with ctx.workprec(math.ceil(3.33 * (self.digits + 8)) + 24):
            try:
                return self._over(alpha)
            except (NotCertifiedError, IntegrationError) as error:
                return self._not_certified(alpha, str(error))

    def _over(self, alpha: Interval) -> CertifiedPoint:
        if self.ridge == 0 and alpha.high >= 1:
            return self._least_squares(alpha)
        if self.mixture.is_saddle and self.ridge > 0:
            return self._null_estimate(alpha)
        if self.mixture.is_saddle and self.noise == 0:
            recovered = [soft_threshold.recovers_exactly(self.mixture, alpha.low)]
            if alpha.low != alpha.high and not recovered[0]:
                recovered.append(soft_threshold.recovers_exactly(self.mixture, alpha.high))
            if recovered[0]:
                return self._recovery(alpha)
            if recovered[-1] is not False:
                raise NotCertifiedError("alpha is not told from the weak threshold of l1 recovery")
        if alpha.low == alpha.high:
            return self._single(alpha)
        return self._interval(alpha)

    def _single(self, alpha: Interval) -> CertifiedPoint:
        wanted = 3.33 * self.digits
        bits = -math.inf
        for attempt in range(_MOST_ATTEMPTS):
            digits = self.digits + _GUARD_DIGITS + 4 * attempt
            found = enclose(self.problem, alpha, self.starts(alpha.low), digits, sharp=True)
            with ctx.workprec(math.ceil(3.33 * (digits + 8)) + 24):
                point = self._solved(alpha, [(ball(alpha.low), found.middle)], digits, found)
            bits = point.mse.rel_accuracy_bits()
            if bits >= wanted:
                return point
        raise NotCertifiedError(
            f"p is enclosed to {max(0.0, bits / 3.33):.1f} digits only, of {self.digits} asked for"
        )

    def _interval(self, alpha: Interval) -> CertifiedPoint:
        path = Path(self.problem, self.starts, 8, self.starts.prepare)
        pieces: list[tuple[Ball, Pair]] = []
        pending = [alpha]
        while pending:
            part = pending.pop()
            if len(pieces) + len(pending) > _MOST_PIECES:
                raise NotCertifiedError(f"the interval takes more than {_MOST_PIECES} pieces")
            box = self._box(path, part)
            if box is None:
                pending += [Interval(part.middle, part.high), Interval(part.low, part.middle)]
            else:
                pieces.append((part.ball, box))
        return self._solved(alpha, pieces, 4, None)

    def _box(self, path: Path, alpha: Interval) -> Pair | None:
        """Return log τ and log θ² over an interval; None if it is too long.

        Where the error falls steeply only arcs are long; where a ridge determines τ, and α hardly
        does, only Krawczyk's operator leads on.
        """
        try:
            arc = path.arc(alpha)
            if arc is not None:
                return arc.box
            return enclose(self.problem, alpha, self.starts(alpha.middle), 8).box
        except NotCertifiedError:
            if alpha.high - alpha.low < alpha.low * _SHORTEST:
                raise
            return None

    def _solved(
        self,
        alpha: Interval,
        pieces: Sequence[tuple[Ball, Pair]],
        digits: float,
        found: Enclosure | None,
    ) -> CertifiedPoint:
        """Return what follows from the states on pieces of an interval."""
        noise, ridge = ball(self.noise), ball(self.ridge)
        groups = self.mixture.enclosed()
        parts: list[dict[str, Any]] = []
        for scale, box in pieces:
            state = State(box[0].exp(), box[1].exp())
            estimates = self._estimates(groups, state, digits)
            error = scale * (state.theta_squared - noise)
            response = scale * (1 - ridge / state.tau)
            if self.mixture.is_saddle:
                response = scale
            else:
                error = _meet(error, _mean(groups, [one.error for one in estimates]))
                response = _meet(response, _mean(groups, [one.response for one in estimates]))
            penalty = _mean(groups, [one.penalty for one in estimates])
            misfit = state.theta_squared * (ridge / state.tau) ** 2
            excess = scale * ridge * state.theta_squared / (2 * state.tau**2)
            parts.append(
                {
                    "mse": error,
                    "tau": arb(0) if self.mixture.is_saddle else state.tau,
                    "theta": state.theta_squared.sqrt(),
                    "threshold": state.tau,
                    "degrees_of_freedom": response,
                    "penalty": penalty,
                    "training_error": misfit,
                    "objective": penalty + excess if self.ridge else penalty,
                    "group_mse": [one.error for one in estimates],
                }
            )
        whole = {
            name: _union(part[name] for part in parts) for name in parts[0] if name != "group_mse"
        }
        if not self.mixture.is_saddle:
            whole["threshold"] = None
        slope = arb.nan()
        if found is not None:
            # p = α(θ² − σ²)
            gain = ball(alpha.low) * parts[0]["theta"] ** 2 / whole["mse"]
            slope = 1 + gain * found.slopes[1]
        errors = zip(*(part["group_mse"] for part in parts), strict=True)
        return CertifiedPoint(
            alpha=alpha.ball,
            log_error_slope=slope,
            group_mse=tuple(_union(one) for one in errors),
            **whole,
        )

    def _estimates(
        self, groups: Sequence[Group], state: State, digits: float
    ) -> list[GroupEstimates]:
        if not self.mixture.is_saddle:
            return [group_estimates(group, state, digits) for group in groups]
        found = soft_threshold.group_errors(groups, state)
        return [GroupEstimates(arb.nan(), error, arb.pos_inf()) for error in found]

    def _least_squares(self, alpha: Interval) -> CertifiedPoint:
        if alpha.low < 1:
            raise NotCertifiedError("an interval of alpha that reaches 1 requires ridge > 0")
        groups, scale, noise = self.mixture.enclosed(), alpha.ball, ball(self.noise)
        surplus = ball(alpha.low - 1).union(ball(alpha.high - 1))
        if self.noise == 0:
            error = slope = arb(0)
        elif alpha.high == 1:
            error, slope = arb.pos_inf(), arb.nan()
        elif alpha.low == 1:
            raise NotCertifiedError("with noise the error diverges at alpha = 1")
        else:
            error, slope = noise * scale / surplus, -1 / surplus
        penalty = arb.pos_inf()
        silent = self.mixture.second_moment == 0 and self.noise == 0
        if silent:
            penalty = arb(0)
        elif error.is_finite() and not self.mixture.is_saddle:
            penalty = _mean(groups, [self._observed(group, error) for group in groups])
        exact = self.noise == 0 or alpha.high == 1
        return CertifiedPoint(
            alpha=scale,
            mse=error,
            tau=arb(0),
            theta=error.sqrt(),
            threshold=arb(0) if self.mixture.is_saddle else None,
            degrees_of_freedom=arb(1),
            log_error_slope=slope if self.noise else arb.nan(),
            penalty=penalty,
            training_error=noise * surplus / scale,
            objective=penalty if exact else arb.pos_inf(),
            group_mse=(error,) * len(groups),
        )

    def _observed(self, group: Group, error: Ball) -> Ball:
        """Enclose E[q(β* + θZ)], θ² = `error`, of which β* alone is left where that is 0."""
        if error > 0:
            return group_estimates(group, State(arb(0), error), self.digits).penalty
        if group.slab == "gaussian":
            alone = Group(group.share, group.scale, arb(0), "zero")
            state = State(arb(0), group.amplitude**2)
            return group_estimates(alone, state, self.digits).penalty
        ratio = group.amplitude / group.scale
        grown = ratio * ratio.asinh() - ratio * ratio / ((1 + ratio * ratio).sqrt() + 1)
        return group.scale / 2 * grown

    def _recovery(self, alpha: Interval) -> CertifiedPoint:
        zero, infinite = arb(0), arb.pos_inf()
        return CertifiedPoint(
            alpha=alpha.ball,
            mse=zero,
            tau=zero,
            theta=zero,
            threshold=zero,
            degrees_of_freedom=alpha.ball,
            log_error_slope=arb.nan(),
            penalty=infinite,
            training_error=zero,
            objective=infinite,
            group_mse=(zero,) * len(self.mixture.groups),
        )

    def _null_estimate(self, alpha: Interval) -> CertifiedPoint:
        signal, noise, ridge = (
            ball(one) for one in (self.mixture.second_moment, self.noise, self.ridge)
        )
        # σ² + E[β*²]/α, at the ends: α would come twice in the objective.
        training = noise + signal / alpha.ball
        return CertifiedPoint(
            alpha=alpha.ball,
            mse=signal,
            tau=ridge,
            theta=training.sqrt(),
            threshold=arb.pos_inf(),
            degrees_of_freedom=arb(0),
            log_error_slope=arb(0),
            penalty=arb(0),
            training_error=training,
            objective=(alpha.ball * noise + signal) / (2 * ridge),
            group_mse=tuple(ball(group.amplitude_squared) for group in self.mixture.groups),
        )

    def _not_certified(self, alpha: Interval, reason: str) -> CertifiedPoint:
        known = {} if self.mixture.is_saddle else {"threshold": None}
        groups = len(self.mixture.groups)
        return CertifiedPoint.not_certified(alpha.ball, reason, groups, **known)


def _mean(groups: Sequence[Group], values: Sequence[Ball]) -> Ball:
    return sum((group.share * one for group, one in zip(groups, values, strict=True)), arb(0))


def _union(balls: Iterable[Ball]) -> Ball:
    first, *others = balls
    for one in others:
        first = first.union(one)
    return first


def _meet(first: Ball, second: Ball) -> Ball:
    """Return the intersection of two enclosures; the other one where one is not finite.

    Raises
    ------
    ArithmeticError
        If they do not meet: one of them is wrong.
    """
    if not (first.is_finite() and second.is_finite()):
        return second if second.is_finite() else first
    if not first.overlaps(second):
        raise ArithmeticError(f"two enclosures of one number do not meet: {first} and {second}")
    return first.intersection(second)
