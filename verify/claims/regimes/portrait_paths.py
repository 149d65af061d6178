"""Half-way on the paths (Section 5.2, Fig. 2: “λ, active”, “c and γ, active”, “c and γ, inactive”).

At |β_FT| = 1, from regime I toward II (dotted in Fig. 2; c = 1e-6, γ = 0, |β_PT| = 1) ℓ passes 3/2
at λ/c = −0.846…; from II to III (solid; λ = 0.99c, |β_PT| = 1) PD passes −1/2 at c = 0.566… with
γ = 0, and at γ = 1.395… with c = 1e-6; from I to III (dashed; λ = 0, β_PT = 0) ℓ passes 3/2 at
c = 0.0765… with γ = 0, and at γ = 0.391… with c = 1e-6. Each is below its half-way value on the
whole of the path before, and above it on the whole of the path after.

So the scales λ/c at which an active coordinate is in regime IV lie near −1: at λ = 0 it has passed
more than half of the way to II.
"""

import math
from decimal import Decimal
from typing import Any, NamedTuple

import mpmath
import sympy as sp
from flint import arb, ctx

from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO
from verify.claim import Check, Control, Evidence, Method
from verify.claims.regimes._language import ELL, PD, plain, printed
from verify.claims.regimes._portrait import (
    PRECISION,
    enclosed,
    in_float64,
    listed,
    require_network,
    to_fifty_digits,
)
from verify.methods.digits import after, begins
from verify.methods.enclosure import prove_positive
from verify.methods.identity import prove_all
from verify.methods.notation import number
from verify.methods.numeric import Worst
from verify.registry import state


class Path(NamedTuple):
    """A path: one coordinate `along` from `low` to `high`, the others of the network fixed.

    `of` begins with the digits `first` at its start, is below `level` until `passed`, above it
    after, and begins with `last` at its end; `passed` is known by its first digits. Decimal texts.
    """

    along: sp.Symbol
    low: str
    high: str
    fixed: tuple[tuple[sp.Symbol, str], ...]
    of: sp.Symbol
    first: str
    level: str
    passed: str
    last: str

    def latex(self):
        along, of = printed(self.along), printed(self.of)
        low, high = number(self.low), number(self.high)
        return (
            rf"{listed(dict(self.fixed))}, \ {low} \le {along} \le {high}: \quad "
            rf"{of} < {self.level} \iff {along} < {self.passed}\ldots, \quad "
            rf"{of} = {number(self.first)}\ldots,\ {number(self.last)}\ldots \ \text{{at the ends}}"
        )

    def network(self, place):
        """Return the network at a place on the path."""
        if self.along in dict(self.fixed) or self.of not in (ELL, PD):
            raise ValueError(f"ℓ or PD must be said to move with one coordinate, got {self}")
        return {**dict(self.fixed), self.along: place}

    def sides(self):
        """Return the two decimal texts between which the level is passed, in order."""
        before, behind = sorted((self.passed, after(self.passed)), key=Decimal)
        if not Decimal(self.low) < Decimal(before) < Decimal(behind) < Decimal(self.high):
            raise ValueError(f"it must be passed on the path, got {self.passed}")
        return before, behind


class Paths(NamedTuple):
    """Paths, each on a line of its own."""

    paths: tuple[Path, ...]

    def latex(self):
        return r" \\ ".join(path.latex() for path in self.paths)


def path(along, low, high, of, values, *, c="1e-6", ratio="0", gamma="0", pretrained="1"):
    coordinates = (ABSOLUTE, c), (RATIO, ratio), (GAMMA, gamma), (BETA_PT, pretrained)
    fixed = tuple(one for one in (*coordinates, (BETA_FT, "1")) if one[0] != along)
    return Path(along, low, high, fixed, of, *values)


