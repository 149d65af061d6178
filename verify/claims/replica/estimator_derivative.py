"""Derivative of the scalar estimator (Appendix C.1, eqs. (36)-(39); Appendix E.2.1).

The scalar estimator β̂(z) = argmin (b − z)²/(2τ) + q_k(b) has the derivative η′ = R/(R + τ),
R = √(k + 4β̂²), between 0 and 1, so that |β̂(z)| ≤ |z|; the curvature term of the fixed point is τ
times it.

No better bounds on η′ hold for all τ.
"""

import sympy as sp

from theory import replica
from theory.implicit_bias import penalty, penalty_slope
from theory.replica import tau
from verify.claim import Check, Method
from verify.claims.replica._means import ESTIMATE, RESPONSE
from verify.claims.replica._signs import positive
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import as_written
from verify.methods.relations import POSITIVE, Bound, Relation
from verify.registry import state

k, ROOT = sp.symbols("k R", positive=True)
q_k = sp.Function("q_k")
CURVATURE = sp.Derivative(q_k(ESTIMATE), (ESTIMATE, 2))
with as_written():
    CURVATURE_TERM = 1 / (1 / tau + CURVATURE)
STATED = Formulas(
    root=Formula(ROOT, (k, ESTIMATE), lambda k, estimate: sp.sqrt(k + 4 * estimate**2)),
    curvature=Formula(CURVATURE, (ROOT,), lambda root: 1 / root),
    response=Formula(
        RESPONSE,
        (ROOT, tau),
        lambda root, tau: root / (root + tau),
        bounds=(POSITIVE, Bound(Relation.BELOW, 1)),
    ),
    curvature_term=Formula(CURVATURE_TERM, (RESPONSE, tau), lambda slope, tau: tau * slope),
)
CONTROLS = (
    STATED.but("R/(R + 2τ)", response=lambda root, tau: root / (root + 2 * tau)),
    STATED.but("τ/(R + τ)", response=lambda root, tau: tau / (root + tau)),
    STATED.but("q_k″ = 1/(2R)", curvature=lambda root: 1 / (2 * root)),
    STATED.but("√(k + β̂²)", root=lambda k, estimate: sp.sqrt(k + estimate**2)),
    STATED.but("η′ for τη′", curvature_term=lambda slope, tau: slope),
)


def decide(stated):
    """Differentiate the stationarity condition (β̂ − z)/τ + q_k′(β̂) = 0 implicitly."""
    return prove_all(
        steps(stated), summary="η′ and the curvature term follow by implicit differentiation"
    )


def steps(stated):
    root = defined(stated.root, ROOT, {k: replica.root_k**2})
    response = defined(stated.response, RESPONSE)
    here = {q_k: lambda beta: penalty(beta, replica.root_k / 2)}
    yield (
        "q_k″, k = 4c_FT²",
        equal(stated.curvature.left(here), stated.curvature({ROOT: root})),
    )
    yield (
        "implicit differentiation of the stationarity condition",
        equal(replica.estimator_derivative(stated.curvature()), response),
    )
    for bound in stated.response.bounds:
        margin, text = (
            bound.margin(response),
            f"η′ {bound.relation} {bound.value}",
        )
        yield text, positive(text, margin, strict=bound.strict)
        ends = (sp.limit(margin, tau, end) for end in (0, sp.oo))
        yield "which it comes to as τ → 0 or τ → ∞", equal(sp.Min(*ends), 0)
    first = defined(stated.response, RESPONSE, {ROOT: root}) * penalty_slope(
        ESTIMATE, replica.root_k / 2
    )
    yield "β̂(0) = 0, as q_k′(0) = 0: so |β̂(z)| ≤ |z|", zero(first.subs(ESTIMATE, 0))
    yield (
        "the curvature term (1/τ + q_k″)⁻¹ is τη′",
        equal(
            stated.curvature_term.left(here),
            stated.curvature_term({RESPONSE: defined(stated.response, RESPONSE, {ROOT: root})}),
        ),
    )


state(
    "replica.estimator-derivative",
    __doc__,
    (Check("implicit differentiation", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0 and τ > 0",),
    requires=("implicit-bias.penalty",),
)
