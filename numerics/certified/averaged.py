r"""Moments of fine-tuning after pretraining on data: the channel averaged over the law of c_FT.

Pretraining leaves β̂_PT = c sinh u₁ of a coefficient, where z₁ = c sinh u₁ + t₁u₁ is N(m₁, S₁²) and
t₁ = τ₁/2 (Proposition 4.2 at scale c). Fine-tuning starts from the scale (Section 3.2, Theorem 4.1)

    C(u₁) = (c + λ)(1 + cosh u₁) + γ².

Given the group, u₁ is independent of β*_FT and of the noise of fine-tuning. With F(C) a moment of
`numerics.certified.channel` at scale C, D(u₁) = (c cosh u₁ + t₁) φ(X₁)/S₁ and X₁ = (z₁ − m₁)/S₁,

    E[F(c_FT)] = ∫ D(u₁) F(C(u₁)) du₁.

This is the integral of `numerics.certified.trapezoid` with g = F(C(·)). Its bounds ask for a strip
|Im u₁| < a < π/2 on which g is holomorphic with |g| ≤ K: then |g| ≤ KV², as V ≥ 1. Such a K is
found in two steps.

**Scales in the strip.** C = 2(c + λ) cosh²(u₁/2) + γ². At u₁ = x + ib cosh(u₁/2) has the argument
arctan(tanh(x/2) tan(b/2)), at most |b|/2 in size. So |arg C| ≤ |b| < π/2: Re C > 0.

**Moments at complex scales.** Let C = |C|e^{iψ}, |ψ| < π/2, t ≥ 0 and w(u) = C sinh u + tu. In the
region of u = x + iy with |y| ≤ |ψ| and ψxy ≤ 0

    Re w′ = |C|(cos ψ cosh x cos y − sin ψ sinh x sin y) + t ≥ |C| cos² ψ cosh x + t > 0.

There ∂(Im w)/∂y = Re w′ > 0, and Im w = |C|(sin ψ sinh x cos y + cos ψ cosh x sin y) + ty has the
sign of ψx, or is 0, at y = 0 and the opposite one, or is 0, at y = −ψ sign(x). So for every x there
is one y with a real w. Along this curve dw/dx = |w′|²/Re w′ ≥ Re w′: w takes every real value z
once, and u = 0 at z = 0. The curve solves du/dz = 1/w′(u), so that u(z) depends holomorphically on
C; for C > 0 it is the channel's. With β̂ = C sinh u and R = C cosh u, Re R > 0, therefore

    η′ = dβ̂/dz = R/(R + t) lies in the disc |η′ − ½| ≤ ½:    |η′| ≤ 1,    |1 − η′| ≤ 1,
    and from z = 0 on    |β̂| ≤ |z|,    |tu| = |z − β̂| ≤ |z|,    |β̂ − ρz| ≤ |z|,    0 ≤ ρ ≤ 1.

Written as ∫ g φ((z − m)/S) dz/S over real z, every moment of `numerics.certified.channel` is hence
holomorphic in C for Re C > 0. D, tu and D + tu are at most |z| + |m| in size, and the mean of the
square of that is at most Q = 2S² + 4m²; θ² ≤ S² ≤ Q/2 and v ≤ Q/8. Term by term,

    |F| ≤ 2Q/θ²  for E[η′], E[1 − η′] and their derivatives,      |F| ≤ 2Q  for p, B and theirs.

**Derivatives in log τ₁ and log θ₁².** At fixed u₁ those of D are, with κ₁ = θ₁²/2S₁² and R₁ =
c cosh u₁,

    D_τ = (t₁ − (R₁ + t₁)X₁t₁u₁/S₁) φ(X₁)/S₁        D_θ = κ₁(X₁² − 1) D.

On the strip Re R₁ > 0, so that |t₁| ≤ |R₁ + t₁|, and V bounds |X₁| and |t₁u₁|/S₁: the functions g
of these integrals are at most 2KV² and KV² in size.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx

from numerics.certified.channel import Accuracy, Moment, State, channel_of, group_moments, log_of
from numerics.certified.exact import Ball, Group, ball
from numerics.certified.trapezoid import Channel, Rule, rule_for
from numerics.validation import Slab

# Laws of c_FT are computed to multiples of e^−4, so that the same ones come again.
_ROUNDED = 4
# |g|/KV² of the density D and of its derivatives.
_SIZES = (1, 2, 1)


class Law(NamedTuple):
    """Law of a coefficient: a slab, and the mean square."""

    slab: Slab
    square: Fraction


@dataclass(frozen=True)
class TwoStageGroup:
    """Coordinates with one pair of laws: of β*_PT and of β*_FT."""

    name: str
    share: Fraction
    before: Law
    after: Law


class Scales(NamedTuple):
    """The initialisation (c, λ, γ), by rational numbers."""

    c: Fraction
    lam: Fraction
    gamma: Fraction

    def at(self, cosh: Ball) -> Ball:
        """c_FT at cosh u₁."""
        return ball(self.c + self.lam) * (1 + cosh) + ball(self.gamma) ** 2


class _Weights(NamedTuple):
    """Weight of a scale, and its derivatives in log τ₁ and log θ₁²."""

    value: Ball
    in_tau: Ball
    in_theta: Ball


class _Node(NamedTuple):
    """A scale c_FT, and its weights in each group's law, by the group's number."""

    scale: Ball
    weights: dict[int, _Weights]


class _Averages(NamedTuple):
    """Groups of one law of β*_FT: the scales in them, and what those leave out, for K = 1."""

    groups: tuple[int, ...]
    nodes: tuple[_Node, ...]
    errors: dict[int, Ball]


@dataclass(frozen=True, eq=False)
class AveragedChannel:
    """Groups of coordinates after pretraining; encloses the moments of fine-tuning.

    Attributes
    ----------
    groups
        The groups. Their shares count up to a common factor.
    scales
        Initialisation, with c_FT > 0.
    tau, theta_squared
        Balls that hold τ₁ and θ₁² of pretraining; both are exactly 0 where it recovers its teacher.
    """

    groups: tuple[TwoStageGroup, ...]
    scales: Scales
    tau: Ball
    theta_squared: Ball
    _kept: dict[tuple[int, int], tuple[_Averages, ...]] = field(default_factory=dict)

    def shares(self) -> list[Ball]:
        """Return the shares of the groups, divided by their sum."""
        total = sum((group.share for group in self.groups), Fraction(0))
        return [ball(group.share / total) for group in self.groups]

    def widest(self) -> tuple[Group, ...]:
        """Return the groups of fine-tuning, each at a scale that c_FT hardly ever exceeds."""
        found = []
        for group in self.groups:
            channel = self._before(group.before)
            reach = (channel.mean + 9 * channel.spread) / channel.scale
            found.append(_after(group.after, self.scales.at((1 + reach * reach).sqrt())))
        return tuple(found)

    def direct_moments(
        self, state: State, accuracy: Accuracy, *, slopes: bool = True
    ) -> tuple[Moment, Moment]:
        """Enclose E[η′] and p, as `numerics.certified.channel.direct_moments`."""
        return self._mixed(state, accuracy, residual=False, slopes=slopes)

    def residual_moments(
        self, state: State, accuracy: Accuracy, *, slopes: bool = True
    ) -> tuple[Moment, Moment]:
        """Enclose E[1 − η′] and B, as `numerics.certified.channel.residual_moments`."""
        return self._mixed(state, accuracy, residual=True, slopes=slopes)

    def _mixed(
        self, state: State, accuracy: Accuracy, *, residual: bool, slopes: bool
    ) -> tuple[Moment, Moment]:
        found = self.moments_by_group(state, accuracy, residual=residual, slopes=slopes)
        totals = [
            sum((share * one[k] for share, one in zip(self.shares(), found, strict=True)), arb(0))
            for k in range(6)
        ]
        return Moment(*totals[:3]), Moment(*totals[3:])

    def moments_by_group(
        self, state: State, accuracy: Accuracy, *, residual: bool, slopes: bool
    ) -> list[list[Ball]]:
        """Enclose each group's six moments, as `numerics.certified.channel.group_moments`.

        Raises
        ------
        IntegrationError
            If an integral is out of reach.
        """
        (found,) = self._sums(state, accuracy, residual=residual, slopes=slopes, kinds=(0,))
        return found

    def pretraining_slopes(
        self, state: State, accuracy: Accuracy, *, residual: bool
    ) -> tuple[tuple[Ball, Ball], tuple[Ball, Ball]]:
        """Enclose the derivatives of two moments, each in log τ₁ and log θ₁².

        They are those of E[η′] and p, or with `residual` of E[1 − η′] and B.

        Raises
        ------
        IntegrationError
            If an integral is out of reach.
        """
        found = self._sums(state, accuracy, residual=residual, slopes=False, kinds=(1, 2))
        shares = self.shares()

        def mean(kind: int, moment: int) -> Ball:
            pairs = zip(shares, found[kind], strict=True)
            return sum((share * one[moment] for share, one in pairs), arb(0))

        return (mean(0, 0), mean(1, 0)), (mean(0, 3), mean(1, 3))

    def _sums(
        self,
        state: State,
        accuracy: Accuracy,
        *,
        residual: bool,
        slopes: bool,
        kinds: tuple[int, ...],
    ) -> list[list[list[Ball]]]:
        """Return each group's six moments, averaged with weights of each kind."""
        bounds = {
            law: _bounds(law, state) for law in dict.fromkeys(group.after for group in self.groups)
        }
        needed = max(
            max(log_of(response) - accuracy.response, log_of(square) - accuracy.square)
            for response, square in bounds.values()
        )
        totals = [[[arb(0)] * 6 for _ in self.groups] for _ in kinds]
        for averages in self._averages(_ROUNDED * math.ceil(needed / _ROUNDED)):
            law = self.groups[averages.groups[0]].after
            for scale, weights in averages.nodes:
                eased = _eased(accuracy, weights.values(), len(averages.nodes))
                inner = group_moments(
                    _after(law, scale), state, eased, residual=residual, slopes=slopes
                )
                for sums, kind in zip(totals, kinds, strict=True):
                    for index, weight in weights.items():
                        sums[index] = _plus(sums[index], (weight[kind] * one for one in inner))
            for sums, kind in zip(totals, kinds, strict=True):
                for index, error in averages.errors.items():
                    response, square = (_SIZES[kind] * error * size for size in bounds[law])
                    sums[index] = _plus(sums[index], [response] * 3 + [square] * 3)
        return totals

    def _averages(self, log_accuracy: int) -> tuple[_Averages, ...]:
        """Return the laws of c_FT for an accuracy, at the precision that is set."""
        key = ctx.prec, log_accuracy
        if key not in self._kept:
            members: dict[Law, list[int]] = {}
            for index, group in enumerate(self.groups):
                members.setdefault(group.after, []).append(index)
            laws = self._laws(log_accuracy)
            self._kept[key] = tuple(
                self._averaged(tuple(indices), laws) for indices in members.values()
            )
        return self._kept[key]

    def _averaged(self, indices: tuple[int, ...], laws: dict[Law, _ScaleLaw]) -> _Averages:
        nodes: dict[Hashable, _Node] = {}
        for index in indices:
            for place, (scale, weights) in laws[self.groups[index].before].nodes.items():
                nodes.setdefault(place, _Node(scale, {})).weights[index] = weights
        errors = {index: laws[self.groups[index].before].error for index in indices}
        return _Averages(indices, tuple(nodes.values()), errors)

    def _laws(self, log_accuracy: float) -> dict[Law, _ScaleLaw]:
        """Return the law of c_FT for each law of β*_PT."""
        found: dict[Law, _ScaleLaw] = {}
        rules: dict[Law, tuple[Channel, Rule]] = {}
        for law in dict.fromkeys(group.before for group in self.groups):
            channel = self._before(law)
            if channel.spread == 0:
                sinh = channel.mean / channel.scale
                scale = self.scales.at((1 + sinh * sinh).sqrt())
                one = _Weights(arb(1), arb(0), arb(0))
                found[law] = _ScaleLaw({law: (scale, one)}, arb(0))
            else:
                rules[law] = channel, rule_for(channel, log_accuracy)
        step = min((rule.step for _, rule in rules.values()), default=math.inf)
        apart = sum((high - low) / rule.step for low, high, rule in map(_range, rules.values()))
        if _length([_range(rule)[:2] for rule in rules.values()]) / step <= apart:
            # Scales that laws share are evaluated once.
            rules = {
                law: (channel, rule_for(channel, log_accuracy, longest=step))
                for law, (channel, _) in rules.items()
            }
        return found | {law: self._law(*rule) for law, rule in rules.items()}

    def _law(self, channel: Channel, rule: Rule) -> _ScaleLaw:
        """Return a law by a rule; as C is even, the nodes ±u₁ are one."""
        t, inverse = channel.half_tau, 1 / channel.spread
        factor = arb(rule.step) * inverse / (2 * arb.pi()).sqrt()
        kappa = self.theta_squared * inverse * inverse / 2
        nodes: dict[Hashable, tuple[Ball, _Weights]] = {}
        for index, (u, sinh, cosh) in enumerate(rule.nodes(), rule.first):
            noise = channel.argument(sinh, u)
            square = noise * noise
            density = factor * (-square / 2).exp()
            if rule.even and index:
                density *= 2
            weight = density * (channel.scale * cosh + t)
            in_tau = density * t - weight * noise * t * u * inverse
            new = _Weights(weight, in_tau, weight * kappa * (square - 1))
            place = rule.step, abs(index)
            if place in nodes:
                scale, other = nodes[place]
                nodes[place] = scale, _Weights(*_plus(other, new))
            else:
                nodes[place] = self.scales.at(cosh), new
        return _ScaleLaw(nodes, rule.error)

    def _before(self, law: Law) -> Channel:
        """Return what pretraining sees of a coefficient."""
        group = Group(arb(1), ball(self.scales.c), ball(law.square).sqrt(), law.slab)
        return channel_of(group, State(self.tau, self.theta_squared))


