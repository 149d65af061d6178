"""Statements of Section 5.3 by trained networks alone: effects with intervals, α by α.

A statement is a table of inequalities between ratios of errors, such as p_{ω=0}/p_{ω=1} at one c
and at another; its effect is the logarithm by which they differ. Networks of one seed share their
inputs, so it is taken seed by seed, and its mean over seeds has a Student interval; all intervals
of a claim hold at once with 95 % (Bonferroni). At an α the sign is established, its opposite is, or
neither.

Judged are the α where the statement can be seen in networks of this size: the exact errors are
above `FLOOR`, below which the training error at which they stop shows, and the exact effect is
larger than `SMALLEST`, what is left to finite d and learning rate. That choice is made by the
theory, before the networks are looked at; the signs are theirs. Points that are not judged are
counted: where errors are small, networks may show the opposite of what is stated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from empirics.diagonal_record import DESK, Recorded, load
from numerics.validation import FloatArray
from verify.claim import Check, Control, Evidence, Method
from verify.claims.curves._margins import Line, Table, errors
from verify.methods.equivalence import LEVEL, Estimate

FLOOR = 5e-3
SMALLEST = 0.1

NETWORKS = "recorded networks of d = 1000, Gaussian slab, eleven α from 0.01 to 0.5"
RECORD = f"empirics/recorded/{DESK}"


@cache
def recorded(name: str = DESK) -> Recorded:
    """Return the record, read once in a process."""
    return load(name)


@dataclass(frozen=True)
class InNetworks:
    """Inequalities between the errors of trained networks, and the α where they are said to hold.

    Elsewhere the opposite is said to hold if `exactly`, and else nothing. Nothing is said where an
    exact error is at most `floor`.
    """

    table: Table
    exactly: bool = True
    floor: float = FLOOR

    def latex(self) -> str:
        """Return the table, of errors of networks, and from which exact errors on it is meant."""
        table = self.table.latex(r"\hat p", exactly=self.exactly)
        return rf"{table} \\ \text{{where every }} p > {self.floor:g}" if self.floor else table

    def reversed(self) -> InNetworks:
        """Return the opposite inequalities."""
        return replace(self, table=self.table.reversed())

    def stated(self, line: Line) -> NDArray[np.int_]:
        """Return the sign stated at each trained α: 1, −1, or 0 where nothing is said."""
        alpha, elsewhere = recorded().of(line.settings[0]).alpha, -int(self.exactly)
        return np.array([1 if line.holds.at(a) else elsewhere for a in alpha])

    def high(self, line: Line) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return the trained α, and where the exact errors are above the floor."""
        alpha = recorded().of(line.settings[0]).alpha
        exact = np.min([errors(one, alpha) for one in line.settings], axis=0)
        return alpha, exact > self.floor

    def seen(self, line: Line) -> list[Seen]:
        """Return what the networks show of an inequality at the α where it can be seen."""
        (alpha, high), stated = self.high(line), self.stated(line)
        judged = high & (np.abs(line.exact(alpha)) > SMALLEST) & (stated != 0)
        found = zip(alpha[judged], stated[judged], effects(line, judged), strict=True)
        return [Seen(line.name, float(a), int(sign), Estimate.of(one)) for a, sign, one in found]


def effects(line: Line, judged: NDArray[np.bool_]) -> FloatArray:
    """Return the effect in networks by α and seed; ArithmeticError if one did not converge."""
    record = recorded()
    values = line.margin(lambda setting: record.of(setting).error[judged])
    if not np.isfinite(values).all():
        raise ArithmeticError(f"all networks must converge, which some of {line.name} did not")
    return values


class Seen(NamedTuple):
    """One effect at one α: which sign is stated, and its mean over seeds."""

    effect: str
    alpha: float
    stated: int
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


