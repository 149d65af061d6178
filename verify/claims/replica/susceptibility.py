"""The susceptibility is the mean derivative (Appendix C.1, eq. (34), “step 1 of eq. 34”).

χ = (τ/θ) E[(β̂ − β*)Z] is (τ/θ) E[β̂Z], as β* is independent of Z, and by Stein's lemma it is τE[η′].
"""

from functools import cache, partial

import mpmath
import sympy as sp

from theory.replica import susceptibility as chi
from theory.replica import tau, theta
from verify.claim import Check, Method
from verify.claims.replica._channel import DIGITS, Channel
from verify.claims.replica._means import ESTIMATE, RESPONSE, TARGET, Z, known, over_channel
from verify.claims.replica._solved import solved
from verify.claims.replica.stein import CHANNELS, SLOPE
from verify.claims.replica.stein import STATED as STEIN
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import Worst, relative_error
from verify.methods.on_arrays import on_arrays
from verify.registry import state

with as_written():
    ERROR, FITTED = Mean((ESTIMATE - TARGET) * Z), Mean(ESTIMATE * Z)


def scaled(tau, theta, mean):
    return tau / theta * mean


STATED = Formulas(
    chi=Formula(chi, (tau, theta, ERROR), scaled),
    independent=Formula(chi, (tau, theta, FITTED), scaled),
    response=Formula(chi, (tau, Mean(RESPONSE)), lambda tau, mean: tau * mean),
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
    covariance, response = sp.symbols("C M", real=True)
    density = sp.exp(-(Z**2) / 2) / sp.sqrt(2 * sp.pi)
    drops_out = sp.integrate(TARGET * Z * density, (Z, -sp.oo, sp.oo))
    means = {Mean: known({ESTIMATE * Z: covariance, TARGET * Z: drops_out})}
    yield (
        "(1) given any β*, Z has the density φ, so that E[β*Z | β*] = β*E[Z] = 0",
        equal(
            stated.independent.left({chi: solved(stated.chi, chi, means)}),
            stated.independent(means),
        ),
    )
    by_parts = STEIN.covariance({Mean: known({SLOPE: response})})
    yield (
        "(2) E[β̂Z] = θE[η′], for β̂ is differentiable in z and |β̂| ≤ |z|",
        equal(
            stated.response.left(
                {chi: solved(stated.independent, chi, {Mean: known({ESTIMATE * Z: by_parts})})}
            ),
            stated.response({Mean: known({RESPONSE: response})}),
        ),
    )


STEP = "1e-7"  # of β*: leaves its square, and of 30 digits 23


@cache
def mean(channel, of):
    """Return the mean of an expression for a channel."""
    return over_channel(channel)(of)


@cache
def shifted(channel):
    """Return ∂E[β̂]/∂β* by differences."""
    with mpmath.workdps(DIGITS):
        target, step = mpmath.mpf(channel.target), mpmath.mpf(STEP)
        ahead, behind = (
            mean(channel._replace(target=target + move), ESTIMATE) for move in (step, -step)
        )
        return (ahead - behind) / (2 * step)


def integrate(stated):
    """Hold all three to τ ∂E[β̂]/∂β*, the difference of two integrals."""
    worst = Worst()
    for place in CHANNELS:
        channel = Channel(*place)
        at = {one: sp.Float(x, DIGITS) for one, x in ((theta, place[1]), (tau, place[2]))}
        at |= {Mean: partial(mean, channel)}
        for what, formula in (
            ("by the error", stated.chi),
            ("by the estimate", stated.independent),
            ("by the derivative", stated.response),
        ):
            left = on_arrays(formula.name, {chi: at[tau] * shifted(channel)})
            gap = relative_error(*map(mpmath.mpmathify, (formula(at), left)))
            worst.at(float(gap), of=what, **{"(β*, θ, τ, c_FT)": place})
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
