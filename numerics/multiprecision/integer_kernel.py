r"""Moments of one scalar channel in integer arithmetic, for averages over many penalty scales.

What `numerics.multiprecision.channel` integrates once for a group, imperfect pretraining asks for
at hundreds of scales c_FT. In units of θ the numbers of the integrands are of moderate size, so
that integers, in units of 2^−bits, hold them: about ten times as fast as mpmath.

    β̂ = C sinh u,   z = β̂ + (τ/2)u,   slope = C cosh u + τ/2,   x = (z − m)/S,   φ = exp(−x²/2)
    E[η′] = ∫ C cosh u φ du/(S√2π)      E[(β̂ − β*)²] = ∫ (b² + κ) slope φ du/(S√2π)

with m = ±a for the sign slab (S = 1, b = β̂ − m, κ = 0), and m = 0 otherwise: S² = 1 + a² for the
slab N(0, a²), b = β̂ − κz, κ = a²/S². The integrands are entire and so are their derivatives, taken
under the integral at fixed u: nothing is divided. The trapezoidal rule has the nodes u = j/2^level,
the same for all scales: sinh u and cosh u of the first of them are tabulated once. Only u ≥ 0 is
summed, since u < 0 is u > 0 with −m for m.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from numerics.multiprecision.channel import QuadratureError
from numerics.multiprecision.precision import Context, Number, in_context
from numerics.validation import Slab

# Bits for rounding: in a term, in the recurrence of a table, in sums.
_GUARD_BITS = 40
_BITS_PER_DIGIT = 3.3219280948873626
# The exponential is a product of tables of 2^10 entries and a short series.
_TABLE_BITS = 10
_TABLES = 3
_TABULATED = 2**15
_MOST_NODES = 2**16

Prior = tuple[Slab, Fraction]
"""Law of a coefficient: a slab and its amplitude."""


def kernel_bits(digits: int, widest: int) -> int:
    """Return the binary places for `digits`, where numbers reach 2^widest in units of θ."""
    return int(digits * _BITS_PER_DIGIT) + _GUARD_BITS + max(0, widest)


class Exponential:
    """exp(−y) for y ≥ 0, both integers in units of 2^−bits."""

    def __init__(self, context: Context, bits: int) -> None:
        self._bits = bits
        with context.workprec(bits + 10):
            steps = [context.ldexp(1, -_TABLE_BITS * place) for place in range(_TABLES + 1)]
            ratios = [integer(context, context.exp(-step), bits) for step in steps]
        one = 1 << bits
        self._whole = [one]
        while self._whole[-1]:
            self._whole.append(self._whole[-1] * ratios[0] >> bits)
        self._parts = []
        for ratio in ratios[1:]:
            table = [one]
            for _ in range(2**_TABLE_BITS - 1):
                table.append(table[-1] * ratio >> bits)
            self._parts.append(table)
        coefficients, order = [one], 0
        while order * _TABLES * _TABLE_BITS < bits:
            order += 1
            coefficients.append(coefficients[-1] // order)
        self._series = coefficients[::-1]

    def __call__(self, y: int) -> int:
        """Return exp(−y), rounded down a few times."""
        bits = self._bits
        whole = y >> bits
        if whole >= len(self._whole):
            return 0
        first, second, third = self._parts
        mask = 2**_TABLE_BITS - 1
        places = y >> bits - _TABLES * _TABLE_BITS
        rest = y & (1 << bits - _TABLES * _TABLE_BITS) - 1
        series: int = 0
        for coefficient in self._series:
            series = coefficient - (rest * series >> bits)
        value = self._whole[whole] * first[places >> 2 * _TABLE_BITS & mask] >> bits
        value = value * second[places >> _TABLE_BITS & mask] >> bits
        value = value * third[places & mask] >> bits
        return int(value * series >> bits)


class HyperbolicTable:
    """sinh and cosh at u = j/2^level, j = 0, 1, ..., as integers in units of 2^−bits.

    The first are tabulated. Integrands that need smaller steps are narrow, and have few nodes.
    """

    def __init__(self, context: Context, level: int, bits: int) -> None:
        self._context, self._level, self._bits = context, level, bits
        self._rising_step, self._falling_step = self._exponentials(1)
        self._rising = self._falling = 1 << bits
        self._sinh: list[int] = []
        self._cosh: list[int] = []

    def sinh(self, j: int) -> int:
        """Return sinh at one node."""
        if j < _TABULATED:
            while j >= len(self._sinh):
                self._extend()
            return self._sinh[j]
        rising, falling = self._exponentials(j)
        return rising - falling >> 1

    def between(self, first: int, last: int) -> tuple[list[int], list[int]]:
        """Return sinh and cosh at every other node from `first` to before `last`."""
        if last <= _TABULATED:
            while last > len(self._sinh):
                self._extend()
            return self._sinh[first:last:2], self._cosh[first:last:2]
        rising, falling = self._exponentials(first)
        up, down = self._exponentials(2)
        pairs = []
        for _ in range(first, last, 2):
            pairs.append((rising, falling))
            rising, falling = rising * up >> self._bits, falling * down >> self._bits
        return [a - b >> 1 for a, b in pairs], [a + b >> 1 for a, b in pairs]

    def _exponentials(self, j: int) -> tuple[int, int]:
        """Return exp(u) and exp(−u) at u = j/2^level."""
        with self._context.workprec(self._bits + j.bit_length() + 10):
            u = self._context.ldexp(j, -self._level)
            rising, falling = self._context.exp(u), self._context.exp(-u)
            return (
                integer(self._context, rising, self._bits),
                integer(self._context, falling, self._bits),
            )

    def _extend(self) -> None:
        """Double the table."""
        for _ in range(max(16, len(self._sinh))):
            self._sinh.append(self._rising - self._falling >> 1)
            self._cosh.append(self._rising + self._falling >> 1)
            self._rising = self._rising * self._rising_step >> self._bits
            self._falling = self._falling * self._falling_step >> self._bits


@dataclass(frozen=True)
class ConditionalMoments:
    """Mass 1, E[η′] and E[(β̂ − β*)²]/θ² at one scale, each with derivatives in (log τ, log θ²).

    Attributes
    ----------
    values
        E[η′] and its derivatives, then the error and its derivatives, all divided by θ² there.
    nodes
        Quadrature nodes on both sides of 0.
    level
        The step of the rule is 2^−level.
    """

    values: tuple[Number, ...]
    nodes: int
    level: int


class IntegerKernel:
    """Moments at one (τ, θ), for any scale and prior, in integers in units of 2^−bits θ."""

    def __init__(self, context: Context, tau: Number, theta: Number, bits: int) -> None:
        self._context, self._theta, self._bits = context, theta, bits
        self._half_tau = integer(context, tau / theta / 2, bits)
        self._exp = Exponential(context, bits)
        self._tables: dict[int, HyperbolicTable] = {}

    def moments(
        self, prior: Prior, scale: Number, digits: int, level: int = 1
    ) -> ConditionalMoments:
        """Return the moments of a prior at `scale`, to `digits` of their natural sizes.

        `level` is where a scale nearby settled: steps are halved from 2^−(level − 1).

        Raises
        ------
        QuadratureError
            If 2^17 nodes within reach on either side of 0 do not suffice.
        """
        context = self._context
        channel = _Channel.of(context, prior, scale, self._theta, self._bits)
        reach = integer(context, context.sqrt(2 * context.ln10 * (digits + 3)), self._bits)
        tolerance = 10 ** ((2 * digits) // 3 + 3)
        level = max(1, level - 1)
        try:
            coarse, nodes = self._sums(channel, reach, level, 0)
            while True:
                odd, more = self._sums(channel, reach, level, 1)
                fine, nodes = [a + b for a, b in zip(coarse, odd, strict=True)], nodes + more
                before = self._finished(channel, coarse, level - 1)
                after = self._finished(channel, fine, level)
                if self._agree(before, after, tolerance):
                    break
                coarse, level = fine, level + 1
        except QuadratureError as error:
            raise QuadratureError(
                f"{prior[0]} prior at scale {context.nstr(scale, 5)} not settled with steps of "
                f"2^-{level}: {error}"
            ) from error
        values = (context.ldexp(context.mpf(value), -self._bits) for value in after[1:])
        return ConditionalMoments(tuple(values), nodes, level)

    def _sums(
        self, channel: _Channel, reach: int, level: int, parity: int
    ) -> tuple[list[int], int]:
        """Sum the integrands over all j with j mod 2 = parity."""
        if level not in self._tables:
            self._tables[level] = HyperbolicTable(self._context, level, self._bits)
        table = self._tables[level]
        if not channel.centre:
            half = self._half_line(channel, table, 0, reach, level, parity)
            return [2 * part for part in half[0]], 2 * half[1]
        right, left = (
            self._half_line(channel, table, centre, reach, level, parity)
            for centre in (channel.centre, -channel.centre)
        )
        return [a + b for a, b in zip(right[0], left[0], strict=True)], right[1] + left[1]

    def _half_line(
        self,
        channel: _Channel,
        table: HyperbolicTable,
        centre: int,
        reach: int,
        level: int,
        parity: int,
    ) -> tuple[list[int], int]:
        """Sum over j ≥ 0, the term of j = 0 halved, within `reach` deviations of the centre."""
        bits, half_tau, exp = self._bits, self._half_tau, self._exp
        one = 1 << bits
        scale, kappa, inverse_spread = channel.scale, channel.kappa, channel.inverse_spread

        def position(j: int) -> int:
            return (scale * table.sinh(j) >> bits) + (half_tau * j >> level)

        width = reach * channel.spread >> bits
        last = 1
        while position(last) < centre + width:
            last *= 2
        last = bisect_left(range(last), centre + width, key=position)
        first = bisect_left(range(last), centre - width, key=position)
        first += (first - parity) % 2
        if last - first > 2 * _MOST_NODES:
            raise QuadratureError(f"more than {_MOST_NODES} nodes")
        mass = response = error = cross = 0
        response_tau = response_theta = error_tau = error_theta = 0
        nodes = zip(range(first, last, 2), *table.between(first, last), strict=True)
        for j, sinh, cosh in nodes:
            estimate, radius = scale * sinh >> bits, scale * cosh >> bits
            residual = half_tau * j >> level
            z = estimate + residual
            x = (z - centre) * inverse_spread >> bits
            square = x * x >> bits
            density = exp(square >> 1)
            if not j:
                density >>= 1
            bias = estimate - centre
            if kappa:
                bias -= kappa * z >> bits
            squared = (bias * bias >> bits) + kappa
            weight = density * (radius + half_tau) >> bits
            weighted_response = density * radius >> bits
            weighted_error = weight * squared >> bits
            # ∂log φ/∂log τ and, times S², twice ∂log(φ/S)/∂log θ².
            decline = (residual * x >> bits) * inverse_spread >> bits
            growth = square - one
            mass += weight
            response += weighted_response
            error += weighted_error
            response_tau -= weighted_response * decline
            response_theta += weighted_response * growth
            error_tau += half_tau * (density * squared >> bits) - weighted_error * decline
            error_theta += weighted_error * growth
            if kappa:
                error_tau -= 2 * weight * (kappa * (residual * bias >> bits) >> bits)
                cross += weight * (bias * z >> bits)
        sums = [
            mass, response, response_tau >> bits, response_theta >> bits,
            error, error_tau >> bits, error_theta >> bits, cross >> bits,
        ]  # fmt: skip
        return sums, max(0, (last - first + 1) // 2)

    def _finished(self, channel: _Channel, sums: list[int], level: int) -> tuple[int, ...]:
        """Return mass, E[η′] and error with derivatives from the sums with step 2^−level."""
        bits, kappa = self._bits, channel.kappa
        share = channel.inverse_spread**2 >> bits
        (
            mass, response, response_tau, response_theta,
            error, error_tau, error_theta, cross,
        ) = (channel.normal * value >> bits + level for value in sums)  # fmt: skip
        error_theta = share * error_theta >> bits + 1
        if kappa:
            error_theta += (kappa * kappa >> bits) * mass + 2 * (
                kappa * share >> bits
            ) * cross >> bits
        return (
            mass, response, response_tau, share * response_theta >> bits + 1,
            error, error_tau, error_theta,
        )  # fmt: skip

    def _agree(self, coarse: tuple[int, ...], fine: tuple[int, ...], tolerance: int) -> bool:
        """Mass 1, and the others unchanged to 1/`tolerance` of themselves or their size."""
        one = 1 << self._bits
        if tolerance * abs(fine[0] - one) > one or isqrt(tolerance) * abs(coarse[0] - one) > one:
            return False
        return all(
            tolerance * abs(b - a) <= max(abs(b), one) for a, b in zip(coarse, fine, strict=True)
        )


@dataclass(frozen=True)
class _Channel:
    """C, m, S, 1/S, 1/(S√2π) and κ as integers in units of 2^−bits."""

    scale: int
    centre: int
    spread: int
    inverse_spread: int
    normal: int
    kappa: int

    @classmethod
    def of(
        cls, context: Context, prior: Prior, scale: Number, theta: Number, bits: int
    ) -> _Channel:
        slab, amplitude = prior[0], in_context(context, prior[1]) / theta
        one = 1 << bits
        variance = amplitude**2 if slab == "gaussian" else context.mpf(0)
        spread = context.sqrt(1 + variance)
        centre = integer(context, amplitude, bits) if slab == "sign" else 0
        return cls(
            integer(context, scale / theta, bits),
            centre,
            integer(context, spread, bits) if variance else one,
            integer(context, 1 / spread, bits) if variance else one,
            integer(context, 1 / (spread * context.sqrt(2 * context.pi)), bits),
            integer(context, variance / (1 + variance), bits),
        )


def integer(context: Context, value: Number, bits: int) -> int:
    """Return a number in units of 2^−bits."""
    return int(context.floor(context.ldexp(value, bits)))
