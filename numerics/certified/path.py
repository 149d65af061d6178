r"""Whole intervals of data scales, enclosed: the solution along α (Proposition 4.2).

Eliminating α from the two equations, α = E[η′]/(1 − ϱ/τ), leaves one equation G(s) = 0 in s =
(log τ, log θ²), whose zeros are the solutions at all α at once. Between two data scales at which
the solution is enclosed, let v be the coordinate of s that changes more and u the other one, and
let U × V be a box that holds both solutions. Where ∂G/∂u keeps its sign on the box, and du/dv ∈ K =
−G_v/G_u cannot carry u out of U on the way, the implicit function theorem continues the zero from
the one solution to the other: an arc over V. On it α is a continuous function of v, and takes no
value twice since every α has one solution (`replica.unique-solution`); so it is monotone, and

    the solutions of all α between lie on the arc: v between its ends, u in u_a + K(v − v_a).

No inverse of the Jacobian is needed, which is nearly singular where the error falls steeply.
Without noise and ridge G is p − θ²E[η′]; its derivatives on the box are those at the solution plus
second derivatives times the distance, far tighter than an enclosure over the box itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx

from numerics.certified.channel import Accuracy, State, log_of
from numerics.certified.exact import Ball, ball
from numerics.certified.fixed_point import (
    SWITCH,
    Enclosure,
    Interval,
    NotCertifiedError,
    Pair,
    Problem,
    enclose,
    evaluate,
    needed_bits,
)
from numerics.certified.series import Coefficients, Followed, expand, expand_near, follow
from numerics.certified.trapezoid import IntegrationError

_ARC_DIGITS = 3
# Of what a polynomial leaves of the equations, which a nearly singular Jacobian makes larger.
_MORE_DIGITS = 3
# Into how many parts an interval is cut when starting points are sought, by how often it is halved:
# float64 finds many of them in little more time than one. Intervals longer than `_LONG`, relative
# to their lower ends, need more parts.
_LONG, _HALVINGS, _FEW_HALVINGS = Fraction(1, 20), 8, 5
# Farther apart in log τ or log θ² no two solutions were ever joined: it saves trying.
_LONGEST = 0.3


@dataclass(frozen=True)
class Arc:
    """The solutions at all α of an interval.

    Attributes
    ----------
    problem
        The two equations.
    alpha
        The interval.
    ends
        The solutions at its ends.
    leading
        Index of the coordinate of s that is monotone in α: 0 for log τ, 1 for log θ².
    turn
        d(other coordinate)/d(leading one), all along.
    """

    problem: Problem
    alpha: Interval
    ends: tuple[Enclosure, Enclosure]
    leading: int
    turn: Ball

    @property
    def box(self) -> Pair:
        """S over the interval."""
        first, second = self.ends
        v = self.leading
        along = first.middle[v].union(second.middle[v])
        step = (second.middle[v] - first.middle[v]).union(arb(0))
        other = first.middle[1 - v] + self.turn * step
        if self.turn > 0 or self.turn < 0:
            other = other.intersection(first.middle[1 - v].union(second.middle[1 - v]))
        return (along, other) if v == 0 else (other, along)

    def part(self, first: Enclosure, second: Enclosure) -> Arc:
        """Return the part of the arc between two of its points."""
        alpha = Interval(first.alpha.low, second.alpha.high)
        return replace(self, alpha=alpha, ends=(first, second))


class Expansion(NamedTuple):
    """Taylor coefficients in log α, about the middle of an arc's interval and all over it.

    The last of `whole` is the remainder of a series that has the others from `middle`.
    """

    middle: Coefficients
    whole: Coefficients


def join(problem: Problem, first: Enclosure, second: Enclosure) -> Arc | None:
    """Return the arc between the solutions at two data scales; None if they are too far apart."""
    a, b = first.middle, second.middle
    leading = 0 if abs(b[0] - a[0]).mid() > abs(b[1] - a[1]).mid() else 1
    alpha = Interval(first.alpha.low, second.alpha.high)
    near = State(a[0].mid().exp(), a[1].mid().exp())
    with ctx.workprec(math.ceil(needed_bits(problem, near, _ARC_DIGITS))):
        try:
            forward = _half(problem, first, second, leading, alpha)
            backward = forward and _half(problem, second, first, leading, alpha)
        except IntegrationError:  # over a shorter interval the balls are narrower
            return None
    if forward is None or backward is None:
        return None
    # In either range G has one zero only, so that the two halves meet.
    meeting = forward.end.union(backward.end)
    if not any(half.room.contains_interior(meeting) for half in (forward, backward)):
        return None
    return Arc(problem, alpha, (first, second), leading, forward.turn.union(backward.turn))


class _Half(NamedTuple):
    """du/dv on the way to the middle, u there, and a range of u in which G has no other zero."""

    turn: Ball
    end: Ball
    room: Ball


def _half(
    problem: Problem, anchor: Enclosure, other: Enclosure, leading: int, alpha: Interval
) -> _Half | None:
    """Continue a solution halfway to another one; None if the box around that is too wide."""
    here, there = anchor.middle, other.middle
    v, u = leading, 1 - leading
    goal = ((here[v] + there[v]) / 2).mid()
    way = (here[v] - goal).union(arb(0))
    slack = (abs(there[u] - here[u]) + abs(way)) / 4 + here[u].rad() + 8 * here[v].rad()
    along = here[v].union(goal)
    across = here[u].union((here[u] + there[u]) / 2) + arb(0, slack.abs_upper())
    box = (along, across) if v == 0 else (across, along)
    gradient = _gradient(problem, box, anchor, alpha)
    if gradient is None or not abs(gradient[u]) > 0:
        return None
    turn = -gradient[v] / gradient[u]
    if not across.contains_interior(here[u] - turn * way):
        return None
    return _Half(turn, here[u] + turn * (goal - here[v]), across)


def _gradient(problem: Problem, box: Pair, anchor: Enclosure, alpha: Interval) -> Pair | None:
    """Enclose the derivatives of G on a box around a solution; None where it reaches τ = ϱ."""
    if problem.bend is None or problem.noise_variance or problem.ridge:
        return _eliminated(problem, box, alpha)
    residual = alpha.middle >= SWITCH
    theta_squared = box[1].exp()
    size = ball(min(alpha.middle, 1 - alpha.middle))
    accuracy = log_of(size) + log_of(theta_squared) - _ARC_DIGITS * math.log(10.0)
    bend = problem.bend(State(box[0].exp(), theta_squared), accuracy, residual=residual)
    steps = [one - at for one, at in zip(box, anchor.middle, strict=True)]
    return (
        anchor.gradient[0] + bend.tau_tau * steps[0] + bend.tau_theta * steps[1],
        anchor.gradient[1] + bend.tau_theta * steps[0] + bend.theta_theta * steps[1],
    )


def _eliminated(problem: Problem, box: Pair, alpha: Interval) -> Pair | None:
    """Return the derivatives of G in log τ and log θ² over a box; None where it reaches τ = ϱ."""
    residual = alpha.middle >= SWITCH
    tau, theta_squared = box[0].exp(), box[1].exp()
    noise = ball(problem.noise_variance)
    r = ball(problem.ridge) / tau
    rest = 1 - r
    if not rest > 0:
        return None
    here = ball(alpha.middle)
    size = abs(1 - here) + (here * r).mid() if residual else here
    lost = _ARC_DIGITS * math.log(10.0)
    scale = log_of(size) - lost
    accuracy = Accuracy(scale, scale + log_of(theta_squared))
    moments = problem.residual if residual else problem.direct
    one, two = moments(State(tau, theta_squared), accuracy, slopes=True)
    sign = -1 if residual else 1
    response = 1 - one.value if residual else one.value
    ratio = response / rest
    in_tau = sign * one.in_tau / rest - ratio * r / rest
    in_theta = sign * one.in_theta / rest
    if residual:
        whole = one.value + ratio * r
        return (
            two.in_tau - theta_squared * (one.in_tau + (in_tau - ratio) * r) + noise * in_tau,
            two.in_theta - theta_squared * (whole + one.in_theta + in_theta * r) + noise * in_theta,
        )
    signal = theta_squared - noise
    return two.in_tau - signal * in_tau, two.in_theta - theta_squared * ratio - signal * in_theta


class Path:
    """The solutions on an interval of data scales, enclosed where they are asked for, and kept.

    Parameters
    ----------
    problem
        The two equations.
    start
        Function that returns (log τ, log θ²) near the solution at a data scale.
    digits
        Digits of τ and θ² at single data scales.
    prepare
        Function that finds where to start at many data scales together, if there is one.
    """

    def __init__(
        self,
        problem: Problem,
        start: Callable[[Fraction], tuple[float, float]],
        digits: float,
        prepare: Callable[[Sequence[Fraction]], None] | None = None,
    ) -> None:
        self.problem, self.start, self.digits = problem, start, digits
        self._prepare = prepare
        self._prepared: set[Fraction] = set()
        self._points: dict[Fraction, Enclosure] = {}
        self._joined: dict[Interval, Arc | None] = {}
        self._followed: dict[tuple[Interval, int], Followed] = {}

    def point(self, alpha: Fraction) -> Enclosure:
        """Return the solution at a data scale; raise NotCertifiedError if it is not enclosed."""
        if alpha not in self._points:
            at = Interval(alpha, alpha)
            self._points[alpha] = enclose(self.problem, at, self.start(alpha), self.digits)
        return self._points[alpha]

    def arc(self, alpha: Interval, within: Arc | None = None) -> Arc | None:
        """Return the arc over an interval; None if the interval is too long for one.

        `within` is an arc of which this one is a part, if one is known.

        Raises
        ------
        NotCertifiedError
            If the solution at an end of the interval is not enclosed.
        ValueError
            If the interval is not within the other, or that arc is of other equations.
        """
        if within is not None:
            self._require_own(within)
            if not (within.alpha.low <= alpha.low and alpha.high <= within.alpha.high):
                raise ValueError(f"{alpha} must lie within {within.alpha}")
        self._find_starts(alpha)
        first, second = self.point(alpha.low), self.point(alpha.high)
        if within is not None:
            return within.part(first, second)
        if alpha not in self._joined:
            apart = (abs(b - a) for a, b in zip(first.middle, second.middle, strict=True))
            near = all(one < _LONGEST for one in apart)
            self._joined[alpha] = join(self.problem, first, second) if near else None
        return self._joined[alpha]

    def _require_own(self, arc: Arc) -> None:
        if arc.problem != self.problem:
            wanted, got = (
                f"{one.mixture!r}, noise_variance={one.noise_variance}, ridge={one.ridge}"
                for one in (self.problem, arc.problem)
            )
            raise ValueError(f"an arc must be of this path's equations, {wanted}, got {got}")

    def _find_starts(self, alpha: Interval) -> None:
        """Find where to start at all data scales to which halving an interval leads first."""
        width = alpha.high - alpha.low
        if self._prepare is None or not width or {alpha.low, alpha.high} <= self._prepared:
            return
        # Where an interval was halved, the other half will be asked for as well.
        for low, high in ((alpha.low, alpha.high + width), (alpha.low - width, alpha.high)):
            if {low, high} <= self._prepared:
                alpha, width = Interval(low, high), high - low
        parts = 2 ** (_HALVINGS if width > _LONG * alpha.low else _FEW_HALVINGS)
        scales = [alpha.low + k * width / parts for k in range(parts + 1)]
        self._prepare(scales)
        self._prepared.update(scales)

    def arcs(self, alpha: Interval, most: int = 10_000) -> Iterator[Arc]:
        """Return arcs that cover an interval, in order.

        Raises
        ------
        NotCertifiedError
            If a solution is not enclosed, or `most` arcs do not cover the interval.
        """
        pending = [alpha]
        for _ in range(most):
            if not pending:
                return
            part = pending.pop()
            found = self.arc(part)
            if found is not None:
                yield found
                continue
            pending += [Interval(part.middle, part.high), Interval(part.low, part.middle)]
        ends = f"[{float(alpha.low)!r}, {float(alpha.high)!r}]"
        raise NotCertifiedError(f"the interval {ends} takes more than {most} arcs")

    def trend(self, arc: Arc) -> int:
        """Return whether p rises (1) or falls (−1) with α all along an arc; 0 if unsettled.

        With p = αθ², d log p/dv = d log α/dv + d log θ²/dv, and the sign of dv/dα is that of the
        arc's ends. This settles what is not near 0 on long arcs (`expansion` does on short ones).

        Raises
        ------
        ValueError
            If the problem has noise or ridge, or the arc is of other equations.
        """
        self._require_own(arc)
        if self.problem.noise_variance or self.problem.ridge:
            raise ValueError("a trend requires noise_variance = 0 and ridge = 0")
        first, second = arc.ends
        v, turn = arc.leading, arc.turn
        moved = second.middle[v] - first.middle[v]
        residual = arc.alpha.middle >= SWITCH
        near = State(*(one.mid().exp() for one in first.middle))
        try:
            with ctx.workprec(math.ceil(needed_bits(self.problem, near, _ARC_DIGITS))):
                there = evaluate(
                    self.problem,
                    arc.box,
                    arc.alpha.ball,
                    _ARC_DIGITS,
                    residual=residual,
                    slopes=True,
                )
        except IntegrationError:
            return 0
        # f₁ is E[η′] − α, or 1 − α − E[1 − η′]: its derivatives are those of α along the arc.
        in_tau, in_theta = there.jacobian[0]
        along = in_tau + in_theta * turn if v == 0 else in_theta + in_tau * turn
        gain = along / arc.alpha.ball + (turn if v == 0 else 1)
        for sign in (1, -1):
            if sign * gain * moved > 0:
                return sign
        return 0

    def series(self, alpha: Fraction, order: int) -> Coefficients:
        """Return the Taylor coefficients of the solution about a data scale.

        Raises
        ------
        NotCertifiedError
            If they are not enclosed.
        """
        return self._series(ball(alpha), self.point(alpha).middle, order, self.digits)

    def expansion(self, arc: Arc, order: int) -> Expansion:
        """Return the Taylor coefficients about the middle of an arc's interval, with a remainder.

        Raises
        ------
        NotCertifiedError
            If the arc is too long for them.
        ValueError
            If the arc is of other equations.
        """
        self._require_own(arc)
        here = self.series(arc.alpha.middle, order - 1)
        return Expansion(here, self._series(arc.alpha.ball, arc.box, order, _ARC_DIGITS))

    def follow(self, arc: Arc, order: int) -> Followed:
        """Return a polynomial in log α of an order about an arc's middle, and how far it is off.

        Raises
        ------
        NotCertifiedError
            If the arc is too long.
        ValueError
            If the arc is of other equations.
        """
        self._require_own(arc)
        key = arc.alpha, order
        if key not in self._followed:
            self._followed[key] = self._follow(arc, order)
        return self._followed[key]

    def _follow(self, arc: Arc, order: int) -> Followed:
        middle, digits = ball(arc.alpha.middle), self.digits + _MORE_DIGITS
        start = self.start(arc.alpha.middle)
        with self._at_precision(arc.box, digits):
            near = expand_near(self.problem, middle, start, order)
            return follow(self.problem, arc.alpha.ball, arc.box, middle, near, digits)

    def _series(self, alpha: Ball, state: Pair, order: int, digits: float) -> Coefficients:
        with self._at_precision(state, digits):
            return expand(self.problem, alpha, state, order, digits)

    @contextmanager
    def _at_precision(self, state: Pair, digits: float) -> Iterator[None]:
        """Compute as integrals at a state need; NotCertifiedError if one is out of reach."""
        near = State(*(one.mid().exp() for one in state))
        try:
            with ctx.workprec(math.ceil(needed_bits(self.problem, near, digits))):
                yield
        except IntegrationError as error:
            raise NotCertifiedError(str(error)) from error
