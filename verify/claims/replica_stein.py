"""Stein's lemma, the step that turns E[Z β̂] into E[∂β̂/∂z] (eq. 35)."""

from typing import Any

import sympy as sp

from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


def noise_covariance(theta: Any, mean_derivative: Any) -> Any:
    """Return E[Z β̂(β* + θZ)] in terms of θ and E[β̂′]."""
    return theta * mean_derivative


def decide(stated: Any) -> Evidence:
    """Integrate by parts for an arbitrary estimator, and in full for a cube and a Gaussian."""
    z, shift = sp.symbols("z s", real=True)
    rate = sp.Symbol("a", positive=True)
    function = sp.Function("f", real=True)
    argument = sp.Symbol("t", real=True)
    steps = [
        (
            "d/dZ[f φ] = (f′ − Z f)φ for every differentiable f, so E[Z f] = E[f′]; the boundary "
            "term vanishes because |β̂(z)| ≤ |z|",
            equal(replica.stein_remainder(function(z), z), 0),
        )
    ]
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    examples = (argument**3, sp.exp(-rate * argument**2 / 2))
    for example in examples:
        at = example.subs(argument, shift + replica.theta * z)
        left = sp.integrate(sp.expand(z * at) * density, (z, -sp.oo, sp.oo), conds="none")
        slope = sp.diff(example, argument).subs(argument, shift + replica.theta * z)
        mean = sp.integrate(sp.expand(slope) * density, (z, -sp.oo, sp.oo), conds="none")
        steps.append(
            (
                f"E[Z f(s + θZ)] by integration, f(t) = {example}",
                equal(sp.simplify(left), sp.simplify(stated(replica.theta, mean))),
            )
        )
    return prove_all(steps, summary="integration by parts, and two integrals done in full")


CLAIM = register(
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
