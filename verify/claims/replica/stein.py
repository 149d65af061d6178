"""Stein's lemma, the step that turns E[Z β̂] into E[∂β̂/∂z] (eq. 35)."""

from typing import Any

import sympy as sp

from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register

POWERS = 5


def noise_covariance(theta: Any, mean_derivative: Any) -> Any:
    """Return E[Z β̂(β* + θZ)] in terms of θ and E[β̂′]."""
    return theta * mean_derivative


def decide(stated: Any) -> Evidence:
    """Integrate by parts for an arbitrary estimator, and take the means of powers in full."""
    z, shift = sp.symbols("z s", real=True)
    function = sp.Function("f", real=True)
    argument = sp.Symbol("t", real=True)
    steps = [
        (
            "d/dZ[f φ] = (f′ − Z f)φ for every differentiable f, so E[Z f] = E[f′]; the boundary "
            "term vanishes because |β̂(z)| ≤ |z|",
            equal(replica.stein_remainder(function(z), z), 0),
        )
    ]
    for power in range(1, POWERS + 1):
        example = argument**power
        covariance = _normal_mean(z * example.subs(argument, shift + replica.theta * z), z)
        mean = _normal_mean(sp.diff(example, argument).subs(argument, shift + replica.theta * z), z)
        steps.append(
            (
                f"E[Z f(s + θZ)] by the moments of Z, f(t) = {example}",
                equal(covariance, stated(replica.theta, mean)),
            )
        )
    return prove_all(steps, summary="integration by parts, and every power to the fifth in full")


def _normal_mean(polynomial: Any, z: Any) -> Any:
    """Return E of a polynomial in a standard normal z: its even moments are 1, 3, 15, ..."""
    terms = sp.Poly(sp.expand(polynomial), z).terms()
    return sum(
        coefficient * sp.factorial2(degree - 1)
        for (degree,), coefficient in terms
        if degree % 2 == 0
    )


register(
    Claim(
        id="replica.stein",
        title="Stein's lemma in the fixed point",
        sentence="For the estimator at z = β* + θZ with standard normal Z, E[Z β̂] equals θ times "
        "the mean of ∂β̂/∂z.",
        latex=r"E\left[Z\,\hat\beta(\beta^* + \theta Z)\right] = "
        r"\theta\,E\left[\frac{\partial\hat\beta}{\partial z}\right]",
        source="Appendix C.1, eq. (35)",
        checks=(
            Check(
                "integration by parts",
                Method.SYMBOLIC,
                decide,
                noise_covariance,
                (
                    Control("E[β̂′], without θ", lambda theta, mean: mean),
                    Control("θ² E[β̂′]", lambda theta, mean: theta**2 * mean),
                ),
            ),
        ),
    )
)
