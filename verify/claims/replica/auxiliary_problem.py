"""From the training objective to ψ (Proposition 4.2; Appendix C.1, eq. (15)).

With w = β − β* and u the residual over ϱ, the objective is the greatest value over u of
uᵀ(ε − Xw) − ϱ‖u‖²/2 + Σ q. For X of independent N(0, 1/n) entries Gordon compares uᵀXw with
(‖u‖hᵀw + ‖w‖gᵀu)/√n. Once a number of variance ‖u‖²‖w‖²/n is added to the first, C is the
covariance of the first at (u, w) and (u′, w′), D that of the second: C − D is not negative, and 0
where u = u′ or w = w′. With the second process, n → ∞, and ‖u‖ = b√n, the objective is n times A,
to be made least over w and θ and greatest over b; its least value over w, at w = β̂ − β*, is ψ.

a, a′, s are ‖u‖, ‖u′‖, uᵀu′, and f, f′, t are ‖w‖, ‖w′‖, wᵀw′. N is the mean square of the entries
of ε − g‖w‖/√n, σ² + E[w²]/α, and r the size of what u is multiplied with.
"""

from functools import cache

import sympy as sp

from theory import saddle
from theory.replica import alpha, noise, ridge, theta
from theory.saddle import b, w
from verify.claim import Check, Method
from verify.claims.replica._means import ESTIMATE, TARGET, Z, known, q
from verify.claims.replica._potential import PSI, at_place, mean_in, of_deviation, varrho
from verify.claims.replica._signs import positive
from verify.claims.replica.stationarity import STATED as STATIONARITY
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import Mean, as_written
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import NONNEGATIVE
from verify.registry import state

n = sp.Symbol("n", positive=True)
N, r, a, a2, f, f2 = sp.symbols("N r a a' f f'", nonnegative=True)
s, t = sp.symbols("s t", real=True)
A, C, D = sp.symbols("A C D", real=True)
with as_written():
    GAP = C - D
    ROOT_GAP = (N / theta + theta) / 2 - sp.sqrt(N)
    SQUARE_GAP = r**2 / (2 * ridge) - (b * r - ridge * b**2 / 2)
STATED = Formulas(
    first=Formula(
        C, (s, t, a, a2, f, f2, n), lambda s, t, a, a2, f, f2, n: (s * t + a * a2 * f * f2) / n
    ),
    second=Formula(
        D, (a, a2, t, f, f2, s, n), lambda a, a2, t, f, f2, s, n: (a * a2 * t + f * f2 * s) / n
    ),
    gap=Formula(
        GAP,
        (a, a2, s, f, f2, t, n),
        lambda a, a2, s, f, f2, t, n: (a * a2 - s) * (f * f2 - t) / n,
        bounds=(NONNEGATIVE,),
    ),
    square=Formula(
        SQUARE_GAP,
        (r, ridge, b),
        lambda r, ridge, b: (r - ridge * b) ** 2 / (2 * ridge),
        bounds=(NONNEGATIVE,),
    ),
    root=Formula(
        ROOT_GAP,
        (theta, N),
        lambda theta, square: (theta - sp.sqrt(square)) ** 2 / (2 * theta),
        bounds=(NONNEGATIVE,),
    ),
    size=Formula(N, (noise, Mean(w**2), alpha), lambda sigma, mean, alpha: sigma**2 + mean / alpha),
    potential=Formula(
        A,
        (b, N, theta, varrho, Mean(q(TARGET + w) - b * Z * w), alpha),
        lambda b, square, theta, ridge, mean, alpha: (
            b * (square / theta + theta) / 2 - ridge * b**2 / 2 + mean / alpha
        ),
    ),
    least=Formula(
        PSI(theta, b),
        (
            b,
            noise,
            Mean((ESTIMATE - TARGET) ** 2),
            alpha,
            theta,
            varrho,
            Mean(q(ESTIMATE) - b * Z * (ESTIMATE - TARGET)),
        ),
        lambda b, sigma, square, alpha, theta, ridge, mean: (
            b * ((sigma**2 + square / alpha) / theta + theta) / 2 - ridge * b**2 / 2 + mean / alpha
        ),
    ),
)
CONTROLS = (
    STATED.but("both terms of D alike", second=lambda a, a2, t, f, f2, s, n: 2 * a * a2 * t / n),
    STATED.but("without the number that is added", first=lambda s, t, a, a2, f, f2, n: s * t / n),
    STATED.but("θ for √N", root=lambda theta, square: (theta - square) ** 2 / (2 * theta)),
    STATED.but("σ² + E[w²]", size=lambda sigma, mean, alpha: sigma**2 + mean),
    STATED.but(
        "1/α on the wrong term",
        potential=lambda b, square, theta, ridge, mean, alpha: (
            b * (square / theta + theta) / (2 * alpha) - ridge * b**2 / 2 + mean
        ),
    ),
    STATED.but(
        "bN for bN/2",
        potential=lambda b, square, theta, ridge, mean, alpha: (
            b * (2 * square / theta + theta) / 2 - ridge * b**2 / 2 + mean / alpha
        ),
    ),
)
ROWS, COLUMNS = 3, 2


def decide(stated):
    """Compare both covariances, and complete the squares in what is left."""
    return prove_all(steps(stated), summary="Gordon's condition, and ψ from the second process")


