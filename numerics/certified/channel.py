r"""Moments of the scalar channel of Proposition 4.2, enclosed.

In u = asinh(β̂/C), with t = τ/2, R = C cosh u, X = (C sinh u + tu − m)/S and dν = φ(X) du/S,

    E[η′] = ∫ R dν                          E[1 − η′] = ∫ t dν
    p = E[w²] = ∫ D² (R + t) dν + v         B = E[(β̂ − z)²] = ∫ (tu)² (R + t) dν.

Here w = β̂ − β*, of which D is the mean and v the variance at given z: for the slab ±a (m = a,
S = θ) D = β̂ − a and v = 0; for N(0, b²) (m = 0, S² = θ² + b²) D = β̂ − ρz and v = ρθ², ρ = b²/S².

In log τ and log θ² β̂ has the derivatives −η′tu and ½η′θZ, with θZ = w + tu. As E[η′] = E[Zw]/θ by
Stein's lemma, those of the moments need no more than products of w and tu,

    E[η′]_τ = −E[η′tu(w + tu)]/θ²           E[η′]_θ = ½E[η′((w + tu)²/θ² − 1)]
    p_τ = −2E[η′tu w]                       p_θ = E[η′w(w + tu)]
    B_τ = 2E[η′(tu)²]                       B_θ = E[(1 − η′)tu(w + tu)].

Those of E[1 − η′] are, so that they keep their digits where η′ is near 1,

    E[1 − η′]_τ = ∫ t(1 − Xtu/S) dν         E[1 − η′]_θ = ½E[(1 − η′)((w + tu)²/θ² − 1)].

All integrands are entire.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flint import arb, ctx

from numerics.certified.exact import Ball, Group
from numerics.certified.trapezoid import Channel, Rule, rule_for


class Moment(NamedTuple):
    """A moment and its derivatives in log τ and log θ², as balls."""

    value: Ball
    in_tau: Ball
    in_theta: Ball


@dataclass(frozen=True)
class State:
    """Where moments are taken: balls of τ and θ²."""

    tau: Ball
    theta_squared: Ball


# |g| ≤ K V² (`numerics.certified.trapezoid`), where V bounds |X|, |tu|/S, |β̂|/S and |z − m|/S, so
# that |D| ≤ 2SV and |D + tu| ≤ 3SV: of the moments of η′, multiplied by θ² where that divides them,
# and of squares. v is at most S²/4.
_SIZE = 12
# A rule to less than e^−4 would have no window.
_COARSEST = 4.0


def channel_of(group: Group, state: State) -> Channel:
    """Return what a coordinate of a group sees."""
    return _channel_and_rho(group, state)[0]


def _channel_and_rho(group: Group, state: State) -> tuple[Channel, Ball]:
    amplitude, theta_squared = group.amplitude, state.theta_squared
    if group.slab == "gaussian":
        square = amplitude * amplitude
        whole = theta_squared + square
        return Channel(state.tau / 2, group.scale, whole.sqrt(), arb(0)), square / whole
    return Channel(state.tau / 2, group.scale, theta_squared.sqrt(), amplitude), arb(0)


class Accuracy(NamedTuple):
    """Absolute errors that moments may have, those of η′ and squares: logarithms."""

    response: float
    square: float

    def needed(self, channel: Channel, theta_squared: Ball) -> float:
        """−log of the error of an integral with K = 1 that keeps to both."""
        spread = math.log(_SIZE) + 2.0 * log_of(channel.spread)
        return max(spread - log_of(theta_squared) - self.response, spread - self.square, _COARSEST)


def direct_moments(
    groups: Sequence[Group], state: State, accuracy: Accuracy, *, slopes: bool = True
) -> tuple[Moment, Moment]:
    """Enclose E[η′] and p of the mixture, for all states in the balls.

    Without `slopes` the derivatives are not computed, and mean nothing.

    Raises
    ------
    IntegrationError
        If an integral is out of reach.
    """
    return _mixed(groups, state, accuracy, residual=False, slopes=slopes)


def residual_moments(
    groups: Sequence[Group], state: State, accuracy: Accuracy, *, slopes: bool = True
) -> tuple[Moment, Moment]:
    """Enclose E[1 − η′] and B; arguments and errors as in `direct_moments`."""
    return _mixed(groups, state, accuracy, residual=True, slopes=slopes)


class _View(NamedTuple):
    """A group's channel at some states: θ², ρ and v, and where its integrals are summed."""

    channel: Channel
    rule: Rule
    theta_squared: Ball
    rho: Ball
    variance: Ball

    def integral(self, total: Ball, *, square: bool = True) -> Ball:
        """Return the integral of which a sum over the nodes is given: of squares, or of 1."""
        spread = self.channel.spread
        factor = arb(self.rule.step) / (spread * (2 * arb.pi()).sqrt())
        error = self.rule.error * _SIZE
        found = factor * total * (2 if self.rule.even else 1)
        return found + (error * spread * spread if square else error)


