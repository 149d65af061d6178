"""Where an inequality between exact error curves holds, with its crossing points.

A statement of Section 5.3 is a table of inequalities between quantities made of errors, with the α
where they hold. Quantities that are positive are compared by their logarithms, so that no margin is
lost where errors are small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from empirics.experiments import Setting, Slab
from numerics import Initialization, TaskDistribution, solve_replica
from numerics.validation import FloatArray
from verify.claim import Check, Control, Fault, Measurement, Method
from verify.claims.curves import _certified as certified
from verify.claims.curves._crossings import (
    CROSSING_BRACKET,
    CROSSING_TOLERANCE,
    FULL_RANGE,
    POINTS,
    signs,
)
from verify.methods.digits import between as digits_between
from verify.methods.notation import in_full, named, number, written
from verify.methods.relations import Relation

ASSUMPTIONS = (
    f"{FULL_RANGE[0]:g} ≤ α ≤ {FULL_RANGE[1]:g}",
    "p is the error of Proposition 4.2, at σ = 0",
)
READING = "a reading: the paper gives no range of α, no slab, and no measure of a gap or gain"
SOLVER = ("replica.exact-solver",)
MOVED = "crossings moved by 10⁻⁵"
# Of a stated crossing.
DECIMALS = 9
NEARLY = rf"\text{{each crossing to within }} {number(str(CROSSING_BRACKET / 2))}"

Errors = Callable[[Setting], FloatArray]

# --- What is stated ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Region:
    """Where a margin is positive.

    Attributes
    ----------
    begins
        Whether it is positive at the lower end of the range.
    crossings
        α at which its sign changes, in order.

    Raises
    ------
    ValueError
        If crossings do not rise, or lie outside of `FULL_RANGE`.
    """

    begins: bool
    crossings: tuple[float, ...]

    def __post_init__(self) -> None:
        edges = (FULL_RANGE[0], *self.crossings, FULL_RANGE[1])
        if not all(low < high for low, high in pairwise(edges)):
            raise ValueError(f"crossings must rise, and lie in {FULL_RANGE}, got {self.crossings}")

    def at(self, alpha: float) -> bool:
        """Return whether α lies in the region."""
        return self.begins ^ bool(sum(crossing < alpha for crossing in self.crossings) % 2)

    def intervals(self) -> list[tuple[float | None, float | None]]:
        """Return its intervals; None stands for an end of the range."""
        edges = [None, *self.crossings, None]
        return list(pairwise(edges))[0 if self.begins else 1 :: 2]

    @property
    def described(self) -> str:
        """The intervals of `FULL_RANGE` in words."""
        low, high = FULL_RANGE
        parts = [f"({a or low:.6f}, {b or high:.6f})" for a, b in self.intervals()]
        return " and ".join(parts) if parts else "no α"

    def latex(self, *, exactly: bool = True, digits: int = DECIMALS) -> str:
        """Return the α of the region; `exactly` says that the inequality fails elsewhere."""
        if not self.crossings:
            return rf"\text{{for {'every' if self.begins else 'no'} }} \alpha"
        parts = [
            (f"{a:.{digits}f} < " if a else "") + r"\alpha" + (f" < {b:.{digits}f}" if b else "")
            if a is None or b is not None
            else rf"\alpha > {a:.{digits}f}"
            for a, b in self.intervals()
        ]
        return (r"\iff " if exactly else r"\text{if } ") + r" \text{ or } ".join(parts)


EVERYWHERE, NOWHERE = Region(True, ()), Region(False, ())


def below(crossing: float) -> Region:
    """Return all α below a crossing."""
    return Region(True, (crossing,))


def between(first: float, second: float) -> Region:
    """Return all α between two crossings."""
    return Region(False, (first, second))


def above(crossing: float) -> Region:
    """Return all α above a crossing."""
    return Region(False, (crossing,))


def outside(first: float, second: float) -> Region:
    """Return all α but those between two crossings."""
    return Region(True, (first, second))


def shifted(holds: Region) -> Region:
    """Return a region with its crossings moved by ten tolerances."""
    return _moved(holds, 10 * CROSSING_TOLERANCE)


def _moved(holds: Region, step: float) -> Region:
    return replace(holds, crossings=tuple(round(x + step, DECIMALS) for x in holds.crossings))


def barely_shifted(holds: Region) -> Region:
    """Return a region with its crossings moved by ten brackets."""
    return _moved(holds, 10 * float(CROSSING_BRACKET))


@dataclass(frozen=True)
class Quantity:
    """A quantity made of the errors of some curves at one α.

    Attributes
    ----------
    letter
        What it is called if it is made of several errors.
    body
        The quantity as a function of the errors.
    settings
        Their curves.
    scale
        On which scale two such quantities are compared.
    """

    letter: str
    body: Callable[..., Any]
    settings: tuple[Setting, ...]
    scale: Callable[[Any], Any] = np.log

    def value(self, errors: Errors) -> FloatArray:
        """Return the quantity on its scale."""
        return np.asarray(self.scale(np.asarray(self.body(*map(errors, self.settings)), float)))

    @property
    def common(self) -> dict[str, Any]:
        """The parameters that all its curves have in common."""
        return common_to(self.settings)

    def shown(self, error: str, names: dict[str, str], same: Collection[str]) -> str:
        """Return the quantity, with its parameters but those that are the `same` elsewhere.

        What is made of several errors has a symbol, which is entered in `names` by its meaning;
        there, errors are named by the parameters in which they differ.
        """
        common = without(self.common, same)
        if len(self.settings) < 2:
            errors = [subscripted(error, common)] if self.settings else []
            return written(self.body, *named(*errors))
        own = [without(parameters(setting), self.common) for setting in self.settings]
        meaning = written(self.body, *named(*(subscripted(error, values) for values in own)))
        letters = (chr(ord(self.letter) + step) for step in range(len(names) + 1))
        free = next(letter for letter in letters if letter not in names.values())
        return subscripted(names.setdefault(meaning, free), common)


@dataclass(frozen=True)
class Line:
    """One inequality, `larger` > `smaller`, and the α where it is said to hold.

    Both sides are of one slab and on one scale: neither is shown for a side. With another relation
    the sides have the wrong names.

    `value` is larger/smaller, on the scale of differences larger − smaller, right to the digits
    given: the least over `FULL_RANGE`, which is at one of its ends; beside crossings that at its
    lower end. "" where it is not stated.

    Raises
    ------
    ValueError
        If the sides are of two slabs or scales, the relation is not strict, or crossings or `value`
        are not written or stated as they can be decided.
    """

    larger: Quantity
    smaller: Quantity
    holds: Region = EVERYWHERE
    relation: Relation = Relation.ABOVE
    value: str = ""

    def __post_init__(self) -> None:
        slabs = sorted({setting.slab for setting in self.settings})
        if len(slabs) != 1:
            raise ValueError(f"an inequality must be of errors of one slab, got {slabs}")
        if self.larger.scale is not self.smaller.scale:
            raise ValueError("both sides of an inequality must be on one scale, got two")
        if not self.relation.strict:
            raise ValueError(f"what changes at a crossing must be < or >, got {self.relation}")
        if any(round(crossing, DECIMALS) != crossing for crossing in self.holds.crossings):
            raise ValueError(
                f"crossings must have at most {DECIMALS} decimals, got {self.holds.crossings}"
            )
        if self.value:
            self._check_value()

    def _check_value(self) -> None:
        if self.relation is not Relation.ABOVE or self.holds == NOWHERE:
            raise ValueError(
                f"a value takes the relation ABOVE, and an α where it holds, got {self.relation} "
                f"with {self.holds}"
            )
        sign = "" if self.larger.scale is np.log else "-?"
        if not re.fullmatch(rf"{sign}[0-9]+\.[0-9]+", self.value) or Decimal(self.value) == 0:
            kind = "a positive number" if self.larger.scale is np.log else "a number other than 0"
            raise ValueError(f"a value must be {kind} with decimals, got {self.value!r}")

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All of its curves."""
        return (*self.larger.settings, *self.smaller.settings)

    def margin(self, errors: Errors) -> FloatArray:
        """Return what is positive where the inequality holds."""
        found = self.relation.margin(self.larger.value(errors), self.smaller.value(errors))
        return np.asarray(found)

    def exact(self, alpha: FloatArray) -> FloatArray:
        """Return the margin of the exact errors."""
        return self.margin(lambda setting: errors(setting, alpha))

    def found_value(self) -> float:
        """Return what `value` states, as float64 has it on a grid of α."""
        grid = np.linspace(*FULL_RANGE, POINTS)
        margin = float(self.exact(grid[:1] if self.holds.crossings else grid).min())
        return float(np.exp(margin)) if self.larger.scale is np.log else margin

    def is_value(self, found: float) -> bool:
        """Whether a number in float64 has the digits of `value`."""
        low, high = map(float, digits_between(self.value))
        rounding = 3e-13 * abs(found)
        return low - rounding <= found <= high + rounding

    @property
    def name(self) -> str:
        """What is compared, in words: the parameters, those of the larger quantity first."""
        sides = [
            [parameters(setting) for setting in side.settings]
            for side in (self.larger, self.smaller)
            if side.settings
        ]
        parts = []
        for name, (_, word) in NAMES.items():
            values = ["/".join(dict.fromkeys(in_full(p[name]) for p in side)) for side in sides]
            parts.append(f"{word} = {' against '.join(dict.fromkeys(values))}")
        return f"{SLABS[self.settings[0].slab]}, {', '.join(parts)}"


