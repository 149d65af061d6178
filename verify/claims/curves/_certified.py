"""Inequalities between error curves, certified: at single α, at crossings, on whole intervals.

Every error is a ball (`numerics.certified`). On an interval of α the curves are enclosed by arcs;
where that does not settle a sign, by polynomials in log α, in which what curves have in common
cancels, and bounds of what they leave: quantities whose errors nearly agree are then as well told
apart as any. An interval that stays undecided is halved.

A crossing is a bracket of the width `BRACKET` around the α stated: the inequality holds at every α
of the range on one side of it, and fails at every α on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from flint import arb, arb_series, ctx

from empirics.experiments import Setting
from numerics.certified import Arc, Interval, Mixture, NotCertifiedError, Path, certified_path
from numerics.certified.exact import ball
from numerics.certified.series import at_step, long_series, moved
from verify.claim import Check, Control, Evidence, Method, Tier
from verify.claims.curves._crossings import CROSSING_BRACKET, FULL_RANGE
from verify.methods.digits import between
from verify.methods.identity import prove_all
from verify.methods.relations import Relation

Ball = Any

BRACKET = Fraction(CROSSING_BRACKET)
RANGE = Interval(*(Fraction(str(end)) for end in FULL_RANGE))
# Where the quick tier certifies, besides the crossings.
SAMPLE = tuple(map(Fraction, ("0.01", "0.02", "0.03", "0.05", "0.092", "0.3", "0.6", "0.99")))

FINE, COARSE = 14, 8
_NARROW = Fraction(1, 10**6)
PRECISION = 110
_ORDER = 3
# Of the polynomials that curves follow over an interval.
_DEGREE = 6
# Arcs wider than this in log θ² are halved at once.
_SHORT = 0.1
# Taylor's formula for a slope, with its remainder, says nothing over wider ones.
_SHORT_FOR_SLOPES = 0.02
_MOST_INTERVALS = 30_000


class UndecidedError(ArithmeticError):
    """A sign was not settled; the message says where."""


@cache
def path(curve: Setting, digits: int) -> Path:
    """Return the certified solutions of a curve, whose parameters are the decimals written.

    To `FINE` digits at single α, `COARSE` ones where solutions lead from one to the next.
    """
    numbers = (curve.rho_pt, curve.rho_ft, curve.overlap)
    mixture = Mixture.pretrain_finetune(
        *map(str, numbers),
        c=str(curve.c),
        relative_scale=str(curve.relative_scale),
        gamma=str(curve.gamma),
        slab=curve.slab,
    )
    return certified_path(mixture, digits)


@dataclass(frozen=True)
class Positive:
    """A positive quantity by its logarithm: a ball, or a power series of balls in log α.

    Products and quotients are sums of logarithms, in which nothing is lost of what cancels.
    """

    log: Any

    def __mul__(self, other: Any) -> Positive:
        return Positive(self.log + positive(other).log)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Positive:
        return Positive(self.log - positive(other).log)

    def __rtruediv__(self, other: Any) -> Positive:
        return Positive(positive(other).log - self.log)

    def __sub__(self, other: Any) -> Any:
        return self.log.exp() - _plain(other)

    def __add__(self, other: Any) -> Any:
        return self.log.exp() + _plain(other)

    def __rsub__(self, other: Any) -> Any:
        return _plain(other) - self.log.exp()

    __radd__ = __add__


def positive(value: Any) -> Positive:
    """Return a positive number by its logarithm: of e^x that is x.

    Raises
    ------
    ValueError
        If it is no positive rational number, and no rational power of e.
    """
    if isinstance(value, Positive):
        return value
    if isinstance(value, sp.exp):
        return Positive(ball(_rational(value.args[0])))
    number = _rational(value)
    if number <= 0:
        raise ValueError(f"a positive number or a power of e is asked for, got {value!r}")
    return Positive(ball(number).log())


def _rational(value: Any) -> Fraction:
    """Return a number as the decimals say; raise ValueError for what is none, or irrational."""
    if isinstance(value, (int, float, Fraction, sp.Rational, sp.Float)):
        return Fraction(str(value))
    raise ValueError(f"a positive number or a power of e is asked for, got {value!r}")


def _plain(value: Any) -> Any:
    """Return a quantity as it is; a number in float64 as its decimals say."""
    if isinstance(value, Positive):
        return value.log.exp()
    return ball(_rational(value)) if isinstance(value, float) else value


class Inequality(NamedTuple):
    """A margin said to be positive: that between two quantities, less a constant.

    Attributes
    ----------
    larger, smaller, relation
        What is compared (`verify.claims.curves._margins.Quantity`), and how.
    sign
        −1 for the reverse inequality.
    threshold
        What larger/smaller, or larger − smaller on the scale of differences, is held against.
    """

    larger: Any
    smaller: Any
    relation: Relation
    sign: int = 1
    threshold: Fraction | None = None

    @classmethod
    def of(cls, line: Any, sign: int = 1, threshold: Fraction | None = None) -> Inequality:
        """Return the inequality of a line (`verify.claims.curves._margins.Line`)."""
        return cls(line.larger, line.smaller, line.relation, sign, threshold)

    def margin(self, errors: Mapping[Setting, Positive]) -> Any:
        """Return the margin of errors that are balls, or power series of balls."""
        sides = (_on_scale(side, errors) for side in (self.larger, self.smaller))
        margin = self.relation.margin(*sides)
        if self.threshold is not None:
            least = ball(self.threshold)
            margin -= least.log() if self.larger.scale is np.log else least
        return margin * self.sign

    def at(self, alpha: Fraction) -> Ball:
        """Return the margin at one α."""
        return self.margin({one: error(one, alpha) for one in self.curves})

    @property
    def curves(self) -> tuple[Setting, ...]:
        """The curves compared."""
        return tuple(dict.fromkeys((*self.larger.settings, *self.smaller.settings)))


def _on_scale(quantity: Any, errors: Mapping[Setting, Positive]) -> Any:
    value = quantity.body(*(errors[one] for one in quantity.settings))
    if quantity.scale is np.log:
        return positive(value).log
    if quantity.scale is np.asarray:
        return _plain(value)
    raise ValueError(f"quantities are compared by log, or as they are, got {quantity.scale!r}")


def error(curve: Setting, alpha: Fraction) -> Positive:
    """Return the error at one α: p = αθ²."""
    return Positive(path(curve, FINE).point(alpha).middle[1] + ball(alpha).log())


def slope(curve: Setting, alpha: Fraction) -> Ball:
    """Return d log p/d log α at one α."""
    return 1 + path(curve, FINE).series(alpha, 1).log_theta_squared[1]


@cache
def trend(curve: Setting, interval: Interval, sign: int) -> Found:
    """Certify that an error rises (`sign` 1) or falls (−1) with α all over an interval.

    Raises
    ------
    UndecidedError
        If some part of the interval stays undecided.
    """
    ends = _slopes_at(curve, (interval.low, interval.high), sign)
    if not ends.holds:
        return ends
    pending, count = [*_shared(interval)], 0
    while pending:
        part = pending.pop()
        count += 1
        found = _trend(curve, part)
        if found == sign:
            continue
        if found == -sign or (found == 0 and sign * slope(curve, part.middle) < 0):
            return Found(False, f"alpha = {float(part.middle)!r}", "", count)
        if count > _MOST_INTERVALS or part.high - part.low < BRACKET / 1000:
            raise UndecidedError(f"undecided at alpha = {float(part.low)!r}")
        pending += [Interval(part.middle, part.high), Interval(part.low, part.middle)]
    return Found(True, intervals=count)


def trend_step(
    where: str, name: str, curve: Setting, interval: Interval, sign: int
) -> tuple[str, Evidence]:
    """Return a step of a proof: an error's trend over an interval, or at its ends for a sample."""
    ends = float(interval.low), float(interval.high)
    step = f"{name}: {'rises' if sign > 0 else 'falls'} {'on' if where == WHOLE else 'at'} {ends}"
    if where == WHOLE:
        return stated(step, partial(trend, curve, interval, sign))
    return stated(step, partial(_slopes_at, curve, (interval.low, interval.high), sign))


