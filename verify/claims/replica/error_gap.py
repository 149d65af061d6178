"""From values to errors (Proposition 4.2; beyond the paper).

Of any w = β − β*, A is the objective that Gordon's comparison leaves at b, and θ the size of w's
noise, θ² = σ² + E[w²]/α. A exceeds ψ(θ, b) by the mean square distance to ŵ = β̂ − β* at that θ and
b, times b/(2αθ), at least. So at the saddle's b, A is near its least value only if θ is near the
saddle's, and w near ŵ.

For ψ(θ, b) has its least value over θ at the saddle, and is strictly convex there. Gordon's
inequality from below holds for compact sets of w, convex or not: estimates of another error cost
more, and those of least cost have the error of Proposition 4.2.
"""

import sympy as sp

from theory import saddle
from theory.replica import alpha, noise, theta
from theory.saddle import b, w
from verify.claim import Check, Method
from verify.claims.replica._means import TARGET, Z, known, q
from verify.claims.replica._potential import POTENTIAL, PSI, mean_in, varrho
from verify.claims.replica._signs import positive
from verify.claims.replica.auxiliary_problem import STATED as AUXILIARY
from verify.claims.replica.auxiliary_problem import N
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import Mean, as_written
from verify.methods.relations import Relation
from verify.registry import state

A, ESTIMATED = sp.symbols(r"A \hat{w}", real=True)
with as_written():
    EXCESS = A - PSI(theta, b)
    COST = q(TARGET + w) - b * Z * w
    DISTANCE = (w - ESTIMATED) ** 2
STATED = Formulas(
    objective=Formula(
        A,
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
)


def decide(stated):
    """Complete the square at each coordinate, along the tangent of q at β̂."""
    return prove_all(steps(stated), summary="tangents of q at the estimate")


def steps(stated):
    squared, crossed, penalty, more = sp.symbols("S X Q B", nonnegative=True)
    own, pulled, both, least = sp.symbols("S' X' C Q'", real=True)
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
    objective = defined(stated.objective, A, {Mean: of})
    functions = {PSI: lambda *where: potential if where == (theta, b) else sp.nan}
    margin = stated.excess.margin(functions | {A: objective}, {Mean: of})
    # In place of E[w²] = α(θ² − σ²).
    (of_size,) = sp.solve(theta**2 - size**2, squared)
    margin = sp.expand(margin.subs(squared, of_size))
    yield (
        "A − ψ(θ, b) less the bound is what q is above its tangents",
        zero(sp.simplify(margin - more / alpha)),
    )
    yield "at least 0", positive("B/α ≥ 0", sp.simplify(margin), strict=stated.excess.strict)


state(
    "replica.error-gap",
    __doc__,
    (Check("tangents at the estimate", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "c_FT > 0; Z is standard normal and independent of β*; E[β*²] < ∞ and E[w²] < ∞",
        "Gordon's inequality from below for compact sets of w (Thrampoulidis, Oymak & Hassibi "
        "2015), and means over coordinates at their limits, for what is said of estimates",
    ),
    requires=(
        "replica.auxiliary-problem",
        "replica.convex-concave",
        "replica.unique-solution",
        "implicit-bias.penalty-zero-and-convex",
    ),
)
