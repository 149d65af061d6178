"""Minimum-penalty interpolation: where fine-tuning converges to, for large d.

Statement (Theorem 4.1; eqs. 4-5 give c_FT): gradient flow from the re-initialised network ends at

    β = argmin Σᵢ q(βᵢ; cᵢ)  subject to  Xβ = y,      βᵢ = cᵢ sinh(2(Xᵀν)ᵢ),

with q′(β; c) = ½ asinh(β/c) and c = c_FT = √k/2; or, for a ridge of strength ϱ > 0, at the
minimum of (1/2ϱ)‖y − Xβ‖² + Σᵢ q(βᵢ; cᵢ). The multipliers ν are found by Newton's method on the
dual (`numerics.interpolation.dual_newton`); a certificate, recomputed from β and ν in twice the
working precision, judges the result (`numerics.certificate`).

Nearly or exactly dependent rows are first replaced by an orthonormal basis of the row space
(QR with column pivoting), which also decides whether y lies in the range of X.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import lapack, solve_triangular

from numerics.certificate import (
    INFEASIBILITY_TOLERANCE,
    PenaltyMinimum,
    SolverStatus,
    certified,
    inverse_force,
)
from numerics.compensated import compensated_residual
from numerics.interpolation.basis_pursuit import solve_basis_pursuit
from numerics.interpolation.dual_newton import (
    DualSolution,
    DualSystem,
    IllConditionedError,
    coefficients,
    solve_dual,
)
from numerics.penalty_problem import (
    InfeasibleError,
    Problem,
    checked_problem,
    require_representable,
)
from numerics.validation import FloatArray, finite_array, require

_CONDITION_FLOOR = 1e-10  # of the first Hessian; below it the rows are orthonormalised
_FAIR_NORMS = (2.0**-40, 2.0**40)  # rows with norms outside are rescaled first
_UNIT_NORMS = (0.5, 1.0)  # for a linear programme, whose tolerances are absolute
_TINY_LOG_SCALE = (
    -1000.0
)  # relative to max|y|, and below the range of float64: the path needs only its log
_REST = 1e-14  # relative change of the exponents that is rounding
_LARGEST_EXPONENT = 709.0  # sums of larger exponentials may overflow
_EPS = float(np.finfo(np.float64).eps)


def minimum_penalty(
    X: ArrayLike,
    y: ArrayLike,
    scale: ArrayLike,
    *,
    ridge: float = 0.0,
    dual: ArrayLike | None = None,
    dual_scale: ArrayLike | None = None,
    max_iterations: int = 100,
) -> PenaltyMinimum:
    """Minimise Σ q(βᵢ; cᵢ) subject to Xβ = y, or (1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ; cᵢ).

    The solver to use. `numerics.convex.minimum_penalty` solves the same problem by conic
    programming, much more slowly, as an independent check.

    Parameters
    ----------
    X, y
        Design (n, d) and targets (n,). Rows may be dependent as long as y is consistent.
    scale
        Fine-tuning scale c_FT = √k/2 > 0, a scalar or (d,). Zero everywhere: min ‖β‖₁, with
        `dual` satisfying ‖Xᵀν‖∞ ≤ 1.
    ridge
        Strength ϱ ≥ 0; 0 demands interpolation.
    dual
        Multipliers (n,) of a neighbouring problem, to start from. They are ignored if they fit the
        targets worse than no start at all.
    dual_scale
        The scale (scalar or (d,)) of the problem that `dual` solves, if it differs from `scale`:
        the solver then follows the path from that scale. Without it one common factor is fitted.
    max_iterations
        Limit on Newton steps.

    Returns
    -------
    PenaltyMinimum
        Coefficients, multipliers, certificate, number of Newton steps (simplex iterations for
        zero scale) and status. `converged` says that the certificate holds.

    Raises
    ------
    InfeasibleError
        If y does not lie in the range of X (and ridge is 0).
    ValueError
        If an argument breaks a requirement, or only some scales are zero, or a scale is so much
        larger than the coefficients (from 1e280 on, depending on X) that curvatures overflow.
    """
    problem = checked_problem(X, y, scale, ridge)
    n, d = problem.X.shape
    if max_iterations < 1:
        raise ValueError(f"max_iterations must satisfy >= 1, got max_iterations={max_iterations}")
    start = _checked_start(dual, dual_scale, n, d)
    if not problem.y.any():
        return certified(problem, np.zeros(d), np.zeros(n), 0, SolverStatus.PRECISION_LIMIT)
    units = _units(problem)
    rows = problem.X if units.unit_rows else problem.X * units.row[:, None]
    targets = problem.y / units.target * units.row
    if problem.basis_pursuit:
        return _basis_pursuit(problem, units, rows, targets)
    log_scale = np.log(problem.scale) - math.log(units.target)
    system = DualSystem(rows, targets, log_scale, _ridge_in_units(problem, units))
    guess = _start_in_units(start, units)
    if n <= d or problem.ridge > 0.0:
        _require_finite_curvature(problem, system)
    if problem.ridge > 0.0:
        solution = solve_dual(system, guess, max_iterations, 0.0)
        return _finish(problem, units, solution, system, _Identity())
    if n <= d and rows.any(axis=1).all():
        try:
            solution = solve_dual(system, guess, max_iterations, _CONDITION_FLOOR)
        except IllConditionedError:
            pass
        else:
            return _finish(problem, units, solution, system, _Identity())
    basis = _row_basis(rows, targets)
    reduced = DualSystem(basis.rows, basis.targets, log_scale, np.zeros(basis.targets.size))
    if basis.targets.size == d:
        return _determined(problem, units, reduced, basis)
    _require_finite_curvature(problem, reduced)
    if guess is not None:
        guess = (basis.lower_dual(guess[0]), guess[1])
    solution = solve_dual(reduced, guess, max_iterations, 0.0)
    return _finish(problem, units, solution, reduced, basis)


@dataclass(frozen=True)
class _Units:
    """Powers of two that bring the data to order one: β = target·β̃, ν = row·ν̃."""

    target: float
    row: FloatArray

    @property
    def unit_rows(self) -> bool:
        return bool(np.all(self.row == 1.0))


class _Identity:
    """Solver rows that are the rows of the design."""

    def raise_dual(self, dual: FloatArray) -> FloatArray:
        return dual

    def lower_residual(self, residual: FloatArray) -> FloatArray:
        return residual


@dataclass(frozen=True)
class _RowBasis(_Identity):
    """Orthonormal basis of the row space: X[pivots] = Rᵀ·rows, and Xβ = y ⇔ rows·β = targets."""

    rows: FloatArray
    targets: FloatArray
    upper: FloatArray
    pivots: NDArray[np.intp]
    count: int

    def raise_dual(self, dual: FloatArray) -> FloatArray:
        """Multipliers ν of the original rows, zero off the independent ones: Xᵀν = rowsᵀ·dual."""
        raised = np.zeros(self.count)
        raised[self.pivots] = solve_triangular(self.upper, dual, check_finite=False)
        return raised

    def lower_dual(self, dual: FloatArray) -> FloatArray:
        """Inverse of `raise_dual` for multipliers that vanish off the independent rows."""
        return np.asarray(self.upper @ dual[self.pivots])

    def lower_residual(self, residual: FloatArray) -> FloatArray:
        return np.asarray(
            solve_triangular(self.upper, residual[self.pivots], trans="T", check_finite=False)
        )


def _row_basis(rows: FloatArray, targets: FloatArray) -> _RowBasis:
    """Orthonormalise the rows by pivoted QR; raise InfeasibleError unless y is in their range."""
    n, d = rows.shape
    norms = np.linalg.norm(rows, axis=1)
    zero = norms == 0.0
    if np.any(zero & (targets != 0.0)):
        row = int(np.flatnonzero(zero & (targets != 0.0))[0])
        raise InfeasibleError(f"y must lie in the range of X: row {row} of X is zero, y[{row}] not")
    unit = 1.0 / np.where(zero, 1.0, norms)
    packed = np.empty((d, n), order="F")
    np.multiply(rows.T, unit, out=packed)
    packed, order, tau, _, _ = lapack.dgeqp3(packed, lwork=32 * (n + 1), overwrite_a=1)
    order = order - 1
    small = min(n, d)
    pivots = np.abs(packed.diagonal()[:small])
    rank = int(np.count_nonzero(pivots > max(n, d) * _EPS * pivots[0])) if pivots[0] > 0.0 else 0
    if rank == 0:  # every row is zero, and so is y, which the caller has excluded
        raise InfeasibleError("y must lie in the range of X: X is zero, y is not")
    upper = np.triu(packed[:rank])
    scaled = (targets * unit)[order]
    fitted = solve_triangular(upper[:, :rank], scaled[:rank], trans="T", check_finite=False)
    excess = np.abs(scaled[rank:] - fitted @ upper[:, rank:])
    allowed = INFEASIBILITY_TOLERANCE * float(np.abs(scaled).max())
    if excess.size and float(excess.max()) > allowed:
        row = int(order[rank + int(np.argmax(excess))])
        raise InfeasibleError(
            f"y must lie in the range of X: X has rank {rank} < n = {n} to rounding, and equation "
            f"{row} contradicts the others by {float(excess.max() / np.abs(scaled).max()):.3e} of "
            "max|y|"
        )
    basis, _, _ = lapack.dorgqr(packed[:, :rank], tau[:rank], lwork=64 * rank, overwrite_a=1)
    # R refers to unit rows: X[pivots] = diag(norms) Rᵀ Q, so the norms go into its columns.
    return _RowBasis(basis.T, fitted, upper[:, :rank] * norms[order[:rank]], order[:rank], n)


def _finish(
    problem: Problem,
    units: _Units,
    solution: DualSolution,
    system: DualSystem,
    basis: _Identity,
) -> PenaltyMinimum:
    """Return to the caller's units and correct the last rounding errors of β and ν."""
    refined = _refine(problem, units, solution, system, basis)
    limit = SolverStatus.PRECISION_LIMIT if solution.settled else SolverStatus.ITERATION_LIMIT
    return certified(problem, *refined, solution.iterations, limit)


