r"""The solution as a Taylor series in log α, with its remainder (Proposition 4.2).

With log τ = Σ x_k δᵏ and log θ² = Σ y_k δᵏ, δ = log α − log α₀, the moments of the channel are
power series in δ under the integral, and the coefficients of the solution follow one by one: that
of δᵏ in both equations is J (x_k, y_k), J their Jacobian, plus what the lower ones make of it. With
x₀ and y₀ in a ball that holds the solution over an interval of α, the coefficients enclose
those at every α of it; the last is then Lagrange's remainder of the series at its middle.

**The integrals.** Let t₀ and S₀ be the first coefficients, and for any series write with a hat what
its coefficients are at most. With T = t/t₀ and σ = S₀/S, and V ≥ 1 as in
`numerics.certified.trapezoid`, where |C sinh u − m| ≤ 2S₀V and |t₀u| ≤ S₀V,

    |X_k| ≤ V(2σ̂_k + (T̂σ̂)_k) = VX̂_k,  k ≥ 1,      X̂₀ = 1,
    the density's k-th coefficient ≤ φ(X₀)/S₀ · V²ᵏ [σ̂ exp(½(X̂² − 1))]_k,
    R + t ≤ (R + t₀)T̂,      D ≤ S₀V(2 + ρ̂(1 + T̂)),      tu ≤ S₀VT̂.

So the integrand of the k-th coefficient is at most K Vⁿ (R + t₀)φ(X₀)/S₀ with n = 2k + 2 and K the
k-th coefficient of a product of hats.

**Farther than Lagrange's remainder.** Each coefficient over a wide ball takes the inverse of a
wide J once more, and is that much wider. `follow` takes it once. Let P(δ) be a polynomial of degree
N − 1 near the solution s(δ), and f(s, δ) = 0 the equations. F(δ) = f(P(δ), δ) is a power series, in
which no inverse comes; its first N coefficients at 0 are nearly 0, and the N-th, over the interval,
is its remainder. By the mean value theorem F = f(P) − f(s) = J̃ (P − s), J̃ a mean of J between P and
s: so s − P ∈ −J(B)⁻¹ F, B a box that holds both. Nothing is asked of P, of which the
coefficients come from float64 (`numerics.certified.float_series`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from flint import arb, arb_mat, arb_series, ctx

from numerics.certified.channel import State, log_of
from numerics.certified.exact import Ball, Group
from numerics.certified.fixed_point import (
    NotCertifiedError,
    Pair,
    Problem,
    evaluate,
    near_inverse,
    times,
    times_matrix,
)
from numerics.certified.trapezoid import Channel, Rule, rule_for

Series = Any
# From power series of τ and θ²: E[η′] and p, or E[1 − η′] and B.
Moments = Callable[[Series, Series], tuple[Series, Series]]

# Of integrals over an interval, whose balls are wide anyway.
_WIDE_DIGITS = 3
# Of what is only near the truth.
_FLOAT_BITS = 64


class Coefficients(NamedTuple):
    """Taylor coefficients of log τ and log θ² in log α, from the constants on."""

    log_tau: tuple[Ball, ...]
    log_theta_squared: tuple[Ball, ...]


class Followed(NamedTuple):
    """A polynomial in log α − log α₀ that the solution over an interval follows.

    Attributes
    ----------
    polynomial
        Its coefficients, exact numbers, of log τ and log θ².
    deviation
        Solution less polynomial, all over the interval.
    """

    polynomial: Coefficients
    deviation: Pair


def expand(problem: Problem, alpha: Ball, state: Pair, order: int, digits: float) -> Coefficients:
    """Enclose the Taylor coefficients of a noiseless, interpolating solution up to an order.

    Parameters
    ----------
    problem
        The equations, of which c_FT > 0.
    alpha, state
        A data scale, or balls that hold an interval of them and log τ and log θ² over it.
    order
        Of the last coefficient.
    digits
        How many digits the integrals have.

    Raises
    ------
    ValueError
        If the problem has noise or ridge, or c_FT = 0.
    NotCertifiedError
        If the balls are too wide.
    IntegrationError
        If an integral is out of reach.
    """
    _require_exact_fit(problem)
    with long_series(order + 1):
        return _expand(problem, alpha, state, order, digits)


def _require_exact_fit(problem: Problem) -> None:
    """Raise ValueError if a problem has noise or ridge, or c_FT = 0: series are not made for it."""
    if problem.series is None or problem.noise_variance or problem.ridge:
        raise ValueError("a series requires c_FT > 0, noise_variance = 0 and ridge = 0")


@contextmanager
def long_series(length: int) -> Iterator[None]:
    """Let power series have so many terms: python-flint cuts all at a number that it keeps."""
    cap = ctx.cap
    ctx.cap = max(cap, length)
    try:
        yield
    finally:
        ctx.cap = cap


def _expand(problem: Problem, alpha: Ball, state: Pair, order: int, digits: float) -> Coefficients:
    residual = bool(alpha.mid() >= 0.5)
    there = evaluate(problem, state, alpha, digits, residual=residual, slopes=True)
    moments = _moments(problem, alpha, digits, residual=residual)
    x, y = [state[0]], [state[1]]
    for k in range(1, order + 1):
        rest = there.in_log_alpha
        if k > 1:
            rest = _last(moments, alpha, x, y, k + 1, residual=residual)
        for known, one in zip((x, y), _minus_solution(there.jacobian, rest), strict=True):
            known.append(one)
    return Coefficients(tuple(x), tuple(y))


def expand_near(
    problem: Problem, alpha: Ball, state: tuple[float, float], order: int
) -> Coefficients:
    """Return numbers near the Taylor coefficients by float64, which vouches for nothing.

    Arguments and errors as in `expand`, of a single data scale; `state` is near the solution.
    NotCertifiedError is raised where they are beyond the range of float64, too.
    """
    _require_exact_fit(problem)
    residual = bool(alpha.mid() >= 0.5)
    with ctx.workprec(_FLOAT_BITS), long_series(order + 1):
        x, y = ([arb(one)] for one in state)
        near = State(x[0].exp(), y[0].exp())
        moments = problem.float_series(near, residual=residual)  # type: ignore[misc]
        # The coefficients of δ in both equations are J (x₁, y₁) + f_ℓ.
        first, in_tau, in_theta = (
            _last(moments, alpha, [*x, a], [*y, b], 2, residual=residual)
            for a, b in ((0, 0), (1, 0), (0, 1))
        )
        rows = [(a - c, b - c) for a, b, c in zip(in_tau, in_theta, first, strict=True)]
        inverse = near_inverse((rows[0], rows[1]))
        for k in range(1, order + 1):
            rest = _last(moments, alpha, x, y, k + 1, residual=residual)
            for known, one in zip((x, y), times(inverse, rest), strict=True):
                known.append((-one).mid())
    if not all(map(arb.is_finite, (*x, *y))):
        raise NotCertifiedError("the Taylor coefficients are beyond the range of float64")
    return Coefficients(tuple(x), tuple(y))


def follow(
    problem: Problem, alpha: Ball, state: Pair, middle: Ball, near: Coefficients, digits: float
) -> Followed:
    """Enclose how far a noiseless, interpolating solution is from a polynomial over an interval.

    Parameters
    ----------
    problem
        The equations, of which c_FT > 0.
    alpha, state
        Balls that hold an interval of data scales, and log τ and log θ² over it.
    middle, near
        α₀ within the interval, and coefficients near those of the solution about it.
    digits
        How many digits integrals at α₀ have.

    Raises
    ------
    ValueError
        If the problem has noise or ridge, or c_FT = 0.
    NotCertifiedError
        If the balls are too wide.
    IntegrationError
        If an integral is out of reach.
    """
    _require_exact_fit(problem)
    length = len(near.log_tau) + 1
    with long_series(length):
        return _follow(problem, alpha, state, middle, near, digits, length)


def _follow(
    problem: Problem,
    alpha: Ball,
    state: Pair,
    middle: Ball,
    near: Coefficients,
    digits: float,
    length: int,
) -> Followed:
    residual = bool(alpha.mid() >= 0.5)
    x, y = ([one.mid() for one in known] for known in near)
    step = alpha.log() - middle.log()
    far_x, far_y = moved(x, step), moved(y, step)
    narrow = _moments(problem, middle, digits, residual=residual)
    wide = _moments(problem, alpha, _WIDE_DIGITS, residual=residual)
    first = _equations(narrow, middle, x, y, length, residual=residual)
    last = _equations(wide, alpha, far_x, far_y, length, residual=residual)
    misses = [
        at_step([*(one[k] for k in range(length - 1)), other[length - 1]], step)
        for one, other in zip(first, last, strict=True)
    ]
    box = state[0].union(far_x[0]), state[1].union(far_y[0])
    there = evaluate(problem, box, alpha, _WIDE_DIGITS, residual=residual, slopes=True)
    deviation = _minus_solution(there.jacobian, (misses[0], misses[1]))
    return Followed(Coefficients(tuple(x), tuple(y)), deviation)


def at_step(coefficients: Sequence[Ball], step: Ball) -> Ball:
    """Return a polynomial at a ball, by Horner's rule (flint's powers of balls about 0 are NaN)."""
    found = arb(0)
    for one in reversed(coefficients):
        found = found * step + one
    return found


def moved(coefficients: Sequence[Ball], step: Ball) -> list[Ball]:
    """Return the coefficients of a polynomial about another point, a step away."""
    length = len(coefficients)
    return [
        at_step([math.comb(j, k) * coefficients[j] for j in range(k, length)], step)
        for k in range(length)
    ]


def _minus_solution(jacobian: Any, right: Pair) -> Pair:
    """Return −J⁻¹ r; raise NotCertifiedError if J may be singular."""
    inverse = near_inverse(jacobian)
    (p, q), (r, s) = times_matrix(inverse, jacobian)
    determinant = p * s - q * r
    if not determinant > 0:
        raise NotCertifiedError("the Jacobian may be singular over the interval")
    g = times(inverse, right)
    return (q * g[1] - s * g[0]) / determinant, (r * g[0] - p * g[1]) / determinant


def _moments(problem: Problem, alpha: Ball, digits: float, *, residual: bool) -> Moments:
    return partial(problem.series, alpha=alpha, digits=digits, residual=residual)  # type: ignore[arg-type,misc]


def _last(
    moments: Moments,
    alpha: Ball,
    x: Sequence[Ball],
    y: Sequence[Ball],
    length: int,
    *,
    residual: bool,
) -> Pair:
    """Return the last of so many coefficients in both equations."""
    f = _equations(moments, alpha, x, y, length, residual=residual)
    return f[0][length - 1], f[1][length - 1]


def _equations(
    moments: Moments,
    alpha: Ball,
    x: Sequence[Ball],
    y: Sequence[Ball],
    length: int,
    *,
    residual: bool,
) -> tuple[Series, Series]:
    """Return both equations along polynomials log τ and log θ² in log α, as power series."""
    tau, theta_squared = (_series(known, length).exp() for known in (x, y))
    scale = alpha * _series([0, 1], length).exp()
    one, two = moments(tau, theta_squared)
    if residual:
        f = 1 - scale - one, two - theta_squared * one
    else:
        f = one - scale, two - scale * theta_squared
    if min(one.prec for one in f) < length:
        raise NotCertifiedError(f"a power series was cut before its term {length - 1}")
    return f


def _series(coefficients: Sequence[Any], length: int) -> Series:
    padded = [*coefficients, *[0] * length][:length]
    return arb_series(padded, prec=length)


def series_moments(
    groups: Sequence[Group],
    tau: Series,
    theta_squared: Series,
    *,
    alpha: Ball,
    digits: float,
    residual: bool,
) -> tuple[Series, Series]:
    """Enclose E[η′] and p, or E[1 − η′] and B, as power series of τ and θ² in δ.

    Raises
    ------
    IntegrationError
        If an integral is out of reach.
    NotCertifiedError
        If the balls of τ and θ² may be 0.
    """
    if not (tau[0] > 0 and theta_squared[0] > 0):
        raise NotCertifiedError("the interval is too long for a power series")
    length = tau.prec
    totals = [_series([], length), _series([], length)]
    size = abs(1 - alpha.mid()) if residual else alpha.mid()
    log_accuracy = digits * math.log(10.0) - log_of(size)
    for group in groups:
        found = _group(group, tau / 2, theta_squared, log_accuracy, residual=residual)
        totals = [total + group.share * one for total, one in zip(totals, found, strict=True)]
    return totals[0], totals[1]


def _group(
    group: Group, t: Series, theta_squared: Series, log_accuracy: float, *, residual: bool
) -> tuple[Series, Series]:
    length = t.prec
    seen = view(group, theta_squared)
    spread = 1 / seen.inverse[0]
    channel = Channel(t[0], group.scale, spread, seen.mean)
    hats = _hats(t, seen)
    wanted = log_accuracy + max(0.0, 2.0 * log_of(spread) - log_of(theta_squared[0]))
    largest = max(max(log_of(one) for one in hat if one > 0) for hat in hats)
    rule = rule_for(channel, wanted + largest, 2 * length)
    sums = _sums(group, channel, rule, t, seen, residual=residual)
    one, two = moments_of(seen, sums, t, residual=residual)
    one += _series([rule.error * hat for hat in hats[0]], length)
    two += _series([rule.error * (hat * spread * spread) for hat in hats[1]], length)
    return one, two


class View(NamedTuple):
    """What a coordinate of a group sees: m, and power series of 1/S, ρ, 1 − ρ and v.

    The last three are None where β* has no width.
    """

    mean: Ball
    inverse: Series
    rho: Series
    rest: Series
    variance: Series


def view(group: Group, theta_squared: Series) -> View:
    """Return what a coordinate of a group sees, θ² a power series."""
    if group.slab != "gaussian":
        return View(group.amplitude, theta_squared.rsqrt(), None, None, None)
    width = group.amplitude**2
    square = theta_squared + width
    rho = width / square
    return View(arb(0), square.rsqrt(), rho, theta_squared / square, rho * theta_squared)


def columns(group: Group, u: Any, miss: Any, radius: Any, *, residual: bool) -> list[Any]:
    """Return what is summed over nodes u, of `miss` = C sinh u − m and `radius` = C cosh u."""
    if residual:
        squares = [u * u]
    elif group.slab == "gaussian":
        squares = [miss * miss, miss * u, u * u]
    else:
        squares = [miss * miss]
    first = u * 0 + 1 if residual else radius
    return [first, *(radius * one for one in squares), *squares]


def moments_of(
    seen: View, sums: Sequence[Series], t: Series, *, residual: bool
) -> tuple[Series, Series]:
    """Return a group's two moments from the sums over its nodes, direct or residual."""
    first, *others = sums
    # η′ and 1 − η′ are R and t over R + t.
    half = len(others) // 2
    squares = [one + t * other for one, other in zip(others[:half], others[half:], strict=True)]
    if residual:
        return t * first, t * t * squares[0]
    if seen.rho is None:
        return first, squares[0]
    # D = (1 − ρ)β̂ − ρtu.
    drift = seen.rho * t
    square = seen.rest * seen.rest * squares[0] + drift * drift * squares[2]
    return first, square - 2 * (seen.rest * drift) * squares[1] + seen.variance


