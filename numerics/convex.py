r"""Minimum-penalty interpolation as an exponential-cone programme in cvxpy.

Statement (Theorem 4.1; Appendix B): with β = u − v, u, v ≥ 0 and C = c_FT = √k/2,

    2 q(β; C) = min over u − v = β of  u log u + v log v − (u + v)(1 + log(C/2)) + C,

reached at u = (C/2)e^μ, v = (C/2)e^(−μ), μ = asinh(β/C). The scale enters through a linear cost
only, whatever its size; `naive` puts it inside the cones instead, where solvers report optima
that are wrong by order one. That is what CLARABEL solves. SCS, a first-order method, is forty times
more accurate on the dual, in w = 2ν and z = Xᵀw:

    max  yᵀw − Σ (C/2)(e^z + e^(−z)) − (ϱ/4)‖w‖²,        β = C sinh z.

The solver's own status is reported but not trusted: a certificate recomputed from the solution
(`numerics.certificate`) judges it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike

from numerics.certificate import (
    PenaltyMinimum,
    SolverStatus,
    certified,
)
from numerics.penalty_problem import Problem, checked_problem
from numerics.validation import FloatArray, finite_array, finite_scalar, require

Solver = Literal["CLARABEL", "SCS"]
Options = dict[str, Any]

# CLARABEL's is tighter than it can reach: it then continues to rounding, and reports even its best
# solutions as inaccurate.
_TOLERANCES = {"CLARABEL": 1e-15, "SCS": 1e-9}


class SolverFailedError(RuntimeError):
    """The solver returned no point at all; the message holds its status."""


@dataclass(frozen=True)
class ConicMinimum(PenaltyMinimum):
    """A `PenaltyMinimum` found by a conic solver: `status` is the certificate's judgement.

    Attributes
    ----------
    solver, solver_status
        The solver and its own status ("optimal", "optimal_inaccurate", ...).
    """

    solver: str
    solver_status: str


def minimum_penalty(
    X: ArrayLike,
    y: ArrayLike,
    scale: ArrayLike,
    solver: Solver = "CLARABEL",
    *,
    ridge: float = 0.0,
    tolerance: float | None = None,
    naive: bool = False,
) -> ConicMinimum:
    """Minimise Σ q(βᵢ; cᵢ) subject to Xβ = y, or (1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ; cᵢ).

    The problem of `numerics.interpolation.minimum_penalty`, by an independent method. The result is
    a `PenaltyMinimum` with the conic solver's own status.

    Parameters
    ----------
    X, y
        Design (n, d) and targets (n,).
    scale
        Scale c_FT = √k/2 > 0 of the penalty, a scalar or (d,). Zero everywhere: min ‖β‖₁.
    solver
        ``"CLARABEL"`` or ``"SCS"``.
    ridge
        Strength ϱ ≥ 0; 0 demands interpolation.
    tolerance
        At which the solver may stop; None for the tightest that works. CLARABEL's default is 1e-8.
    naive
        Put the scale inside the cones: u = Cp, v = Cm. Wrong for small scales; a control.

    Returns
    -------
    ConicMinimum
        As `numerics.interpolation.minimum_penalty`, with the solver's iterations and own status;
        `converged` says that the certificate holds.

    Raises
    ------
    ValueError
        If an argument breaks a requirement, or the solver's point is not finite.
    SolverFailedError
        If the solver returns no point.
    """
    problem = checked_problem(X, y, scale, ridge)
    options = _options(solver, tolerance)
    size = float(np.abs(problem.y).max()) or 1.0
    if problem.basis_pursuit:
        solution = _basis_pursuit(problem, size, options)
    elif naive or solver == "CLARABEL":
        solution = _primal(problem, size, options, naive)
    else:
        solution = _dual(problem, size, options)
    with np.errstate(over="ignore"):
        beta = size * solution.beta
    judged = certified(
        problem,
        beta,
        solution.dual,
        solution.run.iterations,
        SolverStatus.SOLVER_FAILURE,
    )
    return ConicMinimum(**vars(judged), solver=solver, solver_status=solution.run.status)


class _Run(NamedTuple):
    """The solver's own status, and its iterations."""

    status: str
    iterations: int


class _Solution(NamedTuple):
    """Coefficients in units of max|y|, multipliers ν, and the solver's report."""

    beta: FloatArray
    dual: FloatArray
    run: _Run


def _primal(problem: Problem, size: float, options: Options, naive: bool) -> _Solution:
    target, d = problem.y / size, problem.scale.size
    positive, negative = cp.Variable(d), cp.Variable(d)
    if naive:
        with np.errstate(over="ignore"):
            scales = problem.scale / size
        require(np.isfinite(scales), "scale/max|y| must be finite", "scale", problem.scale)
        beta = cp.multiply(scales, positive - negative)
        entropies = cp.multiply(scales, cp.entr(positive) + cp.entr(negative))
        cost = -(1.0 - np.log(2.0)) * scales @ (positive + negative) - cp.sum(entropies)
    else:
        beta = positive - negative
        linear = -(1.0 + _log_halves(problem.scale, size)) @ (positive + negative)
        cost = linear - cp.sum(cp.entr(positive) + cp.entr(negative))
    if problem.ridge > 0.0:
        strength = size / problem.ridge
        loss = cp.sum_squares(target - problem.X @ beta) * strength
        run = _solve(cp.Problem(cp.Minimize(cost + loss)), options)
        found = _value(beta, run)
        return _Solution(found, (target - problem.X @ found) * strength, run)
    constraint = problem.X @ beta == target
    run = _solve(cp.Problem(cp.Minimize(cost), [constraint]), options)
    # The Lagrangian is cost + w·(Xβ − y), and the cost twice the penalty.
    return _Solution(_value(beta, run), -0.5 * _multipliers(constraint, run), run)


