"""Derivative of the scalar estimator (Appendix C.1, eqs. (36)-(39); Appendix E.2.1).

The scalar estimator β̂(z) = argmin (b − z)²/(2τ) + q_k(b) has derivative √(k+4β̂²)/(√(k+4β̂²)+τ), and
the curvature term of the fixed point is τ times it.
"""

import sympy as sp

from theory import replica
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.registry import state

root, slope, tau = named(r"\sqrt{k + 4 \hat\beta^2}", r"\eta'", r"\tau")
STATED = Formulas(
    response=Formula(
        r"\eta' = \frac{\partial \hat\beta}{\partial z}",
        (root, tau),
        lambda root, tau: root / (root + tau),
    ),
    curvature_term=Formula(
        r"\left(\frac{1}{\tau} + q_k''(\hat\beta)\right)^{-1}",
        (slope, tau),
        lambda slope, tau: tau * slope,
    ),
)
CONTROLS = (
    STATED.but("√/(√ + 2τ)", response=lambda root, tau: root / (root + 2 * tau)),
    STATED.but("τ/(√ + τ)", response=lambda root, tau: tau / (root + tau)),
)


def decide(stated):
    """Differentiate the stationarity condition (β̂ − z)/τ + q_k′(β̂) = 0 implicitly."""
    beta = sp.Symbol("beta", real=True)
    root = sp.sqrt(replica.root_k**2 + 4 * beta**2)
    curvature = sp.diff(sp.asinh(2 * beta / replica.root_k) / 2, beta)
    response = stated.response(root, replica.tau)
    steps = {
        "q_k″ = 1/√(k + 4β²), from q_k′ = ½ asinh(2β/√k)": equal(curvature, 1 / root),
        "implicit differentiation of the stationarity condition": equal(
            replica.estimator_derivative(curvature), response
        ),
        "the curvature term (1/τ + q_k″)⁻¹ is τη′": equal(
            replica.curvature_term(curvature), stated.curvature_term(response, replica.tau)
        ),
    }
    return prove_all(
        steps.items(), summary="η′ and the curvature term follow by implicit differentiation"
    )


state(
    "replica.estimator-derivative",
    __doc__,
    (Check("implicit differentiation", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0 and τ > 0",),
)