def _slopes_at(curve: Setting, alphas: tuple[Fraction, ...], sign: int) -> Found:
    """Certify the sign of an error's slope at single α; UndecidedError where it is open."""
    return _positive("slope", lambda alpha: sign * slope(curve, alpha), alphas)


def slope_step(name: str, curve: Setting, alpha: Fraction, sign: int) -> tuple[str, Evidence]:
    """Return a step of a proof: that an error rises (`sign` 1), or falls (−1), at one α."""
    step = f"{name}: {'rises' if sign > 0 else 'falls'} at α = {float(alpha)!r}"
    return stated(step, partial(_slopes_at, curve, (alpha,), sign))


def bend_step(name: str, curve: Setting, interval: Interval, sign: int) -> tuple[str, Evidence]:
    """Return a step: the slope rises (`sign` 1) or falls (−1) all over a short interval.

    It is 0 at one α of it at most, then.
    """
    return stated(f"{name}: turns once", partial(_bends, curve, interval, sign))


def _bends(curve: Setting, interval: Interval, sign: int) -> Found:
    solutions = path(curve, _digits(interval))
    arc = solutions.arc(interval)
    if arc is None:
        raise UndecidedError(f"no solution is enclosed over {interval}")
    bend = sign * solutions.expansion(arc, 2).whole.log_theta_squared[2]
    if bend > 0 or bend < 0:
        return Found(bool(bend > 0), f"alpha = {float(interval.middle)!r}", bend.str(5), 1)
    raise UndecidedError(f"the second derivative is undecided over {interval}")


