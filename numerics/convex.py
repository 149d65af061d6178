r"""Minimum-penalty interpolation as an exponential-cone programme in cvxpy.

Statement (Theorem 4.1; Appendix B): with β = u − v, u, v ≥ 0 and C = c_FT = √k/2,

    2 q(β; C) = min over u − v = β of  u log u + v log v − (u + v)(1 + log(C/2)) + C,

reached at u = (C/2)e^μ, v = (C/2)e^(−μ), μ = asinh(β/C). The scale enters through a linear cost
only, whatever its size; `naive` puts it inside the cones instead, where solvers report optima
that are wrong by order one. The solver's own status is passed on and never believed: what an answer
is worth is said by the certificate (`numerics.certificate`) recomputed from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike

from numerics.certificate import Certificate, certify, checked_problem
from numerics.validation import FloatArray, finite_array, finite_scalar, require

Solver = Literal["CLARABEL", "SCS"]

_OPTIONS: dict[str, dict[str, Any]] = {
    # Tighter than it can reach: it then goes as far as rounding lets it.
    "CLARABEL": {"tol_gap_abs": 1e-15, "tol_gap_rel": 1e-15, "tol_feas": 1e-15},
    "SCS": {"eps_abs": 1e-9, "eps_rel": 1e-9, "max_iters": 200_000},
}


class SolverFailedError(RuntimeError):
    """The solver returned no point at all; the message holds its status."""


@dataclass(frozen=True)
class ConvexMinimum:
    """Answer of a conic solver, with the certificate that judges it.

    Attributes
    ----------
    beta
        Coefficients, shape (d,).
    dual
        Multipliers ν, shape (n,): q′(β) = Xᵀν at the minimum.
    certificate
        Gap, infeasibility and KKT residual, recomputed from `beta` and `dual`.
    solver, solver_status
        Which solver, and what it said of itself.
    """

    beta: FloatArray
    dual: FloatArray
    certificate: Certificate
    solver: str
    solver_status: str


def convex_minimum(
    X: ArrayLike,
    y: ArrayLike,
    scale: ArrayLike,
    *,
    ridge: float = 0.0,
    solver: Solver = "CLARABEL",
    naive: bool = False,
) -> ConvexMinimum:
    """Minimise Σ q(βᵢ; cᵢ) subject to Xβ = y, or (1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ; cᵢ).

    Parameters
    ----------
    X, y
        Design (n, d) and targets (n,).
    scale
        Scale c_FT = √k/2 > 0 of the penalty, a scalar or (d,).
    ridge
        Strength ϱ ≥ 0; 0 demands interpolation.
    solver
        ``"CLARABEL"`` or ``"SCS"``.
    naive
        Put the scale inside the cones: u = Cp, v = Cm. Wrong for small scales; a control.

    Raises
    ------
    ValueError
        If an argument breaks a requirement, or a scale is 0.
    SolverFailedError
        If the solver returns no point.
    """
    problem = checked_problem(X, y, scale, ridge)
    if problem.basis_pursuit:
        raise ValueError("scale must satisfy > 0, got 0 everywhere: use l1_minimum")
    _check_solver(solver)
    size = float(np.abs(problem.y).max()) or 1.0
    scales = problem.scale / size
    d = problem.X.shape[1]
    # The multiplier of β = u − v is 2q′(β)/2; constraints are kept apart to read the one of Xβ = y.
    positive, negative = cp.Variable(d), cp.Variable(d)
    if naive:
        beta = cp.multiply(scales, positive - negative)
        entropies = cp.multiply(scales, cp.entr(positive) + cp.entr(negative))
        linear = -(1.0 - np.log(2.0)) * scales @ (positive + negative)
        cost = linear - cp.sum(entropies)
    else:
        beta = positive - negative
        linear = -(1.0 + np.log(scales / 2.0)) @ (positive + negative)
        cost = linear - cp.sum(cp.entr(positive) + cp.entr(negative))
    target = problem.y / size
    constraint = problem.X @ beta == target
    if problem.ridge > 0.0:
        loss = cp.sum_squares(target - problem.X @ beta) * (size / problem.ridge)
        status = _solve(cp.Problem(cp.Minimize(cost + loss)), solver)
        found = _value(beta, status)
        dual = (target - problem.X @ found) * (size / problem.ridge)
    else:
        status = _solve(cp.Problem(cp.Minimize(cost), [constraint]), solver)
        found = _value(beta, status)
        # The Lagrangian is cost + w·(Xβ − y), and the cost twice the penalty.
        dual = -0.5 * np.asarray(constraint.dual_value, dtype=np.float64)
    solution = size * found
    return ConvexMinimum(solution, dual, certify(problem, solution, dual), solver, status)


def weighted_l2_minimum(
    X: ArrayLike, y: ArrayLike, scale: ArrayLike, *, solver: Solver = "CLARABEL"
) -> FloatArray:
    """Return argmin Σ βᵢ²/(4cᵢ) subject to Xβ = y, the limit of large scales (Section 5.1), (d,).

    Raises ValueError for invalid arguments and SolverFailedError without an answer.
    """
    problem = checked_problem(X, y, scale, 0.0)
    _check_solver(solver)
    weights = 1.0 / np.sqrt(problem.scale / problem.scale.max())
    beta = cp.Variable(problem.X.shape[1])
    objective = cp.Minimize(cp.sum_squares(cp.multiply(weights, beta)))
    status = _solve(cp.Problem(objective, [problem.X @ beta == problem.y]), solver)
    return _value(beta, status)


def l1_minimum(X: ArrayLike, y: ArrayLike, *, solver: Solver = "CLARABEL") -> FloatArray:
    """Return argmin ‖β‖₁ subject to Xβ = y, the limit of small scales (Section 5.1), shape (d,).

    Raises ValueError for invalid arguments and SolverFailedError without an answer.
    """
    problem = checked_problem(X, y, 0.0, 0.0)
    _check_solver(solver)
    beta = cp.Variable(problem.X.shape[1])
    status = _solve(
        cp.Problem(cp.Minimize(cp.norm1(beta)), [problem.X @ beta == problem.y]), solver
    )
    return _value(beta, status)


def ridge_minimum(
    X: ArrayLike, y: ArrayLike, ridge: float, *, solver: Solver = "CLARABEL"
) -> FloatArray:
    """Return argmin ‖y − Xβ‖² + ridge ‖β‖², shape (d,).

    Raises ValueError for invalid arguments and SolverFailedError without an answer.
    """
    design, targets = finite_array("X", X), finite_array("y", y)
    strength = finite_scalar("ridge", ridge)
    require(strength > 0.0, "ridge must satisfy > 0", "ridge", strength)
    if design.ndim != 2 or targets.shape != design.shape[:1]:
        raise ValueError(f"shapes must be (n, d) and (n,), got {design.shape} and {targets.shape}")
    _check_solver(solver)
    beta = cp.Variable(design.shape[1])
    objective = cp.sum_squares(targets - design @ beta) + strength * cp.sum_squares(beta)
    return _value(beta, _solve(cp.Problem(cp.Minimize(objective)), solver))


def _check_solver(solver: str) -> None:
    if solver not in _OPTIONS:
        raise ValueError(f"solver must be one of {tuple(_OPTIONS)}, got solver={solver!r}")


def _solve(problem: Any, solver: str) -> str:
    import warnings

    with warnings.catch_warnings():
        # "Solution may be inaccurate": said by the status, and judged by the certificate.
        warnings.simplefilter("ignore", UserWarning)
        try:
            problem.solve(solver=solver, **_OPTIONS[solver])
        except cp.error.SolverError as error:
            raise SolverFailedError(f"{solver}: {error}") from error
    return str(problem.status)


def _value(expression: Any, status: str) -> FloatArray:
    if expression.value is None:
        raise SolverFailedError(f"the solver must return a point, got status {status!r}")
    return np.asarray(expression.value, dtype=np.float64)
