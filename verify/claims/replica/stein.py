"""Stein's lemma in the fixed point (Appendix C.1, eq. (35)).

For standard normal Z and any differentiable f of at most linear growth, E[Z f(s + θZ)] is θ times
the mean of f′(s + θZ). A and B are any positive constants.
"""

from functools import cache
from typing import NamedTuple

import mpmath
import sympy as sp

from theory import replica
from theory.replica import theta
from verify.claim import Check, Control, Method
from verify.claims.replica._channel import Channel
from verify.claims.replica._signs import positive
from verify.methods.formula import Formula, Relation, named
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import compare
from verify.registry import state


class Lemma(NamedTuple):
    """E[Z f] by θ and E[f′], and how fast |f(x)| may grow, by |x| and constants A and B."""

    covariance: Formula
    growth: Formula

    def latex(self):
        return rf"{self.covariance.latex()}, \quad {self.growth.latex()}"


(MEAN_SLOPE,) = named(r"E[f'(s + \theta Z)]")
GROWTH = SIZE, CONSTANT, FACTOR = named("|x|", "A", "B")
STATED = Lemma(
    Formula(
        r"E[Z f(s + \theta Z)]",
        (theta, MEAN_SLOPE),
        lambda theta, mean_slope: theta * mean_slope,
    ),
    Formula("|f(x)|", GROWTH, lambda x, A, B: A + B * x, Relation.AT_MOST),
)


WRONG = (
    STATED.covariance.but("E[f′], without θ", lambda theta, mean: mean),
    STATED.covariance.but("θ² E[f′]", lambda theta, mean: theta**2 * mean),
    STATED.covariance.but("one per cent more", lambda theta, mean: 101 * theta * mean / 100),
)
CONTROLS = tuple(Control(one.variant, STATED._replace(covariance=one.subject)) for one in WRONG)
FASTER = STATED.growth.but("", lambda x, A, B: A + B * sp.exp(x**2 / 100)).subject
TOO_FAST = Control("growth like exp(x²/100)", STATED._replace(growth=FASTER))


def decide(stated):
    """Integrate by parts."""
    return prove_all(by_parts(stated), summary="integration by parts, for every f of such growth")


def by_parts(stated):
    z, s, t, value, slope = sp.symbols("Z s t f f'", real=True)
    A, B, size = sp.symbols("A B x", positive=True)
    first, second, weight = sp.symbols("m_1 m_2 w", real=True)
    f, argument = sp.Function("f", real=True), s + theta * z

    def mean(slope):
        return stated.covariance({MEAN_SLOPE: slope})

    yield (
        "the right side is linear in the mean: it may be taken before, at each Z",
        equal(mean(first + weight * second), mean(first) + weight * mean(second)),
    )
    integrand = replica.stein_integrand(f(t), t, s, z)
    yield (
        "d/dZ[f(s + θZ) φ(Z)] = (θ f′ − Z f) φ for every differentiable f",
        equal(
            integrand.replace(sp.Subs, lambda *_: slope).subs(f(argument), value),
            mean(slope) - z * value,
        ),
    )
    at = {SIZE: size, CONSTANT: A, FACTOR: B}
    yield (
        "|f(x)| is bounded from above: f = 0 is within the bound",
        positive("bound − 0 > 0", stated.growth.margin(0, at)),
    )
    yield (
        "log|f(x)| grows less than x², so f φ vanishes at both ends for all s and θ",
        equal(sp.limit(sp.log(stated.growth.side(at)) / size**2, size, sp.oo), 0),
    )


CHANNELS = [
    (target, theta, tau, scale)
    for target, theta in (("0", "0.3"), ("3.2", "2"))
    for tau, scale in (("0.1", "0.001"), ("4", "1"))
]


@cache
def means(*channel):
    """Return E[Z β̂] and E[η′]."""
    found = Channel(*channel)
    return found.mean(lambda z, beta, _: z * beta), found.mean(lambda z, beta, response: response)


def integrate(covariance):
    """Integrate both sides for the scalar estimator, z ↦ β̂ of given τ and c_FT."""

    def claimed(*channel):
        return covariance({theta: mpmath.mpf(channel[1]), MEAN_SLOPE: means(*channel)[1]})

    return compare(lambda *at: means(*at)[0], claimed, CHANNELS, names=("β*", "θ", "τ", "c_FT"))


ESTIMATOR, WHY = "the scalar estimator", "both integrals are good to 20 digits"
state(
    "replica.stein",
    __doc__,
    (
        Check("integration by parts", Method.SYMBOLIC, decide, STATED, (*CONTROLS, TOO_FAST)),
        Check(ESTIMATOR, Method.MULTIPRECISION, integrate, STATED.covariance, WRONG, 1e-18, WHY),
    ),
    assumptions=("f′(s + θZ) has a mean",),
)
