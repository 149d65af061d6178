"""The susceptibility is the mean derivative (Appendix C.1, eq. (34), “step 1 of eq. 34”).

χ = (τ/θ) E[(β̂ − β*)Z] is (τ/θ) E[β̂Z], as β* is independent of Z, and by Stein's lemma it is τE[η′].
"""

from functools import cache
from typing import Any, NamedTuple

import mpmath
import sympy as sp

from theory.replica import tau, theta
from verify.claim import Check, Method
from verify.claims.replica._channel import DIGITS, Channel
from verify.claims.replica.stein import CHANNELS, MEAN_SLOPE
from verify.claims.replica.stein import STATED as STEIN
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst, relative_error
from verify.registry import state

ERROR, ESTIMATE, RESPONSE = named(r"E[(\hat\beta - \beta^*) Z]", r"E[\hat\beta Z]", r"E[\eta']")


def scaled(tau, theta, mean):
    return tau / theta * mean


STATED = Formulas(
    chi=Formula(r"\chi", (tau, theta, ERROR), scaled),
    independent=Formula(r"\chi", (tau, theta, ESTIMATE), scaled),
    response=Formula(r"\chi", (tau, RESPONSE), lambda tau, mean: tau * mean),
)
CONTROLS = (
    STATED.but("E[η′], without τ", response=lambda tau, mean: mean),
    STATED.but(
        "τE[η′] one per cent larger", response=lambda tau, m: sp.Rational(101, 100) * tau * m
    ),
    STATED.but("τ/θ² for τ/θ", independent=lambda tau, theta, mean: tau / theta**2 * mean),
    STATED.but("τθ for τ/θ", chi=lambda tau, theta, mean: tau * theta * mean),
)


def decide(stated):
    """Take the mean at each β*, then Stein's lemma for z ↦ β̂."""
    return prove_all(steps(stated), summary="both steps of eq. (34)")


def steps(stated):
    z, target, covariance = sp.symbols("Z beta^* C", real=True)
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    drops_out = sp.integrate(target * z * density, (z, -sp.oo, sp.oo))
    yield (
        "(1) given any β*, Z has the density φ, so that E[β*Z | β*] = β*E[Z] = 0",
        equal(
            stated.chi({ERROR: covariance - drops_out}), stated.independent({ESTIMATE: covariance})
        ),
    )
    yield (
        "(2) E[β̂Z] = θE[η′], for β̂ is differentiable in z and |β̂| ≤ |z|",
        equal(
            stated.independent({ESTIMATE: STEIN.covariance({MEAN_SLOPE: RESPONSE})}),
            stated.response(),
        ),
    )


class Means(NamedTuple):
    """E[(β̂ − β*)Z], E[β̂Z], E[η′], and ∂E[β̂]/∂β* by differences."""

    error: Any
    estimate: Any
    response: Any
    shifted: Any


STEP = "1e-7"  # of β*: leaves its square, and of 30 digits 23


@cache
def means(*channel):
    """Integrate over Z."""
    found = Channel(*channel)
    with mpmath.workdps(DIGITS):
        target, step = mpmath.mpf(found.target), mpmath.mpf(STEP)
        ahead, behind = (
            found._replace(target=target + move).mean(lambda z, beta, response: beta)
            for move in (step, -step)
        )
        return Means(
            found.mean(lambda z, beta, response: (beta - target) * z),
            found.mean(lambda z, beta, response: beta * z),
            found.mean(lambda z, beta, response: response),
            (ahead - behind) / (2 * step),
        )


def integrate(stated):
    """Hold all three to τ ∂E[β̂]/∂β*, the difference of two integrals."""
    worst = Worst()
    for channel in CHANNELS:
        found = means(*channel)
        at = {theta: mpmath.mpf(channel[1]), tau: mpmath.mpf(channel[2])}
        for what, value in (
            ("by the error", stated.chi(at | {ERROR: found.error})),
            ("by the estimate", stated.independent(at | {ESTIMATE: found.estimate})),
            ("by the derivative", stated.response(at | {RESPONSE: found.response})),
        ):
            gap = relative_error(mpmath.mpf(value), at[tau] * found.shifted)
            worst.at(float(gap), of=what, **{"(β*, θ, τ, c_FT)": channel})
    return worst.measured("χ is τ ∂E[β̂]/∂β* to {worst}, {count} values")


DIFFERENCE, WHY = "response to a shift of β*", "the square of the step, times third derivatives"
state(
    "replica.susceptibility",
    __doc__,
    (
        Check("the two steps", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(DIFFERENCE, Method.MULTIPRECISION, integrate, STATED, CONTROLS, 1e-11, WHY),
    ),
    assumptions=("Z is standard normal and independent of β*", "c_FT > 0, τ > 0"),
    requires=("replica.stein", "replica.estimator-derivative"),
)
