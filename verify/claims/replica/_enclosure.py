r"""Rigorous enclosures of the replica equations, and of their uniqueness on a rectangle.

With t = τ/2, β̂ = C sinh u, R = C cosh u, Z = (β̂ + tu − a)/θ and φ the normal density, the moments
M = E[η′] and P = E[(β̂ − β*)²] of a coordinate with β* = ±a are integrals over u,

    M = ∫ R φ(Z) du/θ                    P = ∫ (β̂ − a)² (R + t) φ(Z) du/θ
    t ∂M/∂t = −∫ R Z (tu/θ) φ du/θ       t ∂P/∂t = ∫ (β̂ − a)² [t − (R + t) Z tu/θ] φ du/θ
    θ² ∂M/∂θ² = ½∫ R (Z² − 1) φ du/θ     θ² ∂P/∂θ² = ½∫ (β̂ − a)² (R + t)(Z² − 1) φ du/θ.

All are enclosed for boxes of (t, θ) by sums over cells in u, each cell a ball; what lies beyond
|Z| = 9 is bounded: there all integrands, in the measure φ dZ, are below K(1 + |Z|)⁶ ≤ K exp(Z²/4),
so that each tail is below K√2 erfc(9/2).

Uniqueness: on a rectangle in (log τ, log θ²) let ∂M/∂τ < 0 and D > 0, where D is M·P times the
Jacobian determinant of (log M, log(P/θ²)); and let M > α on its left and M < α on its right edge.
Then M = α has exactly one τ for each θ, and along that curve log(P/θ²) falls, as its derivative is
the determinant over ∂log M/∂log τ. So that α has at most one fixed point in the rectangle.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb, ctx

from verify.claim import Evidence

Ball = Any

_REACH = 9
_PRECISION = 80
_MOST_BOXES = 4000
_EDGE_PIECES = 8


class SignGroup(NamedTuple):
    """Share of the coordinates, their penalty scale C > 0 and their |β*| ≥ 0, exact or as balls."""

    share: Ball
    scale: Ball
    amplitude: Ball


class Moments(NamedTuple):
    """M, P and their derivatives in log τ and log θ², as balls."""

    response: Ball
    error: Ball
    response_tau: Ball
    response_theta: Ball
    error_tau: Ball
    error_theta: Ball


class Box(NamedTuple):
    """A rectangle in (log τ, log θ²)."""

    low_tau: float
    high_tau: float
    low_theta: float
    high_theta: float

    @classmethod
    def around(cls, tau: tuple[str, str], theta: tuple[str, str]) -> "Box":
        """Return the least box of floats that contains a rectangle with decimal ends.

        Raises
        ------
        ValueError
            If the rectangle is empty.
        """
        if not all(Fraction(low) < Fraction(high) for low, high in (tau, theta)):
            raise ValueError(f"low ends must be below high ones, got {tau} and {theta}")
        ends = [(_outward(low, -math.inf), _outward(high, math.inf)) for low, high in (tau, theta)]
        return cls(*ends[0], *ends[1])

    def halves(self) -> tuple["Box", "Box"]:
        """Cut across the longer side."""
        if self.high_tau - self.low_tau >= self.high_theta - self.low_theta:
            middle = 0.5 * (self.low_tau + self.high_tau)
            return self._replace(high_tau=middle), self._replace(low_tau=middle)
        middle = 0.5 * (self.low_theta + self.high_theta)
        return self._replace(high_theta=middle), self._replace(low_theta=middle)


def moments(groups: Sequence[SignGroup], half_tau: Ball, theta: Ball, cells: int) -> Moments:
    """Enclose the moments of the mixture for all (τ/2, θ) in the balls given, by so many cells."""
    totals = [arb(0)] * 6
    for group in groups:
        for index, value in enumerate(_group_moments(group, half_tau, theta, cells)):
            totals[index] = totals[index] + group.share * value
    return Moments(*totals)


def _group_moments(group: SignGroup, t: Ball, theta: Ball, cells: int) -> list[Ball]:
    scale, amplitude = group.scale, group.amplitude
    low, high = _window(group, t, theta)
    # Where β* = 0, all integrands are even in u.
    sides = 2 if amplitude == 0 else 1
    low, cells = (0.0, cells // 2) if sides == 2 else (low, cells)
    width = (high - low) / cells
    sums = [arb(0)] * 6
    half = arb(1) / 2
    for cell in range(cells):
        u = arb(low + (cell + 0.5) * width, 0.5 * width * (1 + 1e-12))
        grow = u.exp()
        fall = 1 / grow
        estimate = scale * (grow - fall) * half
        radius = scale * (grow + fall) * half
        noise = (estimate + t * u - amplitude) / theta
        square = noise * noise
        weight = (-square * half).exp()
        slope = radius + t
        deviation = (estimate - amplitude) ** 2
        pull = noise * (t * u / theta)
        respond = weight * radius
        miss = weight * deviation
        integrands = (
            respond,
            miss * slope,
            -respond * pull,
            respond * (square - 1) * half,
            miss * (t - slope * pull),
            miss * slope * (square - 1) * half,
        )
        sums = [total + value for total, value in zip(sums, integrands, strict=True)]
    factor = sides * (arb(high) - arb(low)) / cells / (theta * (2 * arb.pi()).sqrt())
    size = (1 + (theta + 2 * amplitude) ** 2) * (1 + amplitude / theta)
    tail = (size * arb(2).sqrt() * (arb(_REACH) / 2).erfc()).upper()
    return [total * factor + arb(0, tail) for total in sums]


def _window(group: SignGroup, t: Ball, theta: Ball) -> tuple[float, float]:
    """Return u between which |Z| reaches `_REACH` for every (t, θ) of the balls."""
    ends = []
    for sign in (-1, 1):
        for step in range(1, 2001):
            u = arb(0.5 * sign * step)
            if sign * (group.scale * u.sinh() + t * u - group.amplitude) / theta > _REACH:
                ends.append(float(u))
                break
        else:
            raise ArithmeticError(f"no window for {group}")
    return ends[0], ends[1]


def moments_on(groups: Sequence[SignGroup], box: Box, cells: int) -> Moments:
    """Enclose the moments of the mixture on a rectangle, by sums over so many cells in u."""
    half_tau = _exponential(box.low_tau, box.high_tau, 1.0) / 2
    return moments(groups, half_tau, _exponential(box.low_theta, box.high_theta, 0.5), cells)


def prove_injective(
    enclose: Callable[[Box], Moments],
    region: Box,
    alpha: tuple[Ball, Ball],
    power: Ball,
    signs: tuple[int, int],
) -> Evidence:
    """Prove that ∂M/∂log τ and D have these signs in `region`, and M passes every α within.

    `enclose` returns the moments on a box, at the precision that is set. D is that of
    P·θ^(2·`power`), whose `power` is −1 in truth. With signs (−1, 1) no α of the interval has two
    fixed points in `region`.
    """
    with ctx.workprec(_PRECISION):
        return _edges_fail(enclose, region, alpha) or _prove(enclose, region, power, signs)


def _edges_fail(
    enclose: Callable[[Box], Moments], region: Box, alpha: tuple[Ball, Ball]
) -> Evidence | None:
    """Return what is wrong with M > α on the left and M < α on the right edge, if anything."""
    step = (region.high_theta - region.low_theta) / _EDGE_PIECES
    for piece in range(_EDGE_PIECES):
        low = region.low_theta + piece * step
        for log_tau, side in ((region.low_tau, 1), (region.high_tau, -1)):
            response = enclose(Box(log_tau, log_tau, low, low + 1.001 * step)).response
            gap = side * (response - alpha[1 if side == 1 else 0])
            if gap < 0:
                edge = f"[{low!r}, {low + step!r}]"
                where = {"log tau": repr(log_tau), "log theta^2": edge, "E[eta']": str(response)}
                text = "E[η′] is on the wrong side of α at an edge"
                return Evidence(False, text, counterexample=where)
            if not gap > 0:
                return Evidence(None, f"E[η′] at an edge is not resolved: {response}")
    return None


def _prove(
    enclose: Callable[[Box], Moments], region: Box, power: Ball, signs: tuple[int, int]
) -> Evidence:
    queue, done = [region], 0
    while queue:
        box = queue.pop()
        done += 1
        found = enclose(box)
        slope = found.response_tau
        determinant = slope * (found.error_theta + power * found.error)
        determinant -= found.response_theta * found.error_tau
        signed = [sign * value for sign, value in zip(signs, (slope, determinant), strict=True)]
        if any(value < 0 for value in signed):
            where = {
                "log tau": f"[{box.low_tau!r}, {box.high_tau!r}]",
                "log theta^2": f"[{box.low_theta!r}, {box.high_theta!r}]",
                "dE[eta']/dlog tau": str(slope),
                "determinant": str(determinant),
            }
            text = f"a condition certainly has the wrong sign in box {done}"
            return Evidence(False, text, counterexample=where)
        if all(value > 0 for value in signed):
            continue
        if done > _MOST_BOXES:
            return Evidence(None, f"undecided after {done} boxes, e.g. {box}")
        queue.extend(box.halves())
    return Evidence(True, f"conditions certified on {done} boxes that cover the rectangle")


def _exponential(low: float, high: float, factor: float) -> Ball:
    """Enclose exp(factor·x) for x between the ends."""
    middle, radius = arb(low) / 2 + arb(high) / 2, (arb(high) - arb(low)) / 2
    return ((middle + arb(0, 1) * radius) * factor).exp()


def _outward(text: str, direction: float) -> float:
    """Return the nearest float to a number in decimal text, or the next one in a direction."""
    near = float(text)
    exact = Fraction(near) - Fraction(text)
    beyond = exact >= 0 if direction > 0 else exact <= 0
    return near if beyond else math.nextafter(near, direction)
