r"""The fixed point of Proposition 4.2, enclosed for one data scale or for an interval of them.

In s = (log τ, log θ²) and ℓ = log α the two equations are f(s, ℓ) = 0, with ε = αϱ/τ, in one of
two forms. They are equivalent, by E[η′] + E[1 − η′] = 1 and Stein's p = θ²(2E[η′] − 1) + B, where B
is E[(β̂ − z)²]; the second keeps its digits near α = 1.

    direct:    f₁ = E[η′] + ε − α              f₂ = ασ² + p − αθ²
    residual:  f₁ = 1 − α + ε − E[1 − η′]      f₂ = ασ² + B − θ²(E[1 − η′] + ε)

**Krawczyk's operator, with α as a parameter.** Let s₀ be near the solution at the middle ℓ₀ of an
interval, A near the inverse of the Jacobian J there, and r a box around 0. By the mean value
theorem T(s) = s − A f(s, ℓ) satisfies, for s ∈ s₀ + r and every ℓ = ℓ₀ + δ of the interval,

    T(s) − s₀ ∈ −A f(s₀, ℓ₀) + (I − AJ) r − A f_ℓ δ,

where J and f_ℓ enclose the derivatives over the box and the interval. If the right side lies in the
interior of r, every ℓ has exactly one solution in the box (R. Krawczyk, Computing 4, 1969; A.
Neumaier, Interval Methods for Systems of Equations, 1990, Section 5.1). It is the only one at all:
the solution is unique (`replica.unique-solution`; in the limit of ℓ1, where q is not strictly
convex, because the estimate moves with T wherever |z| > T). Along it ds/dℓ = −(AJ)⁻¹ A f_ℓ, and at
ℓ₀ it is off s₀ by no more than (I − |I − AJ|)⁻¹ |A f(s₀, ℓ₀)|.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb, ctx

from numerics.certified.channel import Accuracy, Bend, Moment, State, log_of
from numerics.certified.exact import Ball, as_float, ball
from numerics.certified.trapezoid import IntegrationError

# From this α on the residual form is used.
SWITCH = Fraction(1, 2)
_GUARD_DIGITS = 4
# The Jacobian need only make Krawczyk's operator contract.
_SLOPE_DIGITS = 5
_MOST_STEPS = 40
_SMALL_BOX = 1e-5
# A box that its image leaves is enlarged by so much, so often, and not where it leaves it by far.
_INFLATION = 1.15
_MOST_BOXES = 5
_FAR = 1000

Moments = Callable[..., tuple[Moment, Moment]]
Pair = tuple[Ball, Ball]


class NotCertifiedError(ArithmeticError):
    """No enclosure was proved; the message says why."""


@dataclass(frozen=True)
class Problem:
    """The two equations of one mixture.

    Attributes
    ----------
    mixture
        The `Mixture`, or the channel after pretraining. Problems with the same one, noise and ridge
        are equal.
    direct, residual
        Functions of a state, an accuracy and `slopes` that enclose E[η′] and p, or E[1 − η′] and
        B, at the precision that is set.
    extra_bits
        Function of a state that says how many bits the moments lose there to cancellation.
    bend
        Function that encloses the second derivatives of Ĝ (`numerics.certified.channel.bend`); None
        if there is none.
    series
        Function that encloses the moments as power series (`numerics.certified.series`), or None.
    float_series
        Function of a state that returns one that gives them near it, by float64, or None.
    noise_variance, ridge
        σ² and ϱ.
    """

    mixture: Any
    direct: Moments = field(compare=False)
    residual: Moments = field(compare=False)
    extra_bits: Callable[[State], float] = field(compare=False)
    bend: Callable[..., Bend] | None = field(compare=False)
    series: Callable[..., tuple[Any, Any]] | None = field(compare=False)
    float_series: Callable[..., Callable[..., tuple[Any, Any]]] | None = field(compare=False)
    noise_variance: Fraction
    ridge: Fraction


@dataclass(frozen=True)
class Interval:
    """An interval of data scales, its ends rational and positive; they may be equal.

    Raises
    ------
    ValueError
        If 0 < low ≤ high does not hold.
    """

    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ValueError(f"0 < low <= high must hold, got low={self.low!r}, high={self.high!r}")

    @property
    def middle(self) -> Fraction:
        """Its middle."""
        return (self.low + self.high) / 2

    @property
    def ball(self) -> Ball:
        """A ball that holds it."""
        return ball(self.low).union(ball(self.high))


class Enclosure(NamedTuple):
    """The solution s = (log τ, log θ²) on an interval of α, as balls.

    Attributes
    ----------
    alpha
        The interval.
    middle
        s at the middle of the interval.
    slopes
        ds/dℓ, ℓ = log α, over all of the interval.
    box
        s over all of the interval.
    gradient
        Derivatives in s, at the solutions, of f₂ − θ²f₁ or, in the residual form, f₂: without noise
        and ridge those of p − θ²E[η′], which vanishes at the solutions of every α.
    """

    alpha: Interval
    middle: Pair
    slopes: Pair
    box: Pair
    gradient: Pair


class Equations(NamedTuple):
    """Both equations and their derivatives, as balls."""

    f: Pair
    jacobian: tuple[Pair, Pair]
    in_log_alpha: Pair


def evaluate(
    problem: Problem, box: Pair, alpha: Ball, digits: float, *, residual: bool, slopes: bool
) -> Equations:
    """Enclose the equations and their derivatives on a box, f to about so many digits.

    Without `slopes` the derivatives mean nothing. `residual` is the form of the equations.
    """
    tau, theta_squared = box[0].exp(), box[1].exp()
    noise, ratio = ball(problem.noise_variance), ball(problem.ridge) / tau
    epsilon = alpha * ratio
    middle_epsilon = epsilon.mid()
    if residual:
        # What is small is compared with the terms that make it up.
        size = abs(1 - alpha.mid()) + middle_epsilon
        scales = log_of(size), log_of(theta_squared) + log_of(size)
    else:
        scales = log_of(alpha), log_of(alpha) + log_of(theta_squared)
    lost = digits * math.log(10.0)
    accuracy = Accuracy(scales[0] - lost, scales[1] - lost)
    moments = problem.residual if residual else problem.direct
    one, two = moments(State(tau, theta_squared), accuracy, slopes=slopes)
    if residual:
        whole = one.value + epsilon
        return Equations(
            (1 - alpha + epsilon - one.value, alpha * noise + two.value - theta_squared * whole),
            (
                (-epsilon - one.in_tau, -one.in_theta),
                (
                    two.in_tau - theta_squared * (one.in_tau - epsilon),
                    two.in_theta - theta_squared * (whole + one.in_theta),
                ),
            ),
            (alpha * (ratio - 1), alpha * (noise - theta_squared * ratio)),
        )
    return Equations(
        (one.value + epsilon - alpha, alpha * noise + two.value - alpha * theta_squared),
        (
            (one.in_tau - epsilon, one.in_theta),
            (two.in_tau, two.in_theta - alpha * theta_squared),
        ),
        (alpha * (ratio - 1), alpha * (noise - theta_squared)),
    )


def enclose(
    problem: Problem,
    alpha: Interval,
    start: tuple[float, float],
    digits: float,
    *,
    sharp: bool = False,
) -> Enclosure:
    """Enclose the solution on an interval, its middle to about `digits` digits.

    Parameters
    ----------
    problem, alpha
        The equations, and the data scales.
    start
        (log τ, log θ²) near the solution at the middle.
    digits
        Digits of τ and θ² at the middle.
    sharp
        Whether derivatives at a single data scale are wanted to as many digits, too.

    Raises
    ------
    NotCertifiedError
        If Krawczyk's operator does not map a box into itself, or an integral is out of reach.
    """
    near = State(arb(start[0]).exp(), arb(start[1]).exp())
    with ctx.workprec(math.ceil(needed_bits(problem, near, digits))):
        try:
            return _enclose(problem, alpha, start, digits, sharp=sharp)
        except IntegrationError as error:
            raise NotCertifiedError(str(error)) from error


class _Near(NamedTuple):
    """A point near a solution, what is known there, and on a small box around it."""

    state: Pair
    inverse: tuple[Pair, Pair]
    off: Pair
    box: Pair
    there: Equations


def needed_bits(problem: Problem, near: State, digits: float) -> float:
    """Return the precision that moments at a state need for so many digits."""
    return 3.33 * (digits + _GUARD_DIGITS) + 24 + problem.extra_bits(near)


def _enclose(
    problem: Problem,
    alpha: Interval,
    start: tuple[float, float],
    digits: float,
    *,
    sharp: bool,
) -> Enclosure:
    residual = alpha.middle >= SWITCH
    near = _refined(problem, ball(alpha.middle), start, digits, residual=residual)
    slope = times(near.inverse, near.there.in_log_alpha)
    # α's middle is not that of ℓ: ℓ − ℓ₀ reaches a little farther down than up.
    reach = (ball(alpha.middle) / ball(alpha.low)).log().abs_upper()
    least = arb(10) ** (-math.ceil(digits + _GUARD_DIGITS))
    radii = [
        (abs(one) * reach * _INFLATION + 4 * abs(error) + least).abs_upper()
        for one, error in zip(slope, near.off, strict=True)
    ]
    for _ in range(_MOST_BOXES):
        found, images = _contracted(
            problem,
            alpha,
            near,
            radii,
            arb(0, reach),
            residual=residual,
            slope_digits=digits if sharp else None,
        )
        if found is not None:
            return found
        # The next box is the image of this one, a little larger, if it is not far larger.
        if not all(
            image < _FAR * radius + least for image, radius in zip(images, radii, strict=True)
        ):
            break
        radii = [
            (image * _INFLATION).max(radius).abs_upper()
            for image, radius in zip(images, radii, strict=True)
        ]
    raise NotCertifiedError(
        f"Krawczyk's operator does not contract for alpha in [{float(alpha.low):.12g}, "
        f"{float(alpha.high):.12g}], at log tau = {near.state[0].str(8, radius=False)}, "
        f"log theta^2 = {near.state[1].str(8, radius=False)}"
    )


def _contracted(
    problem: Problem,
    alpha: Interval,
    near: _Near,
    radii: list[Ball],
    reach: Ball,
    *,
    residual: bool,
    slope_digits: float | None,
) -> tuple[Enclosure | None, Pair]:
    """Return the radii of the image of a box, and the enclosure if it lies in the interior."""
    state, inverse, off = near.state, near.inverse, near.off
    box = _around(state, radii)
    there = near.there
    known = all(one.contains(other) for one, other in zip(near.box, box, strict=True))
    if alpha.low != alpha.high or slope_digits or not known:
        digits = slope_digits or _SLOPE_DIGITS
        there = evaluate(problem, box, alpha.ball, digits, residual=residual, slopes=True)
    (a, b), (c, d) = times_matrix(inverse, there.jacobian)
    drift = times(inverse, there.in_log_alpha)
    # |I − AJ| over the box and the interval.
    left = (1 - a).abs_upper(), b.abs_upper(), c.abs_upper(), (1 - d).abs_upper()
    images = (
        (off[0] + drift[0] * reach).abs_upper() + left[0] * radii[0] + left[1] * radii[1],
        (off[1] + drift[1] * reach).abs_upper() + left[2] * radii[0] + left[3] * radii[1],
    )
    determinant = a * d - b * c
    shrunk = (1 - left[0]) * (1 - left[3]) - left[1] * left[2]
    inside = all(image < radius for image, radius in zip(images, radii, strict=True))
    if not (inside and shrunk > 0 and left[0] < 1 and left[3] < 1 and abs(determinant) > 0):
        return None, images
    size = off[0].abs_upper(), off[1].abs_upper()
    middle = _around(
        state,
        [
            (((1 - left[3]) * size[0] + left[1] * size[1]) / shrunk).abs_upper(),
            ((left[2] * size[0] + (1 - left[0]) * size[1]) / shrunk).abs_upper(),
        ],
    )
    slopes = (
        (b * drift[1] - d * drift[0]) / determinant,
        (c * drift[0] - a * drift[1]) / determinant,
    )
    tight = (
        (middle[0] + slopes[0] * reach).intersection(box[0]),
        (middle[1] + slopes[1] * reach).intersection(box[1]),
    )
    gradient = there.jacobian[1]
    if not residual:
        theta_squared = box[1].exp()
        first, second = there.jacobian
        gradient = (second[0] - theta_squared * first[0], second[1] - theta_squared * first[1])
    return Enclosure(alpha, middle, slopes, tight, gradient), images


def _around(state: Pair, radii: Sequence[Ball]) -> Pair:
    return state[0] + arb(0, radii[0]), state[1] + arb(0, radii[1])


def _refined(
    problem: Problem, alpha: Ball, start: tuple[float, float], digits: float, *, residual: bool
) -> _Near:
    """Return a point near the solution, after Newton's method, and what is known around it."""
    state = arb(start[0]), arb(start[1])
    goal, last = 10.0 ** -(digits + 1), math.inf
    known: tuple[Pair, Equations, tuple[Pair, Pair]] | None = None
    for _ in range(_MOST_STEPS):
        if known is None:
            box = _around(state, [arb(_SMALL_BOX)] * 2)
            there = evaluate(problem, box, alpha, _SLOPE_DIGITS, residual=residual, slopes=True)
            known = box, there, near_inverse(there.jacobian)
        box, there, inverse = known
        found = evaluate(
            problem, state, alpha, digits + _GUARD_DIGITS, residual=residual, slopes=False
        )
        move = times(inverse, found.f)
        size = max(as_float(one.abs_upper()) for one in move)
        if size <= goal or (size > last / 2 and last < _SMALL_BOX):
            return _Near(state, inverse, move, box, there)
        if size > _SMALL_BOX / 2:
            known = None
        scale = min(1.0, 1.0 / size)
        state = (state[0] - move[0] * scale).mid(), (state[1] - move[1] * scale).mid()
        last = size
    raise NotCertifiedError(
        f"Newton's method did not settle at alpha = {alpha.str(12, radius=False)} from "
        f"log tau = {start[0]!r}, log theta^2 = {start[1]!r}"
    )


def near_inverse(matrix: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    """Return an exact matrix near an inverse; raise NotCertifiedError where there is none."""
    (a, b), (c, d) = (tuple(entry.mid() for entry in row) for row in matrix)
    determinant = a * d - b * c
    if not abs(determinant) > 0:
        raise NotCertifiedError("the Jacobian of the equations is singular to working precision")
    inverse = ((d, -b), (-c, a))
    return tuple(tuple((entry / determinant).mid() for entry in row) for row in inverse)  # type: ignore[return-value]


def times(matrix: tuple[Pair, Pair], vector: Pair) -> Pair:
    """Return a matrix times a vector."""
    (a, b), (c, d) = matrix
    return a * vector[0] + b * vector[1], c * vector[0] + d * vector[1]


def times_matrix(first: tuple[Pair, Pair], second: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    """Return the product of two matrices."""
    columns = [times(first, (second[0][k], second[1][k])) for k in (0, 1)]
    return (columns[0][0], columns[1][0]), (columns[0][1], columns[1][1])
