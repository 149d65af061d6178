r"""Expectations over the decoupled scalar channel of Proposition 4.2, by quadrature in mpmath.

One coordinate is observed as z = β* + θZ, Z ~ N(0, 1), and estimated by the proximal operator of
q_k with step τ. In u = asinh(β̂/c_FT) both sides are explicit (√k = 2 c_FT):

    β̂ = c_FT sinh u,   z = β̂ + τu/2,   dz = (c_FT cosh u + τ/2) du,   η′ = ∂β̂/∂z = c_FT cosh u/z′(u)

so every expectation over z ~ N(m, S²) is an integral over u of an analytic function that decays
doubly exponentially. The trapezoidal rule then converges geometrically: halving the step squares
the error. Two checks estimate that error: the change at the last halving, and the total mass of the
density, which the same nodes must integrate to 1.

The equations of the fixed point need E[η′] and E[(β̂ − β*)²] (`channel_moments`); the value of the
problem needs E[q(β̂)], with q(β̂) = ½ (c_FT − c_FT cosh u + u c_FT sinh u), and E[(z − β̂)²] =
(τ²/4) E[u²] (`channel_estimates`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.multiprecision.implicit_bias import channel_root
from numerics.multiprecision.precision import Context, Number, in_context
from numerics.validation import Slab

_FIRST_INTERVALS = 32
_MOST_INTERVALS = 2**16
# Digits for rounding in sums of up to 2^16 terms and in the running product that gives exp(u).
_SUM_DIGITS = 8
# Terms accumulated at each node: mass, η′, error and their four derivatives.
_QUANTITIES = 7
_MOST_EXTENSIONS = 20


@dataclass(frozen=True)
class ChannelGroup:
    """Coordinates which share a penalty scale and a prior on β*.

    Attributes
    ----------
    probability
        Share of the coordinates.
    scale
        c_FT > 0.
    slab
        "zero": β* = 0; "sign": β* = ±amplitude; "gaussian": β* ~ N(0, amplitude²).
    amplitude
        In units of β*; 0 for "zero".
    """

    probability: Fraction
    scale: Fraction
    slab: Slab
    amplitude: Fraction


@dataclass(frozen=True)
class ChannelMoments:
    """Expectations at (τ, θ²), with derivatives in (log τ, log θ²).

    Attributes
    ----------
    response
        E[η′] and its two derivatives.
    error
        E[(β̂ − β*)²] and its two derivatives.
    nodes
        Number of quadrature nodes, over all groups.
    """

    response: tuple[Number, Number, Number]
    error: tuple[Number, Number, Number]
    nodes: int


@dataclass(frozen=True)
class ChannelEstimates:
    """Expectations of the estimate β̂ at (τ, θ²).

    Attributes
    ----------
    penalty
        E[q(β̂)].
    cross_moment, second_moment
        E[β*β̂] and E[β̂²].
    envelope
        E[min_b (b − z)²/(2τ) + q(b)].
    """

    penalty: Number
    cross_moment: Number
    second_moment: Number
    envelope: Number


class QuadratureError(ArithmeticError):
    """The trapezoidal rule did not settle."""


def channel_moments(
    context: Context,
    groups: Sequence[ChannelGroup],
    tau: Number,
    theta_squared: Number,
    digits: int,
    *,
    tail_digits: int = 0,
) -> ChannelMoments:
    """Return E[η′] and E[(β̂ − β*)²] to about `digits` relative digits, with derivatives.

    Parameters
    ----------
    context
        Private mpmath context; its precision is set here and restored.
    groups
        Shares sum to one.
    tau, theta_squared
        Effective step and noise variance, > 0.
    digits
        Accuracy required of the two expectations.
    tail_digits
        How far, in digits, an expectation may lie below its natural size (1 for E[η′], θ² for
        the error); the integration extends correspondingly further into the tails.

    Raises
    ------
    QuadratureError
        If 2^16 intervals do not suffice for one of the groups.
    """
    theta = context.sqrt(theta_squared)
    totals = [context.mpf(0)] * _QUANTITIES
    nodes = 0
    with context.workdps(digits + _SUM_DIGITS + tail_digits):
        reach = context.sqrt(2 * context.ln10 * (digits + tail_digits + 3))
        for group in groups:
            sums, used = _group_sums(context, group, tau, theta, reach, digits + tail_digits)
            share = in_context(context, group.probability)
            totals = [total + share * part for total, part in zip(totals, sums, strict=True)]
            nodes += used
        _, response, error, response_tau, response_theta, error_tau, error_theta = totals
        # From ∂/∂τ and ∂/∂θ to ∂/∂log τ and ∂/∂log θ².
        return ChannelMoments(
            (response, tau * response_tau, theta * response_theta / 2),
            (error, tau * error_tau, theta * error_theta / 2),
            nodes,
        )


def channel_estimates(
    context: Context,
    groups: Sequence[ChannelGroup],
    tau: Number,
    theta_squared: Number,
    digits: int,
) -> ChannelEstimates:
    """Return expectations of the estimate to about `digits` relative digits in every group.

    Arguments and errors as in `channel_moments`; here τ may be 0, where β̂ = z.
    """
    theta = context.sqrt(theta_squared)
    totals = [context.mpf(0)] * 4
    for group in groups:
        _, penalty, second, first, angle = _estimate_sums(context, group, tau, theta, digits)
        with context.workdps(digits + _SUM_DIGITS):
            share, a = in_context(context, group.probability), in_context(context, group.amplitude)
            # E[β*|z] = z b²/S² for the slab N(0, b²), of which `first` is E[zβ̂].
            factor = a * a / (theta_squared + a * a) if group.slab == "gaussian" else a
            parts = (penalty, factor * first, second, tau * angle / 8 + penalty)
            totals = [total + share * part for total, part in zip(totals, parts, strict=True)]
    return ChannelEstimates(*totals)


def _group_sums(
    context: Context, group: ChannelGroup, tau: Number, theta: Number, reach: Number, digits: int
) -> tuple[list[Number], int]:
    """Integrate the quantities of one group, halving the step until they settle."""
    with context.extraprec(0):
        rule, lower, upper = _rule(_Trapezoid, context, group, tau, theta, reach)
        return rule.settle(lower, upper, digits)


def _estimate_sums(
    context: Context, group: ChannelGroup, tau: Number, theta: Number, digits: int
) -> list[Number]:
    """Integrate the estimates of one group."""
    working = digits
    for _ in range(_MOST_EXTENSIONS):
        tail_digits = _tail_digits(context, group, tau, theta, working)
        with context.workdps(working + _SUM_DIGITS + tail_digits):
            reach = context.sqrt(2 * context.ln10 * (working + tail_digits + 3))
            rule, lower, upper = _rule(_Estimates, context, group, tau, theta, reach)
            # q is of the order u² beside terms of the order 1.
            context.prec += max(0, -context.mag(max(abs(lower), abs(upper))))
            # The ends are cut where `tail_digits` of the density make up for the growth of β̂².
            sums, _ = rule.settle(lower, upper, working)
            # At β* = ±a the two signs of z cancel in E[β̂] for a ≪ θ.
            resolved = context.sqrt(sums[2]) * context.mpf(10) ** -working
            cancelled = context.sqrt(sums[2]) / max(abs(sums[3]), resolved)
            if group.slab != "sign" or working >= digits + context.log10(cancelled):
                return sums
            working = digits + math.ceil(context.log10(cancelled))
    raise QuadratureError(
        f"mean of the estimate not settled at {working} digits at tau={context.nstr(tau, 5)}, "
        f"theta={context.nstr(theta, 5)}"
    )


def _tail_digits(
    context: Context, group: ChannelGroup, tau: Number, theta: Number, digits: int
) -> int:
    """Return how many digits larger β̂² is at the ends of integration than one deviation away."""
    tail_digits = 0
    with context.workdps(15):
        while True:
            reach = context.sqrt(2 * context.ln10 * (digits + tail_digits + 3))
            near, far = (
                context.sinh(_rule(_Estimates, context, group, tau, theta, deviations)[2])
                for deviations in (context.mpf(1), reach)
            )
            growth = max(0, math.ceil(2 * context.log10(far / near)))
            if growth <= tail_digits:
                return tail_digits
            tail_digits = growth


def _rule(
    kind: type[_Trapezoid],
    context: Context,
    group: ChannelGroup,
    tau: Number,
    theta: Number,
    reach: Number,
) -> tuple[_Trapezoid, Number, Number]:
    """Return a rule and its ends; the precision of the context is raised to what it needs."""
    amplitude = in_context(context, group.amplitude)
    if group.slab == "sign":
        # z − a is formed by subtraction: as many digits more as θ lies below a.
        context.prec += max(0, context.mag(amplitude) - context.mag(theta))
    scale, amplitude = in_context(context, group.scale), in_context(context, group.amplitude)
    if group.slab == "gaussian":
        spread = context.sqrt(theta * theta + amplitude * amplitude)
    else:
        spread = context.mpf(theta)
    centre = amplitude if group.slab == "sign" else context.mpf(0)
    upper = _position(context, centre + reach * spread, spread, tau, scale)
    lower = (
        context.mpf(0)
        if group.slab != "sign"
        else _position(context, centre - reach * spread, spread, tau, scale)
    )
    # sinh u comes from exp(u) − exp(−u), which cancels for small u.
    context.prec += max(0, -context.mag(max(abs(upper), abs(lower))))
    rule = kind(context, group.slab, scale, amplitude, tau, theta, spread)
    return rule, lower, upper


def _position(context: Context, z: Number, spread: Number, tau: Number, scale: Number) -> Number:
    """Return u(z) to a few digits of `spread`, enough for the ends of integration."""
    beyond = max(0, context.mag(z) - context.mag(spread)) if z else 0
    with context.workprec(53 + beyond):
        root = channel_root(context, abs(z), tau, scale)
    return -root if z < 0 else root


@dataclass(frozen=True)
class _Trapezoid:
    """Trapezoidal sums for one group, all numbers in one context at its precision."""

    context: Context
    slab: str
    scale: Number
    amplitude: Number
    tau: Number
    theta: Number
    spread: Number

    def settle(self, lower: Number, upper: Number, digits: int) -> tuple[list[Number], int]:
        intervals = _FIRST_INTERVALS
        step = (upper - lower) / intervals
        # A symmetric integrand is summed over u >= 0 and doubled; u = 0 is shared by the halves.
        copies = 1 if self.slab == "sign" else 2
        first = self._terms(lower, step, 1)
        rest = self._terms(lower + step, step, intervals)
        sums = [
            step * (a + copies * b) if copies == 2 else step * (a + b)
            for a, b in zip(first, rest, strict=True)
        ]
        # Halving squares the error; two thirds of the digits agreed leave a wide margin.
        settled = self.context.mpf(10) ** (-(2 * digits) // 3 - 2)
        while intervals < _MOST_INTERVALS:
            middle = self._terms(lower + step / 2, step, intervals)
            refined = [(a + copies * step * b) / 2 for a, b in zip(sums, middle, strict=True)]
            intervals *= 2
            step /= 2
            if self._agree(sums, refined, settled):
                return refined, intervals + 1
            sums = refined
        raise QuadratureError(
            f"{self.slab} group with scale {self.context.nstr(self.scale, 5)} not settled with "
            f"{intervals} intervals at tau={self.context.nstr(self.tau, 5)}, "
            f"theta={self.context.nstr(self.theta, 5)}"
        )

    def _agree(self, coarse: list[Number], fine: list[Number], tolerance: Number) -> bool:
        """Mass 1, and the others unchanged relative to themselves or their size."""
        if abs(fine[0] - 1) > tolerance or abs(coarse[0] - 1) > self.context.sqrt(tolerance):
            return False
        sizes = self._sizes(fine)
        return all(
            abs(fine[i] - coarse[i]) <= tolerance * max(abs(fine[i]), size)
            for i, size in enumerate(sizes, start=1)
        )

    def _sizes(self, _sums: list[Number]) -> tuple[Number, ...]:
        """Natural sizes of E[η′] and of the error."""
        return self.context.mpf(1), self.theta * self.theta

    def _terms(self, start: Number, step: Number, count: int) -> list[Number]:
        """Sum the seven integrands at start, start + step, ...; exp(u) by a running product."""
        context, tau, theta, spread = self.context, self.tau, self.theta, self.spread
        exp, half_tau = context.exp, tau / 2
        half_scale, centre = self.scale / 2, self.amplitude if self.slab == "sign" else 0
        gaussian = self.slab == "gaussian"
        theta_share = (theta / spread) ** 2
        noise_share = theta / (spread * spread)
        variance = self.amplitude**2 * theta_share if gaussian else 0
        normal = 1 / (spread * context.sqrt(2 * context.pi))
        rising, falling = half_scale * exp(start), half_scale * exp(-start)
        exp_step, exp_minus_step = exp(step), exp(-step)
        u = start
        mass = response = error = context.mpf(0)
        response_tau = response_theta = error_tau = error_theta = context.mpf(0)
        for _ in range(count):
            sinh, cosh = rising - falling, rising + falling
            residual = half_tau * u
            offset = sinh + residual - centre
            x = offset / spread
            weight = normal * exp(-x * x / 2)
            slope = cosh + half_tau
            weighted_response = weight * cosh
            if gaussian:
                bias = offset * theta_share - residual
                noise = offset * noise_share
                squared = bias * bias + variance
                cross = bias * noise + variance / theta
            else:
                bias = offset - residual
                noise = x
                squared = bias * bias
                cross = bias * noise
            response_slope = tau * sinh / (slope * slope)
            mass += weight * slope
            response += weighted_response
            error += weight * slope * squared
            response_tau -= weighted_response / (2 * slope) + weight * response_slope * u / 4
            response_theta += weight * response_slope * noise / 2
            error_tau -= weighted_response * bias * u
            error_theta += 2 * weighted_response * cross
            u += step
            rising *= exp_step
            falling *= exp_minus_step
        return [
            mass, response, error, response_tau, response_theta, error_tau, error_theta,
        ]  # fmt: skip


@dataclass(frozen=True)
class _Estimates(_Trapezoid):
    """Trapezoidal sums of q(β̂), β̂², β̂ (of zβ̂ for symmetric z) and u²."""

    def _sizes(self, sums: list[Number]) -> tuple[Number, ...]:
        zero = self.context.mpf(0)
        return zero, zero, self.context.sqrt(sums[2]) * (self.spread if self._symmetric else 1)

    @property
    def _symmetric(self) -> bool:
        return self.slab != "sign"

    def _terms(self, start: Number, step: Number, count: int) -> list[Number]:
        context, scale, half_tau = self.context, self.scale, self.tau / 2
        exp, symmetric = context.exp, self._symmetric
        centre = context.mpf(0) if symmetric else self.amplitude
        density = -1 / (2 * self.spread * self.spread)
        u = start
        rising, falling = scale / 2 * exp(start), scale / 2 * exp(-start)
        exp_step, exp_minus_step = exp(step), exp(-step)
        mass = level = square = mean = angle = context.mpf(0)
        for _ in range(count):
            estimate, radius = rising - falling, rising + falling
            z = estimate + half_tau * u
            offset = z - centre
            weight = exp(density * offset * offset) * (radius + half_tau)
            weighted = weight * estimate
            mass += weight
            level += weight * (scale - radius) + weighted * u
            square += weighted * estimate
            mean += weighted * z if symmetric else weighted
            angle += weight * u * u
            u += step
            rising *= exp_step
            falling *= exp_minus_step
        normal = 1 / (self.spread * context.sqrt(2 * context.pi))
        return [normal * total for total in (mass, level / 2, square, mean, angle)]
