"""The dual problem (Theorem 4.1).

Where Xβ = y has a solution, the least penalty is the maximum over ν of
yᵀν − ½ Σ cᵢ(cosh(2(Xᵀν)ᵢ) − 1), for X of any size and rank, and both are reached.

For interpolating β the difference of the two is a sum over the coordinates of Fenchel-Young gaps:
nowhere negative, and zero where βᵢ = cᵢ sinh(2(Xᵀν)ᵢ). As y = Xβ, the dual depends on ν through Xᵀν
alone, and it falls off as fast as a parabola in that. So the maximum is reached; there its
derivative, y − Xβ for these β, is zero.
"""

from dataclasses import dataclass, replace

import numpy as np
import sympy as sp
from scipy.optimize import minimize

from theory.implicit_bias import dual_objective, penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias._extrema import INTERPOLATION, interpolated
from verify.claims.implicit_bias._symbols import (
    EACH,
    Total,
    X,
    beta,
    eta,
    nu,
    of_one,
    transposed,
    undone,
    y,
)
from verify.methods import flow
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.inequality import decide_on_half_line
from verify.methods.notation import shown, written
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.orthant import by_exponential, decide_on_orthant
from verify.methods.relations import Extremum
from verify.registry import state

b, m, r = sp.symbols("beta_i m_i r_i", real=True)
c, q = sp.Symbol("c_i", positive=True), sp.Function("q_i")


@dataclass(frozen=True, kw_only=True)
class Duality(Formula):
    """The left side's extreme value, where `fitted`, is that of the right side over all `of`."""

    primal: Extremum
    fitted: Formula
    dual: Extremum
    of: tuple[sp.Symbol]

    def latex(self):
        left = rf"{self.primal.operator}_{{{self.fitted.latex()}}} {self.left_latex()}"
        right = rf"\left({written(self.body, *self.symbols)}\right)"
        return rf"{left} {self.relation} {self.dual.operator}_{{{shown(*self.of)}}} {right}"

    def primal_of(self, cost):
        """Return the left side for one coordinate."""
        return self.left({Total: of_one, q: cost})

    def dual_of(self, output, multiplier, cost):
        """Return the right side for one example, and one coordinate."""
        (multipliers,) = self.of
        return self({y: output, multipliers: multiplier, Total: of_one, r: cost})


PROBLEM = Formulas(
    dual=Duality(
        Total(q(b), EACH),
        (y, nu, Total(r, EACH)),
        lambda y, nu, costs: transposed(y) * nu - costs,
        primal=Extremum.MIN,
        fitted=INTERPOLATION,
        dual=Extremum.MAX,
        of=(nu,),
    ),
    cost=Formula("r_i", (m, c), lambda m, c: c / 2 * (sp.cosh(2 * m) - 1)),
)
STATED = Formulas(
    dual=PROBLEM.dual,
    cost=PROBLEM.cost,
    pulled=Formula("m", (X, nu), lambda X, nu: transposed(X) * nu),
)


def controls(stated):
    cost, dual = stated.cost.body, stated.dual
    return (
        stated.but("cosh of mᵢ", cost=lambda m, c: cost(m / 2, c)),
        stated.but("Σ for ½Σ", cost=lambda m, c: 2 * cost(m, c)),
        stated.but("0.505 Σ for ½Σ", cost=lambda m, c: sp.Rational(101, 100) * cost(m, c)),
        stated.but("2yᵀν", dual=lambda y, nu, costs: 2 * transposed(y) * nu - costs),
        stated.but("the greatest penalty", dual=replace(dual, primal=Extremum.MAX)),
        stated.but("the minimum over ν", dual=replace(dual, dual=Extremum.MIN)),
    )


def decide(stated):
    """Weak duality and where it is tight, coordinate by coordinate; then that the dual peaks."""
    return prove_all(steps(stated))