def _refine(
    problem: Problem,
    units: _Units,
    solution: DualSolution,
    system: DualSystem,
    basis: _Identity,
) -> tuple[FloatArray, FloatArray]:
    """Correct ν, then β and ν together, with residuals of twice the working precision.

    Coefficients with small scales fit the residual that those with large scales leave, so that
    rounding in Xβ would otherwise change their exponents.
    """
    factor, slopes = solution.factor, solution.slopes
    with np.errstate(over="ignore"):
        dual = units.row * basis.raise_dual(solution.dual)
        beta = units.target * coefficients(slopes, system.log_scale)[0]
    require_representable(problem, beta=beta, dual=dual)
    residual = _defect(problem, beta, dual)
    for polish in (True, True, False, False):
        if float(np.abs(residual).max()) <= _EPS * float(np.abs(problem.y).max()):
            break
        step = factor.solve(basis.lower_residual(residual / units.target * units.row))
        slope_step = np.asarray(step @ system.rows)
        trial_dual = dual + units.row * basis.raise_dual(step)
        if polish:
            if not _REST * (1.0 + float(np.abs(slopes).max())) < np.abs(slope_step).max() < 1e-3:
                continue  # already solved, or too far from the point of the factor
            trial_beta = units.target * coefficients(slopes + slope_step, system.log_scale)[0]
        else:
            trial_beta = beta + units.target * (factor.weights * slope_step)
        trial = _defect(problem, trial_beta, trial_dual)
        if polish or float(np.abs(trial).max()) < float(np.abs(residual).max()):
            slopes = slopes + slope_step
            beta, dual, residual = trial_beta, trial_dual, trial
    return beta, dual