def _trend(curve: Setting, part: Interval) -> int | None:
    """Return the sign of the slope over an interval; 0 if open, None if that is too long."""
    solutions = path(curve, _digits(part))
    arc = solutions.arc(part)
    if arc is None:
        return None
    return solutions.trend(arc) or _sign(_slopes(solutions, arc))


def _sign(value: Ball) -> int:
    return 1 if value > 0 else -1 if value < 0 else 0


def _slopes(solutions: Path, arc: Arc) -> Ball:
    """Return d log p/d log α over an arc, NaN where it is too long for a series."""
    if arc.box[1].rad() > _SHORT_FOR_SLOPES / 2:
        return arb.nan()
    try:
        found = solutions.expansion(arc, 2)
    except NotCertifiedError:
        return arb.nan()
    step = arc.alpha.ball.log() - ball(arc.alpha.middle).log()
    return 1 + found.middle.log_theta_squared[1] + 2 * found.whole.log_theta_squared[2] * step


class Found(NamedTuple):
    """What was found of an inequality: whether it holds, where not, and on how many intervals."""

    holds: bool
    where: str = ""
    margin: str = ""
    intervals: int = 0


def at_points(inequality: Inequality, alphas: tuple[Fraction, ...]) -> Found:
    """Certify an inequality at single α.

    Raises
    ------
    UndecidedError
        If an error is not known well enough.
    """
    return _positive("margin", inequality.at, alphas)


def _positive(what: str, value: Callable[[Fraction], Ball], alphas: tuple[Fraction, ...]) -> Found:
    for alpha in alphas:
        found = value(alpha)
        if found < 0:
            return Found(False, f"alpha = {float(alpha)!r}", found.str(10), len(alphas))
        if not found > 0:
            raise UndecidedError(f"the {what} is {found.str(5)} at alpha = {float(alpha)!r}")
    return Found(True, intervals=len(alphas))


@cache
def everywhere(inequality: Inequality, interval: Interval) -> Found:
    """Certify an inequality at every α of an interval.

    Raises
    ------
    UndecidedError
        If some part of the interval stays undecided.
    """
    ends = at_points(inequality, (interval.low, interval.high))
    if not ends.holds:
        return ends
    pending: list[tuple[Interval, dict[Setting, Arc | None]]]
    pending = [(part, {}) for part in _shared(interval)]
    count = 0
    while pending:
        part, parents = pending.pop()
        count += 1
        digits = _digits(part)
        arcs = {one: path(one, digits).arc(part, parents.get(one)) for one in inequality.curves}
        found = _over(inequality, part, arcs)
        if found is False:
            middle = at_points(inequality, (part.middle,))
            if not middle.holds:
                return middle._replace(intervals=count)
        if found is True:
            continue
        if count > _MOST_INTERVALS or part.high - part.low < BRACKET / 1000:
            # Where the margin is 0 it may be told from 0 nearby.
            near = (part.middle - BRACKET, part.middle + BRACKET)
            inside = tuple(alpha for alpha in near if interval.low <= alpha <= interval.high)
            beside = at_points(inequality, inside)
            if not beside.holds:
                return beside._replace(intervals=count)
            raise UndecidedError(
                f"undecided on [{float(part.low)!r}, {float(part.high)!r}] after {count} intervals"
            )
        pending += [
            (Interval(part.middle, part.high), arcs),
            (Interval(part.low, part.middle), arcs),
        ]
    return Found(True, intervals=count)


