"""How fast the ridge vanishes (Section 4.2, “ϱ → 0”; beyond the paper).

F_ϱ is the least of ‖y − Xβ‖²/(2ϱ) + Σ q(βᵢ), with minimiser β_ϱ and ν_ϱ = (y − Xβ_ϱ)/ϱ; F_0 is the
least penalty where Xβ = y, with multipliers ν. With c_min the least c_FT and s the least singular
value of this Xᵀ, F_0 − F_ϱ is at most ϱF_0/(2c_min s²). With P = Σ q(βᵢ) and r = y − Xβ of any β,
P + R‖r‖ is at least F_0 from R = ‖ν‖ on.

Xᵀν = q′(β) at the minimiser. Any R > ‖ν‖ therefore makes the problem without a ridge one without a
constraint, whose multipliers are bounded by R, as Gordon's comparison needs it; and ‖ν‖² is at most
a multiple of F_0. Where s → 1/√α − 1 > 0 as n, d → ∞, and c_min is bounded from below, one multiple
of F_0 serves all large n with probability tending to 1. For curves, αθ²/τ² is put in for ‖ν‖²/d,
and the objective at the fixed point for F.
"""

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, minimum_penalty, solve_replica
from numerics.penalty import penalty as penalty_in_float64
from theory import replica
from theory.implicit_bias import conjugate, penalty
from theory.replica import ridge
from verify.claim import Check, Method
from verify.claims.replica._means import q
from verify.claims.replica._signs import even, positive
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.inequality import decide_on_half_line
from verify.methods.notation import Bracketed, as_written
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of, on_arrays
from verify.methods.orthant import by_exponential, by_sinh, decide_on_orthant
from verify.methods.relations import Relation
from verify.registry import state


class Norm(Bracketed):
    """The Euclidean norm of a vector."""

    opening, closing = r"\left\|", r"\right\|"


def values_of(function, known):
    """Return a function, to be inserted, that has values at the arguments given only.

    Raises
    ------
    ValueError
        When it is applied to another argument.
    """

    def value(argument):
        if argument not in known:
            raise ValueError(f"{function} must be of one of {[*known]}, got it of {argument}")
        return known[argument]

    return {function: value}


def norms(known):
    """Return the norm of vectors whose norms are known, to be inserted."""
    return values_of(Norm, known)


beta, nu, nu_ridged, r = sp.symbols(r"beta \nu \nu_\varrho r", real=True)
c, least, s, R = sp.symbols(r"c c_{\mathrm{min}} s R", positive=True)
PLAIN, RIDGED, ANY = sp.symbols(r"F_0 F_\varrho P", nonnegative=True)
with as_written():
    LOST = PLAIN - RIDGED
    EXCESS = ANY + R * Norm(r) - PLAIN
STATED = Formulas(
    slope=Formula(
        sp.Derivative(q(beta), beta) ** 2, (q(beta), c), lambda q, c: q / c, Relation.AT_MOST
    ),
    multipliers=Formula(
        Norm(nu) ** 2,
        (PLAIN, least, s),
        lambda plain, least, s: plain / (least * s**2),
        Relation.AT_MOST,
    ),
    above=Formula(
        LOST, (ridge, Norm(nu)), lambda ridge, norm: ridge * norm**2 / 2, Relation.AT_MOST
    ),
    below=Formula(
        LOST, (ridge, Norm(nu_ridged)), lambda ridge, norm: ridge * norm**2 / 2, Relation.AT_LEAST
    ),
    uniform=Formula(
        LOST,
        (ridge, PLAIN, least, s),
        lambda ridge, plain, least, s: ridge * plain / (2 * least * s**2),
        Relation.AT_MOST,
    ),
    exact=Formula(
        EXCESS,
        (R, Norm(nu), Norm(r)),
        lambda R, norm, residual: (R - norm) * residual,
        Relation.AT_LEAST,
    ),
)
QUARTER = "ϱ‖ν‖²/4", lambda ridge, norm: ridge * norm**2 / 4
WHOLE = "ϱ‖ν_ϱ‖²", lambda ridge, norm: ridge * norm**2
CONTROLS = (
    STATED.but("q′² ≤ q/(2c)", slope=lambda q, c: q / (2 * c)),
    STATED.but("a factor that is not the best", slope=lambda q, c: 101 * q / (100 * c)),
    STATED.but("s for s²", multipliers=lambda plain, least, s: plain / (least * s)),
    STATED.but(QUARTER[0], above=QUARTER[1]),
    STATED.but(WHOLE[0], below=WHOLE[1]),
    STATED.but("half the bound", uniform=lambda e, plain, least, s: e * plain / (4 * least * s**2)),
    STATED.but(
        "a bound one per cent larger, which is not the best",
        uniform=lambda e, plain, least, s: 101 * e * plain / (200 * least * s**2),
    ),
    STATED.but("R − ‖ν‖/2", exact=lambda R, norm, residual: (R - norm / 2) * residual),
)

