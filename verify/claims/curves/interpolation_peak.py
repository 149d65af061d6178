"""Interpolation peak in the pretrained coordinates (Section 5.3; Figure 3).

At ω = 0 and λ = γ = 0 the error has a peak above that of β̂ = 0, below α = ρ_PT; as c falls through
10⁻⁶, 10⁻⁹, 10⁻¹² it grows and moves towards α = ρ_PT.

Lazy in the pretrained coordinates and rich elsewhere, the network first fits the data with the
coordinates that fine-tuning does not need.
"""

from fractions import Fraction
from functools import partial
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
import sympy as sp
from flint import ctx
from scipy.optimize import minimize_scalar

from empirics.experiments import RHO_PT
from numerics.certified import Interval
from numerics.certified.exact import ball
from verify.claim import Check, Control, Evidence, Method
from verify.claims.curves import _certified as certified
from verify.claims.curves._margins import (
    ASSUMPTIONS,
    SLABS,
    SOLVER,
    Line,
    Quantity,
    errors,
    listed,
    parameters,
    without,
)
from verify.claims.curves._quantities import setting
from verify.methods.balls import holds
from verify.methods.identity import prove_all
from verify.methods.notation import in_full, number
from verify.methods.numeric import Worst
from verify.methods.relations import Extremum, Relation
from verify.registry import state

# Rounding of a task's own density and second moment.
EXACT = 1e-12
# Halves of the last digits of α and of the error.
PLACE, HEIGHT = Fraction(5, 10**10), Fraction(5, 10**13)


class Peak(NamedTuple):
    """A slab, c, and α and error of the peak, each right to half a unit of its last digit."""

    slab: str
    c: float
    alpha: float
    error: float


class Peaks(NamedTuple):
    """Peaks of curves in the order in which they move and grow, and in which relation they are.

    All of them lie below the density of pretraining and above the error of β̂ = 0, as stated.
    """

    rows: tuple[Peak, ...]
    density: float = RHO_PT
    null: float = 1.0
    extremum: Extremum = Extremum.MAX
    moves: Relation = Relation.BELOW
    grows: Relation = Relation.BELOW

    def latex(self):
        fixed = listed(without(parameters(curve("gaussian", 0.0)), "c"))
        lines = [rf"\alpha_c = {self.extremum.place}_\alpha\, p_c(\alpha),\quad {fixed}"]
        for slab, peaks in self.of_slabs():
            names = [number(one.c) for one in peaks]
            places = [
                rf"\alpha_{{{name}}} = {one.alpha}" for name, one in zip(names, peaks, strict=True)
            ]
            heights = [
                rf"p_{{{name}}}(\alpha_{{{name}}}) = {one.error}"
                for name, one in zip(names, peaks, strict=True)
            ]
            moving = f" {self.moves} ".join((*places, number(self.density)))
            growing = f" {self.grows} ".join((number(self.null), *heights))
            lines += [rf"\text{{{SLABS[slab]}}}:\quad {moving}", rf"\qquad {growing}"]
        place, height = (number(f"{float(half):.0e}") for half in (PLACE, HEIGHT))
        lines.append(rf"\text{{each }} \alpha_c \pm {place},\ p_c \pm {height}")
        return r" \\ ".join(lines)

    def of_slabs(self):
        for slab, peaks in groupby(self.rows, lambda peak: peak.slab):
            yield slab, list(peaks)


STATED = Peaks(
    (
        Peak("gaussian", 1e-6, 0.069549136, 2.556527724543),
        Peak("gaussian", 1e-9, 0.076653338, 3.438882409595),
        Peak("gaussian", 1e-12, 0.080886056, 4.257678856739),
        Peak("sign", 1e-6, 0.070309152, 2.576808212712),
        Peak("sign", 1e-9, 0.076975414, 3.458390863823),
        Peak("sign", 1e-12, 0.081060659, 4.275906102561),
    )
)
CONTROLS = (
    Control(
        "at α = ρ_PT itself",
        STATED._replace(rows=tuple(peak._replace(alpha=RHO_PT) for peak in STATED.rows)),
    ),
    Control("c in the opposite order", STATED._replace(rows=STATED.rows[::-1])),
    Control("moves away from ρ_PT", STATED._replace(moves=Relation.ABOVE)),
    Control("falls", STATED._replace(grows=Relation.ABOVE)),
    Control("above 2.5", STATED._replace(null=2.5)),
    Control("below α = 0.09", STATED._replace(density=0.09)),
    Control("the least error", STATED._replace(extremum=Extremum.MIN)),
)


def curve(slab, c):
    return setting(slab, 0.1, 0.0, c=c)


def ordered(relation, values):
    """Return whether neighbours are in a relation; ValueError if that is no strict one."""
    if not relation.strict:
        raise ValueError(f"peaks move and grow strictly, got {relation}")
    return all(relation.margin(one, other) > 0 for one, other in pairwise(values))


