"""Certificates for the minimum-penalty interpolator: gap, infeasibility and KKT residual.

Statement (Theorem 4.1): fine-tuning converges to the minimiser of Σᵢ q(βᵢ; cᵢ) subject to
Xβ = y, where cᵢ is the fine-tuning scale and q′(β; c) = ½ asinh(β/c). The dual problem is

    max_ν  yᵀν − Σᵢ q*(sᵢ; cᵢ) − (ϱ/2)‖ν‖²,    s = Xᵀν,    q*(s; c) = ½ c (cosh 2s − 1),

with ϱ > 0 for the ridge form (1/2ϱ)‖y − Xβ‖² + Σᵢ q(βᵢ; cᵢ). A pair (β, ν), from any
solver, is judged by the identity

    primal − dual = Σᵢ [q(βᵢ) + q*(sᵢ) − βᵢ sᵢ] + νᵀ(Xβ − y)        (equality form)
    primal − dual = Σᵢ [q(βᵢ) + q*(sᵢ) − βᵢ sᵢ] + ‖y − Xβ − ϱν‖²/2ϱ  (ridge form)

whose terms do not cancel. With δ = s − q′(β) and u = sign(β) δ the Fenchel-Young term is

    q + q* − βs = c² sinh²δ / (√(c²+β²) + |β|) + ½|β| (e^{2u} − 1 − 2u)  ≥ 0,

so a gap of 1e-25 is as visible as one of 1. The products Xβ and Xᵀν are evaluated to twice
the working precision with error-free transformations (Ogita, Rump & Oishi 2005).

When every scale is zero the problem is basis pursuit, min ‖β‖₁ subject to Xβ = y, with dual
max yᵀν subject to ‖Xᵀν‖∞ ≤ 1.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.compensated import compensated_product, compensated_residual, exact_sum
from numerics.penalty_problem import (
    Problem,
    checked_problem,
    checked_vector,
    require_representable,
)
from numerics.validation import FloatArray

GAP_TOLERANCE = 1e-10
"""Largest duality gap of a solution, relative to its value."""

INFEASIBILITY_TOLERANCE = 1e-10
"""Largest ‖Xβ − y‖∞ of a solution, relative to ‖y‖∞."""

_DUAL_TOLERANCE = 1e-6  # of the constraint |Xᵀν| <= 1 in basis pursuit


class SolverStatus(enum.Enum):
    """How a solver ended; `advice` says what to do about it."""

    CONVERGED = "converged"
    ITERATION_LIMIT = "iteration limit"
    PRECISION_LIMIT = "precision limit"
    SOLVER_FAILURE = "solver failure"

    @property
    def advice(self) -> str:
        """One sentence of advice."""
        return _ADVICE[self]


_ADVICE = {
    SolverStatus.CONVERGED: "The certificate holds; nothing to do.",
    SolverStatus.ITERATION_LIMIT: (
        "Raise max_iterations, or start from the dual of a neighbouring problem."
    ),
    SolverStatus.PRECISION_LIMIT: (
        "Float64 cannot do better on these data: read gap and infeasibility for what was reached, "
        "and rescale or drop nearly dependent rows of X to go further."
    ),
    SolverStatus.SOLVER_FAILURE: (
        "The solver's solution fails its certificate: try another solver or tighter tolerances."
    ),
}


@dataclass(frozen=True)
class Certificate:
    """How far a pair (β, ν) is from optimal, recomputed from the data.

    Attributes
    ----------
    value
        Primal objective at β, in the units of the penalty (‖β‖₁ when every scale is 0).
    gap
        Primal minus dual objective. Never negative in the ridge form and for feasible β.
    infeasibility
        ‖Xβ − y‖∞, or ‖y − Xβ − ϱν‖∞ in the ridge form.
    kkt_residual
        maxᵢ |q′(βᵢ) − (Xᵀν)ᵢ|; for basis pursuit the distance of Xᵀν from the
        subdifferential of ‖β‖₁.
    target_norm
        ‖y‖∞, to which the infeasibility is compared.
    """

    value: float
    gap: float
    infeasibility: float
    kkt_residual: float
    target_norm: float

    def holds(
        self,
        gap_tolerance: float = GAP_TOLERANCE,
        infeasibility_tolerance: float = INFEASIBILITY_TOLERANCE,
    ) -> bool:
        """Return whether |gap| ≤ tol·|value| and infeasibility ≤ tol·‖y‖∞; NaN never passes."""
        return (
            abs(self.gap) <= gap_tolerance * abs(self.value) < math.inf
            and self.infeasibility <= infeasibility_tolerance * self.target_norm
        )


@dataclass(frozen=True)
class PenaltyMinimum:
    """Solution of a minimum-penalty problem with its certificate.

    Attributes
    ----------
    beta
        Minimiser, shape (d,).
    dual
        Multipliers ν of Xβ = y, shape (n,): q′(β) = Xᵀν.
    value, gap, infeasibility, kkt_residual
        As in `Certificate`.
    iterations
        Newton steps (Hessian factorisations), or the iterations the solver reports.
    status
        How the solver ended, with `status.advice`.
    """

    beta: FloatArray
    dual: FloatArray
    value: float
    gap: float
    infeasibility: float
    kkt_residual: float
    iterations: int
    status: SolverStatus

    @property
    def converged(self) -> bool:
        """Whether the certificate holds to the stated tolerances."""
        return self.status is SolverStatus.CONVERGED


def certificate(
    X: ArrayLike,
    y: ArrayLike,
    scale: ArrayLike,
    beta: ArrayLike,
    dual: ArrayLike,
    ridge: float = 0.0,
) -> Certificate:
    """Judge a candidate solution (β, ν) of the minimum-penalty problem, from any solver.

    Parameters
    ----------
    X, y
        Design (n, d) and targets (n,).
    scale
        Fine-tuning scale c_FT = √k/2, a scalar or (d,): all positive, or all zero (basis pursuit).
    beta, dual
        The candidate: coefficients (d,) and multipliers ν (n,), with the sign for which
        q′(β) = Xᵀν.
    ridge
        Strength ϱ ≥ 0 of (1/2ϱ)‖y − Xβ‖² + Σ q; 0 demands Xβ = y.

    Returns
    -------
    Certificate
        Value, gap, infeasibility and KKT residual.

    Raises
    ------
    ValueError
        If a shape, sign or value breaks a requirement, or only some scales are zero.
    """
    problem = checked_problem(X, y, scale, ridge)
    n, d = problem.X.shape
    coefficients = checked_vector("beta", beta, d)
    multipliers = checked_vector("dual", dual, n)
    return certify(problem, coefficients, multipliers)


def certify(problem: Problem, beta: FloatArray, dual: FloatArray) -> Certificate:
    """Evaluate the certificate of a validated problem; see `certificate`."""
    high, low = compensated_product(problem.X.T, dual)
    dual_slopes = high + low
    residual = compensated_residual(problem.X, beta, problem.y)
    norm = float(np.abs(problem.y).max())
    if problem.basis_pursuit:
        return _certify_basis_pursuit(problem.y, beta, dual, dual_slopes, residual, norm)
    penalty_slopes = inverse_force(beta, problem.scale)
    with np.errstate(over="ignore", invalid="ignore"):
        fenchel = exact_sum(_fenchel_young(beta, problem.scale, dual_slopes - penalty_slopes))
        value = exact_sum(_penalty(beta, problem.scale, penalty_slopes))
        if problem.ridge > 0.0:
            defect = residual - problem.ridge * dual
            unit = math.sqrt(2.0 * problem.ridge)
            value += exact_sum((residual / unit) ** 2)
            gap = fenchel + exact_sum((defect / unit) ** 2)
        else:
            defect = residual
            gap = fenchel - exact_sum(dual * residual)
    return Certificate(
        value,
        gap,
        float(np.abs(defect).max()),
        float(np.abs(dual_slopes - penalty_slopes).max()),
        norm,
    )


def certified(
    problem: Problem,
    beta: FloatArray,
    dual: FloatArray,
    iterations: int,
    otherwise: SolverStatus,
) -> PenaltyMinimum:
    """Return a solution with its certificate; status is `otherwise` where the certificate fails.

    Raises
    ------
    ValueError
        If β or ν is not finite: the solution lies outside the range of float64.
    """
    require_representable(problem, beta=beta, dual=dual)
    found = certify(problem, beta, dual)
    return PenaltyMinimum(
        beta=beta,
        dual=dual,
        value=found.value,
        gap=found.gap,
        infeasibility=found.infeasibility,
        kkt_residual=found.kkt_residual,
        iterations=iterations,
        status=SolverStatus.CONVERGED if found.holds() else otherwise,
    )


def inverse_force(beta: FloatArray, scale: FloatArray) -> FloatArray:
    """q′(β) = ½ asinh(β/c), without overflow of β/c; arrays of one shape."""
    size = np.abs(beta)
    with np.errstate(over="ignore"):
        ratio = size / scale
        far = ratio > 1e9  # asinh z = log 2z to 1e-18 there, and 2z may overflow
        result = np.where(
            far,
            np.log(np.where(far, size, 1.0)) - np.log(scale) + math.log(2.0),
            np.arcsinh(np.where(far, 0.0, ratio)),
        )
    return np.asarray(np.copysign(0.5 * result, beta))


def _certify_basis_pursuit(
    y: FloatArray,
    beta: FloatArray,
    dual: FloatArray,
    dual_slopes: FloatArray,
    residual: FloatArray,
    norm: float,
) -> Certificate:
    value = exact_sum(np.abs(beta))
    # The dual objective is -inf outside the constraints. A ν that violates them by no more than the
    # tolerance of linear programming is scaled back onto them, which keeps the bound valid.
    excess = max(1.0, float(np.abs(dual_slopes).max()))
    bound = exact_sum(y * dual) / excess if excess <= 1.0 + _DUAL_TOLERANCE else -math.inf
    # Where β vanishes the subdifferential is [−1, 1], elsewhere the sign.
    distance = np.where(
        beta == 0.0, np.maximum(np.abs(dual_slopes) - 1.0, 0.0), np.abs(dual_slopes - np.sign(beta))
    )
    return Certificate(
        value, value - bound, float(np.abs(residual).max()), float(distance.max()), norm
    )


def _penalty(beta: FloatArray, scale: FloatArray, penalty_slopes: FloatArray) -> FloatArray:
    """q(β; c) = β q′(β) − β²/(2(c + √(c²+β²))): a difference that loses at most one bit."""
    return np.asarray(beta * penalty_slopes - 0.5 * beta * (beta / (scale + np.hypot(scale, beta))))


def _fenchel_young(beta: FloatArray, scale: FloatArray, delta: FloatArray) -> FloatArray:
    """q(β) + q*(s) − βs with δ = s − q′(β); see the module's docstring."""
    size = np.abs(beta)
    c_sinh = scale * np.sinh(delta)  # not c² sinh²: c² may underflow, and sinh² overflow
    return np.asarray(
        c_sinh * (c_sinh / (np.hypot(scale, beta) + size))
        + 0.5 * size * _exp_remainder(2.0 * np.sign(beta) * delta)
    )


def _exp_remainder(x: FloatArray) -> FloatArray:
    """e^x − 1 − x, by its series where expm1(x) − x would cancel."""
    small = np.where(np.abs(x) < 0.5, x, 0.0)
    series = np.ones_like(small)
    for k in range(16, 2, -1):
        series = 1.0 + small / k * series
    return np.asarray(np.where(np.abs(x) < 0.5, 0.5 * small**2 * series, np.expm1(x) - x))