def _dual(problem: Problem, size: float, options: Options) -> _Solution:
    target, lead = problem.y / size, _log_halves(problem.scale, size)
    multipliers = cp.Variable(target.size)
    exponents = problem.X.T @ multipliers
    cost = cp.sum(cp.exp(exponents + lead) + cp.exp(lead - exponents)) - target @ multipliers
    if problem.ridge > 0.0:
        cost = cost + problem.ridge / size / 4.0 * cp.sum_squares(multipliers)
    run = _solve(cp.Problem(cp.Minimize(cost)), options)
    found = _value(multipliers, run)
    slopes = problem.X.T @ found
    with np.errstate(over="ignore", invalid="ignore"):  # `certified` refuses what is not finite
        beta = np.exp(slopes + lead) - np.exp(lead - slopes)
    return _Solution(beta, 0.5 * found, run)


def _log_halves(scale: FloatArray, size: float) -> FloatArray:
    """log(C/2) in units of `size`, also where C/size leaves the range of float64."""
    return np.asarray(np.log(scale) - np.log(size) - np.log(2.0))


def _basis_pursuit(problem: Problem, size: float, options: Options) -> _Solution:
    beta = cp.Variable(problem.scale.size)
    constraint = problem.X @ beta == problem.y / size
    run = _solve(cp.Problem(cp.Minimize(cp.norm1(beta)), [constraint]), options)
    return _Solution(_value(beta, run), -_multipliers(constraint, run), run)


def weighted_l2_minimum(
    X: ArrayLike, y: ArrayLike, scale: ArrayLike, *, solver: Solver = "CLARABEL"
) -> FloatArray:
    """Return argmin Σ βᵢ²/(4cᵢ) subject to Xβ = y, the limit of large scales (Section 5.1), (d,).

    Raises ValueError for invalid arguments and SolverFailedError without a solution.
    """
    problem = checked_problem(X, y, scale, 0.0)
    options = _options(solver)
    shares = problem.scale / (float(problem.scale.max()) or 1.0)
    require(shares > 0.0, "scale must satisfy scale/max(scale) > 0", "scale", problem.scale)
    weights = 1.0 / np.sqrt(shares)
    beta = cp.Variable(problem.X.shape[1])
    objective = cp.Minimize(cp.sum_squares(cp.multiply(weights, beta)))
    run = _solve(cp.Problem(objective, [problem.X @ beta == problem.y]), options)
    return _value(beta, run)


def l1_minimum(X: ArrayLike, y: ArrayLike, *, solver: Solver = "CLARABEL") -> FloatArray:
    """Return argmin ‖β‖₁ subject to Xβ = y, the limit of small scales (Section 5.1), shape (d,).

    Raises ValueError for invalid arguments and SolverFailedError without a solution.
    """
    return minimum_penalty(X, y, 0.0, solver).beta


def ridge_minimum(
    X: ArrayLike, y: ArrayLike, ridge: float, *, solver: Solver = "CLARABEL"
) -> FloatArray:
    """Return argmin ‖y − Xβ‖² + ridge ‖β‖², shape (d,).

    Raises ValueError for invalid arguments and SolverFailedError without a solution.
    """
    design, targets = finite_array("X", X), finite_array("y", y)
    strength = finite_scalar("ridge", ridge)
    require(strength > 0.0, "ridge must satisfy > 0", "ridge", strength)
    if design.ndim != 2 or targets.shape != design.shape[:1]:
        raise ValueError(f"shapes must be (n, d) and (n,), got {design.shape} and {targets.shape}")
    options = _options(solver)
    beta = cp.Variable(design.shape[1])
    objective = cp.sum_squares(targets - design @ beta) + strength * cp.sum_squares(beta)
    return _value(beta, _solve(cp.Problem(cp.Minimize(objective)), options))


def _options(solver: str, tolerance: float | None = None) -> Options:
    if solver not in _TOLERANCES:
        raise ValueError(f"solver must be one of {tuple(_TOLERANCES)}, got solver={solver!r}")
    chosen = _TOLERANCES[solver] if tolerance is None else finite_scalar("tolerance", tolerance)
    require(chosen > 0.0, "tolerance must satisfy > 0", "tolerance", chosen)
    if solver == "CLARABEL":
        limits = ("tol_gap_abs", "tol_gap_rel", "tol_feas")
        return {"solver": solver, **dict.fromkeys(limits, chosen)}
    return {"solver": solver, "eps_abs": chosen, "eps_rel": chosen, "max_iters": 200_000}


def _solve(problem: Any, options: Options) -> _Run:
    # Where a solver diverges, cvxpy's value of the objective may overflow.
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        # "Solution may be inaccurate": the status reports it, and the certificate judges it.
        warnings.simplefilter("ignore", UserWarning)
        try:
            problem.solve(**options)
        except cp.error.SolverError as error:
            raise SolverFailedError(f"{options['solver']}: {error}") from error
    stats = problem.solver_stats
    return _Run(str(problem.status), int(getattr(stats, "num_iters", None) or 0))


def _value(expression: Any, run: _Run) -> FloatArray:
    if expression.value is None:
        raise SolverFailedError(f"the solver must return a point, got status {run.status!r}")
    return np.asarray(expression.value, dtype=np.float64)


def _multipliers(constraint: Any, run: _Run) -> FloatArray:
    if constraint.dual_value is None:
        raise SolverFailedError(f"the solver must return multipliers, got status {run.status!r}")
    return np.asarray(constraint.dual_value, dtype=np.float64)
