"""Stein's lemma in the fixed point (Appendix C.1, eq. (35)).

For the estimator at z = β* + θZ with standard normal Z, E[Z β̂] equals θ times the mean of ∂β̂/∂z.
"""

import sympy as sp

from theory import replica
from verify.methods.formula import Formula, formula_checks, named
from verify.methods.identity import equal, prove_all
from verify.registry import state

STATED = Formula(
    r"E\left[Z\, \hat\beta(\beta^* + \theta Z)\right]",
    named(r"\theta", r"E\left[\frac{\partial \hat\beta}{\partial z}\right]"),
    lambda theta, mean_derivative: theta * mean_derivative,
)
CONTROLS = (
    STATED.but("E[β̂′], without θ", lambda theta, mean: mean),
    STATED.but("θ² E[β̂′]", lambda theta, mean: theta**2 * mean),
)


def decide(stated):
    """Integrate by parts for an arbitrary estimator, and take the means of powers in full."""
    z, shift, argument = sp.symbols("z s t", real=True)
    function = sp.Function("f", real=True)
    steps = [
        (
            "d/dZ[f φ] = (f′ − Z f)φ for every differentiable f, so E[Z f] = E[f′]; the boundary "
            "term vanishes because |β̂(z)| ≤ |z|",
            equal(replica.stein_remainder(function(z), z), 0),
        )
    ]
    for power in range(1, 6):
        example = argument**power
        covariance = normal_mean(z * example.subs(argument, shift + replica.theta * z), z)
        mean = normal_mean(sp.diff(example, argument).subs(argument, shift + replica.theta * z), z)
        steps.append(
            (
                f"E[Z f(s + θZ)] by the moments of Z, f(t) = {example}",
                equal(covariance, stated(replica.theta, mean)),
            )
        )
    return prove_all(steps, summary="integration by parts, and every power to the fifth in full")


def normal_mean(polynomial, z):
    """Return E of a polynomial in a standard normal z: its even moments are 1, 3, 15, ..."""
    terms = sp.Poly(sp.expand(polynomial), z).terms()
    return sum(
        coefficient * sp.factorial2(degree - 1)
        for (degree,), coefficient in terms
        if degree % 2 == 0
    )


state("replica.stein", __doc__, formula_checks(STATED, CONTROLS, proof=decide))