def decide(stated):
    """Find the extremum of the exact error over α: place and height as stated, in their order."""
    worst, sign = Worst(), stated.extremum.value
    for slab, peaks in stated.of_slabs():
        places, heights = [], []
        for peak in peaks:
            found = minimize_scalar(
                lambda a, one=peak: sign * float(errors(curve(one.slab, one.c), np.array([a]))[0]),
                bounds=(0.02, 0.3),
                method="bounded",
                options={"xatol": 1e-8},
            )
            place, height = float(found.x), sign * float(found.fun)
            gaps = np.abs([place - peak.alpha, height - peak.error])
            worst.at(gaps, slab=slab, c=peak.c, alpha=place, mse=height)
            places.append(place)
            heights.append(height)
        moves = ordered(stated.moves, (*places, stated.density))
        if not (moves and ordered(stated.grows, (stated.null, *heights))):
            worst.at(np.inf, slab=slab, alpha=str(places), mse=str(heights))
        # What β̂ = 0 misses is the teacher itself.
        for peak in peaks:
            own = curve(slab, peak.c)
            known = np.array([own.rho_pt, own.task.second_moment])
            apart = np.abs([stated.density, stated.null] - known)
            apart[apart > EXACT] = np.inf
            worst.at(apart, slab=slab, c=peak.c, of=np.array(["density", "error of β̂ = 0"]))
    return worst.measured("places and heights of peaks within {worst}")


# The error rises up to a peak from so far before it, and falls as far beyond.
BESIDE = Fraction(1, 10**5)


def enclose(statement):
    """Certify that the error is extreme at each place, and how large it is there."""
    where = statement.where
    with ctx.workprec(certified.PRECISION):
        return prove_all(steps(where, statement.table), summary=f"extrema certified at {where}")


def steps(where, stated):
    for slab, peaks in stated.of_slabs():
        own = curve(slab, peaks[0].c)
        places, heights = [peak.alpha for peak in peaks], [peak.error for peak in peaks]
        known = own.rho_pt, own.task.second_moment
        yield (
            f"{SLABS[slab]}: density and null error",
            (stated.density == known[0] and abs(stated.null - known[1]) < EXACT),
        )
        yield f"{SLABS[slab]}: places", ordered(stated.moves, (*places, stated.density))
        yield f"{SLABS[slab]}: heights", ordered(stated.grows, (stated.null, *heights))
    for part in dict.fromkeys((certified.FEW, where)):  # the sample first: it is sooner refuted
        for peak in stated.rows:
            yield from at_peak(part, peak, stated.extremum)


def at_peak(where, peak, extremum):
    """Certify a peak: its height, the slopes beside it, and that the error is lower elsewhere.

    ValueError if its place or height has more decimals than are certified.
    """
    if round(peak.alpha, 9) != peak.alpha or round(peak.error, 12) != peak.error:
        raise ValueError(f"a peak is given by nine and by twelve decimals, got {peak}")
    own = curve(peak.slab, peak.c)
    name = f"{SLABS[peak.slab]}, c = {in_full(peak.c)}"
    place, height = Fraction(str(peak.alpha)), Fraction(str(peak.error))
    low, high = place - PLACE, place + PLACE
    sign = -int(extremum.value)
    here = certified.error(own, place).log.exp()
    text = f"{name}: p = {here.str(15)} at α = {peak.alpha}"
    near = holds(Relation.BELOW, abs(here - ball(height)), ball(HEIGHT))
    yield text, Evidence(near, text, counterexample={"stated": str(peak.error)})
    yield certified.trend_step(where, name, own, Interval(place - BESIDE, low), sign)
    yield certified.trend_step(where, name, own, Interval(high, place + BESIDE), -sign)
    yield certified.bend_step(name, own, Interval(low, high), -sign)
    # Within the bracket the error is no farther off than the height's last digit...
    inequality = bounded(own, height + sign * HEIGHT, extremum)
    within = partial(certified.everywhere, inequality, Interval(low, high))
    yield certified.stated(f"{name}: height within the bracket", within)
    # ... and beyond BESIDE it is less than at the place itself.
    inequality = bounded(own, height - sign * HEIGHT, extremum)
    first, last = place - BESIDE, place + BESIDE
    text = f"{name}: elsewhere"
    if where == certified.WHOLE:
        for part in (Interval(certified.RANGE.low, first), Interval(last, certified.RANGE.high)):
            yield certified.stated(text, partial(certified.everywhere, inequality, part))
    else:
        away = tuple(alpha for alpha in certified.SAMPLE if not first < alpha < last)
        yield certified.stated(text, partial(certified.at_points, inequality, away))


def bounded(own, value, extremum):
    """Return the inequality that an error is below a value, or above it for a least one."""
    bound = Quantity("h", lambda: sp.Rational(str(value)), ())
    sides = (bound, Quantity("p", lambda p: p, (own,)))
    return certified.Inequality.of(Line(*(sides if extremum is Extremum.MAX else sides[::-1])))


state(
    "curves.interpolation-peak",
    __doc__,
    (
        *certified.checks(STATED, CONTROLS, enclose),
        Check(
            "maximum of exact curves",
            Method.FLOAT64,
            decide,
            STATED,
            CONTROLS,
            2e-7,
            "seven decimals, and the place of a flat maximum in float64",
        ),
    ),
    assumptions=ASSUMPTIONS,
    requires=SOLVER,
)
