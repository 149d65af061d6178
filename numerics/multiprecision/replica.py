r"""The replica-symmetric error of Proposition 4.2 to any number of digits.

For data with α = n/d samples per dimension, entries of variance 1/n, noise of variance σ² and
ridge strength ϱ (Section 3.3, Appendices C and E.2), the effective step τ and noise θ² solve

    1 = ϱ/τ + E[η′]/α        θ² = σ² + p/α,   p = E[(β̂ − β*)²]

in the scalar channel (`numerics.multiprecision.channel`). Both equations are taken in logarithms,

    f₁ = log(ϱ/τ + E[η′]/α) = 0        f₂ = log((σ² + p/α)/θ²) = 0        in (log τ, log θ²),

so that errors of 1e-30 are no harder than errors of 1. E[η′] and ϱ/τ decrease in τ: at each θ
there is exactly one τ, which leaves one equation in log θ². Bracketing solves it at low precision
without a starting point; Newton's method with the analytic Jacobian then doubles the digits.
Sources: Proposition 4.2, Appendix C.1 (equations), Appendix E.2.1 (the published iteration).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

from numerics.multiprecision.channel import (
    ChannelGroup,
    ChannelMoments,
    QuadratureError,
    channel_estimates,
    channel_moments,
)
from numerics.multiprecision.implicit_bias import penalty
from numerics.multiprecision.precision import (
    Context,
    Number,
    Real,
    check_digits,
    digits_below_one,
    exact,
    in_context,
    nonnegative,
    positive,
    released,
)
from numerics.multiprecision.teacher import channel_groups

_SEARCH_DIGITS = 8
_GUARD_DIGITS = 6
_MOST_SEARCH_STEPS = 80
_MOST_NEWTON_STEPS = 30


class ReplicaError(ArithmeticError):
    """No solution of the fixed-point equations was reached."""


@dataclass(frozen=True)
class ReplicaFixedPoint:
    """Solution of the fixed-point equations.

    Attributes
    ----------
    mse
        p = E[(β̂ − β*)²], the generalisation error per coordinate.
    tau, theta
        Effective step τ and standard deviation θ of the effective noise.
    residual
        max(|f₁|, |f₂|) at the solution, from a separate evaluation.
    penalty
        E[q(β̂)], the limit of (1/d) Σ q(β̂ᵢ).
    training_error
        (ϱθ/τ)², the limit of (1/n)‖y − Xβ̂‖²; 0 where the estimate interpolates.
    cross_moment, second_moment
        E[β*β̂] and E[β̂²].
    objective
        penalty + (α/2ϱ) training_error, the limit of the minimum per coordinate; infinite at ridge
        0 and α > 1 with noise, where no β interpolates the data.
    digits
        Correct decimal digits of the numbers above, residual excepted.
    nodes
        Quadrature nodes of the last evaluation, over all groups.
    iterations
        Evaluations of the equations, at all precisions.
    """

    mse: Number
    tau: Number
    theta: Number
    residual: Number
    penalty: Number
    training_error: Number
    cross_moment: Number
    second_moment: Number
    objective: Number
    digits: int
    nodes: int
    iterations: int


@dataclass(frozen=True)
class _Problem:
    """The exact data of one fixed point."""

    groups: tuple[ChannelGroup, ...]
    alpha: Fraction
    noise_variance: Fraction
    ridge: Fraction

    @property
    def near_one(self) -> int:
        """Digits needed to distinguish E[η′], which is about α, from 1."""
        return digits_below_one(1 - self.alpha)

    @property
    def signal(self) -> Fraction:
        """E[β*²]."""
        return sum((g.probability * g.amplitude**2 for g in self.groups), Fraction(0))

    @property
    def search_digits(self) -> int:
        """Digits that the search and the first steps of Newton's method work with."""
        return _SEARCH_DIGITS + self.near_one


