"""How the least training objective moves (Proposition 4.2; Appendix C.1, eq. (15)).

F, the limit of the least (1/d){(1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ)}, rises with α and σ, and falls as ϱ rises
or the c_FT of any share of the coordinates. The penalty E[q(β̂)] falls as ϱ rises, and the training
error R = ‖y − Xβ̂‖²/n rises.

F is αψ where ψ is stationary, so that only explicit parameters move it (envelope theorem). c is the
c_FT of a share s of the coordinates; the mean is over these. m is what the minimum of ψ over θ,
without −ϱb²/2, has for −∂²/∂b².
"""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import sympy as sp

from numerics import CoordinateGroup, Initialization, TaskDistribution, solve_replica
from theory import saddle
from theory.implicit_bias import penalty
from theory.replica import alpha, noise, tau, theta
from theory.saddle import b, w, z
from verify.claim import Check, Control, Method
from verify.claims.replica._means import (
    ESTIMATE,
    RESPONSE,
    SCALE,
    groups_of,
    known,
    over_groups_in_float64,
)
from verify.claims.replica._potential import AVERAGE, as_function, at_each_place, mean_in, varrho
from verify.claims.replica._signs import positive
from verify.claims.replica.convex_concave import STATED as CURVATURES
from verify.claims.replica.stationarity import STATED as STATIONARITY
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import Worst
from verify.methods.orthant import on_line, u
from verify.methods.relations import NONNEGATIVE, POSITIVE, Bound, Relation
from verify.registry import state

FREE, PENALTY = sp.Function("F"), sp.Function("Q")
SHARE, RESIDUAL = sp.symbols("s R", positive=True)
PULL, BEND = sp.Function("b"), sp.Symbol("m", positive=True)
BELOW = Bound(Relation.BELOW, 0)
with as_written():
    EXCESS = SCALE - sp.sqrt(SCALE**2 + ESTIMATE**2)
    TRAINING = varrho**2 * PULL(varrho) ** 2
STATED = Formulas(
    in_alpha=Formula(
        sp.Derivative(FREE(alpha), alpha),
        (b, noise, theta, Mean(RESPONSE), alpha),
        lambda b, sigma, theta, response, alpha: (
            b / 2 * (sigma**2 / theta + theta * response / alpha)
        ),
        bounds=(POSITIVE,),
    ),
    in_noise=Formula(
        sp.Derivative(FREE(noise), noise),
        (alpha, b, noise, theta),
        lambda alpha, b, sigma, theta: alpha * b * sigma / theta,
        bounds=(NONNEGATIVE,),
    ),
    in_ridge=Formula(
        sp.Derivative(FREE(varrho), varrho),
        (alpha, b),
        lambda alpha, b: -alpha * b**2 / 2,
        bounds=(BELOW,),
    ),
    in_scale=Formula(
        sp.Derivative(FREE(SCALE), SCALE),
        (SHARE, Mean(EXCESS), SCALE),
        lambda share, mean, scale: share * mean / (2 * scale),
        bounds=(BELOW,),
    ),
    residual=Formula(RESIDUAL, (varrho, b), lambda ridge, b: ridge**2 * b**2),
    penalty=Formula(
        sp.Derivative(PENALTY(varrho), varrho),
        (alpha, b, BEND, varrho),
        lambda alpha, b, m, ridge: -alpha * b**2 * m / (ridge + m),
        bounds=(BELOW,),
    ),
    training=Formula(
        sp.Derivative(TRAINING, varrho),
        (varrho, b, BEND),
        lambda ridge, b, m: 2 * ridge * b**2 * m / (ridge + m),
        bounds=(NONNEGATIVE,),
    ),
)
CONTROLS = (
    STATED.but(
        "E[η′²] for E[η′]",
        in_alpha=Formula(
            STATED.in_alpha.name,
            (b, noise, theta, Mean(RESPONSE**2), alpha),
            STATED.in_alpha.body,
            bounds=(POSITIVE,),
        ),
    ),
    STATED.but("αb² for αb²/2", in_ridge=lambda alpha, b: -alpha * b**2),
    STATED.but("b²/2 for αb²/2", in_ridge=lambda alpha, b: -(b**2) / 2),
    STATED.but("half of αbσ/θ", in_noise=lambda alpha, b, s, theta: alpha * b * s / (2 * theta)),
    STATED.but("1/c for 1/(2c)", in_scale=lambda share, mean, scale: share * mean / scale),
    STATED.but("without the share", in_scale=lambda share, mean, scale: mean / (2 * scale)),
    STATED.but("ϱb² for ϱ²b²", residual=lambda ridge, b: ridge * b**2),
    STATED.but(
        "the penalty rises with ϱ",
        penalty=lambda alpha, b, m, ridge: alpha * b**2 * m / (ridge + m),
    ),
)


def decide(stated):
    """Differentiate αψ at its saddle, and the saddle's b by its own equation."""
    return prove_all(steps(stated), summary="the envelope theorem at the saddle of αψ")


