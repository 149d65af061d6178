"""Where an inequality between exact error curves holds, with its crossing points.

A statement of Section 5.3 is turned into a margin over α that is positive where it holds. Errors
are compared by the logarithm of their ratio, so that no margin is lost where they are small. Its
sign is taken on a grid, and every change is located by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from empirics.experiments import Setting, Slab
from numerics import solve_replica
from numerics.validation import FloatArray
from verify.claim import Check, Control, Evidence, Method

# The paper's theory lines end at α = 0.5; here nearly all α that interpolate.
FULL_RANGE = (0.01, 0.99)
POINTS = 99
CROSSING_TOLERANCE = 1e-6

Margin = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Region:
    """Where a margin is positive.

    Attributes
    ----------
    begins
        Whether it is positive at the lower end of the range.
    crossings
        α at which its sign changes, in order.
    """

    begins: bool
    crossings: tuple[float, ...]

    def at(self, alpha: float) -> bool:
        """Return whether α lies in the region."""
        return self.begins ^ bool(sum(crossing < alpha for crossing in self.crossings) % 2)

    def told(self) -> str:
        """Return the intervals of `FULL_RANGE` in words."""
        edges = [FULL_RANGE[0], *self.crossings, FULL_RANGE[1]]
        first = 0 if self.begins else 1
        parts = [f"({edges[i]:.6f}, {edges[i + 1]:.6f})" for i in range(first, len(edges) - 1, 2)]
        return " and ".join(parts) if parts else "no α"


EVERYWHERE = Region(True, ())


@dataclass(frozen=True)
class Line:
    """One inequality, and the α where it is said to hold."""

    name: str
    margin: Margin
    holds: Region

    def reversed(self) -> Line:
        """Return the opposite inequality, said to hold where this one does."""
        return replace(self, margin=lambda alpha: -self.margin(alpha))

    def shifted(self) -> Line:
        """Return the line with its crossings moved by ten tolerances."""
        moved = tuple(crossing + 10 * CROSSING_TOLERANCE for crossing in self.holds.crossings)
        return replace(self, holds=replace(self.holds, crossings=moved))

    def printed(self) -> Line:
        """Return the line as the paper words it, without a range."""
        return replace(self, holds=EVERYWHERE)


def region(margin: Margin, *, points: int = POINTS) -> Region:
    """Find where `margin` is positive on `FULL_RANGE`; where it is exactly 0 it is not."""
    grid = np.linspace(*FULL_RANGE, points)
    positive = margin(grid) > 0.0

    def at(alpha: float) -> float:
        return float(margin(np.array([alpha]))[0])

    crossings = tuple(
        float(brentq(at, grid[i], grid[i + 1], xtol=CROSSING_TOLERANCE / 100))
        for i in np.flatnonzero(positive[1:] != positive[:-1])
    )
    return Region(bool(positive[0]), crossings)


def decide(lines: Sequence[Line]) -> Evidence:
    """Find where each inequality holds, and compare with where it is said to."""
    worst, steps = 0.0, []
    for line in lines:
        found = region(line.margin)
        gap = _distance(found, line.holds)
        if gap > CROSSING_TOLERANCE:
            return Evidence(
                False,
                f"{line.name}: holds on {found.told()}, not on {line.holds.told()}",
                counterexample=_counterexample(line, found),
            )
        worst = max(worst, gap)
        steps.append(f"{line.name}: on {found.told()}")
    return Evidence(
        True,
        f"{len(steps)} inequalities hold where stated",
        figure=worst,
        steps=tuple(steps),
    )


def region_check(lines: tuple[Line, ...], *more: Control) -> Check:
    """Return the check that each inequality holds where stated, with controls that suit."""
    controls = [Control("reversed inequalities", tuple(line.reversed() for line in lines))]
    if any(line.holds.crossings for line in lines):
        controls += [
            Control("crossings moved by 10⁻⁵", tuple(line.shifted() for line in lines)),
            Control("at every α, as printed", tuple(line.printed() for line in lines)),
        ]
    return Check(
        "signs and crossings of exact curves",
        Method.FLOAT64,
        decide,
        lines,
        (*controls, *more),
        tolerance=CROSSING_TOLERANCE,
        reason="to which crossings are located",
    )


def printed_check(lines: tuple[Line, ...]) -> Check:
    """Return the check of the inequalities without a range; those with it are the control."""
    return Check(
        "signs and crossings of exact curves",
        Method.FLOAT64,
        decide,
        tuple(line.printed() for line in lines),
        Control("on the ranges of the corrected statement", lines, must_hold=True),
    )


def _distance(found: Region, stated: Region) -> float:
    """Return the largest distance of crossings; infinite where their number or order differs."""
    same = found.begins == stated.begins and len(found.crossings) == len(stated.crossings)
    if not same:
        return np.inf
    pairs = zip(found.crossings, stated.crossings, strict=True)
    return max((abs(a - b) for a, b in pairs), default=0.0)


def _counterexample(line: Line, found: Region) -> dict[str, str]:
    """Return the α in the middle of the longest stretch where the sign is not the stated one."""
    edges = sorted({*FULL_RANGE, *found.crossings, *line.holds.crossings})
    stretches = [(right - left, 0.5 * (left + right)) for left, right in pairwise(edges)]
    wrong = [
        (size, middle) for size, middle in stretches if found.at(middle) != line.holds.at(middle)
    ]
    _, alpha = max(wrong)
    value = float(line.margin(np.array([alpha]))[0])
    return {"inequality": line.name, "alpha": repr(alpha), "margin": repr(value)}


# --- Margins ------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _solved(setting_: Setting, alpha: tuple[float, ...]) -> FloatArray:
    curve = solve_replica(setting_.task, setting_.initialization, alpha)
    if not (curve.relative_error < 1e-9).all():
        raise ArithmeticError(f"error of {setting_} not resolved to nine digits")
    return curve.mse


def errors(curve: Setting, alpha: FloatArray) -> FloatArray:
    """Return the exact errors at α.

    Raises
    ------
    ArithmeticError
        If an error is known to fewer than nine digits.
    """
    return _solved(curve, tuple(float(a) for a in alpha))


def log_ratio(above: Setting, below: Setting) -> Margin:
    """Return log(error of `above`/error of `below`)."""
    return lambda alpha: np.log(errors(above, alpha) / errors(below, alpha))


def difference(above: Setting, below: Setting) -> Margin:
    """Return the error of `above` less that of `below`."""
    return lambda alpha: errors(above, alpha) - errors(below, alpha)


def less(first: Margin, second: Margin) -> Margin:
    """Return first − second."""
    return lambda alpha: first(alpha) - second(alpha)


def setting(
    slab: Slab,
    rho_ft: float,
    overlap: float,
    *,
    c: float = 1e-3,
    ratio: float = 0.0,
    gamma: float = 0.0,
) -> Setting:
    """Return a curve of Experiments 1-3; the baseline initialisation where nothing is said."""
    return Setting("section 5.3", "", rho_ft, overlap, c, ratio, gamma, slab)


def overlap_gap(slab: Slab, **init: float) -> Margin:
    """Return log(error at ω = 0/error at ω = 1), ρ_FT = 0.1 (Experiment 1)."""
    return log_ratio(setting(slab, 0.1, 0.0, **init), setting(slab, 0.1, 1.0, **init))


def overlap_difference(slab: Slab, **init: float) -> Margin:
    """Return the error at ω = 0 less that at ω = 1, ρ_FT = 0.1 (Experiment 1)."""
    return difference(setting(slab, 0.1, 0.0, **init), setting(slab, 0.1, 1.0, **init))


def sparsity_gain(slab: Slab, **init: float) -> Margin:
    """Return log(error at ρ_FT = 0.9/error at ρ_FT = 0.1), ω = 0 (Experiment 2)."""
    return log_ratio(setting(slab, 0.9, 0.0, **init), setting(slab, 0.1, 0.0, **init))


def nested_gain(slab: Slab, rho_ft: float, **init: float) -> Margin:
    """Return log(error at ρ_FT = 0.1/error at `rho_ft`), ω = 1 (Experiment 3)."""
    return log_ratio(setting(slab, 0.1, 1.0, **init), setting(slab, rho_ft, 1.0, **init))


def wins(winner: Setting, others: Sequence[Setting]) -> Margin:
    """Return log(least error of `others`/error of `winner`)."""
    return lambda alpha: np.log(
        np.min([errors(other, alpha) for other in others], axis=0) / errors(winner, alpha)
    )
