"""Donoho–Tanner threshold of the ℓ1 limit (Section 5.1, regime I; Donoho & Tanner (2009)).

As c_FT → 0, exact recovery of a signal of density ρ is a stable solution of the noiseless fixed
point for α above min_κ {ρ(1+κ²) + 2(1−ρ)[(1+κ²)Φ(−κ) − κφ(κ)]}, and an unstable one below: a small
θ shrinks, or grows.

For c_FT → 0 the estimator is soft thresholding at level κθ. As θ → 0, p/θ² tends to M(κ), and where
κ solves E[η′] = α it is below α, so that θ² = p/α shrinks, exactly if α is above the weak threshold
α*, the minimum of M. That no solution is left with θ > 0 is not shown here;
crosscheck.recovery-threshold looks at finite problems.
"""

from typing import NamedTuple

import mpmath
import sympy as sp

from theory import replica
from verify.claim import Check, Control, Method
from verify.claims.replica._signs import positive
from verify.methods.formula import Extremum, Formula, Relation, named
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import compare
from verify.registry import state


def moment(kappa, rho, density, tail):
    """M(κ), with φ(κ) = `density` and Φ(−κ) = `tail`."""
    return rho * (1 + kappa**2) + 2 * (1 - rho) * ((1 + kappa**2) * tail - kappa * density)


class Threshold(NamedTuple):
    """M(κ), of which α* is an extremum; how p is to αθ², for small θ, where α is so to α*."""

    moment: Formula
    extremum: Extremum = Extremum.MIN
    error: Relation = Relation.BELOW
    data: Relation = Relation.ABOVE

    def latex(self):
        return (
            rf"\theta \to 0: \quad p {self.error} \alpha\theta^2 \iff "
            rf"\alpha {self.data} \alpha^*(\rho) \\ "
            rf"\alpha^*(\rho) = {self.extremum.operator}_\kappa {self.moment.name} \\ "
            f"{self.moment.latex()}"
        )


PLACE = KAPPA, RHO, DENSITY, TAIL = named(r"\kappa", r"\rho", r"\varphi(\kappa)", r"\Phi(-\kappa)")
STATED = Threshold(Formula(r"M(\kappa)", PLACE, moment))
WRONG = {
    "ρ for 1 − ρ in the inactive part": lambda k, r, f, t: (
        r * (1 + k**2) + 2 * r * ((1 + k**2) * t - k * f)
    ),
    "one tail instead of two": lambda k, r, f, t: (moment(k, r, f, t) + r * (1 + k**2)) / 2,
    "κφ added": lambda k, r, f, t: moment(k, r, -f, t),
}
CONTROLS = tuple(
    Control(name, Threshold(STATED.moment.but(name, false).subject))
    for name, false in WRONG.items()
)
REVERSED = Control("θ shrinks below the threshold", STATED._replace(data=Relation.BELOW))
GREATEST = Control("α* is the maximum", STATED._replace(extremum=Extremum.MAX))


def decide(stated):
    """Integrate the scalar channel, and show on which side of the minimum M exceeds E[η′]."""
    return prove_all(
        steps(stated), summary="θ shrinks exactly above the minimum of M, where M = E[η′] = α"
    )


def steps(stated):
    kappa, odds = sp.symbols("kappa w", positive=True)
    rho = 1 / (1 + odds)  # every 0 < ρ < 1
    density = sp.exp(-(kappa**2) / 2) / sp.sqrt(2 * sp.pi)
    tail = (1 - sp.erf(kappa / sp.sqrt(2))) / 2
    derived, mass = replica.soft_threshold_moments(kappa, rho)

    def claimed():
        return stated.moment({KAPPA: kappa, RHO: rho, DENSITY: density, TAIL: tail})

    yield "p/θ² as θ → 0, integrated, is M(κ)", equal(derived, claimed())
    yield "M″ = 2E[η′]", equal(sp.diff(claimed(), kappa, 2), 2 * mass)
    yield (
        "which falls, by 4(1−ρ)φ for each κ",
        equal(sp.diff(claimed(), kappa, 3), -4 * (1 - rho) * density),
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
    # Small κ belong to large α: there M − E[η′] has the sign of M′ at κ = 0.
    beyond = sp.simplify(slope * sp.sqrt(2 * sp.pi))
    both = stated.error.margin(beyond, 0) * stated.data.margin(1, 0)
    yield (
        "hence α > α* ⇔ κ below it ⇔ M < E[η′] = α, p < αθ²; if α < α*, M ≥ α* > α at every κ",
        positive("p − αθ² and α − α* have the signs that are stated", both),
    )
    yield (
        "and at the minimum p = αθ² and α = α*: neither relation includes that, or both do",
        equal(int(stated.error.strict), int(stated.data.strict)),
    )


# Donoho & Tanner's weak threshold for sparsity ρ, to the digits that they state.
THRESHOLDS = ((0.01, "0.0612440"), (0.04, "0.1737844"), (0.1, "0.3287935"), (0.9, "0.9936202"))


def decide_by_value(stated):
    """Minimise M at 30 digits and compare with the published thresholds."""
    best = {Extremum.MIN: min, Extremum.MAX: max}[stated.extremum]

    def computed(rho, _):
        with mpmath.workdps(30):
            r = mpmath.mpf(repr(rho))

            def at(k):
                return stated.moment(
                    {KAPPA: k, RHO: r, DENSITY: mpmath.npdf(k), TAIL: mpmath.ncdf(-k)}
                )

            start = best((mpmath.mpf(i) / 10 for i in range(1, 60)), key=at)
            return at(mpmath.findroot(lambda k: mpmath.diff(at, k), start))

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
    "published values", Method.LITERATURE, decide_by_value, STATED, CONTROLS, HALF_UNIT, REASON
)
state(
    "replica.l1-threshold",
    __doc__,
    (INTEGRALS, PUBLISHED),
    assumptions=("σ = 0, ϱ = 0", "0 < ρ < 1, law as in Section 3.3; c_FT equal for all"),
    requires=("replica.effective-parameters", "replica.degrees-of-freedom"),
)
