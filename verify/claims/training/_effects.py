"""Statements of Section 5.3 by finite networks alone: effects with intervals, α by α.

A statement is a table of inequalities between ratios of errors, such as p_{ω=0}/p_{ω=1} at one c
and at another; its effect is the logarithm by which they differ. Errors are those at which training
ends, the exact minimisers (`empirics.end_points`): no stopping rule shows in them, however small
they are. Networks of one seed share their inputs, so the effect is taken seed by seed, and its mean
over seeds has a Student interval; all intervals of a claim hold at once with 95 % (Bonferroni). At
an α the sign is established, its opposite is, or neither.

Judged are the α where the exact effect is larger than `SMALLEST`, what is left to finite d. That
choice is made by the theory, before the networks are looked at; the signs are theirs. A floor on
the exact errors would judge fewer points: if with one of `FLOORS` the verdict is the opposite,
nothing is decided; where too few points are left to decide, that is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray
from verify.claim import Check, Control, Evidence, Method
from verify.claims.curves._margins import Line, Table, errors
from verify.claims.training._recorded import END_POINTS, D, end_points_of
from verify.methods.equivalence import LEVEL, Estimate

FLOORS = (0.001, 0.01, 0.05, 0.1)
SMALLEST = 0.1
NAME, RECORDED = "end points", "training.recorded-end-points"
NETWORKS = f"networks of d = {D}, where training ends: minimisers at fourteen α from 0.01 to 0.7"


@dataclass(frozen=True)
class InNetworks:
    """Inequalities between the errors of networks, and the α where they are said to hold.

    Elsewhere the opposite is said to hold if `exactly`, and else nothing.
    """

    table: Table
    exactly: bool = True

    def __post_init__(self) -> None:
        # Networks have neither the values of exact errors nor their crossings to nine decimals.
        object.__setattr__(self, "table", self.table.signs_only())

    def latex(self) -> str:
        """Return the table, of errors of networks."""
        return self.table.latex(r"\hat p", exactly=self.exactly, digits=6)

    def reversed(self) -> InNetworks:
        """Return the opposite inequalities."""
        return replace(self, table=self.table.reversed())

    def stated(self, line: Line) -> NDArray[np.int_]:
        """Return the sign stated at each α: 1, −1, or 0 where nothing is said."""
        elsewhere = -int(self.exactly)
        return np.array([1 if line.holds.at(a) else elsewhere for a in alphas(line)])

    def seen(self, line: Line) -> list[Seen]:
        """Return what the networks show of an inequality at the α where it can be seen."""
        alpha, stated, least = alphas(line), self.stated(line), lowest(line)
        judged = (np.abs(line.exact(alpha)) > SMALLEST) & (stated != 0)
        found = zip(
            *(one[judged] for one in (alpha, stated, least)), effects(line, judged), strict=True
        )
        return [
            Seen(line.name, float(a), int(sign), float(low), Estimate.of(one))
            for a, sign, low, one in found
        ]


def alphas(line: Line) -> FloatArray:
    """Return the data scales of the networks, ascending."""
    return end_points_of(line.settings[0])[0]


def lowest(line: Line) -> FloatArray:
    """Return the least of the exact errors at each α."""
    return np.asarray(np.min([errors(one, alphas(line)) for one in line.settings], axis=0))


def effects(line: Line, judged: NDArray[np.bool_]) -> FloatArray:
    """Return the effect in networks by α and seed; ArithmeticError if an error is no number."""
    values = line.margin(lambda setting: end_points_of(setting)[1][judged])
    if not np.isfinite(values).all():
        raise ArithmeticError(f"all networks must have an error, which some of {line.name} lack")
    return values


class Seen(NamedTuple):
    """One effect at one α: which sign is stated, the least exact error, and the mean over seeds."""

    effect: str
    alpha: float
    stated: int
    least: float
    found: Estimate

    def verdict(self, level: float) -> int:
        """Return 1 if the stated sign is established, −1 if the opposite is, else 0."""
        if not self.found.two_sided_p() < level:
            return 0
        return self.stated * int(np.sign(self.found.value))

    def described(self, level: float) -> str:
        """Return the effect, its interval, and what follows."""
        word = {1: "established", 0: "not decided", -1: "opposite"}[self.verdict(level)]
        reach, sign = self.found.half_width(level), "> 0" if self.stated > 0 else "< 0"
        mean = f"{self.found.value:+.3f} ± {reach:.3f}"
        return f"{self.effect}, α = {self.alpha:g}: {mean} ({sign}: {word})"


def signs(points: Sequence[Seen]) -> bool | None:
    """Hold the signs that networks show to those stated.

    True if no point shows the opposite sign and each effect that has a point is established at one,
    False if a point shows the opposite, and None otherwise, or if there are no points.
    """
    level = LEVEL / max(1, len(points))
    verdicts = [point.verdict(level) for point in points]
    if -1 in verdicts:
        return False
    shown = {one.effect for one, verdict in zip(points, verdicts, strict=True) if verdict > 0}
    return True if points and shown == {one.effect for one in points} else None


def whatever_floor(
    decided: Callable[[float], bool | None], judged: Callable[[float], int]
) -> tuple[bool | None, dict[str, str], dict[str, str]]:
    """Return what is decided without a floor on exact errors, if none leads to the opposite.

    Parameters
    ----------
    decided
        Function from a floor to what is decided of errors above it.
    judged
        Function from a floor to the number of points above it; none says nothing.

    Returns
    -------
    The decision, None if a floor leads to the opposite; the floors that do, and what every floor
    leads to, in words.
    """
    words = {True: "holds", False: "does not hold", None: "open: too few points are left"}
    verdict, found = decided(0.0), {}
    for floor in FLOORS:
        found[floor] = decided(floor) if judged(floor) else None
    opposite = {
        f"floor {floor:g}": words[one]
        for floor, one in found.items()
        if None not in (one, verdict) and one is not verdict
    }
    said = {f"{floor:g}": words[one] for floor, one in found.items()}
    return (None if opposite else verdict), opposite, said


def decide(statement: InNetworks) -> Evidence:
    """Hold the signs that the networks show to those stated, with no floor and with any."""
    points = [point for line in statement.table.lines for point in statement.seen(line)]
    stated = int(sum(np.count_nonzero(statement.stated(line)) for line in statement.table.lines))
    if not points:
        return Evidence(None, "no α at which the effect can be seen")

    def above(floor: float) -> list[Seen]:
        return [one for one in points if one.least > floor]

    holds, opposite, floors = whatever_floor(
        lambda floor: signs(above(floor)), lambda floor: len(above(floor))
    )
    apart = f"; {stated - len(points)} of {stated} points, where it is small, are not judged"
    level = LEVEL / len(points)
    steps = tuple(point.described(level) for point in points)
    if opposite:
        return Evidence(None, f"the verdict depends on a floor{apart}", None, opposite, steps)
    against = [point for point in points if point.verdict(level) < 0]
    if against:
        worst = min(against, key=lambda point: point.found.two_sided_p())
        return Evidence(
            holds,
            f"opposite sign at {len(against)} of {len(points)} points: {worst.described(level)}"
            f"{apart}",
            counterexample={
                "effect": worst.effect,
                "alpha": repr(worst.alpha),
                "mean over seeds": repr(worst.found.value),
                "standard error": repr(worst.found.error),
            },
            steps=steps,
        )
    # Of each effect that can be seen, at the α that shows it best; no sign is the opposite one.
    strongest = {
        name: min(one.found.two_sided_p() for one in points if one.effect == name)
        for name in dict.fromkeys(one.effect for one in points)
    }
    missing = sorted(name for name, p in strongest.items() if not p < level)
    established = sum(point.verdict(level) for point in points)
    lines = [line.name for line in statement.table.lines]
    return Evidence(
        holds,
        f"stated sign established at {established} of {len(points)} points (effect, α), the "
        f"opposite at none{apart}" + (f"; not seen: {', '.join(missing)}" * bool(missing)),
        # Of the least certain effect, corrected for the number of intervals.
        figure=min(1.0, max(strongest.values()) * len(points)),
        steps=steps,
        data={
            "points": len(points),
            "points that are not judged": stated - len(points),
            "established": established,
            "with a floor on exact errors": floors,
            "seeds": int(points[0].found.freedom) + 1,
            "effects that cannot be seen": [name for name in lines if name not in strongest],
        },
    )


def by_networks(exact: str, statement: InNetworks, *more: Control) -> dict[str, Any]:
    """Return what `state` takes for what networks show of the claim `exact` on the curves."""
    controls = (Control("reversed effects", statement.reversed()), *more)
    reason = "family-wise level of all intervals"
    how: dict[str, Any] = {"limit": 120.0, "needs_files": END_POINTS}
    check = Check(NAME, Method.STATISTICS, decide, statement, controls, LEVEL, reason, **how)
    assumptions = (
        NETWORKS,
        f"α where the exact effect is above {SMALLEST:g}",
        "each inequality that can be seen is established at one α at least, its opposite at none",
    )
    return {"checks": (check,), "assumptions": assumptions, "requires": (exact, RECORDED)}


class Side(NamedTuple):
    """One side of a crossing: which sign is stated, and the effect at its α, by α and seed."""

    line: Line
    stated: int
    alpha: FloatArray
    least: FloatArray
    values: FloatArray

    def above(self, floor: float) -> Seen | None:
        """Return the mean over the α with exact errors above a floor; None if there is none."""
        kept = self.least > floor
        if not kept.any():
            return None
        found = Estimate.of(self.values[kept].mean(axis=0))
        return Seen(self.line.name, 0.0, self.stated, float(self.least[kept].min()), found)

    def described(self) -> str:
        """Return the mean over all α, in words."""
        found = Estimate.of(self.values.mean(axis=0))
        return (
            f"{self.line.name}, α from {self.alpha[0]:g} to {self.alpha[-1]:g}: "
            f"{found.value:+.3f} ± {found.error:.3f} "
            f"(standard error over {found.freedom + 1:.0f} seeds)"
        )


def decide_together(statement: InNetworks) -> Evidence:
    """Hold the sign of each effect, over all α where it is said to be positive, to the stated one.

    And over all others to the opposite. For effects too small to be seen α by α. The mean over α is
    taken seed by seed, and on either side of the exact crossings for itself.

    Raises
    ------
    ValueError
        If nothing is said of the other α.
    """
    if not statement.exactly:
        raise ValueError("both sides of a crossing are looked at, and one is stated")
    sides = []
    for line in statement.table.lines:
        alpha, held, least = alphas(line), statement.stated(line), lowest(line)
        for sign, exact in product((1, -1), repeat=2):
            there = (held == sign) & (np.sign(line.exact(alpha)) == exact)
            if there.any():
                sides.append(Side(line, sign, alpha[there], least[there], effects(line, there)))

    def above(floor: float) -> list[Seen]:
        return [one for side in sides if (one := side.above(floor)) is not None]

    def decided(floor: float) -> bool | None:
        points = above(floor)
        verdicts = [point.verdict(LEVEL / len(points)) for point in points]
        return False if min(verdicts) < 0 else True if min(verdicts) > 0 else None

    holds, opposite, floors = whatever_floor(decided, lambda floor: len(above(floor)))
    texts = {f"effect {i}": side.described() for i, side in enumerate(sides, 1)}
    points = above(0.0)
    p = min(1.0, max(len(points) * point.found.two_sided_p() for point in points))
    summary = "; ".join(texts.values())
    if opposite:
        summary = f"the verdict depends on a floor: {summary}"
    data = {"with a floor on exact errors": floors}
    return Evidence(holds, summary, p, None if holds else texts | opposite, data=data)