CURVES = Formulas(above=STATED.above, below=STATED.below)
OF_CURVES = (CURVES.but(QUARTER[0], above=QUARTER[1]), CURVES.but(WHOLE[0], below=WHOLE[1]))


def decide(stated):
    """Go from one minimiser to the other along tangents of q, and bound the multipliers."""
    return prove_all(steps(stated), summary="tangents of q, and q′² ≤ q/c")


def steps(stated):
    yield from of_slope(stated.slope)
    yield from of_tangents()
    yield from of_values(stated)
    yield from of_bounds(stated)


def of_slope(form):
    """Yield q′² ≤ q/c, and that no smaller factor does."""
    t = sp.Symbol("t", positive=True)
    here = {q: of_theory}
    yield "as large for −β", even(form, beta, here)
    left, side = (by_sinh(one, beta, c, t) for one in (form.left(here), form.side(here)))
    margin = sp.expand(form.relation.margin(left, side))
    yield (
        "q/c − q′² > 0 at β = c sinh t, for all t > 0",
        decide_on_half_line("q′² < q/c", margin, t),
    )
    there = form.margin(here | {beta: 0}, here | {beta: 0})
    yield "and not below 0 at β = 0", decide_on_orthant("0 ≥ 0", there, strict=form.strict)
    yield "where one comes to the other", equal(sp.limit(left / side, t, 0), 1)


def of_theory(beta):
    """Return q(β)."""
    return penalty(beta, c)


def of_tangents():
    """Yield that q lies above its tangents."""
    h, m = sp.symbols("h m", real=True)
    at, touch = c * sp.sinh(2 * h), c * sp.sinh(2 * m)
    above = (h * at - conjugate(h, c)) - (m * touch - conjugate(m, c)) - m * (at - touch)
    yield "where the slopes are equal, q is on its tangent,", zero(above.subs(m, h))
    yield "with slope 0 in m,", zero(sp.diff(above, m).subs(m, h))
    yield (
        "and above it elsewhere",
        decide_on_orthant("∂²/∂m² > 0", by_exponential(sp.diff(above, m, 2), m)),
    )


def of_values(stated):
    """Yield both bounds of F_0 − F_ϱ, by one example and one coordinate: they add up."""
    plain, ridged, more, square = sp.symbols("q_0 q_1 B S", nonnegative=True)
    one, other = sp.symbols("nu_j a", real=True)
    squares = sp.symbols("N_1 N_2", positive=True)
    for form, vector in ((stated.above, nu), (stated.below, nu_ridged)):
        parts = [form.side(norms({vector: sp.sqrt(n)})) for n in squares]
        whole = form.side(norms({vector: sp.sqrt(sum(squares))}))
        yield "the bound is a sum over examples", equal(whole, sum(parts))
    # q_0 and q_1 are of the minimisers without and with ridge, B what q is above its tangent.
    tangent = replica.transposed(-(ridge * one + other), one)
    fitted = (ridge * one + other) ** 2 / (2 * ridge)
    values = {PLAIN: plain, RIDGED: fitted + plain + tangent + more}
    margin = sp.expand(stated.above.margin(values, norms({nu: one})))
    yield (
        "q(β_ϱ) = q(β) + q′(β)(β_ϱ − β) + B and Xᵀν = q′(β): above by B and (r − ϱν)²/(2ϱ)",
        equal(margin, other**2 / (2 * ridge) + more),
    )
    yield (
        "so F_0 − F_ϱ is within the upper bound",
        positive(
            "a²/(2ϱ) + B ≥ 0", margin.subs(other, sp.sqrt(square)), strict=stated.above.strict
        ),
    )
    tangent = replica.transposed(ridge * one, one)
    values = {RIDGED: ridge * one**2 / 2 + ridged, PLAIN: ridged + tangent + more}
    margin = sp.expand(stated.below.margin(values, norms({nu_ridged: one})))
    yield "q(β) = q(β_ϱ) + q′(β_ϱ)(β − β_ϱ) + B, r = ϱν_ϱ: above the lower one", equal(margin, more)
    yield "or at it", positive("B ≥ 0", margin, strict=stated.below.strict)


