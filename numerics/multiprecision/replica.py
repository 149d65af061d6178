r"""The replica-symmetric error of Proposition 4.2 to any number of digits.

For data with α = n/d samples per dimension, entries of variance 1/n, noise of variance σ² and
ridge strength ϱ (Section 3.3, Appendices C and E.2), the effective step τ and noise θ² solve

    1 = ϱ/τ + E[η′]/α        θ² = σ² + p/α,   p = E[(β̂ − β*)²]

in the scalar channel (`numerics.multiprecision.channel`); `numerics.multiprecision.fixed_point`
solves the two equations.
Sources: Proposition 4.2, Appendix C.1 (equations), Appendix E.2.1 (the published iteration).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath

from numerics.multiprecision.channel import (
    ChannelGroup,
    ChannelMoments,
    QuadratureError,
    channel_estimates,
    channel_moments,
)
from numerics.multiprecision.fixed_point import (
    GUARD_DIGITS,
    FixedPointProblem,
    FixedPointState,
    ReplicaError,
    solve_fixed_point,
    starting_point,
)
from numerics.multiprecision.implicit_bias import penalty
from numerics.multiprecision.precision import (
    Context,
    Number,
    Real,
    check_digits,
    exact,
    in_context,
    nonnegative,
    positive,
    released,
)
from numerics.multiprecision.teacher import channel_groups


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
    members = channel_groups(groups)
    problem = FixedPointProblem(
        partial(_moments, members),
        sum((group.probability * group.amplitude**2 for group in members), Fraction(0)),
        positive("alpha", alpha),
        nonnegative("noise_variance", noise_variance),
        nonnegative("ridge", ridge),
    )
    begin = starting_point(start)
    if problem.noise_variance == 0 and problem.signal == 0:
        raise ValueError(
            "a nonzero slab or noise_variance > 0 is required (otherwise the error is 0), "
            f"got groups={list(groups)!r}, noise_variance={noise_variance!r}"
        )
    if problem.ridge == 0 and problem.alpha >= 1:
        return _overdetermined(members, problem, digits)
    context = mpmath.MPContext()
    state = solve_fixed_point(context, problem, digits, begin)
    try:
        return _solution(context, members, problem, state, digits)
    except QuadratureError as error:
        raise ReplicaError(str(error)) from error


def _moments(
    groups: Sequence[ChannelGroup],
    context: Context,
    tau: Number,
    theta_squared: Number,
    digits: int,
    tail_digits: int,
) -> ChannelMoments:
    return channel_moments(context, groups, tau, theta_squared, digits, tail_digits=tail_digits)


def _overdetermined(
    groups: Sequence[ChannelGroup], problem: FixedPointProblem, digits: int
) -> ReplicaFixedPoint:
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
    mean_penalty = released(_observed_penalty(context, groups, mse, digits), digits)
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


def _observed_penalty(
    context: Context, groups: Sequence[ChannelGroup], mse: Number, digits: int
) -> Number:
    """E[q(β* + θZ)] with θ² = `mse`, which may be 0."""
    zero, working = context.mpf(0), digits + GUARD_DIGITS
    if mse:
        return channel_estimates(context, groups, zero, mse, working).penalty
    total = zero
    for group in groups:
        share, spread = in_context(context, group.probability), in_context(context, group.amplitude)
        if group.slab == "sign":
            at = penalty(group.amplitude, group.scale, digits=working)
            total += share * in_context(context, exact("penalty", at))
        elif group.slab == "gaussian":
            alone = ChannelGroup(Fraction(1), group.scale, "zero", Fraction(0))
            found = channel_estimates(context, [alone], zero, spread**2, working)
            total += share * found.penalty
    return total


def _solution(
    context: Context,
    groups: Sequence[ChannelGroup],
    problem: FixedPointProblem,
    state: FixedPointState,
    digits: int,
) -> ReplicaFixedPoint:
    """Return the result at a state that is right to `digits`."""
    found = state.equations
    # What follows depends on the state through exp(u): the last step, already known, is taken.
    move = found.newton_step()
    tau, theta_squared = (
        context.exp(state.log_tau + move[0]),
        context.exp(state.log_theta_squared + move[1]),
    )
    estimates = channel_estimates(context, groups, tau, theta_squared, digits + 4)
    alpha, ridge = in_context(context, problem.alpha), in_context(context, problem.ridge)
    training = theta_squared * (ridge / tau) ** 2
    misfit = alpha * ridge * theta_squared / (2 * tau**2)
    return ReplicaFixedPoint(
        mse=released(found.moments.error[0], digits),
        tau=released(context.exp(state.log_tau), digits),
        theta=released(context.exp(state.log_theta_squared / 2), digits),
        residual=released(max(abs(found.f[0]), abs(found.f[1])), digits),
        penalty=released(estimates.penalty, digits),
        training_error=released(training, digits),
        cross_moment=released(estimates.cross_moment, digits),
        second_moment=released(estimates.second_moment, digits),
        objective=released(estimates.penalty + misfit, digits),
        digits=digits,
        nodes=found.moments.nodes,
        iterations=state.evaluations,
    )