def group_moments(
    group: Group, state: State, accuracy: Accuracy, *, residual: bool, slopes: bool
) -> list[Ball]:
    """Return a group's six balls: two moments, direct or `residual`, each with its derivatives.

    Raises
    ------
    IntegrationError
        If an integral is out of reach.
    """
    channel, rho = _channel_and_rho(group, state)
    rule = rule_for(channel, accuracy.needed(channel, state.theta_squared))
    moments = {
        (False, False): _direct,
        (False, True): _direct_slopes,
        (True, False): _residual,
        (True, True): _residual_slopes,
    }[residual, slopes]
    return moments(_View(channel, rule, state.theta_squared, rho, rho * state.theta_squared))


def _mixed(
    groups: Sequence[Group], state: State, accuracy: Accuracy, *, residual: bool, slopes: bool
) -> tuple[Moment, Moment]:
    totals = [arb(0)] * 6
    for group in groups:
        found = group_moments(group, state, accuracy, residual=residual, slopes=slopes)
        totals = [total + group.share * value for total, value in zip(totals, found, strict=True)]
    return Moment(*totals[:3]), Moment(*totals[3:])


def _nodes(view: _View) -> Iterator[tuple[Ball, Ball, Ball, Ball, Ball]]:
    """Return tu, D, R, X and exp(−X²/2) at the nodes; half of that at 0 where a sum is doubled."""
    minus_half, inverse = arb(-0.5), 1 / view.channel.spread
    scale, t, mean = view.channel.scale, view.channel.half_tau, view.channel.mean
    gaussian = not view.rho.is_zero()
    for index, (u, sinh, cosh) in enumerate(view.rule.nodes()):
        estimate, shift = scale * sinh, t * u
        miss = estimate - mean
        noise = (miss + shift) * inverse
        if gaussian:
            miss -= view.rho * (estimate + shift)
        weight = (noise * noise * minus_half).exp()
        if view.rule.even and not index:
            weight /= 2
        yield shift, miss, scale * cosh, noise, weight


def _direct(view: _View) -> list[Ball]:
    response = error = arb(0)
    t = view.channel.half_tau
    for _, miss, radius, _, weight in _nodes(view):
        response += weight * radius
        error += weight * miss * miss * (radius + t)
    none = arb(0)
    one = view.integral(response, square=False)
    return [one, none, none, view.integral(error) + view.variance, none, none]


def _direct_slopes(view: _View) -> list[Ball]:
    response = error = in_tau = in_theta = error_tau = error_theta = arb(0)
    t = view.channel.half_tau
    for shift, miss, radius, _, weight in _nodes(view):
        seen = miss + shift
        respond = weight * radius
        both = respond * seen
        response += respond
        in_tau += both * shift
        in_theta += both * seen
        error += weight * miss * miss * (radius + t)
        error_tau += respond * miss * shift
        error_theta += both * miss
    one, theta_squared = view.integral(response, square=False), view.theta_squared
    return [
        one,
        -view.integral(in_tau) / theta_squared,
        ((view.integral(in_theta) + view.variance * one) / theta_squared - one) / 2,
        view.integral(error) + view.variance,
        -2 * view.integral(error_tau),
        view.integral(error_theta) + view.variance * one,
    ]


def _residual(view: _View) -> list[Ball]:
    total = residual = arb(0)
    t = view.channel.half_tau
    for shift, _, radius, _, weight in _nodes(view):
        total += weight
        residual += weight * shift * shift * (radius + t)
    none = arb(0)
    return [view.integral(t * total, square=False), none, none, view.integral(residual), none, none]


