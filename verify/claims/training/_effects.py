"""Statements of Section 5.3 by trained networks alone: effects with intervals, α by α.

A statement is that a sum of signed logarithms of errors is positive, such as log p_{ω=0} −
log p_{ω=1} at one c less the same at another. Networks of one seed share their inputs, so the sum
is taken seed by seed, and its mean over seeds has a Student interval; all intervals of a claim
hold at once with 95 % (Bonferroni). At an α the sign is established, its opposite is, or neither.

Judged are the α where the statement can be seen in networks of this size: the exact errors of its
terms are above `FLOOR`, below which the training error at which they stop shows, and the exact
effect is larger than `SMALLEST`, what is left to finite d and learning rate. That choice is made by
the theory, before the networks are looked at; the signs are theirs. Stopping early adds to an
error; where that can only hide the effect, in the errors that enter with a minus, `FLOOR` may be
waived.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import t as student

from empirics.diagonal_record import DESK
from empirics.experiments import Setting
from numerics.validation import FloatArray
from verify.claim import Check, Control, Evidence, Method
from verify.claims.curves._margins import EVERYWHERE, Line, Region, errors, setting
from verify.claims.training._curves import recorded

FLOOR = 5e-3
SMALLEST = 0.1
LEVEL = 0.05

DESK_ASSUMPTIONS = (
    "recorded networks of d = 1000, Gaussian slab, eleven α from 0.01 to 0.5",
    f"α where all errors are above {FLOOR:g} and the exact effect above {SMALLEST:g}",
    "each inequality that can be seen is established at one α at least, its opposite at none",
)
RECORD = f"empirics/recorded/{DESK}"

Terms = tuple[tuple[int, Setting], ...]


@dataclass(frozen=True)
class Effect:
    """Σ sign · log p, said to be positive where `holds` is.

    Attributes
    ----------
    name
        What it is.
    terms
        Signs and settings.
    holds
        Where it is said to be positive.
    outside
        Whether it is said to be negative elsewhere; if not, nothing is said.
    waived
        Whether errors that enter with a minus may be below `FLOOR`; only without `outside`.
    """

    name: str
    terms: Terms
    holds: Region = EVERYWHERE
    outside: bool = True
    waived: bool = False

    def __post_init__(self) -> None:
        if self.waived and self.outside:
            raise ValueError(f"an effect with a waived floor must have one side, got {self.name!r}")

    def reversed(self) -> Effect:
        """Return the opposite statement."""
        return replace(self, terms=tuple((-sign, setting) for sign, setting in self.terms))

    def everywhere(self) -> Effect:
        """Return the statement without a range, as the paper words it."""
        return replace(self, holds=EVERYWHERE)


@dataclass(frozen=True)
class Seen:
    """One effect at one α: what is said of its sign, its mean over seeds and standard error."""

    effect: str
    alpha: float
    stated: int
    mean: float
    error: float
    seeds: int

    @property
    def p_value(self) -> float:
        """Probability of a mean as far from 0 as this one, if the effect is 0."""
        return 2.0 * float(student.sf(abs(self.mean) / self.error, self.seeds - 1))

    def verdict(self, level: float) -> int:
        """Return 1 if the stated sign is established, −1 if the opposite is, else 0."""
        return self.stated * int(np.sign(self.mean)) if self.p_value < level else 0


def seen(effect: Effect) -> list[Seen]:
    """Return what the networks show of an effect at the α where it can be seen.

    Raises
    ------
    ArithmeticError
        If a network did not converge.
    """
    record = recorded()
    networks = [(sign, record.of(term)) for sign, term in effect.terms]
    alpha = networks[0][1].alpha
    exact = np.array([errors(term, alpha) for _, term in effect.terms])
    signs = np.array([sign for sign, _ in effect.terms])
    size = np.abs(signs @ np.log(exact))
    stated = [1 if effect.holds.at(a) else -int(effect.outside) for a in alpha]
    held = exact[signs > 0] if effect.waived else exact
    judged = (held.min(axis=0) > FLOOR) & (size > SMALLEST) & np.array(stated, dtype=bool)
    values: FloatArray = sum(sign * np.log(found.error[judged]) for sign, found in networks)
    if not np.isfinite(values).all():
        raise ArithmeticError(f"all networks must converge, which some of {effect.name} did not")
    count = values.shape[1]
    spread = values.std(axis=1, ddof=1) / np.sqrt(count)
    rows = zip(np.flatnonzero(judged), values.mean(axis=1), spread, strict=True)
    return [
        Seen(effect.name, float(alpha[i]), stated[i], float(mean), float(error), count)
        for i, mean, error in rows
    ]


def decide(effects: Sequence[Effect]) -> Evidence:
    """Hold the signs that the networks show to those stated.

    The statement stands if no α shows the opposite sign and each effect that can be seen is
    established at some α, falls if an α shows the opposite, and is undecided otherwise.
    """
    points = {effect.name: seen(effect) for effect in effects}
    found = [point for group in points.values() for point in group]
    if not found:
        return Evidence(None, "no α at which the effect can be seen")
    level = LEVEL / len(found)
    verdicts = [point.verdict(level) for point in found]
    against = [p for p, verdict in zip(found, verdicts, strict=True) if verdict < 0]
    shown = {p.effect for p, verdict in zip(found, verdicts, strict=True) if verdict > 0}
    missing = [name for name, group in points.items() if group and name not in shown]
    blank = [name for name, group in points.items() if not group]
    holds = False if against else None if missing else True
    steps = tuple(_told(p, v, level) for p, v in zip(found, verdicts, strict=True))
    count = sum(verdict > 0 for verdict in verdicts)
    summary = f"stated sign established at {count} of {len(found)} points (effect, α)"
    if against:
        worst = max(against, key=lambda p: abs(p.mean) / p.error)
        return Evidence(
            False,
            f"opposite sign at {len(against)} of {len(found)} points, first of all "
            + _told(worst, -1, level),
            counterexample={
                "effect": worst.effect,
                "alpha": repr(worst.alpha),
                "mean over seeds": repr(worst.mean),
                "standard error": repr(worst.error),
            },
            steps=steps,
        )
    established = [p for p, verdict in zip(found, verdicts, strict=True) if verdict > 0]
    strongest = {
        name: min((p.p_value for p in established if p.effect == name), default=1.0)
        for name, group in points.items()
        if group
    }
    return Evidence(
        holds,
        summary + ", the opposite at none" + (f"; not seen: {', '.join(missing)}" * bool(missing)),
        # Of the least certain effect, corrected for the number of intervals.
        figure=min(1.0, max(strongest.values()) * len(found)),
        steps=steps,
        data={
            "points": len(found),
            "established": count,
            "seeds": found[0].seeds,
            "effects that cannot be seen": blank,
        },
    )


@dataclass(frozen=True)
class Sides:
    """The signs that an effect is said to have below and above a crossing, over all α together.

    Attributes
    ----------
    terms
        Signs and settings of the effect.
    crossing
        The α that parts the two.
    below, above
        1 or −1.
    """

    terms: Terms
    crossing: float
    below: int
    above: int


def decide_sides(sides: Sides) -> Evidence:
    """Hold the sign of an effect's mean over the α of either side of a crossing to the stated one.

    For effects too small to be seen α by α; every α counts at which the exact errors of all terms
    are above `FLOOR`. The mean over α is taken seed by seed.
    """
    record = recorded()
    networks = [(sign, record.of(term)) for sign, term in sides.terms]
    alpha = networks[0][1].alpha
    exact = np.array([errors(term, alpha) for _, term in sides.terms])
    high = exact.min(axis=0) > FLOOR
    told, p_values, signs = [], [], []
    for name, part, stated in (
        ("below", alpha < sides.crossing, sides.below),
        ("above", alpha > sides.crossing, sides.above),
    ):
        values = sum(sign * np.log(found.error[high & part]) for sign, found in networks)
        means = np.asarray(values).mean(axis=0)
        if not np.isfinite(means).all():
            raise ArithmeticError(f"all networks must converge {name} the crossing")
        point = Seen(name, sides.crossing, stated, float(means.mean()), 0.0, means.size)
        point = replace(point, error=float(means.std(ddof=1) / np.sqrt(means.size)))
        p_values.append(2 * point.p_value)
        signs.append(point.verdict(LEVEL / 2))
        told.append(
            f"{name} α = {sides.crossing:.4g}: {point.mean:+.3f} ± {point.error:.3f} (standard "
            f"error over {means.size} seeds)"
        )
    holds = False if min(signs) < 0 else True if min(signs) > 0 else None
    return Evidence(
        holds,
        "; ".join(told),
        figure=min(1.0, max(p_values)),
        counterexample=None if holds else dict(zip(("below", "above"), told, strict=True)),
    )


def _told(point: Seen, verdict: int, level: float) -> str:
    reach = float(student.ppf(1 - level / 2, point.seeds - 1)) * point.error
    word = {1: "established", 0: "not decided", -1: "opposite"}[verdict]
    sign = "> 0" if point.stated > 0 else "< 0"
    return f"{point.effect}, α = {point.alpha:g}: {point.mean:+.3f} ± {reach:.3f} ({sign}: {word})"


def effect_check(
    effects: tuple[Effect, ...], *more: Control, controls: tuple[Control, ...] = ()
) -> Check:
    """Return the check of a statement by the recorded networks.

    Its controls are the reversed effects and `more`, or `controls` in place of all of them.
    """
    reversed_ = Control("reversed effects", tuple(effect.reversed() for effect in effects))
    return Check(
        "recorded networks",
        Method.STATISTICS,
        decide,
        effects,
        controls or (reversed_, *more),
        tolerance=LEVEL,
        reason="family-wise level of all intervals",
        limit=120.0,
        needs_files=(RECORD,),
    )


def holds_of(lines: Sequence[Line]) -> list[Region]:
    """Return where the exact curves of the Gaussian slab obey a statement, line by line."""
    return [line.holds for line in lines if line.name.startswith("Gaussian slab")]


def network(rho_ft: float, overlap: float, **init: Any) -> Setting:
    """Return a setting of Experiments 1-3, Gaussian slab; the baseline where nothing is said."""
    return setting("gaussian", rho_ft, overlap, **init)


def gap(above: Setting, below: Setting) -> Terms:
    """Return log(error of `above`/error of `below`)."""
    return ((1, above), (-1, below))


def less(first: Terms, second: Terms) -> Terms:
    """Return first − second."""
    return (*first, *((-sign, term) for sign, term in second))


def overlap_gap(**init: Any) -> Terms:
    """Return log(error at ω = 0/error at ω = 1), ρ_FT = 0.1."""
    return gap(network(0.1, 0.0, **init), network(0.1, 1.0, **init))


def sparsity_gain(**init: Any) -> Terms:
    """Return log(error at ρ_FT = 0.9/error at ρ_FT = 0.1), ω = 0."""
    return gap(network(0.9, 0.0, **init), network(0.1, 0.0, **init))


def nested_gain(rho_ft: float, **init: Any) -> Terms:
    """Return log(error at ρ_FT = 0.1/error at `rho_ft`), ω = 1."""
    return gap(network(0.1, 1.0, **init), network(rho_ft, 1.0, **init))