SCALES, READOUTS = ("1e-6", "1e3"), ("1e-3", "1e2")
STATED = Paths(
    (
        path(
            RATIO,
            "-0.9999",
            "0.9999",
            ELL,
            ("1.1123030589", "1.5", "-0.8469092441", "1.9629741348"),
        ),
        path(
            ABSOLUTE,
            *SCALES,
            PD,
            ("-0.9626442730", "-0.5", "0.5667389239", "-0.000000499999"),
            ratio="0.99",
        ),
        path(
            GAMMA,
            *READOUTS,
            PD,
            ("-0.9626438227", "-0.5", "1.3959242999", "-0.0001989604"),
            ratio="0.99",
        ),
        path(
            ABSOLUTE,
            *SCALES,
            ELL,
            ("1.0780302774", "1.5", "0.0765454544", "1.9999999583333"),
            pretrained="0",
        ),
        path(
            GAMMA,
            *READOUTS,
            ELL,
            ("1.0805796209", "1.5", "0.3912657779", "1.9999999983333"),
            pretrained="0",
        ),
    )
)


def but(variant, which, **changed):
    """Return a control: one path with something else in it."""
    return Control(variant, Paths((STATED.paths[which]._replace(**changed),)))


CONTROLS = (
    but("ℓ passes 3/2 at λ/c = −0.8469092440…", 0, passed="-0.8469092440"),
    but("ℓ passes 3/2 at λ/c = 0", 0, passed="0.0000000000"),
    but("PD passes −1/2 at c = 0.5667389240…", 1, passed="0.5667389240"),
    but("PD passes −0.5005", 2, level="-0.5005"),
    but("ℓ passes 3/2 at c = 0.0765454543…", 3, passed="0.0765454543"),
    but("ℓ begins at 1.0805796210…", 4, first="1.0805796210"),
    but("ℓ ends at 1.9999999983334…", 4, last="1.9999999983334"),
)


def decide(stated):
    """Enclose both ends of each path, and the two sides of its passage as a whole."""
    with ctx.workprec(PRECISION):
        return prove_all(
            (step for one in stated.paths for step in steps(one)),
            summary="both ends, and both sides on the whole path, enclosed",
        )


def steps(one):
    level, (before, behind) = arb(one.level), one.sides()
    name, along = plain(one.of), plain(one.along)
    for place, text in ((one.low, one.first), (one.high, one.last)):
        require_network(one.network(place))
        found = enclosed(one.network(place))[one.of]
        shown = f"{name} = {found.str(14, radius=False)} at {along} = {place}"
        where = {along: place, "stated": text}
        yield shown, Evidence(begins(found, text, arb), shown, counterexample=where)
    log_scale = Decimal(one.low) > 0
    for low, high, below in ((one.low, before, True), (behind, one.high, False)):

        def margin(place, below=below):
            gap = level - enclosed(one.network(place))[one.of]
            return gap if below else -gap

        text = f"{name} {'<' if below else '>'} {one.level}"
        found = prove_positive(margin, low, high, log_scale=log_scale)
        yield f"{text} for {along} in [{low}, {high}]", found.as_evidence(f"margin of {text}")


def decide_by_numbers(stated):
    """Hold float64 to 50 digits, which have the digits stated, and the signs beside the passage."""
    worst = Worst()
    with mpmath.workdps(50):
        for one in stated.paths:
            before, behind = one.sides()
            level = mpmath.mpf(one.level)
            for place, right in (
                (one.low, lambda exact, one=one: begins(exact, one.first, mpmath.mpf)),
                (before, lambda exact, level=level: exact < level),
                (behind, lambda exact, level=level: exact > level),
                (one.high, lambda exact, one=one: begins(exact, one.last, mpmath.mpf)),
            ):
                network = one.network(place)
                require_network(network)
                exact: Any = to_fifty_digits(network)[one.of]
                error = abs(in_float64(network)[one.of] - exact) if right(exact) else math.inf
                where = {plain(one.along): place, plain(one.of): mpmath.nstr(exact, 15)}
                worst.at(error, **where)
    return worst.measured("float64 is {worst} from the digits, which are as stated")


state(
    "regimes.portrait-paths",
    __doc__,
    (
        Check("Arb enclosures", Method.ENCLOSURE, decide, STATED, CONTROLS),
        Check(
            "50 digits and float64",
            Method.MULTIPRECISION,
            decide_by_numbers,
            STATED,
            CONTROLS,
            tolerance=1e-13,
            reason="1 + λ/c is off by up to 1e-12 of itself, and the pair by a tenth of that",
        ),
    ),
    requires=(
        "regimes.lorder-closed-form",
        "regimes.pd-closed-form",
        "regimes.transfer-closed-form",
    ),
)