class _ScaleLaw(NamedTuple):
    """Scales c_FT with their weights, and what they leave out of a mean, for K = 1."""

    nodes: dict[Hashable, tuple[Ball, _Weights]]
    error: Ball


def _range(given: tuple[Channel, Rule]) -> tuple[float, float, Rule]:
    """Return the ends of the values of |u₁| in a rule, and the rule."""
    rule = given[1]
    return max(0, rule.first) * rule.step, max(-rule.first, rule.last) * rule.step, rule


def _length(ranges: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of intervals."""
    total = end = 0.0
    for low, high in sorted(ranges):
        total += max(0.0, high - max(low, end))
        end = max(end, high)
    return total


def _plus(first: Iterable[Ball], second: Iterable[Ball]) -> list[Ball]:
    return [one + other for one, other in zip(first, second, strict=True)]


def _after(law: Law, scale: Ball) -> Group:
    return Group(arb(1), scale, ball(law.square).sqrt(), law.slab)


def _bounds(law: Law, state: State) -> tuple[Ball, Ball]:
    """Bound |F| where Re C > 0: of the moments of η′, and of squares."""
    channel = channel_of(_after(law, arb(1)), state)
    twice_q = 4 * channel.spread**2 + 8 * channel.mean**2
    return twice_q / state.theta_squared, twice_q


def _eased(accuracy: Accuracy, weights: Iterable[_Weights], count: int) -> Accuracy:
    """Return the accuracy that a node needs: that of the mean where its weight is usual."""
    most = max(log_of(sum(map(abs, one), arb(0))) for one in weights)
    slack = max(0.0, -most - math.log(count))
    return Accuracy(accuracy.response + slack, accuracy.square + slack)
