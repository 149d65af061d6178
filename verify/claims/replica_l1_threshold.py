"""The ℓ1 limit: exact recovery above the weak threshold of Donoho and Tanner.

For c_FT → 0 the estimator is soft thresholding at level κθ. As θ → 0 the fixed point p = αθ²
has a solution with p > 0 only while α is below

    α*(ρ) = min_κ M(κ),   M(κ) = ρ(1+κ²) + 2(1−ρ)[(1+κ²)Φ(−κ) − κφ(κ)].
"""

from typing import Any, NamedTuple

import mpmath
import sympy as sp

from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.numeric import compare
from verify.methods.symbolic import prove_all
from verify.registry import register

# Donoho & Tanner's weak threshold for sparsity ρ, to the digits that the claim states.
THRESHOLDS = ((0.01, "0.0612440"), (0.04, "0.1737844"), (0.1, "0.3287935"), (0.9, "0.9936202"))
HALF_UNIT = 5e-8


class Moment(NamedTuple):
    """M(κ) as SymPy and as mpmath take it: f(κ, ρ, density, tail)."""

    formula: Any


def moment(kappa: Any, rho: Any, density: Any, tail: Any) -> Any:
    """Return M(κ) for φ(κ) = `density` and Φ(−κ) = `tail`."""
    square = 1 + kappa**2
    return rho * square + 2 * (1 - rho) * (square * tail - kappa * density)


def decide_symbolically(stated: Moment) -> Evidence:
    """Integrate the scalar channel, and show that the minimum is where M = E[η′]."""
    kappa, rho = sp.symbols("kappa rho", positive=True)
    density = sp.exp(-(kappa**2) / 2) / sp.sqrt(2 * sp.pi)
    tail = (1 - sp.erf(kappa / sp.sqrt(2))) / 2
    derived, mass = replica.soft_threshold_moments(kappa, rho)
    claimed = stated.formula(kappa, rho, density, tail)
    return prove_all(
        (
            ("p/θ² as θ → 0, integrated", equal(derived, claimed)),
            (
                "M − E[η′] = ½κM′, so at the minimum both equations of the fixed point hold: "
                "p = αθ² and E[η′] = α with α = M",
                equal(claimed - mass, kappa * sp.diff(claimed, kappa) / 2),
            ),
            (
                "M″ > 0: M″ = 2E[η′] after M′ = 2κE[η′] − 4(1−ρ)φ is differentiated",
                equal(sp.diff(claimed, kappa, 2), 2 * mass),
            ),
        ),
        summary="the threshold is the minimum of M, where M = E[η′] = α",
    )


def decide_by_value(stated: Moment) -> Evidence:
    """Minimise M at 30 digits and compare with the published thresholds."""

    def computed(rho: float, _: str) -> Any:
        with mpmath.workdps(30):
            r = mpmath.mpf(repr(rho))

            def at(k: Any) -> Any:
                return stated.formula(k, r, mpmath.npdf(k), mpmath.ncdf(-k))

            start = min((mpmath.mpf(i) / 10 for i in range(1, 60)), key=at)
            best = mpmath.findroot(lambda k: mpmath.diff(at, k), start)
            return at(best)

    return compare(
        computed, lambda _, text: mpmath.mpf(text), THRESHOLDS, HALF_UNIT / 0.06, names=("ρ", "α*")
    )


CONTROLS = (
    Control(
        "ρ for 1 − ρ in the inactive part",
        Moment(lambda k, rho, f, t: rho * (1 + k**2) + 2 * rho * ((1 + k**2) * t - k * f)),
    ),
    Control(
        "one tail instead of two",
        Moment(lambda k, rho, f, t: (moment(k, rho, f, t) + rho * (1 + k**2)) / 2),
    ),
    Control("κφ added", Moment(lambda k, rho, f, t: moment(k, rho, -f, t))),
)

CLAIM = register(
    Claim(
        id="replica.l1-threshold",
        title="Donoho–Tanner threshold of the ℓ1 limit",
        sentence="As c_FT → 0 the noiseless problem recovers a signal of density ρ exactly for α "
        "above min_κ {ρ(1+κ²) + 2(1−ρ)[(1+κ²)Φ(−κ) − κφ(κ)]}.",
        latex=r"\alpha^*(\rho) = \min_{\kappa} \; \rho (1 + \kappa^2) + 2 (1 - \rho) "
        r"\left[(1 + \kappa^2) \Phi(-\kappa) - \kappa \varphi(\kappa)\right]",
        source="Section 5.1, regime I; Donoho & Tanner (2009), weak threshold",
        assumptions=("σ = 0, ϱ = 0", "density and law as in Section 3.3; c_FT equal for all"),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "integrals of the scalar channel",
                Method.SYMBOLIC,
                decide_symbolically,
                Moment(moment),
                CONTROLS,
            ),
            Check(
                "published values",
                Method.LITERATURE,
                decide_by_value,
                Moment(moment),
                CONTROLS,
                tolerance=HALF_UNIT / 0.06,
                reason="half a unit of the seventh decimal, of the smallest threshold",
            ),
        ),
    )
)