def decide(statement: InNetworks) -> Evidence:
    """Hold the signs that the networks show to those stated.

    The statement stands if no α shows the opposite sign and each effect that can be seen is
    established at some α, falls if an α shows the opposite, and is undecided otherwise.
    """
    points: dict[str, list[Seen]] = {}
    for line in statement.table.lines:
        points.setdefault(line.name, []).extend(statement.seen(line))
    found = [point for group in points.values() for point in group]
    stated = int(sum(np.count_nonzero(statement.stated(line)) for line in statement.table.lines))
    apart = f"; {stated - len(found)} of {stated} points are not judged"
    if not found:
        return Evidence(None, "no α at which the effect can be seen")
    level = LEVEL / len(found)
    steps = tuple(point.described(level) for point in found)
    against = [point for point in found if point.verdict(level) < 0]
    if against:
        worst = min(against, key=lambda point: point.found.two_sided_p())
        return Evidence(
            False,
            f"opposite sign at {len(against)} of {len(found)} points: {worst.described(level)}"
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
        name: min(point.found.two_sided_p() for point in group)
        for name, group in points.items()
        if group
    }
    missing = sorted(name for name, p in strongest.items() if not p < level)
    established = sum(point.verdict(level) for point in found)
    return Evidence(
        None if missing else True,
        f"stated sign established at {established} of {len(found)} points (effect, α), the "
        f"opposite at none{apart}" + (f"; not seen: {', '.join(missing)}" * bool(missing)),
        # Of the least certain effect, corrected for the number of intervals.
        figure=min(1.0, max(strongest.values()) * len(found)),
        steps=steps,
        data={
            "points": len(found),
            "points that are not judged": stated - len(found),
            "established": established,
            "seeds": int(found[0].found.freedom) + 1,
            "effects that cannot be seen": [name for name, group in points.items() if not group],
        },
    )


def by_networks(
    exact: str,
    statement: InNetworks,
    *more: Control,
    decide: Callable[[InNetworks], Evidence] = decide,
) -> dict[str, Any]:
    """Return what `state` takes for what networks show of the claim `exact` on the curves."""
    controls = (Control("reversed effects", statement.reversed()), *more)
    name, reason = "recorded networks", "family-wise level of all intervals"
    how: dict[str, Any] = {"limit": 120.0, "needs_files": (RECORD,)}
    check = Check(name, Method.STATISTICS, decide, statement, controls, LEVEL, reason, **how)
    floor = f"all exact errors are above {statement.floor:g} and " if statement.floor else ""
    assumptions = (
        NETWORKS,
        f"α where {floor}the exact effect is above {SMALLEST:g}",
        "each inequality that can be seen is established at one α at least, its opposite at none",
    )
    return {"checks": (check,), "assumptions": assumptions, "requires": (exact,)}


def decide_together(statement: InNetworks) -> Evidence:
    """Hold the sign of each effect, over all α where it is said to be positive, to the stated one.

    And over all others to the opposite. For effects too small to be seen α by α; every α counts at
    which the exact errors are above `FLOOR`. The mean over α is taken seed by seed, and on either
    side of the exact crossings for itself.

    Raises
    ------
    ValueError
        If nothing is said of the other α.
    """
    if not statement.exactly:
        raise ValueError("both sides of a crossing are looked at, and one is stated")
    points, texts = [], {}
    for line in statement.table.lines:
        alpha, high = statement.high(line)
        held = np.array([1 if line.holds.at(a) else -1 for a in alpha])
        for sign, exact in product((1, -1), repeat=2):
            there = high & (held == sign) & (np.sign(line.exact(alpha)) == exact)
            if not there.any():
                continue
            found = Estimate.of(effects(line, there).mean(axis=0))
            points.append(Seen(line.name, 0.0, sign, found))
            low, most = alpha[there][[0, -1]]
            texts[f"effect {len(points)}"] = (
                f"{line.name}, α from {low:g} to {most:g}: {found.value:+.3f} ± {found.error:.3f} "
                f"(standard error over {found.freedom + 1:.0f} seeds)"
            )
    signs = [point.verdict(LEVEL / len(points)) for point in points]
    holds = False if min(signs) < 0 else True if min(signs) > 0 else None
    p = min(1.0, max(len(points) * point.found.two_sided_p() for point in points))
    return Evidence(holds, "; ".join(texts.values()), p, None if holds else texts)