def of_bounds(stated):
    """Yield the bounds by F_0."""
    size, less, more, share = sp.symbols("N a e B", nonnegative=True)
    of_one = sp.Symbol("q_i", nonnegative=True)
    pulls = [stated.slope.body(of_one, scale) for scale in (least, least + more)]
    yield "q/c falls as c rises above c_min", positive("≥ 0", pulls[0] - pulls[1], strict=False)
    # ‖Xᵀν‖² = Σ q′² is at least s²‖ν‖², and at most F_0/c_min.
    total = sp.solve(stated.slope.body(PLAIN, least) - (s**2 * size + less), PLAIN)[0]
    norm, at = norms({nu: sp.sqrt(size)}), {PLAIN: total}
    margin = sp.simplify(stated.multipliers.margin(norm, at))
    yield (
        "s²‖ν‖² ≤ ‖Xᵀν‖² = Σ q′² ≤ F_0/c_min",
        positive("a/s² ≥ 0", margin, strict=stated.multipliers.strict),
    )
    yield "and both may be equal", zero(margin.subs(less, 0))
    lost = {PLAIN: total, RIDGED: total - stated.above.side(norm)}
    margin = sp.simplify(stated.uniform.margin(lost, at))
    yield (
        "with that ‖ν‖² the upper bound is within the one by F_0",
        positive("ϱa/(2s²) ≥ 0", margin, strict=stated.uniform.strict),
    )
    yield "and both may be equal here, too", zero(margin.subs(less, 0))
    long, wide = sp.symbols("l w", nonnegative=True)
    x, y = sp.symbols("x_1:3", real=True), sp.symbols("y_1:3", real=True)
    norms_of_both = (x[0] ** 2 + x[1] ** 2) * (y[0] ** 2 + y[1] ** 2)
    lacking = norms_of_both - (x[0] * y[0] + x[1] * y[1]) ** 2
    yield (
        "νᵀr ≤ ‖ν‖‖r‖ in the plane of both (Cauchy and Schwarz)",
        decide_on_orthant("a square", sp.factor(lacking), strict=False),
    )
    both = norms({nu: long, r: wide})
    # P is F_0 − νᵀr along tangents of q, and B more.
    margin = sp.expand(stated.exact.margin(both | {ANY: PLAIN - long * wide + share}, both))
    yield "P + R‖r‖ − F_0 is as stated", equal(margin, share)
    yield "at least", positive("B ≥ 0", margin, strict=stated.exact.strict)


SEED = 331
RANDOM = ((4, 9), (6, 15))
RIDGES = (1.0, 1e-2)
# One coordinate, so small that q is nearly a parabola: all bounds are nearly met.
SINGLE = np.array([[0.7]]), np.array([7e-5]), np.array([0.4])
SMALL = 1e-6


def problems():
    """Yield X, y, c, ridges, and by how much to leave the minimiser, relative to it."""
    rng = np.random.default_rng(SEED)
    for n, d in RANDOM:
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        yield X, y, 10 ** rng.uniform(-2, 1, size=d), RIDGES, 0.1 * rng.standard_normal(d)
    yield *SINGLE, (SMALL,), -SMALL


@cache
def solved():
    """Return for each problem and ridge the shape of X, values by symbol, and (β, q(β), c)."""
    found = []
    for X, y, scale, ridges, off in problems():
        plain = minimum_penalty(X, y, scale)
        near = plain.beta * (1 + off)
        for size in ridges:
            ridged = minimum_penalty(X, y, scale, ridge=size)
            vectors = {nu: plain.dual, nu_ridged: (y - X @ ridged.beta) / size, r: y - X @ near}
            at: dict[Any, Any] = {
                **norms({one: sp.Float(np.linalg.norm(of)) for one, of in vectors.items()}),
                ridge: size,
                PLAIN: plain.value,
                RIDGED: ridged.value,
                ANY: float(penalty_in_float64(near, scale).sum()),
                least: float(scale.min()),
                s: float(np.linalg.svd(X, compute_uv=False).min()),
                R: 3 * float(np.linalg.norm(plain.dual)),
            }
            values = plain.beta, penalty_in_float64(plain.beta, scale), scale
            found.append((X.shape, at, values))
    return found


