"""Newton's method on the dual of the minimum-penalty problem, along a path of scales.

The dual of min Σᵢ q(βᵢ; cᵢ) s.t. Aβ = t (Theorem 4.1) has the stationarity condition

    F(ν; c) = t − A β − ϱ∘ν = 0,     βᵢ = cᵢ sinh(2(Aᵀν)ᵢ),
    −∂F/∂ν = A diag(w) Aᵀ + diag(ϱ),  wᵢ = 2 cᵢ cosh(2(Aᵀν)ᵢ) = 2√(cᵢ² + βᵢ²).

For small c the Newton step from below overshoots exponentially, so the scale is the path
parameter: log c(τ) runs linearly from a scale as large as the coefficients (nearly a
least-squares problem) to the required one. Each step is one factorisation, used for the Newton
correction, the tangent of the path, and cheap chord corrections afterwards. As c → 0 the path
is affine in log c up to exponentially small terms (Cominetti & San Martín 1994), so late steps
cross many decades. Where the tangent fails, an exact line search on the concave dual at fixed
scale follows, which converges from any start. sinh and cosh appear only as
exp(log c + 2|s|), and every trial step is cut before that exponent can overflow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack, solve_triangular
from scipy.linalg.blas import dsyrk

from numerics.validation import FloatArray

_BLOCK = 256  # columns weighted at a time: no more of the design is copied
_HEADROOM = math.log(1e12)  # coefficients may exceed those of the first scale by this factor
_TRUSTED = 0.5  # largest residual after a step of the path, as a fraction of ‖t‖
_SHIFT = 1e-14  # added to the unit diagonal of the scaled Hessian
_EPS = float(np.finfo(np.float64).eps)


class IllConditionedError(ArithmeticError):
    """The first Hessian is too ill-conditioned: the rows must be orthonormalised first."""


@dataclass(frozen=True)
class DualSystem:
    """Problem in solver units: rows A (m, d), targets t (m,), log c (d,), ridge ϱ per row (m,)."""

    rows: FloatArray
    targets: FloatArray
    log_scale: FloatArray
    ridge: FloatArray


@dataclass(frozen=True)
class DualSolution:
    """Multipliers (m,), exponents s = Aᵀν (d,), the last factor, Newton steps, and the outcome."""

    dual: FloatArray
    slopes: FloatArray
    factor: HessianFactor
    iterations: int
    settled: bool


class HessianFactor:
    """Cholesky factor of A diag(w) Aᵀ + diag(ϱ), scaled to unit diagonal and slightly shifted.

    Weights below 1e-14 of the largest leave directions of ν that the residual, known to rounding,
    cannot resolve. The shift keeps steps along them small; the error is in coefficients of that
    relative size. `reciprocal_condition` refers to the scaled matrix.
    """

    def __init__(self, system: DualSystem, weights: FloatArray) -> None:
        self._system = system
        self.weights = weights
        gram = weighted_gram(system.rows, weights)
        diagonal = gram.diagonal() + system.ridge
        self._unit = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
        gram *= self._unit[:, None]
        gram *= self._unit
        np.fill_diagonal(gram, 1.0)
        norm = _one_norm_lower(gram)
        if not math.isfinite(norm):  # a Cholesky routine need not notice
            raise FloatingPointError("the dual Hessian must be finite, got NaN or inf")
        shift = _SHIFT
        while True:
            np.fill_diagonal(gram, 1.0 + shift)
            factor, info = lapack.dpotrf(gram, lower=1, clean=0)
            if info == 0:
                break
            if not 0.0 < shift < 1.0 or info < 0:
                raise FloatingPointError("the dual Hessian must be positive definite")
            shift *= 100.0
        self._factor = np.asarray(factor)
        self.reciprocal_condition = float(lapack.dpocon(factor, norm, uplo="L")[0])

    def solve(self, right: FloatArray) -> FloatArray:
        """Solve the system, with iterative refinement where the factor is inaccurate."""
        solution = self._apply_inverse(right)
        if self.reciprocal_condition < 1e-6:
            before = math.inf
            for _ in range(3):
                defect = right - self.multiply(solution)
                size = float(np.linalg.norm(defect * self._unit))
                if not size < 0.5 * before:
                    break
                solution = solution + self._apply_inverse(defect)
                before = size
        return solution

    def multiply(self, vector: FloatArray) -> FloatArray:
        """Apply the operator without forming it."""
        rows = self._system.rows
        return np.asarray(rows @ (self.weights * (vector @ rows)) + self._system.ridge * vector)

    def _apply_inverse(self, right: FloatArray) -> FloatArray:
        scaled = right * self._unit
        half = solve_triangular(self._factor, scaled, lower=True, check_finite=False)
        full = solve_triangular(self._factor, half, lower=True, trans="T", check_finite=False)
        return np.asarray(full * self._unit)


def weighted_gram(rows: FloatArray, weights: FloatArray) -> FloatArray:
    """Lower triangle of A diag(w) Aᵀ by blocked rank updates; Fortran order, (m, m)."""
    m, d = rows.shape
    gram = np.zeros((m, m), order="F")
    roots = np.sqrt(weights)
    for start in range(0, d, _BLOCK):
        part = slice(start, start + _BLOCK)
        block = rows[:, part] * roots[part]
        gram = dsyrk(1.0, block.T, beta=1.0, c=gram, trans=1, lower=1, overwrite_c=1)
    return np.asarray(gram)


def coefficients(slopes: FloatArray, log_scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    """β = c sinh 2s and w = 2c cosh 2s, from log c."""
    size = np.abs(slopes)
    lead = np.exp(log_scale + 2.0 * size)
    return (
        np.asarray(np.copysign(-0.5 * lead * np.expm1(-4.0 * size), slopes)),
        np.asarray(lead * (1.0 + np.exp(-4.0 * size))),
    )


def solve_dual(
    system: DualSystem,
    start: tuple[FloatArray, FloatArray | None] | None,
    max_iterations: int,
    condition_floor: float,
) -> DualSolution:
    """Maximise the dual from a warm start (ν, log c it belongs to, if known) or from scratch.

    Raises
    ------
    IllConditionedError
        If the first scaled Hessian has reciprocal condition below `condition_floor`.
    """
    return _PathFollower(system, max_iterations, condition_floor).run(start)


class _PathFollower:
    """State of one solve: ν, s = Aᵀν and the position `time` on the path of scales."""

    def __init__(self, system: DualSystem, max_iterations: int, condition_floor: float) -> None:
        self.system = system
        self.max_iterations = max_iterations
        self.condition_floor = condition_floor
        self.target_norm = float(np.linalg.norm(system.targets))
        self.row_norms = np.linalg.norm(system.rows, axis=1)
        largest = _least_squares_scale(system)
        self.ceiling = max(
            math.log(largest) + _HEADROOM, float(system.log_scale.max()) + math.log(4.0)
        )
        self.first_log_scale = np.maximum(system.log_scale, math.log(largest))
        self.place(np.zeros(system.targets.size), self.first_log_scale)

    def place(self, dual: FloatArray, first_log_scale: FloatArray) -> None:
        self.dual = dual
        self.slopes = np.asarray(dual @ self.system.rows)
        self.first_log_scale = first_log_scale
        self.rate = self.system.log_scale - first_log_scale
        self.time = 0.0 if np.abs(self.rate).max() > 1e-12 else 1.0

    def log_scale(self, time: float) -> FloatArray:
        if time >= 1.0:
            return self.system.log_scale
        return np.asarray(self.first_log_scale + time * self.rate)

    def safe(self, slopes: FloatArray, time: float) -> bool:
        exponents = self.log_scale(time) + 2.0 * np.abs(slopes)
        return bool(np.all(exponents <= self.ceiling))  # also False for NaN

    def residual(self, dual: FloatArray, slopes: FloatArray, time: float) -> FloatArray:
        beta = coefficients(slopes, self.log_scale(time))[0]
        return np.asarray(self.system.targets - self.system.rows @ beta - self.system.ridge * dual)

    def warm(self, dual: FloatArray, log_scale: FloatArray | None) -> None:
        """Adopt a warm start if it fits the targets at its own, or at one common, scale."""
        slopes = np.asarray(dual @ self.system.rows)
        origin = self.system.log_scale if log_scale is None else log_scale
        peak = float((origin + 2.0 * np.abs(slopes)).max())
        if not math.isfinite(peak):
            return
        shift = 0.0
        without_ridge = self.system.targets - self.system.ridge * dual
        if log_scale is None:
            image = self.system.rows @ coefficients(slopes, origin - peak)[0]
            overlap = float(image @ without_ridge)
            if not overlap > 0.0:
                return
            shift = math.log(overlap / float(image @ image)) - peak
            # A factor that close to one is the solver's tolerance, not another scale.
            shift = 0.0 if abs(shift) < 1e-3 else shift
        if peak + shift > self.ceiling:
            return
        image = self.system.rows @ coefficients(slopes, origin + shift)[0]
        if float(np.linalg.norm(without_ridge - image)) <= _TRUSTED * self.target_norm:
            self.place(dual, origin + shift)

    def run(self, start: tuple[FloatArray, FloatArray | None] | None) -> DualSolution:
        if start is not None:
            self.warm(*start)
        for iteration in range(1, self.max_iterations + 1):
            log_scale = self.log_scale(self.time)
            beta, weights = coefficients(self.slopes, log_scale)
            factor = HessianFactor(self.system, weights)
            if iteration == 1 and factor.reciprocal_condition < self.condition_floor:
                raise IllConditionedError
            residual = self.residual(self.dual, self.slopes, self.time)
            correction = factor.solve(residual)
            if self.time < 1.0:
                tangent = factor.solve(-(self.system.rows @ (self.rate * beta)))
                if not self.advance(correction, tangent):
                    self.line_search(correction)
            else:
                self.line_search(correction)
            settled = self.chord(factor) and self.time >= 1.0
            # The last corrections of β use the weights, which must be those of the solution.
            weights = coefficients(self.slopes, self.log_scale(self.time))[1]
            if settled and np.all(np.abs(weights - factor.weights) <= 0.1 * weights):
                break
        return DualSolution(self.dual, self.slopes, factor, iteration, settled)

    def advance(self, correction: FloatArray, tangent: FloatArray) -> bool:
        """Take the longest trusted step along correction + h·tangent; return whether it exists."""
        rows = self.system.rows
        slope_step, tangent_slopes = correction @ rows, tangent @ rows
        step = 1.0 - self.time
        while step > 1e-3 * (1.0 - self.time):
            time = 1.0 if step >= 1.0 - self.time else self.time + step
            slopes = self.slopes + slope_step + step * tangent_slopes
            if self.safe(slopes, time):
                dual = self.dual + correction + step * tangent
                residual_norm = float(np.linalg.norm(self.residual(dual, slopes, time)))
                if residual_norm <= _TRUSTED * self.target_norm:
                    self.dual, self.slopes, self.time = dual, slopes, time
                    return True
            step *= 0.7
        return False

    def line_search(self, direction: FloatArray) -> None:
        """Line search for the maximum of the concave dual along `direction`, at fixed scale."""
        system = self.system
        log_scale = self.log_scale(self.time)
        slope_step = direction @ system.rows

        def ascent(step: float) -> float:
            beta = coefficients(self.slopes + step * slope_step, log_scale)[0]
            target_residual = system.targets - system.ridge * (self.dual + step * direction)
            return float(target_residual @ direction - beta @ slope_step)

        step = 1.0
        while not self.safe(self.slopes + step * slope_step, self.time):
            step *= 0.5
            if step < 1e-300:
                return
        initial, final = ascent(0.0), ascent(step)
        # Near the solution the full step is right, and its slope is only rounding.
        if step < 1.0 or (final < 0.0 and abs(final) > 0.25 * abs(initial)):
            low, high = 0.0, step
            for _ in range(40):
                step = 0.5 * (low + high)
                here = ascent(step)
                if abs(here) <= 0.1 * abs(initial):
                    break
                low, high = (step, high) if here > 0.0 else (low, step)
        self.dual = self.dual + step * direction
        self.slopes = np.asarray(self.dual @ system.rows)

    def chord(self, factor: HessianFactor) -> bool:
        """Correct with an old factor while that contracts; return whether that was enough."""
        residual = self.residual(self.dual, self.slopes, self.time)
        before = math.inf
        for _ in range(12):
            size = float(np.abs(residual).max())
            delta = factor.solve(residual)
            slope_step = np.asarray(delta @ self.system.rows)
            move = float(np.abs(slope_step).max())
            if self.solved(size) and (move <= 1e-12 or move > 0.25 * before):
                return True
            slopes = self.slopes + slope_step
            if move > min(0.5, 0.5 * before) or not self.safe(slopes, self.time):
                return False
            dual = self.dual + delta
            trial = self.residual(dual, slopes, self.time)
            if not float(np.abs(trial).max()) < max(size, self.rounding()):
                return False
            self.dual, self.slopes, residual, before = dual, slopes, trial, move
        return self.solved(float(np.abs(residual).max()))

    def rounding(self) -> float:
        """Estimate the rounding error of the residual at the present point."""
        beta = coefficients(self.slopes, self.log_scale(self.time))[0]
        product_bound = self.row_norms * float(np.linalg.norm(beta))
        ridge_term = self.system.ridge * np.abs(self.dual)
        return 16.0 * _EPS * float((np.abs(self.system.targets) + product_bound + ridge_term).max())

    def solved(self, size: float) -> bool:
        return size <= max(self.rounding(), 1e-13 * float(np.abs(self.system.targets).max()))


def _least_squares_scale(system: DualSystem) -> float:
    """Largest coefficient of the best point along Aᵀt, to an order of magnitude."""
    unit = np.where(system.rows.any(axis=1), np.linalg.norm(system.rows, axis=1), 1.0)
    direction = (system.targets / unit**2) @ system.rows
    image = system.rows @ direction / unit
    energy = float(image @ image)
    if energy == 0.0:
        return 1.0
    step = float(image @ (system.targets / unit)) / energy
    return max(float(np.abs(step * direction).max()), 1e-290)


def _one_norm_lower(matrix: FloatArray) -> float:
    """1-norm of a symmetric matrix given by its lower triangle."""
    lower = np.abs(np.tril(matrix))
    return float((lower.sum(axis=0) + lower.sum(axis=1) - lower.diagonal()).max())
