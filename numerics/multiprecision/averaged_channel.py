r"""Moments of fine-tuning after imperfect pretraining: the scalar channel averaged over c_FT.

Pretraining with the effective step τ₁ and noise θ₁ leaves β̂ = c sinh u₁ of each coefficient, where
c sinh u₁ + (τ₁/2)u₁ is N(β*, θ₁²), and with it the scale

    c_FT = (c + λ)(1 + √(1 + (β̂/c)²)) + γ² = (c + λ)(1 + cosh u₁) + γ².

Given the group, c_FT is independent of what fine-tuning estimates: its moments are averaged over
u₁ by the trapezoidal rule, which converges geometrically as that over u does. The nodes are
u₁ = j/2^level: where two laws share one, the moments there are evaluated once. As in
`numerics.multiprecision.channel`, the mass and the change at the last halving are what is checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.multiprecision.channel import ChannelMoments, QuadratureError
from numerics.multiprecision.implicit_bias import channel_root, finetune_scale_in
from numerics.multiprecision.integer_kernel import (
    ConditionalMoments,
    IntegerKernel,
    Prior,
    kernel_bits,
)
from numerics.multiprecision.precision import Context, Number, in_context

_GUARD_DIGITS = 12
_FIRST_LEVEL = 3
_FEWEST_DIGITS = 4
_MOST_NODES = 2**14


@dataclass(frozen=True)
class TwoStageGroup:
    """Coordinates with one pair of laws: of β* in pretraining, and in fine-tuning."""

    probability: Fraction
    pretraining: Prior
    finetuning: Prior


@dataclass(frozen=True)
class AveragedMoments(ChannelMoments):
    """Moments of all coordinates; `group_errors` holds E[(β̂ − β*)²] in each group."""

    group_errors: tuple[Number, ...]


@dataclass(frozen=True)
class ScaleNode:
    """One scale c_FT in a law.

    Attributes
    ----------
    place
        u₁, or the law itself where it has but one scale; nodes of the same place share `scale`.
    scale
        c_FT.
    weight, coarse_weight
        In the rule, and in that with twice the step.
    """

    place: Fraction | Prior
    scale: Number
    weight: Number
    coarse_weight: Number


@dataclass(frozen=True)
class ScaleLaw:
    """The law of c_FT after pretraining from (c, λ), with readout γ."""

    c: Fraction
    lam: Fraction
    gamma: Fraction

    def least_level(
        self, context: Context, prior: Prior, tau: Number, theta: Number, digits: int
    ) -> int:
        """Return the level at which the nodes integrate the density of u₁ to 1."""
        lower, upper, _ = self._range(context, prior, tau, theta, digits)
        if lower == upper:
            return 0
        level = max(0, _FIRST_LEVEL - int(context.mag(upper - lower)))
        tolerance = context.mpf(10) ** (-(2 * digits) // 3 - 2)
        while True:
            nodes = self.nodes(context, prior, tau, theta, digits, level)
            fine = sum(node.weight for node in nodes)
            coarse = sum(node.coarse_weight for node in nodes)
            if abs(fine - 1) <= tolerance and abs(coarse - 1) <= context.sqrt(tolerance):
                return level
            level += 1

    def nodes(
        self, context: Context, prior: Prior, tau: Number, theta: Number, digits: int, level: int
    ) -> list[ScaleNode]:
        """Return the scales at u₁ = j/2^level, j ≥ 0, with the weights of u₁ and −u₁.

        Raises
        ------
        QuadratureError
            If there are more than 2^14.
        """
        lower, upper, spread = self._range(context, prior, tau, theta, digits)
        if lower == upper:
            scale = finetune_scale_in(context, prior[1], self.c, self.lam, self.gamma)
            return [ScaleNode(prior, scale, context.mpf(1), context.mpf(1))]
        step = context.ldexp(1, -level)
        first = max(0, int(context.floor(lower / step)))
        last = int(context.ceil(max(upper, -lower) / step))
        if last - first > _MOST_NODES:
            raise QuadratureError(
                f"law of c_FT after pretraining on a {prior[0]} prior not settled with steps of "
                f"2^-{level} at tau={context.nstr(tau, 5)}, theta={context.nstr(theta, 5)}"
            )
        c, centre = in_context(context, self.c), in_context(context, _centre(prior))
        rise, floor = in_context(context, self.c + self.lam), in_context(context, self.gamma) ** 2
        normal = step / (spread * context.sqrt(2 * context.pi))
        least = context.mpf(10) ** -(digits + 3)
        found = []
        for j in range(first, last + 1):
            u = j * step
            cosh = context.cosh(u)
            z = c * context.sinh(u) + tau * u / 2
            density = sum(
                context.exp(-(((z - mean) / spread) ** 2) / 2) for mean in (centre, -centre)
            )
            weight = normal * density * (c * cosh + tau / 2) / (1 if j else 2)
            if weight > least:
                coarse = context.mpf(0) if j % 2 else 2 * weight
                scale = rise * (1 + cosh) + floor
                found.append(ScaleNode(Fraction(j, 2**level), scale, weight, coarse))
        return found

    def _range(
        self, context: Context, prior: Prior, tau: Number, theta: Number, digits: int
    ) -> tuple[Number, Number, Number]:
        """Return the ends of u₁, equal if there is but one point, and the deviation of z."""
        c, centre = in_context(context, self.c), in_context(context, _centre(prior))
        amplitude = in_context(context, prior[1])
        spread = context.hypot(theta, amplitude) if prior[0] == "gaussian" else theta
        reach = context.sqrt(2 * context.ln10 * (digits + 3)) * spread
        ends = [
            context.sign(z) * channel_root(context, abs(z), tau, c) if z else z
            for z in (centre - reach, centre + reach)
        ]
        return ends[0], ends[1], spread


def _centre(prior: Prior) -> Fraction:
    return prior[1] if prior[0] == "sign" else Fraction(0)


class AveragedChannel:
    """Moments of fine-tuning of all groups, at any (τ, θ²).

    Parameters
    ----------
    groups
        Their probabilities sum to one.
    law
        Of c_FT.
    pretraining
        Returns (τ₁, θ₁) to a number of digits, as numbers of the context given.
    """

    def __init__(
        self,
        groups: Sequence[TwoStageGroup],
        law: ScaleLaw,
        pretraining: Callable[[Context, int], tuple[Number, Number]],
    ) -> None:
        self._groups, self._law, self._pretraining = tuple(groups), law, pretraining
        self._levels: dict[tuple[Prior, int], int] = {}
        self._nodes: dict[tuple[Prior, int, int], list[ScaleNode]] = {}

    def moments(
        self, context: Context, tau: Number, theta_squared: Number, digits: int, tail_digits: int
    ) -> AveragedMoments:
        """Return E[η′] and E[(β̂ − β*)²], as `channel.channel_moments` does.

        Raises
        ------
        QuadratureError
            If one of the rules does not settle.
        """
        needed = digits + tail_digits
        with context.workdps(needed + _GUARD_DIGITS):
            table = self._table(context, tau, context.sqrt(theta_squared), needed)
            averages = [self._average(context, group, table, needed) for group in self._groups]
            shares = [in_context(context, group.probability) for group in self._groups]
            totals = [_dot(context, shares, parts) for parts in zip(*averages, strict=True)]
            response, error = totals[:3], [theta_squared * total for total in totals[3:]]
            return AveragedMoments(
                (response[0], response[1], response[2]),
                (error[0], error[1], error[2]),
                table.evaluated,
                tuple(theta_squared * average[3] for average in averages),
            )

    def _table(self, context: Context, tau: Number, theta: Number, digits: int) -> _MomentTable:
        """Return an empty table, with binary places for all scales and priors of the groups."""
        scales, lengths = [], []
        reach = context.sqrt(2 * context.ln10 * (digits + 3))
        for group in self._groups:
            nodes = self._scales(context, group.pretraining, digits)
            scales += [nodes[0].scale, nodes[-1].scale]
            lengths.append((1 + reach) * (theta + in_context(context, group.finetuning[1])))
        above = context.mag(max(*scales, *lengths) / theta)
        below = context.mag(theta / min(scales))
        bits = kernel_bits(digits, max(0, above) + max(0, below))
        return _MomentTable(IntegerKernel(context, tau, theta, bits), digits)

    def _average(
        self, context: Context, group: TwoStageGroup, table: _MomentTable, digits: int
    ) -> list[Number]:
        """Average over c_FT in one group, halving the step until the moments settle."""
        tolerance = context.mpf(10) ** (-(2 * digits) // 3 - 2)
        while True:
            nodes = self._scales(context, group.pretraining, digits)
            rows = list(zip(*table.moments(context, group.finetuning, nodes), strict=True))
            fine, coarse = (
                [_dot(context, weights, row) for row in rows]
                for weights in (
                    [node.weight for node in nodes],
                    [node.coarse_weight for node in nodes],
                )
            )
            if _settled(coarse, fine, tolerance):
                return fine
            self._levels[group.pretraining, digits] += 1

    def _scales(self, context: Context, prior: Prior, digits: int) -> list[ScaleNode]:
        """Return the nodes of the law of c_FT in the order of scales."""
        tau, theta = self._pretraining(context, digits + _GUARD_DIGITS)
        # z − a is formed by subtraction: as many digits more as θ₁ lies below a.
        centre = in_context(context, _centre(prior))
        beyond = context.mag(centre) - context.mag(theta) if theta and centre else 0
        with context.extraprec(max(0, beyond)):
            if (prior, digits) not in self._levels:
                self._levels[prior, digits] = self._law.least_level(
                    context, prior, tau, theta, digits
                )
            key = (prior, digits, self._levels[prior, digits])
            if key not in self._nodes:
                self._nodes[key] = self._law.nodes(context, prior, tau, theta, *key[1:])
            return self._nodes[key]


class _MomentTable:
    """Moments at one (τ, θ), by prior and scale, each evaluated once."""

    def __init__(self, kernel: IntegerKernel, digits: int) -> None:
        self._kernel, self._digits = kernel, digits
        self._found: dict[tuple[Prior, Fraction | Prior], tuple[int, ConditionalMoments]] = {}
        self.evaluated = 0

    def moments(
        self, context: Context, prior: Prior, nodes: Sequence[ScaleNode]
    ) -> list[tuple[Number, ...]]:
        """Return the moments at the nodes, to the digits that their weights leave visible."""
        values, level = [], 1
        for node in nodes:
            visible = self._digits + 3 + math.ceil(context.mag(node.weight) * math.log10(2))
            digits = max(_FEWEST_DIGITS, min(self._digits, visible))
            done, found = self._found.get((prior, node.place), (0, None))
            if found is None or done < digits:
                found = self._kernel.moments(prior, node.scale, digits, level)
                self._found[prior, node.place] = (digits, found)
                self.evaluated += found.nodes
            level = found.level
            values.append(found.values)
        return values


def _dot(context: Context, left: Sequence[Number], right: Sequence[Number]) -> Number:
    return context.fdot(zip(left, right, strict=True))


def _settled(coarse: Sequence[Number], fine: Sequence[Number], tolerance: Number) -> bool:
    """Return whether moments in units of their natural sizes changed by `tolerance` at most."""
    return all(abs(b - a) <= tolerance * max(abs(b), 1) for a, b in zip(coarse, fine, strict=True))
