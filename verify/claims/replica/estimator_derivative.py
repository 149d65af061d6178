"""Derivative of the scalar estimator (Appendix C.1, eqs. (36)-(39); Appendix E.2.1).

The scalar estimator β̂(z) = argmin (b − z)²/(2τ) + q_k(b) has derivative η′ = √(k+4β̂²)/(√(k+4β̂²)+τ)
between 0 and 1, so that |β̂(z)| ≤ |z|; the curvature term of the fixed point is τ times it.

No better bounds on η′ hold for all τ.
"""

import sympy as sp

from theory import replica
from theory.implicit_bias import penalty_slope
from theory.replica import tau
from verify.claim import Check, Method
from verify.claims.replica._signs import positive
from verify.methods.formula import POSITIVE, Bound, Formula, Formulas, Relation, named
from verify.methods.identity import equal, prove_all, zero
from verify.registry import state

ROOT, SLOPE = named(r"\sqrt{k + 4 \hat\beta^2}", r"\eta'")
STATED = Formulas(
    curvature=Formula(r"q_k''(\hat\beta)", (ROOT,), lambda root: 1 / root),
    response=Formula(
        r"\eta'",
        (ROOT, tau),
        lambda root, tau: root / (root + tau),
        bounds=(POSITIVE, Bound(Relation.BELOW, 1)),
    ),
    curvature_term=Formula(
        r"\left(\frac{1}{\tau} + q_k''(\hat\beta)\right)^{-1}",
        (SLOPE, tau),
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
    yield (
        "q_k″, the derivative of q_k′",
        equal(sp.diff(first, beta), stated.curvature({ROOT: root})),
    )
    yield (
        "implicit differentiation of the stationarity condition",
        equal(replica.estimator_derivative(stated.curvature()), stated.response()),
    )
    for bound in stated.response.bounds:
        margin, text = (
            bound.margin(stated.response({ROOT: size})),
            f"η′ {bound.relation} {bound.value}",
        )
        yield text, positive(text, margin, strict=bound.strict)
        ends = (sp.limit(margin, tau, end) for end in (0, sp.oo))
        yield "which it comes to as τ → 0 or τ → ∞", equal(sp.Min(*ends), 0)
    at_zero = stated.response({ROOT: root}) * first
    yield "β̂(0) = 0, as q_k′(0) = 0: so |β̂(z)| ≤ |z|", zero(at_zero.subs(beta, 0))
    yield (
        "the curvature term (1/τ + q_k″)⁻¹ is τη′",
        equal(
            replica.curvature_term(stated.curvature()),
            stated.curvature_term({SLOPE: stated.response()}),
        ),
    )


state(
    "replica.estimator-derivative",
    __doc__,
    (Check("implicit differentiation", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0 and τ > 0",),
    requires=("implicit-bias.penalty",),
)