def _sums(
    group: Group, channel: Channel, rule: Rule, t: Series, seen: View, *, residual: bool
) -> list[Series]:
    """Return h Σ φ(X)/S times each column, over the nodes, as power series."""
    length = t.prec
    half = seen.inverse / arb(2).sqrt()
    drift = t * half
    weights, factors = [], []
    for u, sinh, cosh in rule.nodes():
        miss = channel.scale * sinh - channel.mean
        noise = half * miss + drift * u
        weight = (-(noise * noise)).exp()
        weights.append([weight[k] for k in range(length)])
        factors.append(columns(group, u, miss, channel.scale * cosh, residual=residual))
    if rule.even:
        factors[0] = [one / 2 for one in factors[0]]
    factor = arb(rule.step) / (2 * arb.pi()).sqrt() * (2 if rule.even else 1)
    scale = factor * seen.inverse
    sums = arb_mat(factors).transpose() * arb_mat(weights)
    return [scale * _series(row, length) for row in sums.tolist()]


def _hats(t: Series, seen: View) -> tuple[list[Ball], list[Ball]]:
    """Return what integrands' coefficients are at most, of η′ and of squares in units of S₀²."""
    length = t.prec

    def hat(series: Series, unit: Ball) -> Series:
        return _series([(series[k] / unit).abs_upper() for k in range(length)], length)

    time, sigma = hat(t, t[0]), hat(seen.inverse, seen.inverse[0])
    noise = 2 * sigma + time * sigma
    noise = _series([1, *(noise[k] for k in range(1, length))], length)
    density = sigma * ((noise * noise - 1) / 2).exp()
    largest = _series([2], length)
    if seen.rho is not None:
        largest += hat(seen.rho, arb(1)) * (1 + time)
    unit = time * density
    square = (largest * largest + time * time) * unit
    return tuple([one[k].abs_upper() for k in range(length)] for one in (unit, square))  # type: ignore[return-value]
