"""The dual problem (Theorem 4.1).

Where Xβ = y has a solution, the least penalty is the maximum over ν of
yᵀν − ½ Σ cᵢ(cosh(2(Xᵀν)ᵢ) − 1), for X of any size and rank, and both are reached.

For interpolating β the difference of the two is a sum over the coordinates of Fenchel-Young gaps:
nowhere negative, and zero where βᵢ = cᵢ sinh(2(Xᵀν)ᵢ). As y = Xβ, the dual depends on ν through Xᵀν
alone, and it falls off as fast as a parabola in that. So the maximum is reached; there its
derivative, y − Xβ for these β, is zero.
"""

import numpy as np
import sympy as sp
from scipy.optimize import minimize

from theory.implicit_bias import dual_objective, penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias._symbols import X, beta, eta, nu, transposed, undone, y
from verify.methods import flow
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all, zero
from verify.methods.inequality import decide_on_half_line
from verify.methods.numeric import Worst
from verify.methods.orthant import by_exponential, decide_on_orthant
from verify.registry import state

LEFT = r"\min_{X\beta = y} \sum_i q_i(\beta_i) = \max_{\nu}\;"
XT, NU = sp.symbols(r"X^{\top} nu", commutative=False)

PROBLEM = Formulas(
    dual=Formula(LEFT, named(r"y^{\top}\nu", r"\sum_i r_i"), lambda y, r: y - r, relation=""),
    cost=Formula("r_i", named("m_i", "c_i"), lambda m, c: c / 2 * (sp.cosh(2 * m) - 1)),
)
STATED = Formulas(
    dual=PROBLEM.dual,
    cost=PROBLEM.cost,
    pulled=Formula("m", (XT, NU), lambda transposed, nu: transposed * nu),
)


def controls(stated):
    cost = stated.cost
    return (
        stated.but("cosh of mᵢ", cost=lambda m, c: cost(m / 2, c)),
        stated.but("Σ for ½Σ", cost=lambda m, c: 2 * cost(m, c)),
        stated.but("0.505 Σ for ½Σ", cost=lambda m, c: sp.Rational(101, 100) * cost(m, c)),
        stated.but("2yᵀν", dual=lambda y, r: 2 * y - r),
    )


def decide(stated):
    """Weak duality and where it is tight, coordinate by coordinate; then that the dual peaks."""
    return prove_all(steps(stated))


def steps(stated):
    m, h, b, a, r, s = sp.symbols("m h b a r s", real=True)
    c, t = sp.symbols("c t", positive=True)
    pulled = stated.pulled(transposed(X), nu)
    yield "it is the least Lagrangian of two examples of three coordinates", instance(stated)
    yield (
        "for any number of them: yᵀν = Σ mᵢβᵢ where Xβ = y",
        equal(transposed(nu) * y, sp.expand(transposed(pulled) * beta).subs(X * beta, y)),
    )
    yield (
        "so the dual is a sum over coordinates",
        equal(stated.dual(a + b, r + s), stated.dual(a, r) + stated.dual(b, s)),
    )
    weight = c * sp.sinh(2 * h)
    q = undone(penalty(b, c).subs({sp.sqrt(b**2 + c**2): c * sp.cosh(2 * h)}).subs(b, weight))
    gap = q - stated.dual(m * weight, stated.cost(m, c))
    yield "penalty less dual of a coordinate vanishes at m = h, β = c sinh 2h", zero(gap.subs(m, h))
    yield "so does its slope in m", zero(sp.diff(gap, m).subs(m, h))
    yield (
        "and it is convex in m: the dual lies below the penalty, unless m = h",
        decide_on_orthant("its curvature is positive", by_exponential(gap.diff(m, 2), m)),
    )
    yield "the dual peaks: its costs are even", equal(stated.cost(-m, c), stated.cost(m, c))
    yield (
        "and above cᵢmᵢ²",
        decide_on_half_line("r/c > m²", sp.expand(stated.cost(t, c) / c) - t**2, t),
    )
    yield (
        "so a coordinate gives at most β²/4c − c(m − β/2c)², which falls without end",
        equal(stated.dual(m * b, c * m**2), b**2 / (4 * c) - c * (m - b / (2 * c)) ** 2),
    )
    yield (
        "at the peak the derivative by ν, y − Xr′(m), is zero",
        equal(
            stated.dual(transposed(eta) * y, transposed(stated.pulled(transposed(X), eta)) * beta),
            sp.expand(transposed(eta) * (y - X * beta)),
        ),
    )
    yield (
        "and r′(m) = c sinh 2m is the β of the gap's zero: it interpolates, and the two are equal",
        equal(sp.diff(stated.cost(m, c), m), weight.subs(h, m)),
    )


def instance(stated):
    X, y = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True)), sp.symbols("y_1:3", real=True)
    nu, c = sp.symbols("nu_1:3", real=True), sp.symbols("c_1:4", positive=True)
    costs = sum(map(stated.cost, stated.pulled(X.T, sp.Matrix(nu)), c))
    value = stated.dual(y[0] * nu[0] + y[1] * nu[1], costs)
    return equal(value, dual_objective(nu, X, sp.Matrix(y), c))


SEED = 53


def solve(stated):
    """Maximise over ν numerically; compare with the least penalty, found over β directly."""
    rng, worst, symbols = np.random.default_rng(SEED), Worst(), sp.symbols("m c")
    costs = sp.lambdify(symbols, stated.cost(*symbols), "numpy")
    for _ in range(3):
        (X, y), c = flow.random_task(rng, 2, 4), rng.uniform(0.3, 2.0, size=4)
        start, free = np.linalg.lstsq(X, y, rcond=None)[0], np.linalg.svd(X)[2][2:].T

        def primal(a, start=start, free=free, c=c):
            beta = start + free @ a
            return np.sum(c - np.hypot(c, beta) + beta * np.arcsinh(beta / c)) / 2

        def dual(nu, X=X, y=y, c=c):
            return stated.dual(y @ nu, np.sum(costs(X.T @ nu, c)))

        least = minimize(primal, np.zeros(2), tol=1e-12).fun
        best = -minimize(lambda nu, dual=dual: -dual(nu), np.zeros(2), tol=1e-12).fun
        worst.at(abs(best - least) / abs(least), least_penalty=least, dual_optimum=best)
    return worst.measured("largest duality gap {worst}, relative, of {count} random problems")


WHY = "quasi-Newton minima of smooth functions in float64"

state(
    "implicit-bias.dual",
    __doc__,
    (
        Check("weak duality and its zero", Method.SYMBOLIC, decide, STATED, controls(STATED)),
        Check(
            "both problems solved",
            Method.CONVEX,
            solve,
            PROBLEM,
            controls(PROBLEM),
            1e-7,
            WHY,
            seed=SEED,
        ),
    ),
    assumptions=("c_i > 0", "Xβ = y has a solution"),
    requires=("implicit-bias.penalty", "implicit-bias.conjugate"),
)