def _defect(problem: Problem, beta: FloatArray, dual: FloatArray) -> FloatArray:
    return compensated_residual(problem.X, beta, problem.y) - problem.ridge * dual


def _determined(
    problem: Problem, units: _Units, system: DualSystem, basis: _RowBasis
) -> PenaltyMinimum:
    """Solve the case of rank d: the equations alone fix β, and ν follows from the KKT condition."""
    with np.errstate(over="ignore"):
        beta = units.target * (system.targets @ system.rows)
    require_representable(problem, beta=beta)
    for _ in range(3):
        residual = compensated_residual(problem.X, beta, problem.y) / units.target * units.row
        beta = beta + units.target * (basis.lower_residual(residual) @ system.rows)
    force = inverse_force(beta, problem.scale)
    with np.errstate(over="ignore"):
        dual = units.row * basis.raise_dual(system.rows @ force)
    return certified(problem, beta, dual, 0, SolverStatus.PRECISION_LIMIT)


def _basis_pursuit(
    problem: Problem, units: _Units, rows: FloatArray, targets: FloatArray
) -> PenaltyMinimum:
    """Solve the linear programme of zero scale, on independent rows."""
    n, d = rows.shape
    peak = np.abs(problem.X).max(axis=1)
    with np.errstate(over="ignore"):
        require_representable(problem, dual=1.0 / peak[peak > 0.0])  # as ‖Xᵀν‖∞ = 1
    raise_dual: Callable[[FloatArray], FloatArray] = _Identity().raise_dual
    smooth: DualSolution | None = None
    if n <= d and rows.any(axis=1).all():
        smooth = _smoothed(rows, targets, _CONDITION_FLOOR)
    if smooth is None:
        basis = _row_basis(rows, targets)
        rows, targets, raise_dual = basis.rows, basis.targets, basis.raise_dual
        smooth = _smoothed(rows, targets, 0.0)
    guess = np.zeros(targets.size) if smooth is None else smooth.dual
    solution = solve_basis_pursuit(rows, targets, guess)
    with np.errstate(over="ignore"):
        beta = units.target * solution.beta
        dual = units.row * raise_dual(solution.dual)
    limit = SolverStatus.PRECISION_LIMIT if solution.succeeded else SolverStatus.SOLVER_FAILURE
    return certified(problem, beta, dual, solution.iterations, limit)