class Table:
    """A table of inequalities, its `lines`."""

    lines: tuple[Line, ...]
    # Whether an inequality fails where it is not said to hold.
    exactly = True

    def certified_lines(self) -> tuple[Line, ...]:
        """Return the inequalities that are certified one by one."""
        return self.lines

    def uncovered(self) -> str:
        """Say which α the lines leave out that they should not; "" if none."""
        return ""

    def claim(self, *more: Control) -> dict[str, Any]:
        """Return what `state` needs to know: each inequality holds where stated, and only there."""
        controls = [Control("reversed inequalities", self.reversed())]
        if any(line.holds.crossings for line in self.lines):
            controls += [
                Control(MOVED, self.holding(shifted)),
                Control("read at every α", self.read_everywhere()),
            ]
        made = _claim(self, *controls, *more)
        if any(line.value for line in self.lines):
            controls += [Control("values farther from 0 by 0.1 %", self.tightened())]
        if any(line.holds.crossings for line in self.lines):
            moved = Control("crossings moved by 10⁻⁸", self.holding(barely_shifted))
            controls = [one if one.variant != MOVED else moved for one in controls]
        made["checks"] = (*certified.checks(self, (*controls, *more)), *made["checks"])
        return made

    def claim_everywhere(self, twin: str) -> dict[str, Any]:
        """Return what `state` needs to know of the inequalities at every α, which are false.

        Those with a range, the claim `twin`, are the control.
        """
        corrected = Control("on the ranges of the corrected statement", self, must_hold=True)
        made = _claim(self.read_everywhere(), corrected)
        _, sample = certified.checks(self.read_everywhere(), (corrected,))
        made["checks"] = (sample, *made["checks"])
        made["assumptions"] += (READING,)
        return made | {"twin": twin, "fault": Fault.RANGE}

    def reversed(self) -> Table:
        """Return the opposite inequalities, stated for the same α."""
        turned = (
            replace(line, larger=line.smaller, smaller=line.larger, value="") for line in self.lines
        )
        return Inequalities(tuple(turned))

    def tightened(self) -> Table:
        """Return the inequalities with values that are farther from 0 by 0.1 per cent."""
        more = Decimal("1.001")
        return self._with_values(lambda value: format(Decimal(value) * more, "f") if value else "")

    def signs_only(self) -> Table:
        """Return the inequalities without values."""
        return self._with_values(lambda _: "") if any(one.value for one in self.lines) else self

    def _with_values(self, change: Callable[[str], str]) -> Table:
        return Inequalities(tuple(replace(line, value=change(line.value)) for line in self.lines))

    def read_everywhere(self) -> Table:
        """Return the inequalities as they are read if no α are given: at every α."""
        return self.signs_only().holding(lambda _: EVERYWHERE)

    def holding(self, change: Callable[[Region], Region]) -> Table:
        """Return the inequalities, stated for other α."""
        return Inequalities(tuple(replace(line, holds=change(line.holds)) for line in self.lines))

    def of(self, slab: Slab) -> Inequalities:
        """Return those for one law of the teacher."""
        return Inequalities(tuple(line for line in self.lines if line.settings[0].slab == slab))

    def latex(self, error: str = "p", *, exactly: bool = True, digits: int = DECIMALS) -> str:
        """Return the quantities and what is fixed, then the inequalities, alike ones together.

        Crossings have so many `digits`.
        """
        fixed = common_to([setting for line in self.lines for setting in line.settings])
        names: dict[str, str] = {}
        rows: list[tuple[Slab, Relation, list[str], str]] = []
        values = []
        for line in self.lines:
            sides = (line.larger, line.smaller)
            varied = [one.common for one in sides if one.settings]
            same = {
                n: v for n, v in varied[0].items() if all(v == other.get(n) for other in varied)
            }
            given = listed(without(same, fixed))
            where = line.holds.latex(exactly=exactly, digits=digits)
            where += rf"\quad ({given})" if given else ""
            ends = [one.shown(error, names, same) for one in sides]
            slab = line.settings[0].slab
            if line.value and exactly:
                apart = f" {'/' if line.larger.scale is np.log else '-'} ".join(ends)
                of = rf"\min_\alpha \left({apart}\right)"
                at = r"\text{at an end of the range}"
                if line.holds.crossings:
                    of, at = apart, rf"\alpha = {FULL_RANGE[0]}"
                at += rf",\, {given}" if given else ""
                text = rf"{of} = {line.value}\ldots \quad ({at})"
                values.append(rf"\text{{{SLABS[slab]}}}:\quad {text}")
            before = [(of, how, chain[-1], there) for of, how, chain, there in rows[-1:]]
            alike = before == [(slab, line.relation, ends[0], where)]
            if line.holds == EVERYWHERE and alike:
                rows[-1][2].append(ends[1])  # a > b and b > c: a > b > c
            else:
                rows.append((slab, line.relation, ends, where))
        slabs: dict[str, set[Slab]] = {}
        for of, relation, ends, where in rows:
            slabs.setdefault(rf"{f' {relation} '.join(ends)} \quad {where}", set()).add(of)
        head = r",\quad ".join([*(f"{name} = {it}" for it, name in names.items()), listed(fixed)])
        tail = []
        if exactly and digits == DECIMALS and any(line.holds.crossings for line in self.lines):
            tail = [NEARLY]
        return r" \\ ".join(
            (
                head,
                *(rf"\text{{{laws(of)}}}:\quad {text}" for text, of in slabs.items()),
                *values,
                *tail,
            )
        )


