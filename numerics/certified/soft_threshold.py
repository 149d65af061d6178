r"""The channel in the limit c_FT → 0⁺, where β̂ is a soft threshold, in closed form (Section 5.1).

There τ stands for the threshold T = ½τ log(1/√k): β̂ = sign(z) max(|z| − T, 0). All moments are made
of the normal density φ and its tail Q(x) = ½ erfc(x/√2). For z ~ N(m, S²), with x± = (T ∓ m)/S,

    E[η′] = P(|z| > T) = Q(x₊) + Q(x₋)
    J₁ = E[|z| − T; |z| > T] = S Σ [φ(x) − xQ(x)]
    J₂ = E[(|z| − T)²; |z| > T] = S² Σ [(1 + x²)Q(x) − xφ(x)],

sums over x₊ and x₋. B = E[(z − β̂)²] = E[z²] − J₂ − 2TJ₁, and p = E[β̂²] − 2E[β*β̂] + E[β*²] follows
from Stein's lemma: E[β*β̂] = aE[β̂] for the slab ±a, b²E[η′] for N(0, b²).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, ctx

from numerics.certified.channel import Accuracy, Moment, State
from numerics.certified.exact import Ball, Group, Mixture, ball

_FARTHEST = 10**6


def direct_moments(
    groups: Sequence[Group], state: State, accuracy: Accuracy, *, slopes: bool = True
) -> tuple[Moment, Moment]:
    """Enclose E[η′] and p, as `numerics.certified.channel.direct_moments`, with T for τ."""
    del accuracy, slopes
    return _mixed(groups, [_group(group, state)[0] for group in groups])


def residual_moments(
    groups: Sequence[Group], state: State, accuracy: Accuracy, *, slopes: bool = True
) -> tuple[Moment, Moment]:
    """Enclose E[1 − η′] and B; arguments as in `direct_moments`."""
    del accuracy, slopes
    return _mixed(groups, [_group(group, state)[1] for group in groups])


def group_errors(groups: Sequence[Group], state: State) -> list[Ball]:
    """Enclose p within each group."""
    return [_group(group, state)[0][3] for group in groups]


def _mixed(groups: Sequence[Group], found: Sequence[list[Ball]]) -> tuple[Moment, Moment]:
    totals = [
        sum((group.share * one[k] for group, one in zip(groups, found, strict=True)), arb(0))
        for k in range(6)
    ]
    return Moment(*totals[:3]), Moment(*totals[3:])


def _group(group: Group, state: State) -> tuple[list[Ball], list[Ball]]:
    """Return E[η′] and p, and E[1 − η′] and B, each with its derivatives in log T and log θ²."""
    threshold, theta_squared, size = state.tau, state.theta_squared, group.amplitude
    gaussian = group.slab == "gaussian"
    square = theta_squared + size * size if gaussian else theta_squared
    mean = arb(0) if gaussian else size
    spread = square.sqrt()
    kappa = theta_squared / square / 2
    upper, lower = (threshold - mean) / spread, (threshold + mean) / spread
    tail_up, tail_low = _tail(upper), _tail(lower)
    phi_up, phi_low = _density(upper), _density(lower)
    over_up, over_low = phi_up - upper * tail_up, phi_low - lower * tail_low
    response, density, over = tail_up + tail_low, phi_up + phi_low, over_up + over_low
    response_tau = -threshold / spread * density
    response_theta = kappa * (upper * phi_up + lower * phi_low)
    second = square * (
        (1 + upper * upper) * tail_up
        - upper * phi_up
        + (1 + lower * lower) * tail_low
        - lower * phi_low
    )
    if gaussian:
        # Of E[β*β̂] and its derivatives.
        cross = size * size * response, size * size * response_tau, size * size * response_theta
    else:
        cross = (
            size * spread * (over_up - over_low),
            size * threshold * (tail_low - tail_up),
            size * kappa * spread * (phi_up - phi_low),
        )
    direct = [
        response,
        response_tau,
        response_theta,
        second - 2 * cross[0] + size * size,
        -2 * spread * threshold * over - 2 * cross[1],
        theta_squared * response - 2 * cross[2],
    ]
    residual = [
        1 - response,
        -response_tau,
        -response_theta,
        square + mean * mean - second - 2 * threshold * spread * over,
        2 * threshold * threshold * response,
        theta_squared * (1 - response) - 2 * threshold * kappa * spread * density,
    ]
    return direct, residual


def _tail(x: Ball) -> Ball:
    return (x / arb(2).sqrt()).erfc() / 2


def _density(x: Ball) -> Ball:
    return (-x * x / 2).exp() / (2 * arb.pi()).sqrt()


def recovers_exactly(mixture: Mixture, alpha: Fraction) -> bool | None:
    """Return whether noiseless ℓ1 minimisation recovers β*; None where α is too near the threshold.

    With ρ the share of β* ≠ 0, κ given by ρ + 2(1 − ρ)Q(κ) = α and M(κ) = ρ(1 + κ²) +
    2(1 − ρ)[(1 + κ²)Q(κ) − κφ(κ)], it does where M(κ) ≤ α (`replica.l1-threshold`).
    """
    total = sum((group.share for group in mixture.groups), Fraction(0))
    active = sum(
        (group.share for group in mixture.groups if group.amplitude_squared > 0), Fraction(0)
    )
    density = active / total
    if alpha >= 1:
        return True
    if alpha <= density:
        return False
    rho, rest = ball(density), ball(2 * (1 - density))
    goal = (ball(alpha) - rho) / rest
    # Q falls: bisection between certain signs encloses κ.
    low, high = arb(0), arb(1)
    while not _tail(high) < goal:
        high *= 2
        if high > _FARTHEST:
            return None
    while high - low > high * arb(2) ** (8 - ctx.prec):
        middle = ((low + high) / 2).mid()
        tail = _tail(middle)
        if tail > goal:
            low = middle
        elif tail < goal:
            high = middle
        else:
            break
    kappa = low.union(high)
    found = rho * (1 + kappa**2)
    found += rest * ((1 + kappa**2) * _tail(kappa) - kappa * _density(kappa))
    excess = found - ball(alpha)
    return True if excess < 0 else False if excess > 0 else None