def steps(stated):
    a, h, s = sp.symbols("a h s", real=True)
    t = sp.Symbol("t", positive=True)
    dual, pulled, fitted = stated.dual, stated.pulled(), stated.dual.fitted
    yield (
        "yᵀν = Σ mᵢβᵢ where Xβ = y",
        equal(
            transposed(nu) * y,
            sp.expand(transposed(pulled) * beta).subs(fitted.left({}), fitted()),
        ),
    )
    yield "of two examples of three coordinates it is the least Lagrangian", instance(stated)
    yield (
        "the dual is a sum over coordinates",
        equal(dual.dual_of(a + b, h, r + s), dual.dual_of(a, h, r) + dual.dual_of(b, h, s)),
    )
    weight = c * sp.sinh(2 * h)
    primal = dual.primal_of(lambda b: penalty(b, c))
    primal = undone(primal.subs({sp.sqrt(b**2 + c**2): c * sp.cosh(2 * h)}).subs(b, weight))
    gap = primal - dual.dual_of(weight, m, stated.cost())
    yield "penalty less dual of a coordinate vanishes at m = h, β = c sinh 2h", zero(gap.subs(m, h))
    yield "so does its slope in m", zero(sp.diff(gap, m).subs(m, h))
    bend = by_exponential(gap.diff(m, 2), m)
    text = "and it is convex in m, positive unless m = h: the penalty is the least above the dual"
    yield text, decide_on_orthant(text, dual.primal.value * bend)
    text = "and the dual the greatest below the penalty"
    yield text, decide_on_orthant(text, -dual.dual.value * bend)
    yield "the dual peaks: its costs are even", equal(stated.cost({m: -m}), stated.cost())
    yield (
        "and above cᵢmᵢ²",
        decide_on_half_line("r/c > m²", sp.expand(stated.cost({m: t}) / c) - t**2, t),
    )
    yield (
        "so a coordinate gives at most β²/4c − c(m − β/2c)², which falls without end",
        equal(dual.dual_of(b, m, c * m**2), b**2 / (4 * c) - c * (m - b / (2 * c)) ** 2),
    )
    along = stated.pulled({nu: eta})
    yield (
        "at the peak the derivative by ν, y − Xr′(m), is zero",
        equal(
            dual.dual_of(y, eta, transposed(beta) * along),
            sp.expand(transposed(y - X * beta) * eta),
        ),
    )
    yield (
        "and r′(m) = c sinh 2m is the β of the gap's zero: it interpolates, and the two are equal",
        equal(sp.diff(stated.cost(), m), weight.subs(h, m)),
    )


def instance(stated):
    inputs = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True))
    scales = sp.symbols("c_1:4", positive=True)
    outputs, multipliers = (sp.Matrix(sp.symbols(f"{name}_1:3", real=True)) for name in ("y", "nu"))
    pulled = stated.pulled({X: inputs, nu: multipliers})
    costs = sum(stated.cost({m: one, c: scale}) for one, scale in zip(pulled, scales, strict=True))
    first, second = zip(outputs, multipliers, strict=True)
    value = stated.dual.dual_of(*first, costs) + stated.dual.dual_of(*second, 0)
    return equal(value, dual_objective(multipliers, inputs, outputs, scales))


SEED = 53


def extreme(extremum, function):
    """Return the extreme value of a function of two numbers."""
    sign = extremum.value
    return sign * minimize(lambda at: sign * function(at), np.zeros(2), tol=1e-12).fun


def solve(stated):
    """Solve the dual numerically over ν; compare with the penalty, solved over β directly."""
    rng, worst = np.random.default_rng(SEED), Worst()
    output, multiplier = sp.symbols("output multiplier", real=True)
    share = function_of(stated.dual.primal_of(lambda b: penalty(b, c)), b, c)
    cost = function_of(stated.cost(), m, c)
    value = function_of(stated.dual.dual_of(output, multiplier, r), output, multiplier, r)
    fitted = interpolated(stated.dual.fitted)
    for _ in range(3):
        (inputs, outputs), scales = flow.random_task(rng, 2, 4), rng.uniform(0.3, 2.0, size=4)
        start = np.linalg.lstsq(inputs, fitted(outputs), rcond=None)[0]
        free = np.linalg.svd(inputs)[2][2:].T

        def primal(a, start=start, free=free, c=scales):
            return np.sum(share(start + free @ a, c))

        def dual(nu, X=inputs, y=outputs, c=scales):
            return np.sum(value(y, nu, 0)) + value(0, 0, np.sum(cost(X.T @ nu, c)))

        # What is unbounded overflows.
        with np.errstate(all="ignore"):
            least, best = extreme(stated.dual.primal, primal), extreme(stated.dual.dual, dual)
        worst.at(abs(best - least) / abs(least), penalty=least, dual=best)
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