@dataclass(frozen=True)
class Inequalities(Table):
    """A table of inequalities that are listed."""

    lines: tuple[Line, ...]


# --- What it is made of -----------------------------------------------------------------------

SLABS = {"gaussian": "Gaussian slab", "sign": "sign slab"}
# Parameters of a curve: how they are written on the page, and in words.
NAMES = {
    "rho_pt": (r"\rho_{PT}", "ρ_PT"),
    "rho_ft": (r"\rho_{FT}", "ρ_FT"),
    "overlap": (r"\omega", "ω"),
    "c": ("c", "c"),
    "relative_scale": (r"\lambda/c", "λ/c"),
    "gamma": (r"\gamma", "γ"),
}


def parameters(setting: Setting) -> dict[str, Any]:
    """Return the parameters of a curve that have a name."""
    return {name: getattr(setting, name) for name in NAMES}


def laws(slabs: Collection[Slab]) -> str:
    """Return the laws of the teacher that a statement is about."""
    return "both slabs" if len(slabs) > 1 else SLABS[next(iter(slabs))]


def common_to(settings: Sequence[Setting]) -> dict[str, Any]:
    """Return the parameters that all curves have in common."""
    every = [parameters(setting).items() for setting in settings]
    return {n: v for n, v in (every[0] if every else ()) if all((n, v) in one for one in every)}


