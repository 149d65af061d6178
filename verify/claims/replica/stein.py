"""Stein's lemma in the fixed point (Appendix C.1, eq. (35)).

For standard normal Z and any differentiable f of at most linear growth, E[Z f(s + θZ)] is θ times
the mean of f′(s + θZ). A and B are any positive constants.
"""

from functools import cache

import sympy as sp

from theory import replica
from theory.replica import theta
from verify.claim import Check, Method
from verify.claims.replica._channel import DIGITS, Channel
from verify.claims.replica._means import ESTIMATE, RESPONSE, Z, at_each, over_channel
from verify.claims.replica._signs import positive
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import compare
from verify.methods.relations import Relation
from verify.registry import state

s, x = sp.symbols("s x", real=True)
A, B = sp.symbols("A B", positive=True)
f = sp.Function("f")
with as_written():
    ARGUMENT = s + theta * Z
    SLOPE = sp.Subs(sp.Derivative(f(x), x), x, ARGUMENT)
    COVARIANCE = Mean(Z * f(ARGUMENT))
STATED = Formulas(
    covariance=Formula(
        COVARIANCE, (theta, Mean(SLOPE)), lambda theta, mean_slope: theta * mean_slope
    ),
    growth=Formula(sp.Abs(f(x)), (x, A, B), lambda x, A, B: A + B * sp.Abs(x), Relation.AT_MOST),
)


def of_function(expression, value, slope):
    """Return an expression with values for f and f′ at s + θZ.

    Raises
    ------
    ValueError
        If it has f elsewhere, or other derivatives.
    """
    found = expression.doit().replace(lambda part: part == SLOPE.doit(), lambda _: slope)
    found = found.subs(f(s + theta * Z), value)
    if found.has(f):
        raise ValueError(f"f and f′ must be taken at s + θZ, got {found}")
    return found


WRONG = (
    STATED.covariance.but("E[f′], without θ", lambda theta, mean: mean),
    STATED.covariance.but("θ² E[f′]", lambda theta, mean: theta**2 * mean),
    STATED.covariance.but("one per cent more", lambda theta, mean: 101 * theta * mean / 100),
)
CONTROLS = tuple(STATED.but(one.variant, covariance=one.subject) for one in WRONG)
TOO_FAST = STATED.but("growth like exp(x²/100)", growth=lambda x, A, B: A + B * sp.exp(x**2 / 100))


def decide(stated):
    """Integrate by parts."""
    return prove_all(by_parts(stated), summary="integration by parts, for every f of such growth")


def by_parts(stated):
    value, slope, first, second, weight = sp.symbols("f f' m_1 m_2 w", real=True)
    size = sp.Symbol("x", positive=True)

    def excess(mean):
        return stated.covariance({Mean: mean}) - stated.covariance.left({Mean: mean})

    yield (
        "both sides are linear in means: their difference is the mean of that at each Z",
        equal(
            excess(lambda _: first + weight * second),
            excess(lambda _: first) + weight * excess(lambda _: second),
        ),
    )
    integrand = replica.stein_integrand(f(x), x, s, Z)
    yield (
        "d/dZ[f(s + θZ) φ(Z)] = (θ f′ − Z f) φ for every differentiable f",
        equal(of_function(integrand, value, slope), of_function(excess(at_each), value, slope)),
    )
    for end in (size, -size):
        bound = stated.growth.side({x: end})
        if bound.free_symbols - {size, A, B}:
            raise ValueError(f"the bound must be one in x, A and B, got {bound}")
        yield (
            "|f(x)| is bounded from above: f = 0 is within the bound",
            positive("bound − 0 > 0", stated.growth.margin({f: lambda _: sp.Integer(0)}, {x: end})),
        )
        for name, sign in (("A + B|x|", 1), ("−A − B|x|", -1)):
            largest = {f: lambda at, sign=sign: sign * stated.growth.side({x: at}), x: end}
            margin = stated.growth.margin(largest, {x: end})
            yield f"f = {name} is as large as may be", equal(margin, 0)
        yield (
            "log|f(x)| grows less than x², so f φ vanishes at both ends for all s and θ",
            equal(sp.limit(sp.log(bound) / size**2, size, sp.oo), 0),
        )


CHANNELS = [
    (target, theta, tau, scale)
    for target, theta in (("0", "0.3"), ("3.2", "2"))
    for tau, scale in (("0.1", "0.001"), ("4", "1"))
]


@cache
def mean(channel, of):
    """Return the mean of an expression for a channel."""
    return over_channel(channel)(of)


def integrate(covariance):
    """Integrate both sides for the scalar estimator, z ↦ β̂ of given τ and c_FT."""

    def of_estimator(*channel):
        def integral(of):
            return mean(Channel(*channel), of_function(of, ESTIMATE, RESPONSE))

        return {Mean: integral, theta: sp.Float(channel[1], DIGITS)}

    return compare(
        lambda *channel: str(covariance.left(of_estimator(*channel))),
        lambda *channel: str(covariance(of_estimator(*channel))),
        CHANNELS,
        names=("β*", "θ", "τ", "c_FT"),
    )


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
