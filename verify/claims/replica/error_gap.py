"""From values to errors (Proposition 4.2; beyond the paper).

Of any w = β − β*, A is the objective that Gordon's comparison leaves at b, and θ the size of w's
noise, θ² = σ² + E[w²]/α. ŵ = β̂ − β* is taken at that θ and b, not at the saddle. A exceeds ψ(θ, b)
by at least the mean square distance to ŵ times b/(2αθ), a multiple that depends on w. So at the
saddle's b, A is near its least value only if θ is near the saddle's, and w near ŵ.

For ψ(θ, b) has its least value over θ at the saddle, and is strictly convex there. A comes to it:
at any θ, A of ŵ is ψ(θ, b) less a square, which is 0 where ŵ has noise of that θ, as at the saddle.
And A of the saddle's ŵ is greatest at the saddle's b: it is concave in b, and by the second
equation its slope is 0 there. So it does not matter in which order A is made least over w and
greatest over b.

Gordon's inequality from below holds for compact sets of w, convex or not: estimates of another
error cost more, and those of least cost have the error of Proposition 4.2.
"""

import sympy as sp

from theory import saddle
from theory.replica import alpha, noise, theta
from theory.saddle import b, w
from verify.claim import Check, Method
from verify.claims.replica._means import RESPONSE, TARGET, Z, known, q
from verify.claims.replica._potential import POTENTIAL, PSI, at_place, mean_in, varrho
from verify.claims.replica._signs import positive
from verify.claims.replica.auxiliary_problem import STATED as AUXILIARY
from verify.claims.replica.auxiliary_problem import N
from verify.claims.replica.stationarity import STATED as STATIONARY
from verify.claims.replica.stein import SLOPE
from verify.claims.replica.stein import STATED as STEIN
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import Mean, as_written
from verify.methods.relations import Bound, Relation
from verify.registry import state

A, ESTIMATED = sp.Function("A"), sp.Symbol(r"\hat{w}", real=True)
with as_written():
    EXCESS = A(w, b) - PSI(theta, b)
    LACKING = PSI(theta, b) - A(ESTIMATED, b)
    COST = q(TARGET + w) - b * Z * w
    DISTANCE = (w - ESTIMATED) ** 2
STATED = Formulas(
    objective=Formula(
        A(w, b),
        (b, noise, Mean(w**2), alpha, varrho, Mean(COST)),
        lambda b, sigma, size, alpha, ridge, cost: (
            b * sp.sqrt(sigma**2 + size / alpha) - ridge * b**2 / 2 + cost / alpha
        ),
    ),
    size=Formula(
        theta, (noise, Mean(w**2), alpha), lambda sigma, size, a: sp.sqrt(sigma**2 + size / a)
    ),
    excess=Formula(
        EXCESS,
        (b, Mean(DISTANCE), alpha, theta),
        lambda b, distance, alpha, theta: b * distance / (2 * alpha * theta),
        Relation.AT_LEAST,
    ),
    lacking=Formula(
        LACKING,
        (b, theta, noise, Mean(ESTIMATED**2), alpha),
        lambda b, theta, sigma, size, alpha: (
            b * (theta - sp.sqrt(sigma**2 + size / alpha)) ** 2 / (2 * theta)
        ),
    ),
    in_b=Formula(
        sp.Derivative(A(w, b), b),
        (theta, varrho, b, Mean(Z * w), alpha),
        lambda theta, ridge, b, crossed, alpha: theta - ridge * b - crossed / alpha,
    ),
    bend=Formula(
        sp.Derivative(A(w, b), (b, 2)),
        (varrho,),
        lambda ridge: -ridge,
        bounds=(Bound(Relation.AT_MOST, 0),),
    ),
)
CONTROLS = (
    STATED.but("b/(αθ)", excess=lambda b, distance, alpha, theta: b * distance / (alpha * theta)),
    STATED.but("b/(2θ)", excess=lambda b, distance, alpha, theta: b * distance / (2 * theta)),
    STATED.but("θ² = σ² + E[w²]", size=lambda sigma, size, alpha: sp.sqrt(sigma**2 + size)),
    STATED.but(
        "half of b√(σ² + E[w²]/α)",
        objective=lambda b, sigma, size, alpha, ridge, cost: (
            b * sp.sqrt(sigma**2 + size / alpha) / 2 - ridge * b**2 / 2 + cost / alpha
        ),
    ),
    STATED.but(
        "θ² for (θ − √(σ² + E[ŵ²]/α))²",
        lacking=lambda b, theta, sigma, size, alpha: b * theta / 2,
    ),
    STATED.but(
        "E[Zw] for E[Zw]/α", in_b=lambda theta, r, b, crossed, alpha: theta - r * b - crossed
    ),
    STATED.but("−ϱ/2 for −ϱ", bend=lambda ridge: -ridge / 2),
)


def decide(stated):
    """Complete the square at each coordinate, along the tangent of q at β̂."""
    return prove_all(steps(stated), summary="tangents of q at the estimate")