def without(values: Mapping[str, Any], others: Iterable[str]) -> dict[str, Any]:
    """Return the parameters but those that are named."""
    return {name: values[name] for name in NAMES if name in values and name not in others}


def listed(values: Mapping[str, Any]) -> str:
    """Return parameters and their values in LaTeX."""
    return r",\, ".join(f"{NAMES[n][0]} = {number(values[n])}" for n in NAMES if n in values)


def subscripted(symbol: str, values: Mapping[str, Any]) -> str:
    """Return a symbol with its parameters."""
    return f"{symbol}_{{{listed(values)}}}" if values else symbol


# --- How it is decided ------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _solved(task: TaskDistribution, init: Initialization, alpha: tuple[float, ...]) -> FloatArray:
    curve = solve_replica(task, init, alpha)
    if not ((curve.relative_error < 1e-9) & (curve.mse > 0) & (curve.mse < np.inf)).all():
        raise ArithmeticError(f"error of {task} with {init} not resolved to nine digits")
    return curve.mse


def errors(curve: Setting, alpha: FloatArray) -> FloatArray:
    """Return the exact errors at α.

    Raises
    ------
    ArithmeticError
        If an error is known to fewer than nine digits.
    """
    return _solved(curve.task, curve.initialization, tuple(float(a) for a in alpha))