def _shared(part: Interval, within: Interval = RANGE, halvings: int = 8) -> Iterator[Interval]:
    """Return an interval in parts: where it can be those that halving the range leads to.

    Inequalities that hold on different intervals then have the arcs of curves in common.
    """
    middle = within.middle
    lower, upper = Interval(within.low, middle), Interval(middle, within.high)
    if part == within or part.low == part.high or halvings == 0:
        yield part
        return
    if part.low < middle:
        yield from _shared(Interval(part.low, min(part.high, middle)), lower, halvings - 1)
    if part.high > middle:
        yield from _shared(Interval(max(part.low, middle), part.high), upper, halvings - 1)


def _digits(part: Interval) -> int:
    """Return how well solutions must be known: better where intervals, and margins, are short."""
    return COARSE if part.high - part.low > _NARROW else FINE


def _over(
    inequality: Inequality, part: Interval, found: Mapping[Setting, Arc | None]
) -> bool | None:
    """Settle the sign of a margin on an interval, if all curves are enclosed over it."""
    arcs = {one: arc for one, arc in found.items() if arc is not None}
    if len(arcs) < len(found):
        return None
    log_alpha = part.ball.log()
    boxes = {one: arc.box for one, arc in arcs.items()}
    margin = inequality.margin({one: Positive(box[1] + log_alpha) for one, box in boxes.items()})
    if margin > 0 or margin < 0:
        return bool(margin > 0)
    if any(box[1].rad() > _SHORT / 2 for box in boxes.values()):
        return None
    try:
        terms = _followed(inequality, part, arcs)
    except NotCertifiedError:
        return None
    middle = ball(part.middle).log()
    step, ends = log_alpha - middle, [ball(end).log() - middle for end in (part.low, part.high)]
    margin = at_step(terms, step)
    if margin > 0 or margin < 0:
        return bool(margin > 0)
    slope = at_step(_derivative(terms), step)
    # For each e that the curves may leave of their polynomials; so whichever it is along the way.
    least_at_an_end = bool(slope > 0) or bool(slope < 0)
    return True if least_at_an_end and all(at_step(terms, end) > 0 for end in ends) else None


def _followed(inequality: Inequality, part: Interval, arcs: Mapping[Setting, Arc]) -> list[Ball]:
    """Return the coefficients of a margin over an interval, in log α from its middle on.

    The curves follow polynomials, so that the margin is g(δ, e), e what is left of each log p. It
    is a power series in δ for each e, whose value at e = e(δ) is that of the margin. Its
    coefficients are enclosed for all e at once; the last one is the remainder.

    Raises
    ------
    NotCertifiedError
        If the interval is too long.
    """
    middles, wholes = {}, {}
    step = part.ball.log() - ball(part.middle).log()
    for one, arc in arcs.items():
        polynomial, deviation = path(one, FINE).follow(arc, _DEGREE)
        known, off = polynomial.log_theta_squared, deviation[1]
        for kept, (first, *others) in ((middles, known), (wholes, moved(known, step))):
            kept[one] = [first + off, *others, 0]
    return _expanded(inequality, part, middles, wholes)


