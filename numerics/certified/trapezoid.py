r"""The trapezoidal rule for the scalar channel, with a proved bound of what it leaves out.

One coordinate sees z ~ N(m, S²) and answers β̂ = C sinh u, where z(u) = C sinh u + tu and
dz = (R + t) du, R = C cosh u, t = τ/2. With X = (z − m)/S every moment is an integral over u of

    f(u) = g(u) (R + t) φ(X)/S,     |g| ≤ K Vⁿ,     V = v₀ + v₁|X|,     φ the normal density,

and f is entire. Two bounds make the sum h Σ f(jh) over a window rigorous.

**The step.** If ∫ |f(x ± ib)| dx ≤ N for 0 ≤ b ≤ a, the sum over all j is within 2N/(e^{2πa/h} − 1)
of the integral (Trefethen & Weideman, SIAM Review 56, 2014, Theorem 5.1). At u = x + ib write A = C
sinh x, B = C cosh x, T = tan b < 1. The real and imaginary parts of the noise are

    X = (A cos b + tx − m)/S,   dX/dx = (B cos b + t)/S,     Y = (B sin b + tb)/S.

As A and x have one sign, |A| cos b and t|x| are at most |m| + S|X|; with B ≤ C + |A|,

    Y ≤ y₀ + T|X|,      y₀ = (C sin b + tb + T|m|)/S,
    |tu|/S ≤ |m|/S + tb/S + |X|,      |β̂|/S ≤ |m|/S + |X| + Y,      |z − m|/S ≤ |X| + Y:

all three are at most V with v₀ = 1 + |m|/S + y₀ and v₁ = 1 + T. Since |R + t| ≤ (S/cos b) dX/dx and
|φ| = exp((Y² − X²)/2)/√2π, with q = 1 − T² and μ = y₀T/q

    ∫ |f| dx ≤ K/(√2π cos b) ∫ Vⁿ exp((Y² − X²)/2) dX
             ≤ 2ⁿK/(cos b √q) · exp(y₀²/2q) · [(v₀ + v₁μ)ⁿ + (n − 1)!! v₁ⁿ/qⁿᐟ²],

which rises with b. n is even.

**The window.** cosh changes by at most the factor e^h over a step, so (R + t)h/S at a node is at
most e^h times the change of X to either neighbour. Beyond a window at whose ends |X| ≥ ξ, each side
of the sum is therefore at most e^h ∫ over X > ξ of K(v + X)ⁿ φ, v = 1 + |m|/S; there the logarithm
of the integrand falls at the rate r = ξ − n/(v + ξ) or faster, so that the integral is at most
K(v + ξ)ⁿ φ(ξ)/r.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from flint import arb, ctx

from numerics.certified.exact import Ball, as_float

_DEEPEST = 0.7  # the largest half-width of the strip: T < 1
_DEPTHS = tuple(0.3 * 1.2**power for power in range(24))
_PARTS = 8  # steps are so many parts of a power of two, or more: the same ones come again
_MOST_NODES = 200_000
_KEPT = 64
_MANTISSA, _LARGEST, _CHOICES = 64.0, 1e300, 4096
_FARTHEST = 2**2000
_MOST_ARGUMENT = 700.0  # sinh of more is beyond float64
_MOST_INDEX = 2.0**52


class IntegrationError(ArithmeticError):
    """An integral is out of reach; the message says why."""


@dataclass(frozen=True)
class Channel:
    """One coordinate's channel: balls of t = τ/2, C, the standard deviation S and the mean m."""

    half_tau: Ball
    scale: Ball
    spread: Ball
    mean: Ball

    def argument(self, sinh: Ball, u: Ball) -> Ball:
        """X at a node."""
        return (self.scale * sinh + self.half_tau * u - self.mean) / self.spread


@dataclass(frozen=True)
class Rule:
    """Nodes jh, first ≤ j ≤ last, and what their sum leaves out of an integral with K = 1.

    Where m = 0 all integrands are even: `first` is 0, and the sum stands for both sides.
    """

    step: float
    first: int
    last: int
    even: bool
    error: Ball

    def nodes(self) -> Iterator[tuple[Ball, Ball, Ball]]:
        """(u, sinh u, cosh u) at the nodes, at the precision that is set."""
        table = _table(self.step, ctx.prec)
        for index in range(self.first, self.last + 1):
            node = table.get(index)
            if node is None:
                u = arb(index) * arb(self.step)
                grow = u.exp()
                fall = 1 / grow
                node = table[index] = (u, (grow - fall) / 2, (grow + fall) / 2)
            yield node

    @property
    def count(self) -> int:
        """How many nodes there are."""
        return self.last - self.first + 1


@lru_cache(maxsize=_KEPT)
def _table(step: float, precision: int) -> dict[int, tuple[Ball, Ball, Ball]]:
    """Return the nodes known for a step at a precision, to be filled."""
    del step, precision
    return {}