@dataclass(frozen=True)
class Failure:
    """Where an inequality does not hold as stated, and by how much at the worst.

    Attributes
    ----------
    stretches
        The intervals of α, longer than the tolerance of a crossing, where its sign is another one.
    alpha, margin
        Where the margin is farthest on the wrong side of 0 there, and the margin.
    """

    line: Line
    stretches: tuple[tuple[float, float], ...]
    alpha: float
    margin: float

    @property
    def slab(self) -> str:
        """The law of the teacher, in words."""
        return SLABS[self.line.settings[0].slab]

    @property
    def share(self) -> float:
        """The part of `FULL_RANGE` where it fails."""
        return sum(high - low for low, high in self.stretches) / (FULL_RANGE[1] - FULL_RANGE[0])

    @property
    def size(self) -> str:
        """How far the two sides are apart: in per cent, as a factor from 2 on, or absolutely."""
        if self.line.larger.scale is not np.log:
            return f"{abs(self.margin):.2g}"
        more = float(np.expm1(abs(self.margin)))
        return f"{rounded(100 * more)} %" if more < 1 else f"a factor of {rounded(1 + more)}"

    @property
    def described(self) -> str:
        """Where it fails, and by how much, in words."""
        where = " and ".join(f"({low:.6f}, {high:.6f})" for low, high in self.stretches)
        there = np.array([self.alpha])
        largest = max(float(errors(one, there)[0]) for one in self.line.settings)
        return (
            f"fails on {where}, {rounded(100 * self.share)} % of the range, by up to {self.size} "
            f"(at α = {self.alpha:.3g}, where the largest of its errors is {largest:.2g})"
        )


def rounded(value: float) -> str:
    """Return a number to two digits, without an exponent."""
    return f"{float(f'{value:.2g}'):g}"


