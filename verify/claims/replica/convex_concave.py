"""ψ is convex in one number and concave in the other (Proposition 4.2; Appendix E.2.3).

For every law of β* and c_FT with E[β*²] < ∞, ψ(θ, b) is strictly convex in θ and strictly concave
in b.

β̂ = β* for one Z only, given β*, and β̂ = z for z = 0 only; so no mean of their squares vanishes.
"""

import sympy as sp

from theory import replica, saddle
from theory.implicit_bias import penalty_slope
from theory.replica import alpha, noise, tau, theta
from theory.saddle import b, w, z
from verify.claim import Check, Method
from verify.claims.replica._means import ESTIMATE, RESPONSE, TARGET, Z
from verify.claims.replica._potential import (
    PSI,
    as_function,
    at_each_place,
    mean_in,
    objective,
    varrho,
    with_derivatives,
)
from verify.claims.replica._signs import positive
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.claims.replica.estimator_derivative import q_k
from verify.claims.replica.stationarity import STATED as STATIONARY
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import Mean, as_written
from verify.methods.relations import POSITIVE, Bound, Relation
from verify.registry import state

with as_written():
    RESIDUAL = ESTIMATE - TARGET - theta * Z
    IN_B, IN_THETA = RESPONSE * RESIDUAL**2, (1 - RESPONSE) * (ESTIMATE - TARGET) ** 2
STATED = Formulas(
    in_theta=Formula(
        sp.Derivative(PSI(theta, b), (theta, 2)),
        (b, noise, theta, Mean(IN_THETA), alpha),
        lambda b, sigma, theta, mean, alpha: b / theta**3 * (sigma**2 + mean / alpha),
        bounds=(POSITIVE,),
    ),
    in_b=Formula(
        sp.Derivative(PSI(theta, b), (b, 2)),
        (varrho, alpha, b, theta, Mean(IN_B)),
        lambda ridge, alpha, b, theta, mean: -ridge - mean / (alpha * b * theta),
        bounds=(Bound(Relation.BELOW, 0),),
    ),
)
CONTROLS = (
    STATED.but("ϱ/2 for ϱ", in_b=lambda r, alpha, b, th, mean: -r / 2 - mean / (alpha * b * th)),
    STATED.but(
        "the curvature of ψ in b is positive",
        in_b=lambda r, alpha, b, theta, mean: r + mean / (alpha * b * theta),
    ),
    STATED.but(
        "b/θ² for b/θ³",
        in_theta=lambda b, s, theta, mean, alpha: b / theta**2 * (s**2 + mean / alpha),
    ),
    STATED.but(
        "η′ and 1 − η′ exchanged",
        in_theta=Formula(
            STATED.in_theta.name,
            (b, noise, theta, Mean(RESPONSE * (ESTIMATE - TARGET) ** 2), alpha),
            STATED.in_theta.body,
            bounds=(POSITIVE,),
        ),
    ),
)


def decide(stated):
    """Let the minimiser at each coordinate move by its stationarity."""
    return prove_all(steps(stated), summary="curvatures of a least value, at each coordinate")


def steps(stated):
    function, envelope = as_function(STATIONARY.potential)
    bend = sp.Symbol("q2", positive=True)
    parabola = {q_k: lambda beta: bend * beta**2 / 2}
    term = ESTIMATOR.curvature_term
    (bent,) = sp.solve(term.left(parabola) - term(), bend)
    bent = bent.subs(tau, envelope.args[1])

    def of_mean(parameter):
        curvature = saddle.curvature_of_minimum(objective(envelope), w, parameter)
        slope, curved = (sp.Derivative(saddle.penalty(TARGET + w), (w, k)).doit() for k in (1, 2))
        plain = curvature.doit().subs(curved, bent)
        if plain.has(slope):
            raise ArithmeticError(f"q′ must drop out of the curvature, got {plain}")
        return plain.subs(w, ESTIMATE - TARGET)

    for text, formula in (("θ", stated.in_theta), ("b", stated.in_b)):
        found = with_derivatives(formula.left({PSI: function}), 2, of_mean)
        yield (
            f"curvature in {text}: that of e at each coordinate, with q″ = (1/η′ − 1)/τ",
            equal(found, at_each_place(formula)),
        )
    condition = sp.diff(saddle.proximal(w, z, tau), w)
    yield (
        "β̂ minimises (β − z)²/(2τ) + q(β): β̂ = z only where q′(β̂) = 0",
        equal(condition.subs(z, w), sp.diff(saddle.penalty(w), w)),
    )
    slope = penalty_slope(w, replica.root_k / 2)
    yield "which is so for β̂ = 0,", zero(slope.subs(w, 0))
    yield "and for no other, as q″ = 1/R > 0", positive("1/R > 0", ESTIMATOR.curvature())
    there = condition.subs({z: TARGET + theta * Z, w: TARGET}, simultaneous=True)
    yield (
        "β̂ = β* for one Z only, given β*: the condition is linear in Z",
        positive("θ/τ > 0", -sp.diff(there, Z)),
    )
    share, away = sp.symbols("s delta", positive=True)
    for text, formula, vanishing in (
        ("θ", stated.in_theta, TARGET),
        ("b", stated.in_b, TARGET + theta * Z),
    ):
        size = sp.Symbol("m", positive=True)
        value, of = mean_in(formula, size)
        for sign in (1, -1):
            at = {RESPONSE: 1 / (1 + share), ESTIMATE: vanishing + sign * away}
            yield (
                f"what the mean in the curvature in {text} is of is positive where 0 < η′ < 1",
                positive("a square times a positive factor", of.subs(at, simultaneous=True)),
            )
        for bound in formula.bounds:
            yield (
                f"and so is the mean: the curvature in {text} is {bound.relation} {bound.value}",
                positive("its bound", bound.margin(value), strict=bound.strict),
            )
            flat = bound.margin(value).subs({varrho: 0, noise: 0})
            yield (
                "by as little as one likes where σ = ϱ = 0 and the mean is small",
                equal(sp.limit(flat, size, 0), 0),
            )


state(
    "replica.convex-concave",
    __doc__,
    (Check("curvature of a least value", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "Z is standard normal and independent of β*, E[β*²] < ∞",
        "c_FT > 0; means and slopes are exchanged",
    ),
    requires=("replica.estimator-derivative", "replica.stationarity"),
)