def steps(stated):
    function, _ = as_function(STATIONARITY.potential)
    free, response = alpha * function(theta, b), sp.Symbol("M", positive=True)
    means = {Mean: known({RESPONSE: response, RESPONSE**2: sp.Symbol("Q", positive=True)})}
    (at_saddle,) = sp.solve(STATIONARITY.regularisation(means), varrho)

    def slope(parameter):
        return saddle.stationary_slope(free, (theta, b), parameter)

    for text, formula, parameter in (
        ("α, where ϱ = τ − τE[η′]/α", stated.in_alpha, alpha),
        ("σ", stated.in_noise, noise),
        ("ϱ", stated.in_ridge, varrho),
    ):
        found = slope(parameter)
        found = found.subs(varrho, at_saddle) if parameter == alpha else found
        found = left_along(formula, FREE, parameter, found)
        yield f"∂(αψ)/∂{text}", equal(found, formula(means))
    rest, of_share = sp.symbols("E_1 E_2")
    average = SHARE * of_share + (1 - SHARE) * rest
    weight = sp.diff(free.subs(AVERAGE(theta, b), average), of_share)
    yield "αψ has the share times its mean of e as a term", equal(weight, SHARE)
    least = saddle.proximal(w, z, tau).subs(saddle.penalty(w), penalty(w, SCALE))
    in_scale = weight * saddle.stationary_slope(least, (w,), SCALE).subs(w, ESTIMATE)
    yield (
        "∂e/∂c_FT is that of q at fixed β̂",
        equal(left_along(stated.in_scale, FREE, SCALE, in_scale), at_each_place(stated.in_scale)),
    )
    yield from with_ridge(stated, slope(varrho))
    size, excess, more = sp.symbols("m x v", positive=True)
    signs = {
        "F rises with α": (stated.in_alpha, means),
        "F rises with σ": (stated.in_noise, {}),
        "F falls with ϱ": (stated.in_ridge, {}),
        "F falls with c_FT": (stated.in_scale, {Mean: lambda _: -excess}),
        "the penalty falls with ϱ": (stated.penalty, {}),
        "the training error rises with ϱ": (stated.training, {}),
    }
    for text, (formula, at) in signs.items():
        for bound in formula.bounds:
            margin = bound.margin(formula(at))
            yield text, positive(f"{bound.relation} {bound.value}", margin, strict=bound.strict)
            least = margin.subs({b: more, excess: more})
            yield (
                "as little as one likes, where b or β̂ is small",
                equal(sp.limit(least, more, 0), 0),
            )
    _, of = mean_in(stated.in_scale, excess)
    yield "√(c² + β̂²) is even", equal(of, of.subs(ESTIMATE, -ESTIMATE))
    yield (
        "and above c for β̂ > 0",
        positive("c < √(c² + β̂²)", -on_line(of, ESTIMATE, SCALE).subs(u, 1 + more)),
    )
    outer, inner = (mean_in(one, size)[0] for one in (CURVATURES.in_theta, CURVATURES.in_b))
    cross = sp.Symbol("x", nonnegative=True)  # (∂²ψ/∂θ∂b)²
    yield "m > 0, as ψ is convex and concave", positive("m", -inner - varrho + cross / outer)


def with_ridge(stated, in_ridge):
    """Yield how b, and with it the penalty and the training error, move with ϱ."""
    speed, pull = sp.Symbol("speed"), sp.Function("pull")
    # φ(b), the minimum over θ of ψ + ϱb²/2, has φ′(b) = ϱb at the saddle, and φ″ = −m.
    slope = sp.Function("slope")(b)
    along = sp.diff(slope - varrho * b, b) * speed + sp.diff(slope - varrho * b, varrho)
    (found,) = sp.solve(along.subs(sp.diff(slope, b), -BEND), speed)

    def moved(expression):
        moving = sp.diff(expression.subs(b, pull(varrho)), varrho).doit()
        return moving.subs(sp.diff(pull(varrho), varrho), found).subs(pull(varrho), b)

    finite = alpha * RESIDUAL / (2 * varrho)  # of the objective, n/d = α; Σ q does not move
    (squares,) = sp.solve(sp.diff(finite, varrho) - in_ridge, RESIDUAL)
    yield (
        "∂F/∂ϱ is the limit of −αR/(2ϱ²), as for finite d, F being concave in 1/ϱ",
        equal(stated.residual.left({RESIDUAL: squares}), stated.residual()),
    )
    rest = alpha * STATIONARITY.value({Mean: lambda _: 0})
    yield (
        "E[q(β̂)] is αψ less that of the residual, where ∂ψ/∂b = 0",
        equal(
            left_along(stated.penalty, PENALTY, varrho, in_ridge - moved(rest)), stated.penalty()
        ),
    )
    left = stated.training.left({PULL: pull})
    left = left.subs(sp.diff(pull(varrho), varrho), found).subs(pull(varrho), b)
    yield "R = ϱ²b² with that", equal(left, stated.training())


def left_along(formula, function, parameter, found):
    """Return a left side in which a function moves with `parameter` as found.

    Raises
    ------
    ValueError
        If it has not that slope alone.
    """
    value = sp.Function("value")
    left, slope = formula.left({function: value}), sp.diff(value(parameter), parameter)
    if left.atoms(sp.Derivative) != {slope}:
        raise ValueError(f"the slope in {parameter} must be stated, got {formula.name}")
    return left.subs(slope, found)


