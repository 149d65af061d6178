"""Effective degrees of freedom (Proposition 4.2, eq. (19); Appendix C.1, eq. (40)).

At the fixed point the mean derivative of the estimator is α(1 − ϱ/τ); without ridge it is α, one
degree of freedom for each observation.

In a finite problem the same number is exact: the fitted values Xβ̂ move with the labels by
(H − ϱ)H⁻¹, where H = X D Xᵀ + ϱ and D = 1/q″(β̂), whose trace is n(1 − ϱ/τ) for τ = n/tr H⁻¹.
"""

import numpy as np
import sympy as sp

from numerics import minimum_penalty
from theory import replica
from verify.claim import Check, Method
from verify.claims.replica._means import RESPONSE, known
from verify.claims.replica.effective_parameters import STATED as PARAMETERS
from verify.claims.replica.susceptibility import STATED as SUSCEPTIBILITY
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean
from verify.methods.numeric import Worst
from verify.methods.on_arrays import on_arrays
from verify.registry import state

STATED = Formula(
    Mean(RESPONSE),
    (replica.alpha, replica.ridge, replica.tau),
    lambda alpha, ridge, tau: alpha * (1 - ridge / tau),
)
CONTROLS = (
    STATED.but("α(1 + ϱ/τ)", lambda alpha, ridge, tau: alpha * (1 + ridge / tau)),
    STATED.but("(1 − ϱ/τ)/α", lambda alpha, ridge, tau: (1 - ridge / tau) / alpha),
    STATED.but("α − ϱ/τ", lambda alpha, ridge, tau: alpha - ridge / tau),
    STATED.but("1.01 ϱ", lambda alpha, ridge, tau: alpha * (1 - 101 * ridge / (100 * tau))),
)


def decide(stated):
    """Solve the closure for the mean derivative."""
    return prove_all(closure(stated), summary="the closure solved for the mean derivative")


def closure(stated):
    unknown = sp.Symbol("M")
    mean = {Mean: known({RESPONSE: unknown})}
    chi = SUSCEPTIBILITY.response(mean)
    left = PARAMETERS.tau({replica.susceptibility: chi}) - replica.tau
    (solution,) = sp.solve(left, unknown)
    yield (
        "τ = ϱ + χ/α with χ = τE[η′], solved for E[η′]",
        equal(stated.left({Mean: known({RESPONSE: solution})}), stated()),
    )
    without_ridge = stated({replica.ridge: sp.Integer(0)})
    yield "at ϱ = 0 it is α", equal(without_ridge, replica.alpha)


SEED = 223
D = 12
# (n, ϱ)
PROBLEMS = ((5, 0.3), (12, 0.02), (20, 1.0))


def respond(stated):
    """Move the labels of finite problems, and see how the fitted values of their minimiser move."""
    rng, worst = np.random.default_rng(SEED), Worst()
    for n, ridge in PROBLEMS:
        X, y = rng.standard_normal((n, D)) / np.sqrt(n), rng.standard_normal(n)
        scale, step = rng.uniform(0.1, 1.0, size=D), 1e-4

        def fitted(labels, X=X, scale=scale, ridge=ridge):
            return X @ minimum_penalty(X, labels, scale, ridge=ridge).beta

        moved = [
            (fitted(y + move)[i] - fitted(y - move)[i]) / (2 * step)
            for i, move in enumerate(step * np.eye(n))
        ]
        radius = 2 * np.hypot(minimum_penalty(X, y, scale, ridge=ridge).beta, scale)
        hessian = (X * radius) @ X.T + ridge * np.eye(n)
        tau = n / np.trace(np.linalg.inv(hessian))
        at = {replica.alpha: n / D, replica.ridge: ridge, replica.tau: tau}
        mean = {Mean: known({RESPONSE: float(sum(moved)) / D})}
        claimed = float(stated(at))
        found = on_arrays(stated.left(mean), {})
        worst.at(abs(found / claimed - 1), n=n, ridge=ridge, tau=tau, claimed=claimed)
    return worst.measured("tr(∂Xβ̂/∂y)/d is as stated to {worst} in {count} problems")


LABELS, WHY = "labels moved", "central differences: the step's square, and rounding over the step"
state(
    "replica.degrees-of-freedom",
    __doc__,
    (
        Check("closure", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(LABELS, Method.CONVEX, respond, STATED, CONTROLS, 1e-6, WHY, seed=SEED),
    ),
    requires=("replica.effective-parameters", "replica.susceptibility"),
)
