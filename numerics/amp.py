r"""Approximate message passing for the minimum-penalty problem (Theorem 4.1, Appendix C).

For X (n, d) with independent entries of mean 0 and variance 1/n, α = n/d, and the denoiser
η(z; τ) = argmin_x (x − z)²/(2τ) + q(x; c), iterate from β⁰ = 0, r⁰ = y

    zᵗ = βᵗ + Xᵀrᵗ        βᵗ⁺¹ = η(zᵗ; τₜ)        rᵗ⁺¹ = y − Xβᵗ⁺¹ + (1/α)⟨η′(zᵗ; τₜ)⟩ rᵗ.

Onsager's term: changing the (a, i) entry of X moves zᵢ by X_ai r_a and with it the product
(Xβ)_a by Σᵢ X_ai² η′(zᵢ) r_a = (1/n)·Σᵢ η′(zᵢ) r_a, as X_ai² has mean 1/n; with Σᵢ = d⟨·⟩ the
coefficient is (d/n)⟨η′⟩ = ⟨η′⟩/α. With this term, zᵗ = β* + noise of variance ‖rᵗ‖²/n, which
`numerics.state_evolution` predicts.

The strength is chosen anew in each step, as the root of

    ⟨η′(zᵗ; τ)⟩ = α(1 − ϱ/τ),

which is unique: the left side decreases in τ and the right side does not. At a fixed point then
y − Xβ = (1 − ⟨η′⟩/α) r = (ϱ/τ) r, and z = β + τ q′(β) says Xᵀr = τ q′(β): with ν = r/τ

    y − Xβ = ϱν,     Xᵀν = q′(β),

the optimality conditions of min (1/2ϱ)‖y − Xβ‖² + Σ q, and at ϱ = 0 of min Σ q subject to Xβ = y.
A fixed point is a minimiser for any X, but convergence to it is expected only for X as above. The
violation of these two conditions measures the result.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.penalty import solve_proximal
from numerics.penalty_problem import checked_data
from numerics.validation import FloatArray, finite_array, finite_scalar, integer_at_least, require

#: Growth of ‖r‖ over ‖y‖ that counts as divergence.
DIVERGENCE_FACTOR = 1e6
_RESPONSE_TOLERANCE = 1e-14  # of ⟨η′⟩ − α(1 − ϱ/τ)
_STRENGTH_LIMIT = 200  # evaluations of the denoiser per step; bisection alone needs fewer
_FIRST_BRACKET = 4.0  # in log τ; doubled until it holds the root
_LARGEST_LOG = 690.0


class AmpStatus(enum.Enum):
    """How the iteration ended; `advice` says what to do about it."""

    CONVERGED = "converged"
    ITERATION_LIMIT = "iteration limit"
    DIVERGED = "diverged"

    @property
    def advice(self) -> str:
        """One sentence of advice."""
        return _ADVICE[self]


_ADVICE = {
    AmpStatus.CONVERGED: "Both optimality conditions hold to the tolerance; nothing to do.",
    AmpStatus.ITERATION_LIMIT: (
        "If infeasibility still falls, raise iterations; if it does not, the iterates circle the "
        "minimiser, which happens where d is small: use damping."
    ),
    AmpStatus.DIVERGED: (
        "Give X independent entries of variance 1/n (mean squared column norm 1), or use damping; "
        "minimum_penalty solves the problem for any X."
    ),
}


@dataclass(frozen=True)
class AmpResult:
    """Outcome of T iterations.

    Attributes
    ----------
    beta
        The last denoised estimate η(zᵀ⁻¹), shape (d,).
    dual
        Multipliers ν = r/τ of the step that gave `beta`, shape (n,).
    theta
        ‖rᵗ‖/√n, the estimate of the effective noise θₜ at t = 0..T, shape (T + 1,).
    tau
        Strengths τₜ, shape (T,).
    response
        ⟨η′(zᵗ; τₜ)⟩, shape (T,).
    infeasibility
        max|y − Xβ − ϱν| relative to max|y| after each iteration, shape (T,).
    step
        max|β − βᵗ| relative to max|β|, that is τ·max|q′(β) − Xᵀν| relative to max|β|, shape (T,).
    mse
        ‖βᵗ − β*‖²/d at t = 0..T, shape (T + 1,); None where no truth was given.
    status
        How the iteration ended, with `status.advice`.
    """

    beta: FloatArray
    dual: FloatArray
    theta: FloatArray
    tau: FloatArray
    response: FloatArray
    infeasibility: FloatArray
    step: FloatArray
    mse: FloatArray | None
    status: AmpStatus

    @property
    def iterations(self) -> int:
        """Number T of iterations made."""
        return self.tau.size

    @property
    def converged(self) -> bool:
        """Whether both optimality conditions hold to the tolerance."""
        return self.status is AmpStatus.CONVERGED


@np.errstate(over="ignore", invalid="ignore")  # divergence is detected from the values
def amp(
    X: ArrayLike,
    y: ArrayLike,
    scale: ArrayLike,
    *,
    ridge: float = 0.0,
    tau: ArrayLike | None = None,
    damping: float = 0.0,
    onsager: float = 1.0,
    iterations: int = 1000,
    tolerance: float = 1e-10,
    truth: ArrayLike | None = None,
) -> AmpResult:
    """Iterate approximate message passing towards the minimum-penalty solution.

    Parameters
    ----------
    X, y
        Design (n, d), entries of variance 1/n, and targets (n,).
    scale
        c_FT = √k/2 > 0, a scalar or (d,).
    ridge
        Strength ϱ ≥ 0; 0 interpolates, and then needs n < d.
    tau
        Strengths τₜ > 0 that replace the rule above, a scalar or one for each of the `iterations`;
        the iteration then ends early only where it diverges or no longer moves.
    damping
        Share in [0, 1) of the old β and r that each step keeps. State evolution holds for 0.
    onsager
        Factor on Onsager's term. 1 is the algorithm; other values are for comparison, and their
        fixed points are not minimisers.
    iterations
        Limit T ≥ 1 on the iterations.
    tolerance
        Relative tolerance of both optimality conditions (`infeasibility` and `step`); 0 makes all
        iterations.
    truth
        β*, shape (d,), for the history of errors.

    Returns
    -------
    AmpResult
        The estimate, its histories and its status, which also reports divergence.

    Raises
    ------
    ValueError
        If an argument breaks a requirement.

    Source: Theorem 4.1; Appendix C. The scheme is that of Donoho, Maleki & Montanari (2009).
    """
    problem = _checked_problem(X, y, scale, ridge, tau, iterations)
    n, d = problem.X.shape
    keep = finite_scalar("damping", damping)
    require(0.0 <= keep < 1.0, "damping must lie in [0, 1)", "damping", keep)
    memory = finite_scalar("onsager", onsager)
    limit = finite_scalar("tolerance", tolerance)
    require(limit >= 0.0, "tolerance must satisfy >= 0", "tolerance", limit)
    target = None if truth is None else finite_array("truth", truth, ndim=1)
    if target is not None and target.shape != (d,):
        raise ValueError(f"truth must have shape ({d},), got shape {target.shape}")
    history = _History(target, problem)
    beta, fitted, r = np.zeros(d), np.zeros(n), problem.y.copy()
    estimate, dual = beta, np.zeros(n)
    history.record_state(beta, r)
    if not problem.y.any():  # β = 0, ν = 0 solves the problem; no strength is defined
        return history.result(beta, dual, AmpStatus.CONVERGED)
    status = AmpStatus.ITERATION_LIMIT
    strength = math.exp(_first_guess(problem))
    for t in range(iterations):
        z = beta + r @ problem.X
        if not np.isfinite(z).all():
            status = AmpStatus.DIVERGED
            break
        strength, estimate, response = _denoise(problem, z, t, strength)
        dual = r / strength
        product = problem.X @ estimate
        infeasibility, step = history.record_step(strength, response, estimate, beta, product, dual)
        beta = keep * beta + (1.0 - keep) * estimate
        fitted = keep * fitted + (1.0 - keep) * product
        onsager_term = memory * response * (d / n)
        r = (1.0 - keep) * (problem.y - fitted + onsager_term * r) + keep * r
        history.record_state(beta, r)
        if not float(np.abs(r).max()) <= DIVERGENCE_FACTOR * problem.target:
            status = AmpStatus.DIVERGED
            break
        if limit > 0.0 and infeasibility <= limit and step <= limit:
            status = AmpStatus.CONVERGED
            break
    return history.result(estimate, dual, status)


@dataclass(frozen=True)
class _Problem:
    X: FloatArray
    y: FloatArray
    scale: FloatArray
    ridge: float
    schedule: FloatArray | None

    @property
    def alpha(self) -> float:
        return float(self.X.shape[0] / self.X.shape[1])

    @property
    def target(self) -> float:
        return float(np.abs(self.y).max())


class _History:
    """Histories of the iteration, and the two measures of optimality."""

    def __init__(self, truth: FloatArray | None, problem: _Problem) -> None:
        self.truth = truth
        self.problem = problem
        self.theta: list[float] = []
        self.mse: list[float] = []
        self.rows: list[tuple[float, float, float, float]] = []

    def record_state(self, beta: FloatArray, r: FloatArray) -> None:
        self.theta.append(_norm(r) / math.sqrt(r.size))
        if self.truth is not None:
            self.mse.append(float(np.mean((beta - self.truth) ** 2)))

    def record_step(
        self,
        strength: float,
        response: float,
        estimate: FloatArray,
        before: FloatArray,
        product: FloatArray,
        dual: FloatArray,
    ) -> tuple[float, float]:
        violation = self.problem.y - product - self.problem.ridge * dual
        infeasibility = float(np.abs(violation).max()) / self.problem.target
        size, change = float(np.abs(estimate).max()), float(np.abs(estimate - before).max())
        step = change / size if size > 0.0 else math.inf if change > 0.0 else 0.0
        self.rows.append((strength, response, infeasibility, step))
        return infeasibility, step

    def result(self, beta: FloatArray, dual: FloatArray, status: AmpStatus) -> AmpResult:
        tau, response, infeasibility, step = np.array(self.rows).reshape(-1, 4).T.copy()
        return AmpResult(
            beta=beta,
            dual=dual,
            theta=np.array(self.theta),
            tau=tau,
            response=response,
            infeasibility=infeasibility,
            step=step,
            mse=None if self.truth is None else np.array(self.mse),
            status=status,
        )


def _denoise(
    problem: _Problem, z: FloatArray, t: int, guess: float
) -> tuple[float, FloatArray, float]:
    """Return τₜ, η(z; τₜ) and ⟨η′⟩."""
    if problem.schedule is not None:
        strength = float(problem.schedule[t])
        solution = solve_proximal(z, strength, problem.scale)
        return strength, solution.value, float(solution.derivative.mean())
    return solve_strength(z, problem.scale, problem.alpha, problem.ridge, guess)


def solve_strength(
    z: FloatArray, scale: FloatArray, alpha: float, ridge: float, guess: float
) -> tuple[float, FloatArray, float]:
    """Solve ⟨η′(z; τ)⟩ = α(1 − ϱ/τ) for τ by Newton's method in log τ within a bracket.

    Parameters
    ----------
    z, scale
        Pseudo-data and penalty scales, shape (d,).
    alpha, ridge
        n/d and ϱ; α < 1 where ϱ = 0.
    guess
        A positive strength to start from.

    Returns
    -------
    tuple
        τ, η(z; τ) and ⟨η′(z; τ)⟩.

    Raises
    ------
    ArithmeticError
        If no strength within the range of float64 solves the equation.
    """
    low = math.log(ridge) if ridge > 0.0 else -math.inf  # τ < ϱ would need ⟨η′⟩ < 0
    high, reach = math.inf, _FIRST_BRACKET
    log_tau = max(math.log(guess), low)
    for _ in range(_STRENGTH_LIMIT):
        tau = math.exp(log_tau)
        solution = solve_proximal(z, tau, scale)
        response = float(solution.derivative.mean())
        excess = response - alpha * (1.0 - ridge / tau)  # decreases in log τ
        if abs(excess) <= _RESPONSE_TOLERANCE or high - low <= 4e-16 * (1.0 + abs(log_tau)):
            return tau, solution.value, response
        if excess > 0.0:
            low = log_tau
        else:
            high = log_tau
        slope = _response_slope(z, scale, solution.value, solution.derivative, tau)
        slope -= alpha * ridge / tau
        trial = log_tau - excess / slope if slope < 0.0 else math.nan
        if not max(low, log_tau - reach) < trial < min(high, log_tau + reach):
            trial = 0.5 * (low + high)  # infinite while one side is open
            if not math.isfinite(trial):
                trial = log_tau + math.copysign(reach, excess)
                reach *= 2.0
        if trial == log_tau:
            return tau, solution.value, response
        if abs(trial) > _LARGEST_LOG:
            break
        log_tau = trial
    raise ArithmeticError(
        f"no strength solves <eta'> = alpha (1 - ridge/tau) for alpha={alpha!r}, ridge={ridge!r}: "
        f"the last tau={math.exp(log_tau)!r} left {excess!r}"
    )


@np.errstate(all="ignore")
def _response_slope(
    z: FloatArray, scale: FloatArray, value: FloatArray, derivative: FloatArray, tau: float
) -> float:
    """Return ∂⟨η′⟩/∂log τ at fixed z; only Newton's speed depends on it.

    With R = √(c² + x²): −η′²·τq″·(1 + x(z − x)η′/R²), as q‴/q″ = −x/R² and τq′ = z − x.
    """
    radius = np.hypot(value, scale)
    curvature_factor = 1.0 + (value / radius) * ((z - value) * derivative / radius)
    # η′²·τq″ = η′(1 − η′), which keeps its digits where τq″ overflows.
    return -float(np.mean(derivative * (1.0 - derivative) * curvature_factor))


def _norm(vector: FloatArray) -> float:
    """‖vector‖, also where its squares leave the range of float64."""
    peak = float(np.abs(vector).max())
    return peak * float(np.linalg.norm(vector / peak)) if 0.0 < peak < math.inf else peak


def _first_guess(problem: _Problem) -> float:
    """Return log τ for which the mean curvature would fit if |β| were ‖y‖/√d."""
    size = _norm(problem.y) / math.sqrt(problem.X.shape[1])
    return math.log(max(float(np.median(problem.scale)), size, 1e-300))


def _checked_problem(
    X: ArrayLike,
    y: ArrayLike,
    scale: ArrayLike,
    ridge: float,
    tau: ArrayLike | None,
    iterations: int,
) -> _Problem:
    design, targets = checked_data(X, y)
    n, d = design.shape
    scales = finite_array("scale", scale)
    if scales.shape not in {(), (d,)}:
        raise ValueError(f"scale must be a scalar or have shape ({d},), got shape {scales.shape}")
    require(
        scales > 0.0,
        "scale must satisfy scale > 0 (minimum_penalty solves the limit 0)",
        "scale",
        scales,
    )
    strength = finite_scalar("ridge", ridge)
    require(strength >= 0.0, "ridge must satisfy ridge >= 0", "ridge", strength)
    if strength == 0.0 and n >= d:
        raise ValueError(
            f"n < d is required without ridge, got n={n}, d={d}: the equations alone determine beta"
        )
    integer_at_least("iterations", iterations, 1)
    schedule = None
    if tau is not None:
        values = finite_array("tau", tau)
        if values.shape not in {(), (iterations,)}:
            raise ValueError(
                f"tau must be a scalar or have shape ({iterations},), one for each iteration, "
                f"got shape {values.shape}"
            )
        require(values > 0.0, "tau must satisfy tau > 0", "tau", values)
        schedule = np.array(np.broadcast_to(values, (iterations,)))
    return _Problem(design, targets, np.array(np.broadcast_to(scales, (d,))), strength, schedule)