def steps(stated):
    squared, own, more = sp.symbols("S S' B", nonnegative=True)
    crossed, penalty, pulled, both, least = sp.symbols("X Q X' C Q'", real=True)
    tangent, above = sp.symbols("q0 Bi", real=True)
    linear = known({w**2: squared, w * Z: crossed, q(TARGET + w): penalty})
    size = defined(stated.size, theta, {Mean: linear})
    yield (
        "A is what the second process leaves, least over θ at θ² = N = σ² + E[w²]/α",
        equal(
            stated.objective({Mean: linear}),
            AUXILIARY.potential(
                {Mean: linear, N: AUXILIARY.size({Mean: linear}), theta: size},
            ).subs(theta, size),
        ),
    )
    (of_size,) = sp.solve(theta**2 - size**2, squared)
    yield from of_slope(stated, linear, {squared: of_size})
    # At each coordinate: ŵ is stationary, and q(β* + w) is its tangent at β* + ŵ and B more.
    value = sp.Symbol("e", real=True)
    whole, envelope = mean_in(POTENTIAL, value)
    at, step = envelope.args
    proximal = saddle.proximal(TARGET + w, at, step)
    slope = sp.Symbol("q1", real=True)
    stationary = sp.diff(proximal, w).subs(sp.diff(saddle.penalty(TARGET + w), w), slope)
    (pull,) = sp.solve(stationary.subs(w, ESTIMATED), slope)
    yield "q′(β̂) = b(Z − ŵ/θ)", equal(pull, b * (Z - ESTIMATED / theta))
    along = tangent + pull * (w - ESTIMATED) + above
    mean = known(
        {
            w**2: squared,
            w * Z: crossed,
            ESTIMATED**2: own,
            ESTIMATED * Z: pulled,
            w * ESTIMATED: both,
            Z**2: 1,
            tangent: least,
            above: more,
        }
    )

    def of(expression):
        return mean(expression.doit().subs(q(TARGET + w), along))

    there = proximal.subs(saddle.penalty(TARGET + w), tangent).subs(w, ESTIMATED)
    potential = whole.subs(value, mean(sp.expand(there)))
    functions = {
        PSI: at_place(potential, theta, b),
        A: at_place(defined(stated.objective, A(w, b), {Mean: of}), w, b),
    }
    # In place of E[w²] = α(θ² − σ²).
    margin = sp.expand(stated.excess.margin(functions, {Mean: of}).subs(squared, of_size))
    yield (
        "A − ψ(θ, b) less the bound is what q is above its tangents",
        zero(sp.simplify(margin - more / alpha)),
    )
    yield "at least 0", positive("B/α ≥ 0", sp.simplify(margin), strict=stated.excess.strict)

    def of_estimate(expression):
        return mean(expression.doit().subs(q(TARGET + w), tangent).subs(w, ESTIMATED))

    functions[A] = at_place(defined(stated.objective, A(w, b), {Mean: of_estimate}), ESTIMATED, b)
    side = stated.lacking({Mean: mean})
    yield "ψ(θ, b) less A of ŵ is as stated", equal(stated.lacking.left(functions), side)
    its_size = defined(stated.size, theta, {Mean: of_estimate})
    yield "0 where θ is the size of the noise of ŵ", zero(side.subs(theta, its_size))


def of_slope(stated, linear, in_place):
    """Yield how A of one w depends on b."""
    here = {A: at_place(defined(stated.objective, A(w, b), {Mean: linear}), w, b)}
    slope = stated.in_b({Mean: linear})
    yield "∂A/∂b of any w", equal(sp.simplify(stated.in_b.left(here).subs(in_place)), slope)
    yield "∂²A/∂b²", equal(stated.bend.left(here), stated.bend())
    for bound in stated.bend.bounds:
        margin = bound.margin(stated.bend())
        yield "A is concave in b", positive("ϱ ≥ 0", margin, strict=bound.strict)
        yield "and linear where ϱ = 0", zero(margin.subs(varrho, 0))
    response = sp.Symbol("M", positive=True)
    mean = {Mean: known({SLOPE: response, RESPONSE: response})}
    (crossed,) = linear(Z * w).free_symbols
    # E[Zŵ] = E[Zβ̂], as E[Zβ*] = 0.
    yield (
        "of ŵ, ∂A/∂b is b times what the second equation has vanish: E[Zŵ] = θE[η′] (Stein)",
        equal(slope.subs(crossed, STEIN.covariance(mean)), b * STATIONARY.regularisation(mean)),
    )


state(
    "replica.error-gap",
    __doc__,
    (Check("tangents at the estimate", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "c_FT > 0; Z is standard normal and independent of β*; E[β*²] < ∞, E[w²] < ∞, θ > 0",
        "Gordon's inequality from below for compact sets of w (Thrampoulidis, Oymak & Hassibi "
        "2015), and means over coordinates at their limits, for what is said of estimates",
    ),
    requires=(
        "replica.auxiliary-problem",
        "replica.convex-concave",
        "replica.unique-solution",
        "replica.stationarity",
        "replica.stein",
        "implicit-bias.penalty-zero-and-convex",
    ),
)