def _expanded(
    inequality: Inequality,
    part: Interval,
    middles: Mapping[Setting, Sequence[Ball]],
    wholes: Mapping[Setting, Sequence[Ball]],
) -> list[Ball]:
    """Return the coefficients of a margin in log α about the middle, the last one a remainder.

    Of log θ² there are the coefficients about the middle and, one more, about any α of the
    interval.
    """
    length = max(map(len, wholes.values()))

    def margin(log: Ball, known: Mapping[Setting, Sequence[Ball]]) -> Any:
        errors = {}
        for one, (first, second, *others) in known.items():
            terms = [first + log, second + 1, *others]
            errors[one] = Positive(arb_series(terms, prec=length))
        found = inequality.margin(errors)
        if found.prec < length:
            raise NotCertifiedError(f"a power series was cut before its term {length - 1}")
        return found

    with long_series(length):
        here, whole = margin(ball(part.middle).log(), middles), margin(part.ball.log(), wholes)
        return [*(here[k] for k in range(length - 1)), whole[length - 1]]


def _slope(inequality: Inequality, part: Interval, arcs: Mapping[Setting, Arc]) -> Ball:
    """Return a margin's slope in log α over an interval, NaN where that is too long.

    By Taylor's formula with its remainder: where curves follow polynomials nothing bounds the slope
    of what they leave.
    """
    digits = _digits(part)
    middles, wholes = {}, {}
    try:
        for one, arc in arcs.items():
            found = path(one, digits).expansion(arc, _ORDER)
            middles[one] = found.middle.log_theta_squared
            wholes[one] = found.whole.log_theta_squared
        terms = _expanded(inequality, part, middles, wholes)
    except NotCertifiedError:
        return arb.nan()
    return at_step(_derivative(terms), part.ball.log() - ball(part.middle).log())


def _derivative(coefficients: Sequence[Ball]) -> list[Ball]:
    return [k * one for k, one in enumerate(coefficients)][1:]


@cache
def crosses_once(inequality: Inequality, bracket: Interval) -> Found:
    """Certify that a margin has one zero in a bracket, or none if it is positive at both ends.

    Raises
    ------
    UndecidedError
        If its slope, or its sign, is not told from 0.
    """
    if all(inequality.at(end) > 0 for end in (bracket.low, bracket.high)):
        return everywhere(inequality, bracket)
    arcs = {one: path(one, _digits(bracket)).arc(bracket) for one in inequality.curves}
    enclosed = {one: arc for one, arc in arcs.items() if arc is not None}
    slope = _slope(inequality, bracket, enclosed) if len(enclosed) == len(arcs) else arb.nan()
    if not (slope > 0 or slope < 0):
        raise UndecidedError(f"the slope is undecided about alpha = {float(bracket.middle)!r}")
    return Found(True, intervals=1)


# --- What a table of inequalities states -------------------------------------------------------


class Certified(NamedTuple):
    """The inequalities of a table, where they are certified.

    Attributes
    ----------
    table
        The inequalities (`verify.claims.curves._margins.Table`).
    where
        `WHOLE` for every α of the range, `FEW` for a sample of them; crossings always.
    """

    table: Any
    where: str

    def latex(self) -> str:
        """Return the table, and at which α it is certified if not at all."""
        few = r",\, ".join(f"{float(alpha):g}" for alpha in SAMPLE)
        sample = rf" \\ \text{{checked where a number is given, and at }} \alpha = {few}"
        return str(self.table.latex()) + {WHOLE: "", FEW: sample}[self.where]


WHOLE = "every α of the range"
FEW = "a sample of α"


def decide(statement: Certified) -> Evidence:
    """Certify every inequality where it is stated, the reverse elsewhere, and least values."""
    with ctx.workprec(PRECISION):
        summary = f"certified at {statement.where}, at crossings"
        return prove_all(_steps(statement), summary=summary)


def _steps(statement: Certified) -> Iterator[tuple[str, Evidence]]:
    table = statement.table
    gap = table.uncovered()
    if gap:
        yield gap, Evidence(False, gap, counterexample={"alpha": gap})
    lines = table.certified_lines()
    for line in lines:
        yield from _at_sample(line, exactly=table.exactly)
    if statement.where == WHOLE:
        for line in lines:
            yield from _on_range(line, exactly=table.exactly)