START, PART_OF_ALL, SIZES = Initialization(0.02, 0.0), 0.3, (1.5, 0.4)
ORDER = SCALE, alpha, noise, varrho
PLACES = ((0.05, 0.3, 0.5, 0.2), (1.0, 1.4, 0.2, 0.05), (0.3, 0.6, 0.0, 0.0))
STEP = 1e-4  # relative


def task(scale):
    """Return coefficients ±1.5 with c_FT = `scale`, and ±0.4 with c_FT = 2c."""
    magnitude = np.sqrt((scale - START.c) ** 2 - START.c**2)
    shares = zip((PART_OF_ALL, 1 - PART_OF_ALL), (magnitude, 0.0), SIZES, strict=True)
    groups = (CoordinateGroup(f"{size}", share, m, "sign", size) for share, m, size in shares)
    return TaskDistribution(tuple(groups), True)


@cache
def solved(scale, data, deviation, strength):
    """Return (F, E[q(β̂)], training error, b), and what the formulas are of."""
    how = {"noise_variance": deviation**2, "ridge": strength}
    curve = solve_replica(task(scale), START, data, **how)
    size, step = float(curve.theta[0]), float(curve.tau[0])
    moved = [float(one[0]) for one in (curve.objective, curve.penalty, curve.training_error)]
    at = {theta: size, b: size / step, SHARE: PART_OF_ALL, SCALE: scale}
    at |= {alpha: data, noise: deviation, varrho: strength}
    return np.array([*moved, size / step]), at


@cache
def mean_at(place, of):
    """Return a mean over coordinates at the solution: of η′ over all, else over the share."""
    _, at = solved(*place)
    groups = groups_of(task(place[0]), START)
    over = groups if of.has(RESPONSE) else groups[:1]
    return over_groups_in_float64(over, at[theta], at[theta] / at[b])(of)


@cache
def differences(place, parameter):
    """Return central differences of F, E[q(β̂)], the training error and b."""
    away = STEP * np.array(place) * [one == parameter for one in ORDER]
    ahead, behind = (solved(*(np.array(place) + s * away))[0] for s in (1, -1))
    return (ahead - behind) / (2 * away.sum())


# What moves, and with which parameter.
MOVES = {
    "in_alpha": (FREE, alpha),
    "in_noise": (FREE, noise),
    "in_scale": (FREE, SCALE),
    "in_ridge": (FREE, varrho),
    "penalty": (PENALTY, varrho),
}


def differentiate(stated):
    """Hold differences of the solver's numbers to the formulas."""
    worst = Worst()
    for place in PLACES:
        (*_, training, pull), numbers = solved(*place)
        at = numbers | {Mean: partial(mean_at, place)}
        if numbers[varrho]:
            *_, training_moves, pull_moves = differences(place, varrho)
            at[BEND] = -pull / pull_moves - numbers[varrho]
            moving = sp.Function("pull")
            left = stated.training.left({PULL: moving})
            left = left.subs(sp.diff(moving(varrho), varrho), pull_moves).subs(moving(varrho), b)
            for what, found, claimed in (
                ("residual", stated.residual.left({RESIDUAL: training}), stated.residual(at)),
                ("training", training_moves, stated.training(at)),
                ("ϱ²b²", left.subs(numbers), training_moves),
            ):
                worst.at(distance(found, claimed), of=what, place=place)
        for name, (function, parameter) in MOVES.items():
            if numbers[parameter]:
                free, penalty, *_ = differences(place, parameter)
                moves, formula = {FREE: free, PENALTY: penalty}[function], vars(stated)[name]
                left = left_along(formula, function, parameter, moves)
                worst.at(distance(left, formula(at)), of=name, place=place)
    return worst.measured("differences are as stated to {worst}, {count} values")


def distance(found, claimed):
    """Return how far two numbers are apart, relative to the first where that is above 1."""
    return abs(float(found) - float(claimed)) / max(1.0, abs(float(found)))


MOVED = "solutions at neighbouring parameters"


def without_signs(stated):
    """Return the formulas alone: their signs are proved."""
    return Formulas(**{name: replace(one, bounds=()) for name, one in vars(stated).items()})


PART = without_signs(STATED)
OF_PART = tuple(Control(one.variant, without_signs(one.subject)) for one in CONTROLS)
WHY = "the square of the step, times third derivatives; rounding over the step"
state(
    "replica.free-energy-slopes",
    __doc__,
    (
        Check("envelope theorem at the saddle", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(MOVED, Method.FLOAT64, differentiate, PART, OF_PART, 1e-6, WHY),
    ),
    assumptions=(
        "α, σ, ϱ and c_FT where there is a saddle: ϱ > 0, or ϱ = 0 and α < 1",
        "means and slopes are exchanged",
        "F is the limit of the least objective: what replica.auxiliary-problem assumes",
    ),
    requires=(
        "replica.auxiliary-problem",
        "replica.stationarity",
        "replica.convex-concave",
        "replica.unique-solution",
    ),
)
