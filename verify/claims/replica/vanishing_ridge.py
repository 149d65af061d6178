"""Without ridge it is the implicit bias (Section 4.2, “ϱ → 0”; Theorem 4.1).

As ϱ → 0 the minimiser β^ϱ of eq. (15) tends to the β of least penalty under Xβ = y: with their
multipliers ν^ϱ, ν and f = Xβ^ϱ, y − f = ϱν^ϱ, ‖ν^ϱ‖ ≤ ‖ν‖, and Σ (q′(β^ϱ) − q′(β))(β^ϱ − β), which
is the sum of sⱼ = (ν^ϱ − ν)ⱼ(f − y)ⱼ over the examples, is at most ϱ‖ν‖²/4.

The multipliers are those of Xᵀν = q′(β), coordinate by coordinate. q′ increases, so that no term of
the sum is negative, and each grows with |β^ϱ − β|: where the bound vanishes, so does the distance.
"""

import numpy as np
import sympy as sp

from numerics import minimum_penalty
from numerics.penalty import penalty_derivative
from theory import replica
from theory.replica import ridge
from verify.claim import Check, Method
from verify.claims.replica._signs import positive
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import as_written
from verify.methods.numeric import Worst
from verify.methods.on_arrays import on_arrays
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import Relation
from verify.registry import state

RIDGED, PLAIN, FITTED, LABEL = sp.symbols(r"\nu_j^\varrho \nu_j f_j y_j", real=True)
TERM = sp.Symbol("s_j", real=True)
with as_written():
    RESIDUAL = LABEL - FITTED
STATED = Formulas(
    residual=Formula(RESIDUAL, (ridge, RIDGED), lambda ridge, multiplier: ridge * multiplier),
    term=Formula(
        TERM,
        (RIDGED, PLAIN, FITTED, LABEL),
        lambda ridged, plain, fitted, label: (ridged - plain) * (fitted - label),
    ),
    distance=Formula(
        TERM,
        (ridge, RIDGED, PLAIN),
        lambda ridge, ridged, plain: ridge * ridged * (plain - ridged),
    ),
    bound=Formula(
        TERM, (ridge, PLAIN), lambda ridge, plain: ridge * plain**2 / 4, Relation.AT_MOST
    ),
)
CONTROLS = (
    STATED.but("ν^ϱ without ϱ", residual=lambda ridge, multiplier: multiplier),
    STATED.but("(ν^ϱ)² for ν^ϱ(ν − ν^ϱ)", distance=lambda ridge, ridged, plain: ridge * ridged**2),
    STATED.but("ϱ‖ν‖²/5", bound=lambda ridge, plain: ridge * plain**2 / 5),
    STATED.but(
        "a bound one per cent smaller", bound=lambda ridge, plain: 99 * ridge * plain**2 / 400
    ),
    STATED.but(
        "a bound one per cent larger, which is not the best",
        bound=lambda ridge, plain: 101 * ridge * plain**2 / 400,
    ),
)


def decide(stated):
    """Compare the optimality conditions of both problems, for any n and d."""
    return prove_all(steps(stated), summary="the two optimality conditions, subtracted")


def steps(stated):
    ridged, plain, other = sp.symbols("mu_j nu_j a", real=True)
    at = {RIDGED: ridged, PLAIN: plain}
    multiplier = -sp.diff((LABEL - FITTED) ** 2 / (2 * ridge), FITTED)
    yield (
        "minimising ½‖y − f‖²/ϱ + Q, f = Xβ: q′(β^ϱ) = Xᵀν^ϱ, ν^ϱ = (y − f)/ϱ",
        equal(
            stated.residual.left({LABEL: LABEL, FITTED: FITTED}),
            stated.residual({RIDGED: multiplier}),
        ),
    )
    yield (
        "Σ (Xᵀν^ϱ − Xᵀν)ᵢ(β^ϱ − β)ᵢ = Σ (ν^ϱ − ν)ⱼ(Xβ^ϱ − Xβ)ⱼ, where Xβ = y",
        equal(
            stated.term.left({TERM: replica.transposed(FITTED - LABEL, ridged - plain)}),
            stated.term(at),
        ),
    )
    fitted = LABEL - stated.residual(at)
    yield (
        "which is, for these fitted values",
        equal(
            stated.distance.left({TERM: stated.term(at | {FITTED: fitted})}), stated.distance(at)
        ),
    )
    gap = stated.bound.margin({TERM: stated.distance(at)}, at)
    yield (
        "the bound exceeds that by ϱ(ν^ϱ − ν/2)², with equality at ν^ϱ = ν/2",
        equal(gap, ridge * (ridged - plain / 2) ** 2),
    )
    yield (
        "and so it holds",
        decide_on_orthant(
            "ϱa² at ν^ϱ = ν/2 + a",
            sp.expand(gap.subs(ridged, plain / 2 + other)),
            strict=stated.bound.strict,
        ),
    )
    # By Cauchy and Schwarz, Σ ν^ϱ(ν − ν^ϱ) ≥ 0 gives ‖ν^ϱ‖² ≤ ‖ν^ϱ‖‖ν‖; at ‖ν^ϱ‖ = ‖ν‖ + a > ‖ν‖ it
    # would be negative even where the two are parallel.
    short, size = sp.symbols("n a", nonnegative=True)
    yield (
        "the sum is not negative, as q′ increases: ‖ν^ϱ‖ ≤ ‖ν‖, as ν^ϱ(ν − ν^ϱ) ≤ 0 beyond",
        positive(
            "−s ≥ 0 where ν^ϱ = ν + a",
            -stated.distance({RIDGED: short + size, PLAIN: short}),
            strict=False,
        ),
    )
    yield "the bound vanishes with ϱ", equal(sp.limit(stated.bound.side(at), ridge, 0), 0)


