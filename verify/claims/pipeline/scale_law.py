"""What pretraining from data leaves in a coordinate (beyond the paper; Prop. 4.2, Section 3.2).

With u = asinh(β̂_PT/c), pretraining with effective τ₁ and θ₁ sees β* + θ₁Z₁ = β̂_PT + ½τ₁u and
leaves the scale c_FT. Both move with θ₁, τ₁ and c as stated, at fixed β* and Z₁, and at fixed
r = λ/c.
"""

import sympy as sp

from theory.implicit_bias import penalty
from theory.network import finetune_scale
from theory.saddle import minimiser_slope
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import as_written
from verify.methods.orthant import on_line
from verify.methods.orthant import u as exponential
from verify.registry import state

angle, lam, r, Z_1, target = sp.symbols(r"u lambda r Z_1 \beta^*", real=True)
c, tau_1, theta_1 = sp.symbols("c tau_1 theta_1", positive=True)
gamma = sp.Symbol("gamma", nonnegative=True)
ESTIMATE = sp.Symbol(r"\hat\beta_{PT}", real=True)
RESPONSE, RADIUS, SCALE = sp.symbols(r"\eta' R c_{FT}", positive=True)
B, K = sp.Function(r"\hat\beta_{PT}"), sp.Function("c_{FT}")
PLACE = theta_1, tau_1, c
with as_written():
    SEEN = target + theta_1 * Z_1
    IN_C = c * sp.Derivative(B(*PLACE), c)
    SCALE_IN_C = c * sp.Derivative(K(*PLACE), c)
STATED = Formulas(
    seen=Formula(SEEN, (ESTIMATE, tau_1, angle), lambda estimate, tau, u: estimate + tau * u / 2),
    estimate=Formula(ESTIMATE, (c, angle), lambda c, u: c * sp.sinh(u)),
    radius=Formula(RADIUS, (c, angle), lambda c, u: c * sp.cosh(u)),
    scale=Formula(
        SCALE,
        (c, lam, angle, gamma),
        lambda c, lam, u, gamma: 2 * (c + lam) * sp.cosh(u / 2) ** 2 + gamma**2,
    ),
    response=Formula(RESPONSE, (RADIUS, tau_1), lambda R, tau: 2 * R / (2 * R + tau)),
    in_theta=Formula(
        sp.Derivative(B(*PLACE), theta_1), (RESPONSE, Z_1), lambda response, Z: response * Z
    ),
    in_tau=Formula(
        sp.Derivative(B(*PLACE), tau_1), (RESPONSE, angle), lambda response, u: -response * u / 2
    ),
    in_c=Formula(
        IN_C,
        (RESPONSE, tau_1, ESTIMATE, RADIUS),
        lambda response, tau, estimate, R: response * tau * estimate / (2 * R),
    ),
    scale_in_estimate=Formula(
        sp.Derivative(K(ESTIMATE), ESTIMATE),
        (c, lam, ESTIMATE, RADIUS),
        lambda c, lam, estimate, R: (c + lam) * estimate / (c * R),
    ),
    scale_in_c=Formula(
        SCALE_IN_C,
        (r, c, tau_1, ESTIMATE, RADIUS),
        lambda r, c, tau, estimate, R: (
            (1 + r) * (c + (c**2 + tau * estimate**2 / (2 * R + tau)) / R)
        ),
    ),
)
CONTROLS = (
    STATED.but("τ₁u for ½τ₁u", seen=lambda estimate, tau, u: estimate + tau * u),
    STATED.but("cosh²u", scale=lambda c, lam, u, gamma: 2 * (c + lam) * sp.cosh(u) ** 2 + gamma**2),
    STATED.but("R/(R + τ₁)", response=lambda R, tau: R / (R + tau)),
    STATED.but("u for ½u", in_tau=lambda response, u: -response * u),
    STATED.but("c at fixed β̂_PT", in_c=lambda response, tau, estimate, R: 0 * estimate),
    STATED.but(
        "the scale, c at fixed β̂_PT",
        scale_in_c=lambda r, c, tau, estimate, R: (1 + r) * (c + c**2 / R),
    ),
)


