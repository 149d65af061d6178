r"""The two replica equations as a problem in (log τ, log θ²), and its solution to any digits.

The equations know the scalar channel by one function only, its moments E[η′] and E[(β̂ − β*)²] with
their derivatives, and the problem by α, σ² and ϱ:

    f₁ = log(ϱ/τ + E[η′]/α) = 0        f₂ = log((σ² + p/α)/θ²) = 0        in (log τ, log θ²),

so that errors of 1e-30 are no harder than errors of 1. E[η′] and ϱ/τ decrease in τ: at each θ
there is exactly one τ, which leaves one equation in log θ². Bracketing solves it at low precision
without a starting point; Newton's method with the analytic Jacobian then doubles the digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from numerics.multiprecision.channel import ChannelMoments, QuadratureError
from numerics.multiprecision.precision import (
    Context,
    Number,
    Real,
    digits_below_one,
    in_context,
    positive,
)

GUARD_DIGITS = 6
_SEARCH_DIGITS = 8
_MOST_SEARCH_STEPS = 80
_MOST_NEWTON_STEPS = 30

Moments: TypeAlias = Callable[[Context, Number, Number, int, int], ChannelMoments]
"""Moments at (context, τ, θ², digits, tail digits), as `channel.channel_moments` returns them."""


class ReplicaError(ArithmeticError):
    """No solution of the fixed-point equations was reached."""


@dataclass(frozen=True)
class FixedPointProblem:
    """The moments of the channel and the exact data of one fixed point; `signal` is E[β*²]."""

    moments: Moments
    signal: Fraction
    alpha: Fraction
    noise_variance: Fraction
    ridge: Fraction

    @property
    def near_one(self) -> int:
        """Digits needed to distinguish E[η′], which is about α, from 1."""
        return digits_below_one(1 - self.alpha)

    @property
    def search_digits(self) -> int:
        """Digits that the search and the first steps of Newton's method work with."""
        return _SEARCH_DIGITS + self.near_one


@dataclass(frozen=True)
class Equations:
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


@dataclass(frozen=True)
class FixedPointState:
    """Where Newton's method stopped, the equations there, and the number of their evaluations."""

    log_tau: Number
    log_theta_squared: Number
    equations: Equations
    evaluations: int


def starting_point(start: tuple[Real, Real] | None) -> tuple[Fraction, Fraction] | None:
    """Return (τ, θ) exactly, or None for none; raise ValueError unless both are > 0."""
    if start is None:
        return None
    tau, theta = start
    return positive("start tau", tau), positive("start theta", theta)


def solve_fixed_point(
    context: Context,
    problem: FixedPointProblem,
    digits: int,
    start: tuple[Fraction, Fraction] | None,
) -> FixedPointState:
    """Solve the equations to `digits` correct digits.

    Parameters
    ----------
    context
        Private mpmath context, whose precision is changed.
    problem
        Has a solution.
    digits
        Correct digits required; the context is left with 30 more.
    start
        (τ, θ) near the solution, which saves the search; the search follows if Newton's method
        fails from there.

    Raises
    ------
    ReplicaError
        If the equations are not solved to `digits`.
    """
    context.dps = digits + 30
    spent = 0
    if start is not None:
        tau, theta = (in_context(context, value) for value in start)
        try:
            return _polish(context, problem, context.ln(tau), 2 * context.ln(theta), digits, 0)
        except (ReplicaError, QuadratureError):
            spent = _MOST_NEWTON_STEPS
    try:
        log_tau, log_theta_squared, steps = _search(context, problem)
        return _polish(context, problem, log_tau, log_theta_squared, digits, spent + steps)
    except QuadratureError as error:
        raise ReplicaError(str(error)) from error


def _equations(
    context: Context,
    problem: FixedPointProblem,
    log_tau: Number,
    log_theta_squared: Number,
    digits: int,
) -> Equations:
    """Evaluate f₁, f₂ and the Jacobian to about `digits` digits."""
    tail_digits = 0
    with context.workdps(digits + 10):
        tau, theta_squared = context.exp(log_tau), context.exp(log_theta_squared)
        alpha, ridge = in_context(context, problem.alpha), in_context(context, problem.ridge)
        noise = in_context(context, problem.noise_variance)
        while True:
            moments = problem.moments(context, tau, theta_squared, digits, tail_digits)
            # Both lie far below their natural size where noise or ridge dominates.
            below = min(moments.response[0], moments.error[0] / theta_squared)
            needed = max(0, math.ceil(-context.log10(below)) - 3)
            if needed <= tail_digits:
                break
            tail_digits = needed
        response, error = moments.response, moments.error
        numerator_1, numerator_2 = ridge / tau + response[0] / alpha, noise + error[0] / alpha
        return Equations(
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


def _search(context: Context, problem: FixedPointProblem) -> tuple[Number, Number, int]:
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
    context: Context, problem: FixedPointProblem, log_tau: Number, log_theta_squared: Number
) -> tuple[Number, Equations, int]:
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
    problem: FixedPointProblem,
    log_tau: Number,
    log_theta_squared: Number,
    digits: int,
    evaluations: int,
) -> FixedPointState:
    """Newton's method at a precision that grows with the digits already right."""
    first = working = problem.search_digits
    amplified = problem.near_one
    for step in range(1, _MOST_NEWTON_STEPS + 1):
        target = digits + GUARD_DIGITS + amplified
        working = min(working, target)
        with context.workdps(target + 15):
            found = _equations(context, problem, log_tau, log_theta_squared, working)
            move = found.newton_step()
            size = max(abs(move[0]), abs(move[1]))
            amplified = max(amplified, math.ceil(context.log10(found.amplification())) - 2)
            if working == target and size < context.mpf(10) ** (-digits - 2):
                return FixedPointState(log_tau, log_theta_squared, found, evaluations + step)
            damping = max(1, size)
            log_tau += move[0] / damping
            log_theta_squared += move[1] / damping
            reached = -float(context.log10(size)) if size else float(target)
            working = max(first, min(target, math.ceil(2 * min(reached, working)) + 4))
    raise ReplicaError(
        f"Newton's method did not reach {digits} digits in {_MOST_NEWTON_STEPS} steps at alpha="
        f"{float(problem.alpha)!r}: last step {context.nstr(size, 3)}"
    )