SEED = 229
RIDGES = (1.0, 1e-2, 1e-4, 1e-6)


def problems():
    """Yield X, y, c of random problems, each with its ridges, and one that attains the bound."""
    rng = np.random.default_rng(SEED)
    for n, d in ((4, 9), (6, 15)):
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        yield X, y, 10 ** rng.uniform(-2, 1, size=d), RIDGES
    # One coordinate: β = y/x, ν = q′(β)/x; and ν^ϱ = ν/2 for the ϱ at which q′(β^ϱ) = q′(β)/2.
    row, label, scale = 0.7, 1.3, 0.4
    slope = float(penalty_derivative(label / row, scale))
    half = scale * np.sinh(slope)  # as q′ = ½ asinh(β/c)
    ridge = (label - row * half) / (slope / row / 2)
    yield np.array([[row]]), np.array([label]), np.array([scale]), (ridge,)


def solve(stated):
    """Solve with and without ridge; the least excess of the bound must vanish where it is best."""
    worst = Worst()
    for X, y, c, ridges in problems():
        plain = minimum_penalty(X, y, c)
        for size in ridges:
            found = minimum_penalty(X, y, c, ridge=size)
            ridged = np.linalg.lstsq(X.T, penalty_derivative(found.beta, c), rcond=None)[0]
            slopes = penalty_derivative(found.beta, c) - penalty_derivative(plain.beta, c)
            fitted = X @ found.beta
            terms = (ridged - plain.dual) * (fitted - y)
            at = {ridge: size, RIDGED: ridged, PLAIN: plain.dual, FITTED: fitted, LABEL: y}
            scale = size * float(plain.dual @ plain.dual) / 4
            longest = np.linalg.norm(ridged) / np.linalg.norm(plain.dual)
            where = {"n, d": X.shape, "ridge": size}

            def left(formula, at=at, terms=terms):
                return on_arrays(formula.name, at | {TERM: terms})

            def gap(formula, at=at, left=left):
                return np.abs(left(formula) - formula(at)).max()

            worst.at(gap(stated.residual) / np.abs(y).max(), of="y − Xβ", **where)
            by_coordinates = float(slopes @ (found.beta - plain.beta))
            worst.at(abs(by_coordinates - terms.sum()) / scale, of="Σ sⱼ", **where)
            worst.at(gap(stated.term) / scale, of="sⱼ by fitted values", **where)
            worst.at(gap(stated.distance) / scale, of="sⱼ by multipliers", **where)
            most = np.asarray(stated.bound.side(at), dtype=complex)
            if most.imag.any():
                raise ValueError(f"the bound must be real, got {most}")
            margins = stated.bound.relation.margin(left(stated.bound), most.real)
            worst.at(max(0.0, -margins.min() / scale), of="its bound", **where)
            worst.at(max(0.0, longest - 1), of="‖ν^ϱ‖ ≤ ‖ν‖", **where)
            if X.size == 1:
                least = np.inf if stated.bound.strict else abs(margins.min()) / scale
                worst.at(least, of="equality", **where)
    return worst.measured("residuals, distances and bounds as stated to {worst}")


SOLVED, WHY = "both problems solved", "the accuracy of the minimisers, over distances down to ϱ"
state(
    "replica.vanishing-ridge",
    __doc__,
    (
        Check("optimality conditions", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(SOLVED, Method.CONVEX, solve, STATED, CONTROLS, 1e-9, WHY, seed=SEED),
    ),
    assumptions=("Xβ = y has a solution", "c_FT > 0"),
    requires=("implicit-bias.penalty-zero-and-convex", "implicit-bias.kkt"),
)
