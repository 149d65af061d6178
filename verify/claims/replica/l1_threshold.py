"""Donoho–Tanner threshold of the ℓ1 limit (Section 5.1, regime I; Donoho & Tanner (2009)).

As c_FT → 0, exact recovery of a signal of density ρ is a stable solution of the noiseless fixed
point for α above min_κ {ρ(1+κ²) + 2(1−ρ)[(1+κ²)Φ(−κ) − κφ(κ)]}, and an unstable one below: a small
θ shrinks, or grows.

For c_FT → 0 the estimator is soft thresholding at level κθ. As θ → 0, p/θ² tends to M(κ), and where
κ solves E[η′] = α it is below α, so that θ² = p/α shrinks, exactly if α is above the weak threshold
min_κ M(κ). That no solution is left with θ > 0 is not shown here; crosscheck.recovery-threshold
looks at finite problems.
"""

from typing import Any, NamedTuple

import mpmath
import sympy as sp

from theory import replica
from verify.claim import Check, Control, Method
from verify.claims.replica._signs import positive
from verify.methods.formula import named, written
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import compare
from verify.registry import state


def moment(kappa, rho, density, tail):
    """M(κ), with φ(κ) = `density` and Φ(−κ) = `tail`."""
    return rho * (1 + kappa**2) + 2 * (1 - rho) * ((1 + kappa**2) * tail - kappa * density)


class Threshold(NamedTuple):
    """M(κ), whose minimum is α*, and on which side of α* a small θ shrinks."""

    moment: Any
    shrinks: str = ">"

    def latex(self):
        minimised = written(
            self.moment, *named(r"\kappa", r"\rho", r"\varphi(\kappa)", r"\Phi(-\kappa)")
        )
        return (
            rf"\theta \to 0: \quad p < \alpha\theta^2 \iff \alpha {self.shrinks} \alpha^*(\rho) \\ "
            rf"\alpha^*(\rho) = \min_\kappa \left\{{{minimised}\right\}}"
        )


STATED = Threshold(moment)
WRONG = {
    "ρ for 1 − ρ in the inactive part": lambda k, r, f, t: (
        r * (1 + k**2) + 2 * r * ((1 + k**2) * t - k * f)
    ),
    "one tail instead of two": lambda k, r, f, t: (moment(k, r, f, t) + r * (1 + k**2)) / 2,
    "κφ added": lambda k, r, f, t: moment(k, r, -f, t),
}
CONTROLS = tuple(Control(name, Threshold(false)) for name, false in WRONG.items())
REVERSED = Control("θ shrinks below the threshold", Threshold(moment, "<"))


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
        return stated.moment(kappa, rho, density, tail)

    yield "p/θ² as θ → 0, integrated, is M(κ)", equal(derived, claimed())
    yield "M″ = 2E[η′]", equal(sp.diff(claimed(), kappa, 2), 2 * mass)
    yield (
        "which falls, by 4(1−ρ)φ for each κ",
        equal(sp.diff(claimed(), kappa, 3), -4 * (1 - rho) * density),
    )
    yield "from 2, at κ = 0", equal(sp.diff(claimed(), kappa, 2).subs(kappa, 0), 2)
    yield (
        "to 2ρ > 0: so M is convex, and E[η′] = α has one solution κ for each α with ρ < α < 1",
        equal(sp.limit(sp.diff(claimed(), kappa, 2), kappa, sp.oo), 2 * rho),
    )
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
    sign = {">": -1, "<": 1}[stated.shrinks]
    yield (
        f"Hence α > α* ⇔ κ below it ⇔ M < E[η′] = α, p < αθ²; if α < α*, M ≥ α* > α at every κ: θ "
        f"shrinks where α {stated.shrinks} α*",
        positive("p − αθ² has that sign", sp.simplify(sign * slope * sp.sqrt(2 * sp.pi))),
    )


# Donoho & Tanner's weak threshold for sparsity ρ, to the digits that they state.
THRESHOLDS = ((0.01, "0.0612440"), (0.04, "0.1737844"), (0.1, "0.3287935"), (0.9, "0.9936202"))


def decide_by_value(stated):
    """Minimise M at 30 digits and compare with the published thresholds."""

    def computed(rho, _):
        with mpmath.workdps(30):
            r = mpmath.mpf(repr(rho))

            def at(k):
                return stated.moment(k, r, mpmath.npdf(k), mpmath.ncdf(-k))

            start = min((mpmath.mpf(i) / 10 for i in range(1, 60)), key=at)
            return at(mpmath.findroot(lambda k: mpmath.diff(at, k), start))

    def published(_, text):
        return mpmath.mpf(text)

    # All are below 1: absolute errors.
    return compare(computed, published, THRESHOLDS, names=("ρ", "α*"), floor=1.0)


HALF_UNIT, REASON = 5e-8, "half a unit of the seventh decimal"
INTEGRALS = Check(
    "integrals of the scalar channel", Method.SYMBOLIC, decide, STATED, (*CONTROLS, REVERSED)
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