def _smoothed(rows: FloatArray, targets: FloatArray, floor: float) -> DualSolution | None:
    """Penalty minimum at a small scale, whose slopes order the columns of the linear programme."""
    log_scale = np.full(rows.shape[1], _TINY_LOG_SCALE)
    system = DualSystem(rows, targets, log_scale, np.zeros(targets.size))
    try:
        return solve_dual(system, None, 100, floor)
    except IllConditionedError:
        return None


def _units(problem: Problem) -> _Units:
    X = problem.X
    peak = np.maximum(X.max(axis=1), -X.min(axis=1))
    low, high = _UNIT_NORMS if problem.basis_pursuit else _FAIR_NORMS
    fair = (peak == 0.0) | ((peak >= low) & (peak <= high))
    row = np.ones(peak.size) if fair.all() else np.where(peak == 0.0, 1.0, _powers_of_two(peak))
    with np.errstate(over="ignore"):
        size = float(np.abs(problem.y * row).max())
    if not math.isfinite(size):
        raise ValueError(
            "y must be representable relative to the rows of X, got "
            f"max|y|={float(np.abs(problem.y).max())!r} and rows as small as "
            f"{float(peak[peak > 0.0].min())!r}"
        )
    return _Units(1.0 / float(_powers_of_two(np.array([size]))[0]) if size > 0.0 else 1.0, row)


def _require_finite_curvature(problem: Problem, system: DualSystem) -> None:
    """Refuse scales for which Σ a² 2c cosh 2s, the diagonal of the dual's Hessian, may overflow."""
    reach = max(float((system.rows**2).sum(axis=1).max()), 1.0)
    # The path may overshoot the scale by a factor of four, and cosh has two sides.
    largest = float(system.log_scale.max()) + math.log(8.0) + math.log(reach)
    if largest > _LARGEST_EXPONENT:
        raise ValueError(
            "scale must be representable relative to X and y, got "
            f"scale={float(problem.scale.max())!r} with max|y|={float(np.abs(problem.y).max())!r}"
        )


def _ridge_in_units(problem: Problem, units: _Units) -> FloatArray:
    if problem.ridge == 0.0:
        return np.zeros(problem.y.size)
    with np.errstate(over="ignore", under="ignore"):
        ridge = problem.ridge / units.target * units.row * units.row
    if not np.isfinite(ridge).all():
        raise ValueError(
            "ridge must be representable relative to X and y, got "
            f"ridge={problem.ridge!r} with max|y|={float(np.abs(problem.y).max())!r}"
        )
    return np.asarray(ridge)


def _powers_of_two(sizes: FloatArray) -> FloatArray:
    """Powers of two p with p·size in [½, 1), kept within ±1000 binary orders."""
    return np.asarray(np.ldexp(1.0, np.clip(-np.frexp(sizes)[1], -1000, 1000)))


def _checked_start(
    dual: ArrayLike | None, dual_scale: ArrayLike | None, n: int, d: int
) -> tuple[FloatArray, FloatArray | None] | None:
    if dual is None:
        if dual_scale is not None:
            raise ValueError("dual_scale must come with dual, got dual=None")
        return None
    start = finite_array("dual", dual, ndim=1)
    if start.shape != (n,):
        raise ValueError(f"dual must have shape ({n},), got shape {start.shape}")
    if dual_scale is None:
        return start, None
    scales = finite_array("dual_scale", dual_scale)
    if scales.shape not in {(), (d,)}:
        raise ValueError(f"dual_scale must be a scalar or have shape ({d},), got {scales.shape}")
    require(scales > 0.0, "dual_scale must satisfy dual_scale > 0", "dual_scale", scales)
    return start, np.array(np.broadcast_to(scales, (d,)))


def _start_in_units(
    start: tuple[FloatArray, FloatArray | None] | None, units: _Units
) -> tuple[FloatArray, FloatArray | None] | None:
    if start is None:
        return None
    dual, scales = start
    return (
        dual / units.row,
        None if scales is None else np.log(scales) - math.log(units.target),
    )