@cache
def covariances():
    """Return covariances of both processes for vectors u, w and u′, w′, and their values there."""
    u, u2 = (sp.symbols(f"u{mark}_1:{ROWS + 1}", real=True) for mark in ("", "p"))
    v, v2 = (sp.symbols(f"w{mark}_1:{COLUMNS + 1}", real=True) for mark in ("", "p"))
    entries = sp.symbols(f"x_1:{ROWS * COLUMNS + 1}")
    g, h = sp.symbols(f"g_1:{ROWS + 1}"), sp.symbols(f"h_1:{COLUMNS + 1}")
    number, matrix = sp.Symbol("number"), sp.Matrix(ROWS, COLUMNS, entries)

    def size(vector):
        return sp.sqrt(sum(one**2 for one in vector))

    def processes(left, right):
        left, right = sp.Matrix(left), sp.Matrix(right)
        long, wide = size(left), size(right)
        first = (left.T * matrix * right)[0] + number * long * wide
        second = long * (sp.Matrix(h).T * right)[0] + wide * (sp.Matrix(g).T * left)[0]
        return first / sp.sqrt(n), second / sp.sqrt(n)

    values = {a: size(u), a2: size(u2), f: size(v), f2: size(v2)}
    values |= {s: sp.Matrix(u).dot(sp.Matrix(u2)), t: sp.Matrix(v).dot(sp.Matrix(v2))}
    normals = (*entries, number, *g, *h)
    both = zip(processes(u, v), processes(u2, v2), strict=True)
    return [saddle.covariance(*pair, normals) for pair in both], values


def steps(stated):
    found, values = covariances()
    for text, formula, quantity, one in (
        ("of uᵀXw and the number", stated.first, C, found[0]),
        ("of (‖u‖hᵀw + ‖w‖gᵀu)/√n", stated.second, D, found[1]),
    ):
        yield (
            f"covariance {text}, {ROWS} rows and {COLUMNS} columns: each entry of X adds as much",
            equal(formula.left({quantity: one}), formula(values)),
        )
    difference = {C: stated.first(), D: stated.second()}
    yield "their difference", equal(stated.gap.left(difference), stated.gap())
    short, less = sp.symbols("x y", nonnegative=True)
    cauchy = stated.gap({s: a * a2 - short, t: f * f2 - less})
    for bound in stated.gap.bounds:
        yield (
            "is not negative, as s ≤ aa′ and t ≤ ff′ (Cauchy and Schwarz)",
            positive("xy/n ≥ 0", bound.margin(cauchy), strict=bound.strict),
        )
        for text, same in (("u = u′", {a2: a, s: a**2}), ("w = w′", {f2: f, t: f**2})):
            yield f"and as little as that for {text}", zero(bound.margin(stated.gap(same)))
    root, away = sp.Symbol("m", nonnegative=True), sp.Symbol("x", real=True)
    for text, formula, at, better in (
        ("r²/(2ϱ) is the greatest br − ϱb²/2, at b = r/ϱ", stated.square, {}, (r, ridge * b)),
        ("√N is the least (N/θ + θ)/2, at θ = √N", stated.root, {N: root**2}, (root, theta)),
    ):
        size, best = better
        yield text, equal(formula.left(at), formula(at))
        yield "which it reaches", zero(formula(at).subs(size, best))
        for bound in formula.bounds:
            margin = bound.margin(formula(at).subs(size, best + away))
            yield (
                "and no number beyond, by a square",
                decide_on_orthant("x² over a positive number", margin, strict=bound.strict),
            )
    squared, crossed, penalty = sp.symbols("S X Q", real=True)
    mean = known({w**2: squared, w * Z: crossed, Z**2: 1, saddle.penalty(TARGET + w): penalty})
    label, g = sp.symbols("epsilon g")
    entry = noise * label + sp.sqrt(n * squared / alpha) / sp.sqrt(n) * g
    yield (
        "an entry of ε − g‖w‖/√n, with ‖w‖² = dE[w²]",
        equal(
            stated.size.left({N: saddle.covariance(entry, entry, (label, g))}),
            stated.size({Mean: mean}),
        ),
    )
    value = sp.Symbol("E", real=True)
    whole, envelope = mean_in(STATIONARITY.potential, value)
    objective = saddle.proximal(TARGET + w, *envelope.args)
    inserted = whole.subs(value, mean(objective))
    size = {N: stated.size({Mean: mean}), Mean: mean}
    yield (
        "A is ψ with what e is the least value of in its place: (1/n) times a sum over n/α",
        equal(stated.potential.left({A: inserted}), stated.potential(size)),
    )
    # The minimiser of that, at each coordinate, is β̂: with it A is ψ.
    yield (
        "which is least where e is, at β = β̂",
        equal(
            stated.least.left({PSI: at_place(inserted, theta, b)}),
            stated.least({Mean: of_deviation(mean)}),
        ),
    )


state(
    "replica.auxiliary-problem",
    __doc__,
    (Check("covariances and squares", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "X has independent N(0, 1/n) entries, independent of β* and ε; ϱ > 0",
        "Gordon's theorem for convex problems (Thrampoulidis, Oymak & Hassibi 2015), by which the "
        "least values of both objectives have one limit",
        "means over coordinates and entries are at their limits",
    ),
    requires=("replica.stationarity",),
)
