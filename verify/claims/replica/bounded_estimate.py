"""Estimates stay bounded (Section 4.2, “ϱ → 0”; beyond the paper).

X has independent N(0, 1/n) entries. For every α > 0 and 0 < η < 1 there is κ > 0 with which, as
n, d → ∞, ‖Xw‖ < η‖w‖ only for w with ‖w‖₁ > κ√d‖w‖. So the size ‖β‖/√d of any β is at most
‖Xβ‖/(η√d) or ‖β‖₁/(κd), and |β| is at most a multiple of the penalty and a constant.

By Gordon's comparison the least ‖Xw‖ of vectors with ‖w‖ = 1 and ‖w‖₁ ≤ κ√d is at least ‖g‖/√n less
the greatest hᵀw/√n, where g and h have independent standard normal entries. M is the mean of
(|h| − t)₊²; t is any level, and for large t κ is positive. m is any positive number.
"""

from itertools import product

import sympy as sp

from theory.implicit_bias import conjugate, penalty
from theory.replica import alpha
from verify.claim import Check, Method
from verify.claims.replica._limits import limit_of
from verify.claims.replica._means import q
from verify.claims.replica._signs import even, positive
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import as_written
from verify.methods.orthant import by_exponential, by_sinh, decide_on_orthant
from verify.methods.relations import Limit, Relation
from verify.registry import state

h, w, beta = sp.symbols("h w beta", real=True)
t, M, m, c, eta = sp.symbols("t M m c eta", positive=True)
kappa = sp.Symbol("kappa", real=True)
DENSITY, TAIL, CONJUGATE = sp.Function(r"\varphi"), sp.Function(r"\Phi"), sp.Function("q^*")
PHI = {
    DENSITY: lambda x: sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi),
    TAIL: lambda x: (1 + sp.erf(x / sp.sqrt(2))) / 2,
}
with as_written():
    PRODUCT = h * w
    LEVEL = t * kappa
STATED = Formulas(
    product=Formula(
        PRODUCT,
        (t, w, h),
        lambda t, w, h: t * sp.Abs(w) + sp.Max(sp.Abs(h) - t, 0) * sp.Abs(w),
        Relation.AT_MOST,
    ),
    tail=Formula(
        M,
        (t, TAIL(-t), DENSITY(t)),
        lambda t, tail, density: 2 * ((1 + t**2) * tail - t * density),
    ),
    level=Formula(
        kappa,
        (eta, alpha, M, t),
        lambda eta, alpha, M, t: ((1 - eta) * sp.sqrt(alpha) - sp.sqrt(M)) / t,
    ),
    far=Formula(
        LEVEL, (eta, alpha), lambda eta, alpha: (1 - eta) * sp.sqrt(alpha), limit=Limit(t, sp.oo)
    ),
    weight=Formula(
        sp.Abs(beta),
        (q(beta), CONJUGATE(m), m),
        lambda q, dual, m: (q + dual) / m,
        Relation.AT_MOST,
    ),
)
CONTROLS = (
    STATED.but("t|w| left out", product=lambda t, w, h: sp.Max(sp.Abs(h) - t, 0) * sp.Abs(w)),
    STATED.but("one tail", tail=lambda t, tail, density: (1 + t**2) * tail - t * density),
    STATED.but("M for √M", level=lambda e, alpha, M, t: ((1 - e) * sp.sqrt(alpha) - M) / t),
    STATED.but("κ for tκ", level=lambda e, a, M, t: (1 - e) * sp.sqrt(a) - sp.sqrt(M)),
    STATED.but("α for √α", far=lambda eta, alpha: (1 - eta) * alpha),
    STATED.but("without q*", weight=lambda q, dual, m: q / m),
)


def decide(stated):
    """Bound a coordinate of hᵀw, and add up; then the tangents of q."""
    return prove_all(steps(stated), summary="the width of vectors of small ‖w‖₁, and q above lines")


def steps(stated):
    yield from of_product(stated.product)
    yield from of_weight(stated.weight)
    yield from of_tail(stated.tail)
    yield from of_level(stated)


