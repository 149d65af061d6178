"""The dual problem (Theorem 4.1).

The least penalty under Xβ = y is the maximum over ν of yᵀν − ½ Σ cᵢ(cosh(2(Xᵀν)ᵢ) − 1).

The least Lagrangian is nowhere above the least penalty; at the ν of the optimality conditions the
two are equal, because the Fenchel-Young gap of every coordinate vanishes there.
"""

import numpy as np
import sympy as sp
from scipy.optimize import minimize

from theory.implicit_bias import dual_objective
from verify.claim import Check, Method
from verify.methods import flow
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal
from verify.methods.numeric import Worst
from verify.registry import state

LEFT = r"\min_{X\beta = y} \sum_i q_i(\beta_i) = \max_{\nu}\;"

STATED = Formulas(
    dual=Formula(LEFT, named(r"y^{\top}\nu", r"\sum_i r_i"), lambda y, r: y - r, relation=""),
    cost=Formula(
        "r_i", named(r"(X^{\top}\nu)_i", "c_i"), lambda pulled, c: c / 2 * (sp.cosh(2 * pulled) - 1)
    ),
)
CONTROLS = (
    STATED.but("cosh of (Xᵀν)ᵢ", cost=lambda pulled, c: STATED.cost(pulled / 2, c)),
    STATED.but("Σ for ½Σ", cost=lambda pulled, c: 2 * STATED.cost(pulled, c)),
)


def decide(stated):
    """Minimise the Lagrangian of two examples of three coordinates over β."""
    X, y = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True)), sp.symbols("y_1:3", real=True)
    nu, c = sp.symbols("nu_1:3", real=True), sp.symbols("c_1:4", positive=True)
    costs = sum(map(stated.cost, X.T * sp.Matrix(nu), c))
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
        Check("least Lagrangian", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("both problems solved", Method.CONVEX, solve, STATED, CONTROLS, 1e-7, WHY, seed=SEED),
    ),
    assumptions=(
        "c_i > 0",
        "Xβ = y has a solution",
        "Lagrangian written out for n = 2, d = 3: sums over examples and coordinates",
    ),
    requires=("implicit-bias.conjugate", "implicit-bias.kkt", "implicit-bias.fenchel-young"),
)
