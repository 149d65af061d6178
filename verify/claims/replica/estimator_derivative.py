"""Derivative of the scalar estimator (Appendix C.1, eqs. (36)-(39); Appendix E.2.1).

The scalar estimator β̂(z) = argmin (b − z)²/(2τ) + q_k(b) has derivative η′ = √(k+4β̂²)/(√(k+4β̂²)+τ)
between 0 and 1, so that |β̂(z)| ≤ |z|; the curvature term of the fixed point is τ times it.
"""

import sympy as sp

from theory import replica
from theory.implicit_bias import penalty_slope
from verify.claim import Check, Method
from verify.claims.replica._signs import positive
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all, zero
from verify.registry import state

root, slope, tau = named(r"\sqrt{k + 4 \hat\beta^2}", r"\eta'", r"\tau")
STATED = Formulas(
    curvature=Formula(r"q_k''(\hat\beta)", (root,), lambda root: 1 / root),
    response=Formula(
        r"\eta' = \frac{\partial \hat\beta}{\partial z}",
        (root, tau),
        lambda root, tau: root / (root + tau),
        r" \in (0, 1)",
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
    STATED.but("q_k″ = 1/(2√)", curvature=lambda root: 1 / (2 * root)),
    STATED.but("η′ for τη′", curvature_term=lambda slope, tau: slope),
)


def decide(stated):
    """Differentiate the stationarity condition (β̂ − z)/τ + q_k′(β̂) = 0 implicitly."""
    return prove_all(
        steps(stated), summary="η′ and the curvature term follow by implicit differentiation"
    )


def steps(stated):
    beta, size = sp.Symbol("beta", real=True), sp.Symbol("R", positive=True)
    root = sp.sqrt(replica.root_k**2 + 4 * beta**2)
    first = penalty_slope(beta, replica.root_k / 2)
    yield "q_k″, the derivative of q_k′", equal(sp.diff(first, beta), stated.curvature(root))
    yield (
        "implicit differentiation of the stationarity condition",
        equal(
            replica.estimator_derivative(stated.curvature(root)), stated.response(root, replica.tau)
        ),
    )
    yield "η′ > 0", positive("η′ > 0", stated.response(size, replica.tau))
    yield "η′ < 1", positive("1 − η′ > 0", 1 - stated.response(size, replica.tau))
    at_zero = stated.response(root, replica.tau) * first
    yield "β̂(0) = 0, as q_k′(0) = 0: so |β̂(z)| ≤ |z|", zero(at_zero.subs(beta, 0))
    yield (
        "the curvature term (1/τ + q_k″)⁻¹ is τη′",
        equal(
            replica.curvature_term(stated.curvature(root)),
            stated.curvature_term(stated.response(root, replica.tau), replica.tau),
        ),
    )


state(
    "replica.estimator-derivative",
    __doc__,
    (Check("implicit differentiation", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0 and τ > 0",),
    requires=("implicit-bias.penalty",),
)
