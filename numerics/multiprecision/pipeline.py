r"""Both stages from data, to any number of digits: α_PT·d examples for pretraining, α·d after it.

Pretraining is one task whose coordinates all have the scale c; its fixed point (τ₁, θ₁)
(`numerics.multiprecision.replica`) is the law of the coefficients that it leaves,

    β̂_PT = argmin_b (b − z)²/(2τ₁) + q(b),   z = β*_PT + θ₁Z₁,

and with it the law of c_FT(β̂_PT). Given the group of a coordinate, c_FT is independent of β*_FT and
of the noise of fine-tuning, whose two equations are those of Proposition 4.2 with moments averaged
over c_FT (`numerics.multiprecision.averaged_channel`). With α_PT ≥ 1 and no ridge, pretraining is
least squares: β̂_PT = β*_PT + θ₁Z₁ with θ₁² = σ_PT²/(1 − 1/α_PT), the error.
Sources: Proposition 4.2, Appendix C.1 for each stage; Theorem 4.1 for c_FT.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

import mpmath

from numerics.multiprecision.averaged_channel import (
    AveragedChannel,
    AveragedMoments,
    ScaleLaw,
    TwoStageGroup,
)
from numerics.multiprecision.fixed_point import (
    FixedPointProblem,
    solve_fixed_point,
    starting_point,
)
from numerics.multiprecision.integer_kernel import Prior
from numerics.multiprecision.precision import (
    Context,
    Number,
    Real,
    check_digits,
    exact,
    in_context,
    initialization,
    nonnegative,
    positive,
    released,
)
from numerics.multiprecision.replica import replica_fixed_point
from numerics.multiprecision.teacher import normalised, prior_of

# Digits of the first stage beyond those required: guard digits of the second, and of its laws.
_STAGE_DIGITS = 20


@dataclass(frozen=True)
class PipelineFixedPoint:
    """Fixed points of pretraining and fine-tuning.

    Attributes
    ----------
    mse_pt
        E[(β̂ − β*)²] of pretraining.
    tau_pt, theta_pt
        Effective step τ₁ and standard deviation θ₁ of the effective noise of pretraining.
    mse
        E[(β̂ − β*)²] of fine-tuning.
    tau, theta
        As those of pretraining.
    group_mse
        The error of fine-tuning in each group, in the order given.
    residual
        Largest error of the logarithms of the equations of fine-tuning, from a separate evaluation.
    digits
        Correct decimal digits of the numbers above, residual excepted; those of an error in one
        group are digits of θ² where it is smaller.
    nodes
        Quadrature nodes of the last evaluation, over all scales.
    iterations
        Evaluations of the equations of fine-tuning, at all precisions.
    """

    mse_pt: Number
    tau_pt: Number
    theta_pt: Number
    mse: Number
    tau: Number
    theta: Number
    group_mse: tuple[Number, ...]
    residual: Number
    digits: int
    nodes: int
    iterations: int


@dataclass(frozen=True)
class _Stage:
    """The data of one stage; α is None where there are arbitrarily many examples."""

    signal: Fraction
    alpha: Fraction | None
    noise_variance: Fraction
    ridge: Fraction

    @property
    def determined(self) -> bool:
        """Whether the examples determine β without a ridge."""
        return self.ridge == 0 and (self.alpha is None or self.alpha >= 1)

    def least_squares_error(self) -> Fraction:
        """E[(β̂ − β*)²] = θ² where the examples determine β."""
        if self.alpha is None or self.noise_variance == 0:
            return self.noise_variance
        return self.noise_variance / (1 - 1 / self.alpha)

    def check(self, suffix: str) -> None:
        """Raise ValueError unless the stage has a fixed point; `suffix` ends names of arguments."""
        if self.alpha is None and self.ridge:
            raise ValueError(
                f"ridge{suffix} must be 0 at alpha{suffix} = inf, got {float(self.ridge)!r}"
            )
        if self.determined and self.alpha == 1 and self.noise_variance:
            raise ValueError(
                f"the error diverges at alpha{suffix} = 1 with noise: ridge{suffix} > 0 is "
                "required, got 0"
            )
        if not self.determined and self.signal == 0 and self.noise_variance == 0:
            raise ValueError(
                f"a nonzero prior or noise_variance{suffix} > 0 is required (otherwise the error "
                f"is 0), got noise_variance{suffix}=0 and priors 'zero' alone"
            )


class _Pretraining:
    """The fixed point of pretraining, solved again where more digits are needed."""

    def __init__(
        self,
        groups: Sequence[TwoStageGroup],
        c: Fraction,
        stage: _Stage,
        start: tuple[Real, Real] | None,
    ) -> None:
        self._stage, self._start = stage, start
        self._groups = [
            (group.probability, c, "zero" if not group.pretraining[1] else group.pretraining)
            for group in groups
        ]
        self._digits = 0
        self._tau = Fraction(0)
        self._mse = stage.least_squares_error() if stage.determined else Fraction(0)

    def solve(self, digits: int) -> None:
        """Solve to `digits` unless that was done."""
        if self._stage.determined or self._digits >= digits:
            return
        found = replica_fixed_point(
            self._groups,
            self._stage.alpha,
            noise_variance=self._stage.noise_variance,
            ridge=self._stage.ridge,
            digits=digits,
            start=self._start,
        )
        self._digits, self._start = digits, (found.tau, found.theta)
        self._tau, self._mse = exact("tau", found.tau), exact("mse", found.mse)

    def __call__(self, context: Context, digits: int) -> tuple[Number, Number]:
        """Return (τ₁, θ₁) to `digits`."""
        self.solve(digits)
        stage = self._stage
        theta_squared = in_context(context, self._mse)
        if stage.alpha is not None and not stage.determined:
            theta_squared /= in_context(context, stage.alpha)
            theta_squared += in_context(context, stage.noise_variance)
        return in_context(context, self._tau), context.sqrt(theta_squared)

    def results(self, digits: int) -> dict[str, Number]:
        """Return what `PipelineFixedPoint` holds of this stage."""
        context = mpmath.MPContext()
        context.dps = digits + 10
        tau, theta = self(context, digits)
        return {
            "mse_pt": released(in_context(context, self._mse), digits),
            "tau_pt": released(tau, digits),
            "theta_pt": released(theta, digits),
        }


def pipeline_fixed_point(
    groups: Sequence[tuple[Real, Any, Any]],
    c: Real,
    lam: Real,
    gamma: Real,
    alpha_pt: Real,
    alpha: Real,
    *,
    noise_variance_pt: Real = 0,
    ridge_pt: Real = 0,
    noise_variance: Real = 0,
    ridge: Real = 0,
    digits: int = 50,
    start: tuple[Real, Real] | None = None,
    start_pt: tuple[Real, Real] | None = None,
) -> PipelineFixedPoint:
    """Solve the fixed-point equations of pretraining, and of the fine-tuning that follows it.

    Parameters
    ----------
    groups
        (probability, prior of β*_PT, prior of β*_FT), each prior "zero", ("sign", a) or
        ("gaussian", a), a > 0. Probabilities must sum to 1 within 1e-12 and are divided by their
        sum.
    c, lam, gamma
        Initialisation, c > 0, |λ| <= c, γ >= 0, not both λ = −c and γ = 0, where c_FT = 0.
    alpha_pt, alpha
        Examples per dimension in pretraining and in fine-tuning, > 0; `alpha_pt` may be infinite
        (math.inf or "inf"), where pretraining without noise is perfect.
    noise_variance_pt, noise_variance
        Variances of the label noise, >= 0.
    ridge_pt, ridge
        Ridge strengths >= 0, as in `replica_fixed_point`.
    digits
        Correct digits required.
    start, start_pt
        (τ, θ) near the solution of fine-tuning and of pretraining, which save the searches.

    Raises
    ------
    ValueError
        If an argument is out of range; if teacher and noise both vanish in a stage; if it has
        α = 1 with noise but without ridge, where the error diverges.
    ReplicaError
        If the equations are not solved to `digits`.
    """
    check_digits(digits)
    scale, relative, readout = initialization(c, lam, gamma)
    if relative == -scale and readout == 0:
        raise ValueError(
            "c_FT > 0 is required (lam > -c or gamma > 0), got c_FT = 0 from "
            f"c={c!r}, lam={lam!r}, gamma={gamma!r}"
        )
    members = _groups(groups)
    samples = positive("alpha", alpha)
    before = _Stage(
        _signal((group.probability, group.pretraining) for group in members),
        None if _infinite(alpha_pt) else positive("alpha_pt", alpha_pt),
        nonnegative("noise_variance_pt", noise_variance_pt),
        nonnegative("ridge_pt", ridge_pt),
    )
    after = _Stage(
        _signal((group.probability, group.finetuning) for group in members),
        samples,
        nonnegative("noise_variance", noise_variance),
        nonnegative("ridge", ridge),
    )
    before.check("_pt")
    after.check("")
    begin = starting_point(start)
    pretraining = _Pretraining(members, scale, before, starting_point(start_pt))
    if after.determined:
        return _least_squares(members, pretraining, after, digits)
    pretraining.solve(digits + _STAGE_DIGITS)
    channel = AveragedChannel(members, ScaleLaw(scale, relative, readout), pretraining)
    problem = FixedPointProblem(
        channel.moments, after.signal, samples, after.noise_variance, after.ridge
    )
    context = mpmath.MPContext()
    state = solve_fixed_point(context, problem, digits, begin)
    f, moments = state.equations.f, cast(AveragedMoments, state.equations.moments)
    return PipelineFixedPoint(
        **pretraining.results(digits),
        mse=released(moments.error[0], digits),
        tau=released(context.exp(state.log_tau), digits),
        theta=released(context.exp(state.log_theta_squared / 2), digits),
        group_mse=tuple(released(error, digits) for error in moments.group_errors),
        residual=released(max(abs(f[0]), abs(f[1])), digits),
        digits=digits,
        nodes=moments.nodes,
        iterations=state.evaluations,
    )


def _least_squares(
    groups: Sequence[TwoStageGroup], pretraining: _Pretraining, stage: _Stage, digits: int
) -> PipelineFixedPoint:
    """Fine-tuning on data that determine β: β̂ = β* + θZ, whatever c_FT."""
    pretraining.solve(digits)
    context = mpmath.MPContext()
    context.dps = digits + 10
    error = in_context(context, stage.least_squares_error())
    zero = mpmath.mp.mpf(0)
    return PipelineFixedPoint(
        **pretraining.results(digits),
        mse=released(error, digits),
        tau=zero,
        theta=released(context.sqrt(error), digits),
        group_mse=(released(error, digits),) * len(groups),
        residual=zero,
        digits=digits,
        nodes=0,
        iterations=0,
    )


def _groups(groups: Sequence[tuple[Real, Any, Any]]) -> tuple[TwoStageGroup, ...]:
    """Validate the groups and normalise the probabilities."""
    members = [
        TwoStageGroup(
            nonnegative("probability", probability),
            prior_of("pretraining prior", pretraining),
            prior_of("fine-tuning prior", finetuning),
        )
        for probability, pretraining, finetuning in groups
    ]
    shares = normalised([group.probability for group in members])
    return tuple(
        replace(group, probability=share) for group, share in zip(members, shares, strict=True)
    )


def _infinite(value: Real) -> bool:
    """Whether `value` is +inf, as a float, an mpf or in words."""
    if isinstance(value, str):
        return value.strip().lower() in ("inf", "+inf", "infinity", "+infinity")
    try:
        return bool(value == math.inf)
    except (TypeError, ValueError):
        return False


def _signal(laws: Iterable[tuple[Fraction, Prior]]) -> Fraction:
    """E[β*²]."""
    return sum((share * amplitude**2 for share, (_, amplitude) in laws), Fraction(0))