def rule_for(
    channel: Channel, log_accuracy: float, power: int = 2, longest: float = math.inf
) -> Rule:
    """Return a rule that leaves out about exp(−`log_accuracy`) of an integral with K = 1, or less.

    `power` is the n of |g| ≤ K Vⁿ, even. What is left out is then bounded at every value that the
    balls of the channel hold. The step is `longest` at most.

    Raises
    ------
    IntegrationError
        If that takes more than 200 000 nodes, or the balls are too wide for a window.
    """
    log_accuracy = max(log_accuracy, 1.0)
    c, t, m = (
        as_float(abs(one) / channel.spread)
        for one in (channel.scale, channel.half_tau, channel.mean)
    )
    depth, step = _depth_and_step(*map(_rounded_up, (c, t, m, log_accuracy)), power)
    step = min(step, longest)
    v = 1.0 + m
    reach = math.sqrt(2.0 * log_accuracy + 2.0 * power * math.log(v))
    for _ in range(4):
        reach = math.sqrt(2.0 * (log_accuracy + power * math.log(v + reach)))
    even = bool(channel.mean == 0)
    mean = as_float(channel.mean / channel.spread)
    least = [_least_index(c, t, size, step) for size in (reach + mean, reach - mean)]
    first, last = _window(channel, reach, step, least, even=even)
    if last - first > _MOST_NODES:
        raise IntegrationError(f"an integral takes more than {_MOST_NODES} nodes")
    error = _step_error(channel, depth, step, power)
    error += _window_error(channel, step, (first, last), power, even=even)
    if not error.is_finite():
        raise IntegrationError(f"no bound of the trapezoidal rule for {channel}")
    return Rule(step, first, last, even, arb(0, error.upper()))


def _rounded_up(value: float) -> float:
    """Return a float of few digits, not less: nearby channels then share what is chosen."""
    if not value < _LARGEST:
        return value
    mantissa, exponent = math.frexp(value)
    return math.ldexp(math.ceil(mantissa * _MANTISSA) / _MANTISSA, exponent)


@lru_cache(maxsize=_CHOICES)
def _depth_and_step(
    c: float, t: float, m: float, log_accuracy: float, power: int
) -> tuple[float, float]:
    """Choose the strip whose bound allows the largest step (C, t and |m| in units of S)."""
    best, depth = 0.0, _DEEPEST
    for tried in _DEPTHS:
        a = min(tried / max(c + t + m, tried), _DEEPEST)
        tangent = math.tan(a)
        y = c * math.sin(a) + t * a + tangent * m
        q = 1.0 - tangent * tangent
        v = 1.0 + m + y + (1.0 + tangent) * y * tangent / q
        log_bound = y * y / (2.0 * q) + power * math.log(2.0 * v + 3.0 / q) + 1.5
        step = 2.0 * math.pi * a / (log_bound + log_accuracy)
        if step > best:
            best, depth = step, a
    mantissa, exponent = math.frexp(best)
    parts = 2.0 * _PARTS
    return depth, math.ldexp(math.floor(mantissa * parts) / parts, exponent)


def _least_index(c: float, t: float, size: float, step: float) -> int:
    """Return the index of the last node but one at which C sinh u + tu is less than `size`.

    That is in float64, and only where to begin looking: −`_FARTHEST` where float64 cannot tell.
    """
    goal = abs(size)
    exact = min(math.asinh(goal / c) if c else math.inf, goal / t if t else math.inf)
    if not (exact < _MOST_ARGUMENT and step > 0.0):
        return -_FARTHEST
    # Newton's method from above, where the function is convex in |u|.
    for _ in range(6):
        exact -= (c * math.sinh(exact) + t * exact - goal) / (c * math.cosh(exact) + t)
    index = math.copysign(exact, size) / step
    return math.floor(index) - 1 if abs(index) < _MOST_INDEX else -_FARTHEST


def _window(
    channel: Channel, reach: float, step: float, least: list[int], *, even: bool
) -> tuple[int, int]:
    """Return the indices of nodes where X is −`reach` or less, and `reach` or more.

    `least` are indices below the last one and, on the other side, below minus the first one.
    """

    def beyond(index: int, sign: int) -> bool:
        u = arb(index) * arb(step)
        return bool(sign * channel.argument(u.sinh(), u) > reach)

    last = _crossed(lambda index: beyond(index, 1), max(least[0], 0))
    if even:
        return 0, last
    first = -_crossed(lambda index: beyond(-index, -1), max(least[1], -last))
    return first, last


def _crossed(beyond: Callable[[int], bool], start: int) -> int:
    """Return the first index past `start` from which on a condition holds, to within bisection."""
    stride = 1
    while not beyond(start + stride):
        stride *= 2
        if stride > _FARTHEST:
            raise IntegrationError("an integral has no window: its parameters are too uncertain")
    low, high = start + stride // 2, start + stride
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return high


def _step_error(channel: Channel, depth: float, step: float, power: int) -> Ball:
    """Bound what the step leaves out, for K = 1, both sides of the strip together."""
    a, s = arb(depth), channel.spread
    tangent = a.tan()
    y = (channel.scale * a.sin() + channel.half_tau * a + tangent * abs(channel.mean)) / s
    q = 1 - tangent * tangent
    v = 1 + abs(channel.mean) / s + y + (1 + tangent) * y * tangent / q
    size = v**power + _odd_product(power) * (1 + tangent) ** power / q ** (power // 2)
    most = 2**power * (y * y / (2 * q)).exp() * size / (a.cos() * q.sqrt())
    return 2 * most / ((2 * arb.pi() * a / arb(step)).exp() - 1)


def _odd_product(power: int) -> int:
    """(n − 1)!!, the n-th moment of the normal density."""
    return math.prod(range(1, power, 2))


def _window_error(
    channel: Channel, step: float, window: tuple[int, int], power: int, *, even: bool
) -> Ball:
    """Bound what lies beyond the window, for K = 1, both sides together."""
    v = 1 + abs(channel.mean) / channel.spread
    total = arb(0)
    first, last = window
    for index, sign in ((last, 1), (last, 1) if even else (first, -1)):
        u = arb(index) * arb(step)
        reached = (sign * channel.argument(u.sinh(), u)).lower()
        rate = reached - power / (v + reached)
        if not rate > 0:
            raise IntegrationError("an integral's window is too narrow for its bound")
        density = (-reached * reached / 2).exp() / (2 * arb.pi()).sqrt()
        total += (v + reached) ** power * density / rate
    return arb(step).exp() * total