def of_product(form):
    """Yield the bound of a coordinate, by the size and the signs of h and w."""
    small, more, wide = sp.symbols("s a v", nonnegative=True)
    for text, long, level in (
        ("|h| ≥ t", t + more, t),
        ("|h| < t = |h| + a", small, small + more),
    ):
        for of_h, of_w in product((1, -1), repeat=2):
            at = {h: of_h * long, w: of_w * wide, t: level}
            margin = sp.expand(form.margin(at, at))
            signs = f"{text}, h of sign {of_h} and w of sign {of_w}"
            yield signs, positive("≥ 0", margin, strict=form.strict)
    met = {h: t + more, w: wide}
    yield "which it reaches where |h| ≥ t", zero(form.margin(met, met))


def of_tail(form):
    """Yield M, by an antiderivative."""
    z = sp.Symbol("z", real=True)
    density, tail = PHI[DENSITY](z), PHI[TAIL](z)
    whole = (1 + t**2) * tail + (2 * t - z) * density
    yield "∫(z − t)²φ(z) dz", equal(sp.diff(whole, z), (z - t) ** 2 * density)
    above = limit_of(Limit(z, sp.oo), whole) - whole.subs(z, t)
    yield "M, of both tails", equal(form.left({M: 2 * above}), form(PHI))


def of_level(stated):
    """Yield how hᵀw is bounded, and for which κ that is less than ‖g‖."""
    size, level = sp.symbols("d k", positive=True)
    n = alpha * size
    # Of ‖w‖ = 1, ‖w‖₁ = κ√d: Σ (|h| − t)₊|w| is at most √(dM)‖w‖ (Cauchy and Schwarz).
    bound = t * level * sp.sqrt(size) + sp.sqrt(size * M)
    left = sp.expand(sp.sqrt(n) - bound - eta * sp.sqrt(n))
    (found,) = sp.solve(left / sp.sqrt(size), level)
    yield (
        "√n − (tκ√d + √(dM)) is η√n at that κ",
        equal(stated.level.left({kappa: sp.simplify(found)}), stated.level()),
    )
    far = stated.far
    tail = stated.tail(PHI)
    vanishing = limit_of(far.towards, tail)
    yield "M vanishes for high levels", zero(vanishing)
    reached = sp.expand(far.left({kappa: defined(stated.level, kappa, {M: level**2})}))
    yield (
        "and tκ tends to (1 − η)√α: κ > 0 from some t on",
        equal(far.towards.of(reached.subs(level, sp.sqrt(vanishing))), far()),
    )
    less, root = sp.symbols("v a", positive=True)
    there = far({eta: 1 / (1 + less), alpha: root**2})
    yield "as that is positive for η < 1", positive("> 0", there)


def of_weight(form):
    """Yield the bound of |β| by q."""
    a = sp.Symbol("a", positive=True)
    derived = {q: lambda at: penalty(at, c), CONJUGATE: lambda at: conjugate(at, c)}
    yield "as large for −β", even(form, beta, derived)
    gap = by_sinh(m * form.margin(derived, derived), beta, c, 2 * a)
    yield "|β| = c sinh 2a: m times the bound less m|β| vanishes at m = a", zero(gap.subs(m, a))
    yield "with slope 0 in m", zero(sp.diff(gap, m).subs(m, a))
    yield (
        "and is positive elsewhere",
        decide_on_orthant("∂²/∂m² > 0", by_exponential(sp.diff(gap, m, 2), m)),
    )
    text = "the bound included"
    yield text, positive("0 ≥ 0", sp.expand(gap.subs(m, a)), strict=form.strict)
    at_zero = m * form.margin(derived | {beta: 0}, derived | {beta: 0})
    by_v = sp.factor(sp.expand(at_zero).rewrite(sp.exp).subs(m, sp.log(1 + a) / 2))
    yield "and at β = 0", positive("q*(m) ≥ 0", by_v, strict=form.strict)


state(
    "replica.bounded-estimate",
    __doc__,
    (Check("width and lines", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "Gordon's inequality (Gordon 1988), and ‖g‖²/n → 1, Σ(|h| − t)₊²/d → M",
        "c_FT > 0 is bounded, so that the mean of q*(m) over coordinates is",
    ),
    requires=("implicit-bias.conjugate", "implicit-bias.penalty-zero-and-convex"),
)
