"""Dual of min Σ qᵢ(βᵢ) subject to Xβ = y (Theorem 4.1).

max_ν  yᵀν − ½ Σᵢ cᵢ (cosh(2(Xᵀν)ᵢ) − 1).

The least Lagrangian is nowhere above the least penalty; at the ν of the optimality conditions the
two are equal, because the Fenchel-Young gap of every coordinate vanishes there.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from scipy.optimize import minimize

from theory.implicit_bias import dual_objective
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import equal
from verify.methods.numeric import largest
from verify.registry import register

SEED = 53
TOLERANCE = 1e-7


def dual(nu: Any, X: Any, y: Any, c: Any, cosh: Callable[[Any], Any]) -> Any:
    """Return the dual objective, as stated; lists of n and d numbers or symbols."""
    n, d = len(nu), len(c)
    pulled = [sum(X[j, i] * nu[j] for j in range(n)) for i in range(d)]
    costs = sum(c[i] * (cosh(2 * pulled[i]) - 1) for i in range(d))
    return sum(y[j] * nu[j] for j in range(n)) - costs / 2


def decide(stated: Callable[..., Any]) -> Evidence:
    """Minimise the Lagrangian of two examples of three coordinates over β."""
    X = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True))
    y, nu = sp.Matrix(sp.symbols("y_1:3", real=True)), sp.symbols("nu_1:3", real=True)
    c = sp.symbols("c_1:4", positive=True)
    return equal(stated(nu, X, y, c, sp.cosh), dual_objective(nu, X, y, c))


def solve(stated: Callable[..., Any]) -> Evidence:
    """Maximise over ν numerically; compare with the least penalty, found over β directly."""
    rng = np.random.default_rng(SEED)
    worst, where = 0.0, {}
    for _ in range(3):
        X, y = flow.random_task(rng, 2, 4)
        c = rng.uniform(0.3, 2.0, size=4)
        start = np.linalg.lstsq(X, y, rcond=None)[0]
        free = np.linalg.svd(X)[2][2:].T

        def cost(a: Any, start: Any = start, free: Any = free, c: Any = c) -> float:
            beta = start + free @ a
            return float(np.sum(c - np.hypot(c, beta) + beta * np.arcsinh(beta / c)) / 2)

        primal = minimize(cost, np.zeros(2), tol=1e-12).fun
        best = -minimize(
            lambda nu, X=X, y=y, c=c: -stated(nu, X, y, c, np.cosh), np.zeros(2), tol=1e-12
        ).fun
        error = largest(abs(best - primal) / abs(primal))
        if error > worst:
            worst = error
            where = {"least penalty": repr(float(primal)), "dual optimum": repr(float(best))}
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"largest duality gap {worst:.2g}, relative, of 3 random problems",
        figure=worst,
        counterexample=None if holds else where,
    )


CONTROLS = (
    Control("cosh of (Xᵀν)ᵢ", lambda nu, X, y, c, cosh: dual(nu, X / 2, y, c, cosh)),
    Control("Σ for ½Σ", lambda nu, X, y, c, cosh: dual(nu, X, y, [2 * scale for scale in c], cosh)),
)

register(
    Claim(
        id="implicit-bias.dual",
        title="The dual problem",
        sentence="The least penalty under Xβ = y is the maximum over ν of "
        "yᵀν − ½ Σ cᵢ(cosh(2(Xᵀν)ᵢ) − 1).",
        latex=r"\min_{X\beta = y} \sum_i q_i(\beta_i) = \max_{\nu}\; y^{\top}\nu "
        r"- \frac{1}{2}\sum_i c_i \left(\cosh\left(2 (X^{\top}\nu)_i\right) - 1\right)",
        source="Theorem 4.1",
        checks=(
            Check("least Lagrangian", Method.SYMBOLIC, decide, dual, CONTROLS),
            Check(
                "both problems solved",
                Method.CONVEX,
                solve,
                dual,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="quasi-Newton minima of smooth functions in float64",
                seed=SEED,
            ),
        ),
        assumptions=(
            "c_i > 0",
            "Xβ = y has a solution",
            "Lagrangian written out for n = 2, d = 3: sums over examples and coordinates",
        ),
        requires=("implicit-bias.conjugate", "implicit-bias.kkt", "implicit-bias.fenchel-young"),
    )
)