@dataclass(frozen=True)
class _Equations:
    """f₁, f₂ and their Jacobian in (log τ, log θ²) at one point."""

    f: tuple[Number, Number]
    jacobian: tuple[tuple[Number, Number], tuple[Number, Number]]
    moments: ChannelMoments

    def newton_step(self) -> tuple[Number, Number]:
        """Return −J⁻¹f."""
        (a, b), (c, d) = self.jacobian
        determinant = a * d - b * c
        if determinant == 0:
            raise ReplicaError("the Jacobian of the fixed-point equations is singular")
        f1, f2 = self.f
        return (b * f2 - d * f1) / determinant, (c * f1 - a * f2) / determinant

    def amplification(self) -> Number:
        """Return the largest entry of J⁻¹: how much an error of f grows in the solution."""
        (a, b), (c, d) = self.jacobian
        return max(abs(a), abs(b), abs(c), abs(d)) / abs(a * d - b * c)


def replica_fixed_point(
    groups: Sequence[tuple[Real, Real, Any]],
    alpha: Real,
    *,
    noise_variance: Real = 0,
    ridge: Real = 0,
    digits: int = 50,
    start: tuple[Real, Real] | None = None,
) -> ReplicaFixedPoint:
    """Solve the replica-symmetric fixed-point equations of Proposition 4.2.

    Parameters
    ----------
    groups
        (probability, c_FT, slab) with c_FT > 0 and slab "zero", ("sign", a) or ("gaussian", a),
        a > 0. Probabilities must sum to 1 within 1e-12 and are divided by their sum.
    alpha
        Samples per dimension, > 0.
    noise_variance
        σ², the variance of the label noise, >= 0.
    ridge
        ϱ >= 0, in min (1/2ϱ)‖y − Xβ‖² + Σ q.
    digits
        Correct digits required.
    start
        (τ, θ) near the solution, which saves the search; the search follows if Newton's method
        fails from there.

    Returns
    -------
    ReplicaFixedPoint
        At ridge 0 and α > 1 the data determine β (τ = 0) and p = σ²α/(α − 1).

    Raises
    ------
    ValueError
        If an argument is out of range; if teacher and noise both vanish, where θ = 0; if α = 1
        with noise but without ridge, where the error diverges.
    ReplicaError
        If the equations are not solved to `digits`.
    """
    check_digits(digits)
    problem = _Problem(
        channel_groups(groups),
        positive("alpha", alpha),
        nonnegative("noise_variance", noise_variance),
        nonnegative("ridge", ridge),
    )
    if start is not None:
        begin = (positive("start tau", start[0]), positive("start theta", start[1]))
    if problem.noise_variance == 0 and all(group.slab == "zero" for group in problem.groups):
        raise ValueError(
            "a nonzero slab or noise_variance > 0 is required (otherwise the error is 0), "
            f"got groups={list(groups)!r}, noise_variance={noise_variance!r}"
        )
    if problem.ridge == 0 and problem.alpha >= 1:
        return _overdetermined(problem, digits)
    context = mpmath.MPContext()
    spent = 0
    if start is not None:
        context.dps = digits + 20
        try:
            return _polish(
                context,
                problem,
                context.ln(in_context(context, begin[0])),
                2 * context.ln(in_context(context, begin[1])),
                digits,
                0,
            )
        except (ReplicaError, QuadratureError):
            spent = _MOST_NEWTON_STEPS
    try:
        log_tau, log_theta_squared, steps = _search(context, problem)
        return _polish(context, problem, log_tau, log_theta_squared, digits, spent + steps)
    except QuadratureError as error:
        raise ReplicaError(str(error)) from error


def _overdetermined(problem: _Problem, digits: int) -> ReplicaFixedPoint:
    """Least squares without ridge: τ = 0, η′ = 1 and p = θ²."""
    alpha, noise = problem.alpha, problem.noise_variance
    if alpha == 1 and noise > 0:
        raise ValueError("the error diverges at alpha = 1 with noise: ridge > 0 is required, got 0")
    context = mpmath.MPContext()
    context.dps = digits + 10
    error = noise * alpha / (alpha - 1) if noise else exact("noise_variance", 0)
    mse = in_context(context, error)
    signal = in_context(context, problem.signal)
    zero = mpmath.mp.mpf(0)
    mean_penalty = released(_observed_penalty(context, problem, mse, digits), digits)
    return ReplicaFixedPoint(
        mse=released(mse, digits),
        tau=zero,
        theta=released(context.sqrt(mse), digits),
        residual=zero,
        penalty=mean_penalty,
        training_error=released(in_context(context, noise * (1 - 1 / alpha)), digits),
        cross_moment=released(signal, digits),
        second_moment=released(signal + mse, digits),
        objective=mpmath.mp.inf if noise else mean_penalty,
        digits=digits,
        nodes=0,
        iterations=0,
    )


