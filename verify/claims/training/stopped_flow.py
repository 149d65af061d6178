"""A stopped flow beside a ridge, where the dual is quadratic (Appendix E.2.6; beyond the paper).

Near its maximum, and everywhere in the lazy limit, the dual objective is quadratic. There, of
gradient flow that is stopped and of the minimiser with a ridge that has the same training error,
the flow is the farther from the minimiser of the penalty: the gap of its dual objective is the
larger one, or equal if all directions have one curvature.

In a direction of curvature h, the dual objective is uν − hν²/2, and u the residual at ν = 0. What
is left of it is r_t = u e^{−ht} at the time t of the flow, and r_ϱ with a ridge; r²/(2h) is the
gap, D the sum over all directions, Σr² what the training error is n times of. At equal training
error the flow leaves more of the directions of small curvature, and less of the others.
"""

import sympy as sp

from verify.claim import Check, Evidence, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.relations import Relation
from verify.registry import state

H, T, RIDGE, U, R = sp.symbols("h t varrho u r", positive=True)
LEFT, SMOOTH, GAP = sp.Symbol("r_t"), sp.Symbol(r"r_\varrho"), sp.Symbol("Delta")
FLOWS, RIDGES = sp.Symbol("D_t", positive=True), sp.Symbol(r"D_\varrho", positive=True)
STATED = Formulas(
    flow=Formula(LEFT, (U, H, T), lambda u, h, t: u * sp.exp(-h * t)),
    ridge=Formula(SMOOTH, (U, H, RIDGE), lambda u, h, ridge: u / (1 + h / ridge)),
    gap=Formula(GAP, (R, H), lambda r, h: r**2 / (2 * h)),
    order=Formula(FLOWS, (RIDGES,), lambda ridges: ridges, Relation.AT_LEAST),
)
CONTROLS = (
    STATED.but("e^{−2ht}", flow=lambda u, h, t: u * sp.exp(-2 * h * t)),
    STATED.but("the residual of one Euler step", flow=lambda u, h, t: u * (1 - h * t)),
    STATED.but("e^{−h/ϱ} for 1/(1 + h/ϱ)", ridge=lambda u, h, ridge: u * sp.exp(-h / ridge)),
    STATED.but("r²h/2 for r²/(2h)", gap=lambda r, h: r**2 * h / 2),
    STATED.but(
        "the ridge's is larger",
        order=Formula(FLOWS, (RIDGES,), lambda ridges: ridges, Relation.AT_MOST),
    ),
    STATED.but("by a factor 2", order=lambda ridges: 2 * ridges),
)


def decide(stated):
    """Decide what both leave of each direction, and that their difference changes sign once."""
    return prove_all(steps(stated), summary="one crossing of what is left, direction by direction")


def growth(x):
    """F: what 1/ϱ is where flow and ridge leave the same of a direction, in units of t, x = ht."""
    return (sp.exp(x) - 1) / x


def steps(stated):
    nu, x, crossing, slope = sp.symbols("nu x x_0 S", positive=True)
    dual = U * nu - H * nu**2 / 2
    residual = sp.diff(dual, nu)
    along = sp.Function("nu")
    equation = sp.Eq(along(T).diff(T), residual.subs(nu, along(T)))
    moved = sp.dsolve(equation, along(T), ics={along(0): 0}).rhs
    yield (
        "the flow's residual, with dν/dt = u − hν from ν = 0",
        equal(stated.flow.left({LEFT: residual.subs(nu, moved)}), stated.flow()),
    )
    (best,) = sp.solve(sp.diff(dual - RIDGE * nu**2 / 2, nu), nu)
    yield (
        "the ridge's residual, where uν − hν²/2 − ϱν²/2 is largest",
        equal(stated.ridge.left({SMOOTH: residual.subs(nu, best)}), stated.ridge()),
    )
    gap = sp.expand(dual.subs(nu, U / H) - dual.subs(nu, (U - R) / H))
    yield (
        "the gap of uν − hν²/2 where the residual is r",
        equal(stated.gap.left({GAP: gap}), stated.gap()),
    )
    first = stated.flow({U: 1, H: x, T: 1})
    second = stated.ridge({U: 1, H: x, RIDGE: 1 / slope})
    weight = (first + second) / (sp.exp(x) * (1 + slope * x) * crossing)
    yield (
        "(r_t² − r_ϱ²)(1/x − 1/x₀) = (F(x) − S)(x − x₀)·(a weight), with F = (eˣ − 1)/x, S = 1/ϱ",
        equal(
            (first**2 - second**2) * (1 / x - 1 / crossing),
            (growth(x) - slope) * (x - crossing) * weight,
        ),
    )
    yield "the weight is positive", weight.is_positive
    yield (
        "F′ = (x eˣ − eˣ + 1)/x²",
        equal(sp.diff(growth(x), x), (x * sp.exp(x) - sp.exp(x) + 1) / x**2),
    )
    exponential = sp.cosh(x) + sp.sinh(x)
    yield (
        "F increases: with S = F(x₀) each direction adds at least 0 to Σ(r_t² − r_ϱ²)(1/h − 1/h₀), "
        "which is 2D_t − 2D_ϱ where Σr_t² = Σr_ϱ²",
        decide_on_half_line("x eˣ − eˣ + 1 > 0", x * exponential - exponential + 1, x),
    )
    yield "what is stated follows from D_t ≥ D_ϱ", follows(stated)


def example(stated, curvatures=(1, 4)):
    """Return D_t and D_ϱ of two directions at equal training error, t = 1/2."""

    def squares(parts):
        return sum(part**2 for part in parts)

    def gaps(parts):
        pairs = zip(parts, curvatures, strict=True)
        return sum(sp.N(stated.gap({R: part, H: h}), 30) for part, h in pairs)

    flow = [stated.flow({U: 1, H: h, T: sp.Rational(1, 2)}) for h in curvatures]
    ridge = [stated.ridge({U: 1, H: h, RIDGE: RIDGE}) for h in curvatures]
    strength = sp.nsolve(squares(ridge) - squares(flow), RIDGE, sp.Rational(1, 2))
    return gaps(flow), gaps([part.subs(RIDGE, strength) for part in ridge])


def follows(stated):
    """Decide the stated order: its sides are equal in one direction, and not in two."""
    if stated.order.name != FLOWS:
        raise ValueError(f"a bound of {FLOWS} must be stated, got {stated.order.name}")
    alone = stated.order.margin({FLOWS: RIDGES}, {RIDGES: RIDGES})
    flow, ridge = example(stated)
    if alone != 0 or stated.order.strict:
        return Evidence(False, "not D_t = D_ϱ in one direction")
    if stated.order.margin({FLOWS: flow}, {RIDGES: ridge}) < 0:
        where = {"D_t": str(flow), "D_ϱ": str(ridge)}
        return Evidence(False, "not so of two directions", counterexample=where)
    return True


state(
    "training.stopped-flow",
    __doc__,
    (Check("SymPy, Taylor coefficients", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "quadratic dual objective, h > 0 in all directions; flow from ν = 0",
        "t, ϱ > 0 with Σr_t² = Σr_ϱ²",
    ),
)