def _at_sample(line: Any, *, exactly: bool) -> Iterator[tuple[str, Evidence]]:
    """Certify a line at the sample, and at both sides of each crossing."""
    edges = [Fraction(str(crossing)) for crossing in line.holds.crossings]
    near = [edge + side * BRACKET / 2 for edge in edges for side in (-1, 1)]
    asked = [*near, *SAMPLE]
    inside = tuple(alpha for alpha in asked if line.holds.at(float(alpha)))
    outside = tuple(alpha for alpha in asked if alpha not in inside)
    yield said(line, "holds", partial(at_points, Inequality.of(line), inside))
    if exactly:
        yield said(line, "fails", partial(at_points, Inequality.of(line, -1), outside))
    for edge in edges:
        bracket = Interval(edge - BRACKET / 2, edge + BRACKET / 2)
        text = f"changes its sign once at most about {float(edge)!r}"
        yield said(line, text, partial(crosses_once, Inequality.of(line), bracket))
    if line.value:
        least, most = _thresholds(line)
        more, less = Inequality.of(line, 1, least), Inequality.of(line, -1, most)
        if edges:
            first = (RANGE.low,)
            yield said(line, f"at least {line.value} first", partial(at_points, more, first))
            yield said(line, f"{line.value}… first", partial(at_points, less, first))
        else:
            yield said(line, f"at least {line.value}", partial(at_points, more, SAMPLE))
            yield said(line, f"reaches {line.value}…", partial(_reached, less))


def _reached(inequality: Inequality) -> Found:
    """Certify an inequality at one end of the range, either."""
    first, second = (at_points(inequality, (end,)) for end in (RANGE.low, RANGE.high))
    return first if first.holds else second


def _on_range(line: Any, *, exactly: bool) -> Iterator[tuple[str, Evidence]]:
    """Certify a line on each stretch between the brackets of its crossings."""
    edges = [Fraction(str(crossing)) for crossing in line.holds.crossings]
    lows = [RANGE.low, *(edge + BRACKET / 2 for edge in edges)]
    highs = [*(edge - BRACKET / 2 for edge in edges), RANGE.high]
    least = _thresholds(line)[0] if line.value and not edges else None
    for number, ends in enumerate(zip(lows, highs, strict=True)):
        stretch, holds = Interval(*ends), line.holds.begins ^ bool(number % 2)
        if holds or exactly:
            inequality = Inequality.of(line, 1 if holds else -1, least)
            text = f"{'holds' if holds else 'fails'} on [{float(ends[0])!r}, {float(ends[1])!r}]"
            yield said(line, text, partial(everywhere, inequality, stretch))


def _thresholds(line: Any) -> tuple[Fraction, Fraction]:
    """Return the bounds of the stated value."""
    low, high = map(Fraction, between(line.value))
    return low, high


def said(line: Any, text: str, find: Callable[[], Found]) -> tuple[str, Evidence]:
    """Return a step of a proof: what is said of a line, and what establishes it."""
    return stated(f"{line.name}: {text}", find)


def stated(step: str, find: Callable[[], Found]) -> tuple[str, Evidence]:
    """Return a step of a proof, and what establishes it."""
    try:
        found = find()
    except (UndecidedError, NotCertifiedError) as error:
        return step, Evidence(None, f"{step}: {error}")
    if found.holds:
        return f"{step} ({found.intervals})", Evidence(True, step)
    where = {"step": step, "at": found.where, "margin": found.margin}
    return step, Evidence(False, f"not at {found.where}", counterexample=where)


EXTENTS: tuple[tuple[str, str, Tier, float], ...] = (
    ("enclosed on the whole range", WHOLE, "full", 1200.0),
    ("enclosed at a sample and at crossings", FEW, "quick", 60.0),
)


def checks(
    table: Any,
    controls: tuple[Control, ...],
    decide: Callable[[Certified], Evidence] = decide,
) -> tuple[Check, ...]:
    """Return the checks that certify a table: on the whole range, and at a sample of it."""

    def made(name: str, where: str, tier: Tier, limit: float) -> Check:
        own = (replace(one, subject=Certified(one.subject, where)) for one in controls)
        subject, method = Certified(table, where), Method.ENCLOSURE
        return Check(name, method, decide, subject, tuple(own), tier=tier, limit=limit)

    return tuple(made(*extent) for extent in EXTENTS)