def decide(stated):
    """Differentiate the stationarity of (β − z)²/(2τ₁) + q_c(β) implicitly; u is any number."""
    return prove_all(steps(stated), summary="by implicit differentiation, for every u")


def on_curve(expression, unknown):
    """Return a function of the estimate and of u at β̂ = c sinh u, in e^u."""
    at = on_line(sp.sympify(expression), unknown, c)
    return at.subs(angle, sp.log(exponential)).rewrite(sp.exp)


def steps(stated):
    b, z = sp.symbols("b z", real=True)

    def same(one, other):
        return equal(on_curve(one, b), on_curve(other, b))

    known = {ESTIMATE: defined(stated.estimate, ESTIMATE)}
    yield "β̂_PT = c sinh u is where asinh(β̂_PT/c) = u", same(b, known[ESTIMATE])
    known[RADIUS] = defined(stated.radius, RADIUS)
    yield "R = √(c² + β̂_PT²)", same(sp.sqrt(c**2 + b**2), known[RADIUS])
    objective = (b - z) ** 2 / (2 * tau_1) + penalty(b, c)
    # The slope of the objective vanishes at the estimate: that says what z is.
    (seen,) = sp.solve(sp.diff(objective, b), z)
    here = {theta_1: theta_1, Z_1: (z - target) / theta_1, target: target}
    yield (
        "what is seen where the slope of (β − z)²/(2τ₁) + q_c(β) is 0",
        same(stated.seen.left(here).subs(z, seen), stated.seen(known)),
    )
    scale = finetune_scale(b, c, lam, gamma)
    yield "c_FT", same(stated.scale.left({SCALE: scale}), stated.scale())
    known[RESPONSE] = defined(stated.response, RESPONSE, known)
    response = minimiser_slope(objective, b, z)
    yield "η′ = ∂β̂_PT/∂z", same(stated.response.left({RESPONSE: response}), stated.response(known))
    # z moves with θ₁ at fixed β* and Z₁; τ₁ and c are in the objective.
    moves = {theta_1: response * Z_1}
    moves |= {one: minimiser_slope(objective, b, one).subs(z, seen) for one in (tau_1, c)}
    fixed_ratio = scale.subs(lam, r * c)
    scale_moves = {
        one: sp.diff(fixed_ratio, one) + sp.diff(fixed_ratio, b) * slope
        for one, slope in moves.items()
    }
    for name, formula in (("θ₁", stated.in_theta), ("τ₁", stated.in_tau), ("c", stated.in_c)):
        left = with_slopes(formula, B, PLACE, moves)
        yield f"β̂_PT moves with {name}", same(left, formula(known))
    alone = with_slopes(stated.scale_in_estimate, K, (ESTIMATE,), {ESTIMATE: sp.diff(scale, b)})
    yield "c_FT moves with β̂_PT", same(alone, stated.scale_in_estimate(known))
    left = with_slopes(stated.scale_in_c, K, PLACE, scale_moves)
    yield "c_FT moves with c", same(left, stated.scale_in_c(known))


def with_slopes(formula, function, place, slopes):
    """Return the left side of a formula, for a function with these slopes at its place."""
    signs, start = {one: sp.Dummy() for one in place}, sp.Dummy()

    def plane(*at):
        if at != place:
            return sp.nan
        return start + sum(signs[one] * one for one in place)

    left = formula.left({function: plane})
    return left.xreplace({sign: slopes[one] for one, sign in signs.items()})


state(
    "pipeline.scale-law",
    __doc__,
    (Check("implicit differentiation", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "τ₁, θ₁ > 0"),
    requires=("implicit-bias.penalty", "network.finetune-scale", "replica.estimator-derivative"),
)