def _residual_slopes(view: _View) -> list[Ball]:
    total = in_tau = in_theta = residual = residual_tau = residual_theta = arb(0)
    t = view.channel.half_tau
    for shift, miss, radius, noise, weight in _nodes(view):
        seen = miss + shift
        total += weight
        pulled = weight * shift
        in_theta += weight * seen * seen
        residual_theta += pulled * seen
        in_tau += pulled * noise
        square = pulled * shift
        residual += square * (radius + t)
        residual_tau += square * radius
    one, theta_squared = view.integral(t * total, square=False), view.theta_squared
    return [
        one,
        one - view.integral(t * in_tau / view.channel.spread, square=False),
        ((view.integral(t * in_theta) + view.variance * one) / theta_squared - one) / 2,
        view.integral(residual),
        2 * view.integral(residual_tau),
        view.integral(t * residual_theta),
    ]


class Bend(NamedTuple):
    """Second derivatives of Ĝ = p − θ²E[η′] = B − θ²E[1 − η′] in log τ and log θ²."""

    tau_tau: Ball
    tau_theta: Ball
    theta_theta: Ball


def bend(groups: Sequence[Group], state: State, log_accuracy: float, *, residual: bool) -> Bend:
    """Enclose the second derivatives of Ĝ for all states in the balls.

    Its first are integrals of one function of u each,

        Ĝ_τ = E[η′tu(tu − w)]        = ∫ [2R(tu)² − θ²t(1 − Xtu/S)] dν
        Ĝ_θ = ½E[η′(w² − (tu)² − θ²)] = ½∫ t [(tu)² − D² − v − θ²] dν,

    here differentiated once more at fixed u, where X_τ = tu/S, (φ/S)_θ = κ(X² − 1)φ/S,
    κ = θ²/2S², D_τ = −ρtu and D_θ = ρ(1 − ρ)z. `residual` asks for the second forms, which keep
    their digits where η′ is near 1. `log_accuracy` is the logarithm of the error that each may
    have.

    Raises
    ------
    IntegrationError
        If an integral is out of reach.
    """
    totals = [arb(0)] * 3
    for group in groups:
        channel, rho = _channel_and_rho(group, state)
        rule = rule_for(channel, math.log(_SIZE) + 2.0 * log_of(channel.spread) - log_accuracy, 4)
        view = _View(channel, rule, state.theta_squared, rho, rho * state.theta_squared)
        found = (_residual_bend if residual else _direct_bend)(view)
        totals = [total + group.share * value for total, value in zip(totals, found, strict=True)]
    return Bend(*totals)


def _direct_bend(view: _View) -> list[Ball]:
    theta_squared, variance, rho = view.theta_squared, view.variance, view.rho
    inverse, kappa = 1 / view.channel.spread, (1 - rho) / 2
    offset, moved = variance - theta_squared, rho * variance - theta_squared
    sums = [arb(0)] * 3
    for shift, miss, radius, noise, weight in _nodes(view):
        respond = weight * radius
        along = noise * shift * inverse
        first = shift * (shift - miss)
        second = (miss * miss - shift * shift + offset) / 2
        sums[0] += respond * (shift * ((2 + rho) * shift - miss) - first * along)
        sums[1] -= respond * (shift * (rho * miss + shift) + second * along)
        turned = second * (noise * noise - 1) * kappa + moved / 2
        if not rho.is_zero():
            # z = X S, as the mean is 0.
            turned += miss * (rho * (1 - rho)) * noise * view.channel.spread
        sums[2] += respond * turned
    return [view.integral(total) for total in sums]


def _residual_bend(view: _View) -> list[Ball]:
    theta_squared, variance, rho = view.theta_squared, view.variance, view.rho
    inverse, kappa, t = 1 / view.channel.spread, (1 - rho) / 2, view.channel.half_tau
    offset, moved = variance + theta_squared, rho * variance + theta_squared
    sums = [arb(0)] * 3
    for shift, miss, radius, noise, weight in _nodes(view):
        square = shift * shift
        along = noise * shift * inverse
        held = theta_squared * t
        first = 2 * radius * square - held * (1 - along)
        second = t * (square - miss * miss - offset) / 2
        change = 4 * radius * square - held * (1 - 2 * along - square * inverse * inverse)
        sums[0] += weight * (change - first * along)
        sums[1] += weight * (second * (1 - along) + t * shift * (shift + rho * miss))
        turned = second * (noise * noise - 1) * kappa - t * moved / 2
        if not rho.is_zero():
            turned -= t * miss * (rho * (1 - rho)) * noise * view.channel.spread
        sums[2] += weight * turned
    return [view.integral(total) for total in sums]