def solve(stated):
    """Solve with and without a ridge; the least excess must vanish where a bound is nearly met."""
    worst = Worst()
    slope = function_of(stated.slope.left({q: of_theory}), beta, c)
    for shape, at, (minimiser, values, scales) in solved():
        of_each = [
            float(stated.slope.side({**values_of(q, {beta: sp.Float(one)}), c: scale}))
            for one, scale in zip(values, scales, strict=True)
        ]
        pairs: list[Any] = [(stated.slope, slope(minimiser, scales), of_each)]
        pairs += [
            (form, on_arrays(form.left(at), {}), float(form.side(at)))
            for form in (one for one in vars(stated).values() if one is not stated.slope)
        ]
        for form, left, side in pairs:
            margin = np.asarray(form.relation.margin(left, side)) / np.abs(side)
            worst.at(np.maximum(0.0, -margin), of=form.left_latex(), n_d=shape)
            if shape == (1, 1):
                met = np.inf if form.strict else np.abs(margin)
                worst.at(met, of=form.left_latex(), n_d=shape)
    return worst.measured("values, multipliers and bounds as stated to {worst}")


ALPHA = np.array([0.1, 0.3, 0.8])
SLABS: tuple[Any, ...] = ("sign", "gaussian")
INITS = (Initialization(1e-3, 0.0), Initialization(1.0, 0.5), Initialization(1e-3, -9e-4, 0.1))
SHARE = 1e-4  # of τ that is the ridge


@cache
def curves():
    """Return values by symbol, per coordinate, of the limit n, d → ∞, and what they belong to."""
    found = []
    for slab, init, noise in product(SLABS, INITS, (0.0, 0.04)):
        task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab)
        plain = solve_replica(task, init, ALPHA, noise_variance=noise)
        for i, alpha in enumerate(ALPHA):
            size = SHARE * float(plain.tau[i])
            ridged = solve_replica(task, init, alpha, noise_variance=noise, ridge=size)
            # ‖ν‖²/n is (θ/τ)², that of the residual over ϱ.
            both = {nu: plain.theta[i] / plain.tau[i], nu_ridged: ridged.theta[0] / ridged.tau[0]}
            at: dict[Any, Any] = {
                **norms({one: sp.Float(np.sqrt(alpha) * of) for one, of in both.items()}),
                ridge: size,
                PLAIN: float(plain.objective[i]),
                RIDGED: float(ridged.objective[0]),
            }
            found.append((at, {"slab": slab, "init": init, "noise": noise, "alpha": alpha}))
    return found


def follow(stated):
    """Hold curves of the least objective to both bounds, which come together as ϱ → 0."""
    worst = Worst()
    for at, where in curves():
        for form in vars(stated).values():
            margin = form.relation.margin(on_arrays(form.left(at), {}), float(form.side(at)))
            kept = margin > 0 if form.strict else margin >= 0
            worst.at(margin / float(form.side(at)) if kept else np.inf, **where)
    return worst.measured("both bounds kept, and met to {worst}, at {count} places")


SOLVED = "both problems solved"
WHY = "how nearly one coordinate meets the bounds: ϱ/(2cx²), x the entry of X"
LIMIT = "how much ‖ν_ϱ‖² changes up to ϱ = τ/10⁴"
state(
    "replica.ridge-limit-uniform",
    __doc__,
    (
        Check("tangents and multipliers", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(SOLVED, Method.CONVEX, solve, STATED, CONTROLS, 1e-5, WHY, seed=SEED),
        Check("n, d → ∞", Method.FLOAT64, follow, CURVES, OF_CURVES, 2e-3, LIMIT),
    ),
    assumptions=(
        "c_FT > 0, and Xᵀ has independent columns, so that Xβ = y has a solution",
        "s → 1/√α − 1 for X with independent N(0, 1/n) entries, α < 1 (Bai & Yin 1993): only where "
        "the bound is used for n, d → ∞",
    ),
    requires=(
        "implicit-bias.kkt",
        "implicit-bias.conjugate",
        "implicit-bias.fenchel-young",
        "replica.vanishing-ridge",
    ),
    not_decided=("that ‖ν‖²/d tends to αθ²/τ², and F/d to the objective at the fixed point",),
)
