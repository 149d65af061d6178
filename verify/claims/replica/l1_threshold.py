"""Donoho–Tanner threshold of the ℓ1 limit (Section 5.1, regime I; Donoho & Tanner (2009)).

As c_FT → 0, exact recovery of a signal of density ρ is a stable solution of the noiseless fixed
point for α above min_κ {ρ(1+κ²) + 2(1−ρ)[(1+κ²)Φ(−κ) − κφ(κ)]}, and an unstable one below: a small
θ shrinks, or grows.

For c_FT → 0 the estimator is soft thresholding at level κθ. As θ → 0, p/θ² tends to M(κ), and where
κ solves E[η′] = α it is below α, so that θ² = p/α shrinks, exactly if α is above the weak threshold
α*, the minimum of M. That no solution is left with θ > 0 is not shown here;
crosscheck.recovery-threshold looks at finite problems.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import mpmath
import sympy as sp

from theory import replica
from theory.replica import alpha, theta
from verify.claim import Check, Control, Method
from verify.claims.replica._means import Z
from verify.claims.replica._signs import positive
from verify.methods.formula import Formula, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import as_written, shown
from verify.methods.numeric import compare
from verify.methods.relations import Extremum, Limit, Relation, Side
from verify.registry import state


def moment(kappa, rho, density, tail):
    """M(κ), with φ(κ) = `density` and Φ(−κ) = `tail`."""
    return rho * (1 + kappa**2) + 2 * (1 - rho) * ((1 + kappa**2) * tail - kappa * density)


class Least(NamedTuple):
    """M(κ), of which α* is an extremum."""

    moment: Formula
    extremum: Extremum = Extremum.MIN

    def latex(self):
        return (
            rf"{shown(LEAST)} = {self.extremum.operator}_{{{shown(kappa)}}} "
            rf"{self.moment.left_latex()} \\ {self.moment.latex()}"
        )


class Threshold(NamedTuple):
    """M(κ), of which α* is an extremum; how p is to αθ², for small θ, where α is so to α*."""

    moment: Formula
    error: Formula
    data: Formula
    extremum: Extremum = Extremum.MIN

    def latex(self):
        small = self.moment.towards
        return (
            rf"{shown(small.variable)} \to {{{shown(small.to)}}}^{{{small.side.value}}}: \quad "
            rf"{self.error.latex()} \iff {self.data.latex()} \\ "
            rf"{shown(LEAST)} = {self.extremum.operator}_{{{shown(kappa)}}} {shown(MOMENT)} \\ "
            f"{shown(MOMENT)} = {self.moment.latex()}"
        )


kappa = sp.Symbol("kappa", positive=True)
RHO = sp.Symbol("rho", positive=True)
LEAST = sp.Symbol(r"\alpha^*", positive=True)
MOMENT, MASS = sp.symbols("M m", positive=True)
DENSITY, TAIL = sp.Function(r"\varphi"), sp.Function(r"\Phi")
with as_written():
    RATIO = replica.error / theta**2
STATED = Threshold(
    Formula(
        RATIO, (kappa, RHO, DENSITY(kappa), TAIL(-kappa)), moment, limit=Limit(theta, 0, Side.ABOVE)
    ),
    Formula(replica.error, (alpha, theta), lambda alpha, theta: alpha * theta**2, Relation.BELOW),
    Formula(alpha, (LEAST,), lambda least: least, Relation.ABOVE),
)
WRONG = {
    "ρ for 1 − ρ in the inactive part": lambda k, r, f, t: (
        r * (1 + k**2) + 2 * r * ((1 + k**2) * t - k * f)
    ),
    "one tail instead of two": lambda k, r, f, t: (moment(k, r, f, t) + r * (1 + k**2)) / 2,
    "κφ added": lambda k, r, f, t: moment(k, r, -f, t),
}
CONTROLS = tuple(
    Control(name, STATED._replace(moment=STATED.moment.but(name, false).subject))
    for name, false in WRONG.items()
)
PART = Least(Formula(MOMENT, STATED.moment.symbols, moment))
OF_PART = tuple(
    Control(name, PART._replace(moment=PART.moment.but(name, false).subject))
    for name, false in WRONG.items()
)
BELOW = replace(STATED.data, relation=Relation.BELOW)
REVERSED = Control("θ shrinks below the threshold", STATED._replace(data=BELOW))
GREATEST = Control("α* is the maximum", STATED._replace(extremum=Extremum.MAX))
PART_GREATEST = Control("α* is the maximum", PART._replace(extremum=Extremum.MAX))
PHI = {
    DENSITY: lambda x: sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi),
    TAIL: lambda x: (1 + sp.erf(x / sp.sqrt(2))) / 2,
}


def decide(stated):
    """Integrate the scalar channel, and show on which side of the minimum M exceeds E[η′]."""
    return prove_all(
        steps(stated), summary="θ shrinks exactly above the minimum of M, where M = E[η′] = α"
    )


# Of Zⁿφ(Z), n = 0, 1, 2.
ANTIDERIVATIVES = (
    PHI[TAIL](Z),
    -PHI[DENSITY](Z),
    PHI[TAIL](Z) - Z * PHI[DENSITY](Z),
)


@cache
def squared_error():
    """Return E[(β̂ − β*)²]/θ² of soft thresholding at level κθ, for β* = sθ, and the symbol s."""
    s = sp.Symbol("s", nonnegative=True)

    def end(power, at):
        return sp.limit(power, Z, at) if at.is_infinite else power.subs(Z, at)

    def between(low, high, deviation):
        terms = zip(ANTIDERIVATIVES, reversed(sp.Poly(deviation**2, Z).all_coeffs()), strict=False)
        return sum(factor * (end(power, high) - end(power, low)) for power, factor in terms)

    tails = between(kappa - s, sp.oo, Z - kappa) + between(-sp.oo, -kappa - s, Z + kappa)
    return tails + between(-kappa - s, kappa - s, s), s


@cache
def moments(threshold, density):
    """Return M and E[η′] as they are integrated; they are the same for all variants."""
    return replica.soft_threshold_moments(threshold, density)


@cache
def limit_of(limit, expression):
    """Return the limit; many variants share it."""
    return limit.of(expression)


def steps(stated):
    odds, size = sp.symbols("w b", positive=True)
    rho = 1 / (1 + odds)  # every 0 < ρ < 1
    integrated, mass = moments(kappa, rho)

    def claimed():
        return stated.moment({RHO: rho, **PHI})

    for power, antiderivative in enumerate(ANTIDERIVATIVES):
        yield (
            f"∫Z^{power}φ(Z) dZ",
            equal(sp.diff(antiderivative, Z), Z**power * PHI[DENSITY](Z)),
        )
    error, s = squared_error()
    active, inactive = (
        limit_of(
            stated.moment.towards,
            stated.moment.left({replica.error: theta**2 * error.subs(s, target)}),
        )
        for target in (size / theta, sp.Integer(0))
    )
    yield (
        "p/θ², integrated, tends to M(κ), with any |β*| = b of the active ones",
        equal(rho * active + (1 - rho) * inactive, claimed()),
    )
    yield "as if these were infinite", equal(integrated, claimed())
    yield "M″ = 2E[η′]", equal(sp.diff(claimed(), kappa, 2), 2 * mass)
    yield (
        "which falls, by 4(1−ρ)φ for each κ",
        equal(sp.diff(claimed(), kappa, 3), -4 * (1 - rho) * PHI[DENSITY](kappa)),
    )
    yield "from 2, at κ = 0", equal(sp.diff(claimed(), kappa, 2).subs(kappa, 0), 2)
    convexity = sp.limit(sp.diff(claimed(), kappa, 2), kappa, sp.oo)
    yield (
        "to 2ρ: so that E[η′] = α has one solution κ for each α with ρ < α < 1",
        equal(convexity, 2 * rho),
    )
    sign = stated.extremum.value
    yield "2ρ > 0: so M is convex, and has a minimum", positive("M″ > 0", sign * convexity)
    yield (
        "M − E[η′] = ½κM′: at the minimum both equations hold, p = αθ² and E[η′] = α with α = M",
        equal(claimed() - mass, kappa * sp.diff(claimed(), kappa) / 2),
    )
    slope = sp.diff(claimed(), kappa).subs(kappa, 0)
    yield (
        "M′ = −4(1−ρ)φ(0) at κ = 0, and then rises at least by 2ρκ: it is negative below the "
        "minimum, and positive above",
        equal(slope, -4 * (1 - rho) / sp.sqrt(2 * sp.pi)),
    )
    yield (
        "−M′ > 0 there",
        positive("4(1−ρ) > 0", sp.simplify(-slope * sp.sqrt(2 * sp.pi))),
    )
    # Small κ belong to large α, as E[η′] falls: there M − E[η′] is negative, as M′ is.
    shrinks = stated.error.margin({replica.error: theta**2 * MOMENT}, {alpha: MASS})
    exceeds = stated.data.margin({alpha: MASS}, {LEAST: LEAST})
    yield (
        "hence α > α* ⇔ κ below it ⇔ M < E[η′] = α, p < αθ²; if α < α*, M ≥ α* > α at every κ: "
        "what is stated compares M with E[η′], and that with α*",
        equal(shrinks * exceeds, theta**2 * (MASS - MOMENT) * (MASS - LEAST)),
    )
    yield (
        "and at the minimum p = αθ² and α = α*: neither relation includes that, or both do",
        equal(int(stated.error.strict), int(stated.data.strict)),
    )


# Donoho & Tanner's weak threshold for sparsity ρ, to the digits that they state.
THRESHOLDS = ((0.01, "0.0612440"), (0.04, "0.1737844"), (0.1, "0.3287935"), (0.9, "0.9936202"))


def decide_by_value(stated):
    """Find the extremum of M at 30 digits and compare with the published thresholds."""

    def computed(rho, _):
        with mpmath.workdps(30):
            claimed = defined(stated.moment, MOMENT, {RHO: sp.Rational(repr(rho)), **PHI})
            at = sp.lambdify(kappa, claimed, "mpmath")
            start = min((mpmath.mpf(i) / 10 for i in range(1, 60)), key=at)
            place = mpmath.findroot(lambda k: mpmath.diff(at, k), start)
            bend = stated.extremum.value * mpmath.diff(at, place, 2)
            return at(place) if bend > 0 else mpmath.nan

    def published(_, text):
        return mpmath.mpf(text)

    # All are below 1: absolute errors.
    return compare(computed, published, THRESHOLDS, names=("ρ", "α*"), floor=1.0)


HALF_UNIT, REASON = 5e-8, "half a unit of the seventh decimal"
INTEGRALS = Check(
    "integrals of the scalar channel",
    Method.SYMBOLIC,
    decide,
    STATED,
    (*CONTROLS, REVERSED, GREATEST),
)
PUBLISHED = Check(
    "published values",
    Method.LITERATURE,
    decide_by_value,
    PART,
    (*OF_PART, PART_GREATEST),
    HALF_UNIT,
    REASON,
)
state(
    "replica.l1-threshold",
    __doc__,
    (INTEGRALS, PUBLISHED),
    assumptions=("σ = 0, ϱ = 0", "0 < ρ < 1, law as in Section 3.3; c_FT equal for all"),
    requires=("replica.effective-parameters", "replica.degrees-of-freedom"),
)