class GroupEstimates(NamedTuple):
    """Means within a group, as balls: E[η′], (β̂ − β*)² and q(β̂)."""

    response: Ball
    error: Ball
    penalty: Ball


def group_estimates(group: Group, state: State, digits: float) -> GroupEstimates:
    """Enclose the means within a group, each to about `digits` digits of itself.

    The penalty is q(β̂) = ½(C − R + uβ̂) (Theorem 4.1); τ may be 0, where β̂ = z. The balls are wider
    where the state's are.

    Raises
    ------
    IntegrationError
        If an integral is out of reach.
    """
    found = []
    for sum_up, size in ((_respond, _unit), (_miss, _square), (_penalise, _penalty_size)):
        value, accuracy, bits, lacked = arb(math.nan), digits, float(ctx.prec), math.inf
        for _ in range(_MOST_TRIES):
            with ctx.workprec(math.ceil(bits)):
                value = _estimate(group, state, accuracy, sum_up, size)
            if not value.is_finite():
                break
            if value.contains(0):  # smaller than the error so far
                accuracy, bits = 2.0 * accuracy, 2.0 * bits
                continue
            lack = 3.33 * digits - value.rel_accuracy_bits()
            if lack <= 0 or lack > lacked - 2.0:  # what is left is the width of the state
                break
            lacked = lack
            accuracy += lack / 3.33 + 1.0
            bits += lack + 4.0
        found.append(value)
    return GroupEstimates(*found)


_MOST_TRIES = 8


def _estimate(
    group: Group,
    state: State,
    digits: float,
    sum_up: Callable[[_View], Ball],
    size: Callable[[Channel], Ball],
) -> Ball:
    channel, rho = _channel_and_rho(group, state)
    most = size(channel)
    rule = rule_for(channel, digits * math.log(10.0))
    view = _View(channel, rule, state.theta_squared, rho, rho * state.theta_squared)
    factor = arb(rule.step) / (channel.spread * (2 * arb.pi()).sqrt()) * (2 if rule.even else 1)
    found = factor * sum_up(view) + rule.error * most
    # None of the three means is negative.
    return found.nonnegative_part() + (view.variance if sum_up is _miss else 0)


def _unit(channel: Channel) -> Ball:
    del channel
    return arb(1)


def _square(channel: Channel) -> Ball:
    return 4 * channel.spread**2


def _penalty_size(channel: Channel) -> Ball:
    # |q| ≤ ½(C + |R| + |uβ̂|): |R| ≤ C + |A|, |A| ≤ SV/cos b, |β̂| ≤ SV, |u| ≤ b + |x|, and |x| is at
    # most |A|/C and SV/t; b ≤ 0.7.
    spread, scale, t = channel.spread, channel.scale, channel.half_tau
    farthest = 1.31 / scale
    if t > 0:
        farthest = farthest.min(1 / t)
    return scale + 1.01 * spread + spread * spread * farthest / 2


def _respond(view: _View) -> Ball:
    return sum((weight * radius for _, _, radius, _, weight in _nodes(view)), arb(0))


def _miss(view: _View) -> Ball:
    t = view.channel.half_tau
    terms = (weight * miss * miss * (radius + t) for _, miss, radius, _, weight in _nodes(view))
    return sum(terms, arb(0))


def _penalise(view: _View) -> Ball:
    total, scale, t = arb(0), view.channel.scale, view.channel.half_tau
    nodes = zip(_nodes(view), view.rule.nodes(), strict=True)
    for (_, _, radius, _, weight), (u, sinh, _) in nodes:
        total += weight * (scale - radius + u * scale * sinh) * (radius + t)
    return total / 2


def log_of(value: Ball) -> float:
    """Return the logarithm of the middle of a positive ball, which may be beyond float64."""
    return float(arb(value.mid()).log().mid())