def _observed_penalty(context: Context, problem: _Problem, mse: Number, digits: int) -> Number:
    """E[q(β* + θZ)] with θ² = `mse`, which may be 0."""
    zero, working = context.mpf(0), digits + _GUARD_DIGITS
    if mse:
        return channel_estimates(context, problem.groups, zero, mse, working).penalty
    total = zero
    for group in problem.groups:
        share, spread = in_context(context, group.probability), in_context(context, group.amplitude)
        if group.slab == "sign":
            at = penalty(group.amplitude, group.scale, digits=working)
            total += share * in_context(context, exact("penalty", at))
        elif group.slab == "gaussian":
            alone = ChannelGroup(Fraction(1), group.scale, "zero", Fraction(0))
            found = channel_estimates(context, [alone], zero, spread**2, working)
            total += share * found.penalty
    return total


def _equations(
    context: Context, problem: _Problem, log_tau: Number, log_theta_squared: Number, digits: int
) -> _Equations:
    """Evaluate f₁, f₂ and the Jacobian to about `digits` digits."""
    tail_digits = 0
    with context.workdps(digits + 10):
        tau, theta_squared = context.exp(log_tau), context.exp(log_theta_squared)
        alpha, ridge = in_context(context, problem.alpha), in_context(context, problem.ridge)
        noise = in_context(context, problem.noise_variance)
        while True:
            moments = channel_moments(
                context, problem.groups, tau, theta_squared, digits, tail_digits=tail_digits
            )
            # Both lie far below their natural size where noise or ridge dominates.
            below = min(moments.response[0], moments.error[0] / theta_squared)
            needed = max(0, math.ceil(-context.log10(below)) - 3)
            if needed <= tail_digits:
                break
            tail_digits = needed
        response, error = moments.response, moments.error
        numerator_1, numerator_2 = ridge / tau + response[0] / alpha, noise + error[0] / alpha
        return _Equations(
            (context.ln(numerator_1), context.ln(numerator_2 / theta_squared)),
            (
                (
                    (response[1] / alpha - ridge / tau) / numerator_1,
                    response[2] / alpha / numerator_1,
                ),
                (error[1] / alpha / numerator_2, error[2] / alpha / numerator_2 - 1),
            ),
            moments,
        )


@dataclass
class _Bracket:
    """A root of a decreasing function, between the largest f > 0 and the smallest f < 0 seen."""

    left: Number | None = None
    right: Number | None = None
    stride: float = 2.0

    def propose(self, x: Number, f: Number, slope: Number) -> Number:
        """Return the next point, by Newton's method, a step of growing length, or bisection."""
        if f > 0:
            self.left = x
        else:
            self.right = x
        newton = x - f / slope if slope < 0 else None
        if self.left is not None and self.right is not None:
            width = self.right - self.left
            if newton is not None and self.left < newton < self.right:
                return newton
            return self.left + width / 2
        furthest = self.stride if f > 0 else -self.stride
        self.stride *= 2
        if newton is not None and abs(newton - x) < abs(furthest):
            return newton
        return x + furthest


def _search(context: Context, problem: _Problem) -> tuple[Number, Number, int]:
    """Find (log τ, log θ²) to about three digits: τ at given θ inside, θ² outside."""
    with context.workdps(problem.search_digits + 10):
        log_theta_squared = context.ln(
            in_context(context, problem.noise_variance + problem.signal / problem.alpha)
        )
        log_tau = log_theta_squared / 2
        if problem.ridge:
            log_tau = max(log_tau, context.ln(in_context(context, problem.ridge * 2)))
        bracket, evaluations = _Bracket(), 0
        for _ in range(_MOST_SEARCH_STEPS):
            log_tau, found, steps = _search_tau(context, problem, log_tau, log_theta_squared)
            evaluations += steps
            (a, b), (c, d) = found.jacobian
            f1, f2 = found.f
            # Along the curve τ(θ) on which the first equation holds.
            slope = d - c * b / a
            residual = f2 - c * f1 / a
            proposal = bracket.propose(log_theta_squared, residual, slope)
            move = proposal - log_theta_squared
            # Over long moves τ follows θ: the equations are nearly invariant under scaling both.
            log_tau += -(f1 + b * move) / a if abs(move) < 1 else move / 2
            log_theta_squared = proposal
            if abs(move) < 1e-3 and abs(residual) < 1e-2:
                return log_tau, log_theta_squared, evaluations
        raise ReplicaError(
            f"theta not bracketed after {evaluations} evaluations at alpha="
            f"{float(problem.alpha)!r}, log theta^2={context.nstr(log_theta_squared, 8)}"
        )