def decide(statement: Table) -> Measurement:
    """Find where each inequality holds, and compare with where it is said to."""
    farthest, steps, failures, ranges, wrong = 0.0, [], [], {}, []
    for line in statement.lines:
        found = Region(*signs(line.exact))
        farthest = max(farthest, _distance(found, line.holds))
        if line.value and not line.is_value(value := line.found_value()):
            farthest = np.inf
            wrong.append(f"{line.name}: {value!r}, stated {line.value}")
        failure = _failure(line, found)
        failures += [failure] if failure else []
        said = failure.described if failure else f"holds on {found.described}"
        steps.append(f"{line.name}: {said}")
        ranges[line.name] = found, line.holds
    text = f"{len(steps)} inequalities hold where stated, with crossings within {farthest:.3g}"
    where = {}
    if failures:
        text = _failing(statement, failures)
        worst = max(failures, key=lambda one: abs(one.margin))
        found, stated = ranges[worst.line.name]
        where = {
            "inequality": worst.line.name,
            "holds on": found.described,
            "stated on": stated.described,
            "alpha": repr(worst.alpha),
            "margin": repr(worst.margin),
            "which is": worst.size,
        }
    elif wrong:
        text, where = f"{len(wrong)} values are others", {"value": wrong[0]}
    data = {
        one.line.name: {"alpha": one.alpha, "margin": one.margin, "share": one.share}
        for one in failures
    }
    given = {"failures": data} if data else {}
    return Measurement(farthest, text, where, data=given, steps=(*steps, *wrong))


def _distance(found: Region, stated: Region) -> float:
    """Return the largest distance of crossings; infinite where their number or order differs."""
    if found.begins != stated.begins or len(found.crossings) != len(stated.crossings):
        return np.inf
    return float(np.abs(np.subtract(found.crossings, stated.crossings)).max(initial=0.0))


def _failure(line: Line, found: Region) -> Failure | None:
    """Return where a line's sign is not the stated one, and by how much; None if nowhere."""
    edges = sorted({*FULL_RANGE, *found.crossings, *line.holds.crossings})
    stretches = tuple(
        (low, high)
        for low, high in pairwise(edges)
        if high - low > CROSSING_TOLERANCE
        and found.at(0.5 * (low + high)) != line.holds.at(0.5 * (low + high))
    )
    if not stretches:
        return None

    grid = np.concatenate([np.linspace(low, high, 33) for low, high in stretches])
    place = int(np.argmax(np.abs(line.exact(grid))))
    alpha = float(grid[place])
    if place % 33 not in (0, 32):  # the worst may lie between points of the grid
        around = float(grid[place - 1]), float(grid[place + 1])
        alpha = float(
            minimize_scalar(
                lambda at: -abs(line.exact(np.array([at]))[0]),
                bounds=around,
                method="bounded",
                options={"xatol": 1e-5},
            ).x
        )
    return Failure(line, stretches, alpha, float(line.exact(np.array([alpha]))[0]))


def _failing(statement: Table, failures: Sequence[Failure]) -> str:
    """Return how many inequalities fail, for which slab, on how much of the range and how far."""
    stated = {SLABS[line.settings[0].slab] for line in statement.lines}
    parts = []
    for slab in dict.fromkeys(one.slab for one in failures):
        own = [one for one in failures if one.slab == slab]
        worst, share = max(own, key=lambda one: abs(one.margin)), max(one.share for one in own)
        name = slab if len(stated) == 1 or len(own) < len(failures) else f"{slab} only"
        part = f"{rounded(100 * share)} % of the range of α"
        parts.append(f"{name}, by up to {worst.size}, on {'up to ' * (len(own) > 1)}{part}")
    fail = "fails" if len(failures) == 1 else "fail"
    return f"{len(failures)} of {len(statement.lines)} inequalities {fail}: {'; '.join(parts)}"


def _claim(statement: Table, *controls: Control) -> dict[str, Any]:
    name, reason = "signs and crossings of exact curves", "to which crossings are located"
    check = Check(name, Method.FLOAT64, decide, statement, controls, CROSSING_TOLERANCE, reason)
    return {"checks": (check,), "assumptions": ASSUMPTIONS, "requires": SOLVER}