def _search_tau(
    context: Context, problem: _Problem, log_tau: Number, log_theta_squared: Number
) -> tuple[Number, _Equations, int]:
    """Solve f₁ = 0 for log τ at given θ; f₁ decreases."""
    bracket = _Bracket()
    for step in range(1, _MOST_SEARCH_STEPS):
        found = _equations(context, problem, log_tau, log_theta_squared, problem.search_digits)
        slope = found.jacobian[0][0]
        if abs(found.f[0]) < 1e-2 * min(1, abs(slope)):
            return log_tau, found, step
        log_tau = bracket.propose(log_tau, found.f[0], slope)
    raise ReplicaError(
        f"tau not found at alpha={float(problem.alpha)!r}, "
        f"log theta^2={context.nstr(log_theta_squared, 8)}"
    )


def _polish(
    context: Context,
    problem: _Problem,
    log_tau: Number,
    log_theta_squared: Number,
    digits: int,
    evaluations: int,
) -> ReplicaFixedPoint:
    """Newton's method at a precision that grows with the digits already right."""
    first = working = problem.search_digits
    amplified = problem.near_one
    for step in range(1, _MOST_NEWTON_STEPS + 1):
        target = digits + _GUARD_DIGITS + amplified
        working = min(working, target)
        with context.workdps(target + 15):
            found = _equations(context, problem, log_tau, log_theta_squared, working)
            move = found.newton_step()
            size = max(abs(move[0]), abs(move[1]))
            amplified = max(amplified, math.ceil(context.log10(found.amplification())) - 2)
            if working == target and size < context.mpf(10) ** (-digits - 2):
                return _solution(
                    context, problem, found, log_tau, log_theta_squared, digits, evaluations + step
                )
            damping = max(1, size)
            log_tau += move[0] / damping
            log_theta_squared += move[1] / damping
            reached = -float(context.log10(size)) if size else float(target)
            working = max(first, min(target, math.ceil(2 * min(reached, working)) + 4))
    raise ReplicaError(
        f"Newton's method did not reach {digits} digits in {_MOST_NEWTON_STEPS} steps at alpha="
        f"{float(problem.alpha)!r}: last step {context.nstr(size, 3)}"
    )


def _solution(
    context: Context,
    problem: _Problem,
    found: _Equations,
    log_tau: Number,
    log_theta_squared: Number,
    digits: int,
    iterations: int,
) -> ReplicaFixedPoint:
    """Return the result at a state that is right to `digits`, where `found` are the equations."""
    # What follows depends on the state through exp(u): the last step, already known, is taken.
    move = found.newton_step()
    tau, theta_squared = (
        context.exp(log_tau + move[0]),
        context.exp(log_theta_squared + move[1]),
    )
    estimates = channel_estimates(context, problem.groups, tau, theta_squared, digits + 4)
    alpha, ridge = in_context(context, problem.alpha), in_context(context, problem.ridge)
    training = theta_squared * (ridge / tau) ** 2
    misfit = alpha * ridge * theta_squared / (2 * tau**2)
    return ReplicaFixedPoint(
        mse=released(found.moments.error[0], digits),
        tau=released(context.exp(log_tau), digits),
        theta=released(context.exp(log_theta_squared / 2), digits),
        residual=released(max(abs(found.f[0]), abs(found.f[1])), digits),
        penalty=released(estimates.penalty, digits),
        training_error=released(training, digits),
        cross_moment=released(estimates.cross_moment, digits),
        second_moment=released(estimates.second_moment, digits),
        objective=released(estimates.penalty + misfit, digits),
        digits=digits,
        nodes=found.moments.nodes,
        iterations=iterations,
    )
