r"""Solution of the replica equations on a grid of data scales (Proposition 4.2, Appendix E.2).

Newton's method in (log τ, log θ²) solves all data scales at once: with the quadrature at twice its
step until the state is right to five or six digits, then with the checked quadrature. A long grid
starts from cubics through the solutions on a coarse grid. Where Newton's method has not converged,
the solution is bracketed: at given θ the first equation decreases in log τ, so that τ(θ) is unique;
along it,

    g(log θ²) = log((σ² + p/α)/θ²)

is positive for small and negative for large θ. Its root is unique, because the problem is strictly
convex; `count_fixed_points` counts the sign changes of g on a scan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from numerics.replica.equations import Equations, FixedPointProblem, alpha_slopes, evaluate
from numerics.validation import FloatArray

_EPS = float(np.finfo(np.float64).eps)
_COARSE_STEPS = 30
_FIRST_BOUND = 4.0
_FINE_STEPS = 12
_LARGEST_STEP = 4.0
# The error after a Newton step is about the square of the step: a step below these is the last. The
# coarse quadrature resolves 1e-7.
_COARSE_DONE = 2.5e-3
_COARSE_GRID_DONE = 5e-2
_FINE_DONE = 4e-7
_CORRECTION_DONE = 2e-13
CORRECTIONS = 3
_BRACKET_STEPS = 120
# Grids of at least `_LONG_GRID` points start from the solutions on a coarse grid inside them.
_LONG_GRID = 32
_COARSE_GRID = 12
_FEWEST_KNOTS = 4
# Where exp(log τ), exp(log θ²/2) and their ratio are normal numbers.
_LOG_RANGE = (-1340.0, 600.0)
_LOG_RATIO = 600.0


@dataclass(frozen=True)
class FixedPoints:
    """Solutions at A data scales.

    Attributes
    ----------
    state
        (log τ, log θ²), shape (2, A).
    equations
        Both equations at `state`, with the moments' details.
    iterations
        Evaluations of the equations, shape (A,).
    remaining
        Size of the next Newton step, shape (A,): about the relative error of τ and θ².
    converged
        Whether the state solves the equations to within rounding, shape (A,).
    """

    state: FloatArray
    equations: Equations
    iterations: NDArray[np.int64]
    remaining: FloatArray
    converged: NDArray[np.bool_]


def solve_fixed_points(
    problem: FixedPointProblem, *, start: FloatArray | None = None
) -> FixedPoints:
    """Solve the equations at all data scales.

    `start` is (log τ, log θ²), shape (2, A); None starts from the error of the null estimate.
    """
    return finished(problem, *solve_states(problem, start=start))


def solve_states(
    problem: FixedPointProblem,
    *,
    start: FloatArray | None = None,
    coarse_done: float = _COARSE_DONE,
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return states (log τ, log θ²), (2, A), that solve the equations, and evaluations, (A,).

    Newton's method leaves the coarse quadrature after a step below `coarse_done`. States that were
    not solved are among them: it is for the last evaluation to tell.
    """
    state = default_start(problem) if start is None else np.array(start, dtype=np.float64)
    iterations = np.zeros(problem.alpha.size, dtype=np.int64)
    if start is None and problem.alpha.size >= _LONG_GRID:
        _start_from_coarse_grid(problem, state)
    converged = _newton(problem, state, iterations, coarse_done)
    lost = np.flatnonzero(~converged)
    if lost.size:
        state[:, lost], evaluations = bracketed_root(problem.select(lost))
        iterations[lost] += evaluations
    _polish(problem, state, iterations)
    return state, iterations


def _start_from_coarse_grid(problem: FixedPointProblem, state: FloatArray) -> None:
    """Set `state` to cubics through the solutions on a coarse grid, with their slopes in log α."""
    order = np.argsort(problem.alpha, kind="stable")
    log_alpha = np.log(problem.alpha[order])
    # Half of the coarse grid is spread evenly over the points, half over log α.
    width = max(log_alpha[-1] - log_alpha[0], _EPS)
    place = np.linspace(0.0, width, log_alpha.size) + (log_alpha - log_alpha[0])
    marks = np.searchsorted(place, np.linspace(0.0, place[-1], _COARSE_GRID))
    knots = marks[np.append(log_alpha[marks[1:]] > log_alpha[marks[:-1]], True)]
    coarse = problem.select(order[knots])
    coarse_state, slope = state[:, order[knots]], np.zeros((2, knots.size))
    evaluations = np.zeros(knots.size, np.int64)
    good = np.flatnonzero(_newton(coarse, coarse_state, evaluations, _COARSE_GRID_DONE, slope))
    if good.size >= _FEWEST_KNOTS:
        inside = slice(knots[good[0]], knots[good[-1]] + 1)
        state[:, order[inside]] = _hermite_cubics(
            log_alpha[knots[good]],
            coarse_state[:, good],
            slope[:, good] * coarse.alpha[good],
            log_alpha[inside],
        )


def _hermite_cubics(x: FloatArray, y: FloatArray, slope: FloatArray, at: FloatArray) -> FloatArray:
    """Interpolate curves through y (K, N) at increasing x (N,) with given slopes, by cubics."""
    left = np.clip(np.searchsorted(x, at, side="right") - 1, 0, x.size - 2)
    width = x[left + 1] - x[left]
    s = (at - x[left]) / width
    secant = (y[:, left + 1] - y[:, left]) / width
    start, end = slope[:, left] - secant, slope[:, left + 1] - secant
    return np.asarray(
        y[:, left] + (at - x[left]) * (secant + (1.0 - s) * (start * (1.0 - s) - end * s))
    )


def default_start(problem: FixedPointProblem) -> FloatArray:
    """Return a state to start from: the error is E[β*²], and the threshold of the order of θ."""
    null_error = problem.groups.second_moment
    log_theta_squared = np.log(problem.noise_variance + null_error / problem.alpha)
    log_tau = _rough_log_tau(problem, log_theta_squared)
    return np.array([log_tau, log_theta_squared])


def _rough_log_tau(problem: FixedPointProblem, log_theta_squared: FloatArray) -> FloatArray:
    """Guess τ such that a share α of the coordinates at z ~ N(0, θ²) responds."""
    share = np.minimum(problem.alpha, 0.9)
    threshold = np.exp(0.5 * log_theta_squared) * -ndtri(0.5 * share)
    scale = problem.groups.scale[:, None]
    with np.errstate(divide="ignore", over="ignore"):
        u = np.arcsinh(threshold / scale)
        # A threshold is τu/2; where the penalty is quadratic, C/(C + τ/2) = α.
        sparse_tau = np.where(np.isfinite(u) & (u > 0), 2.0 * threshold / u, threshold)
        quadratic_tau = 2.0 * scale * (1.0 - share) / share
    guess = np.dot(problem.groups.probability, np.log(np.maximum(sparse_tau, quadratic_tau)))
    if problem.ridge:
        guess = np.maximum(guess, np.log(problem.ridge))
    return np.asarray(guess)


def _newton(
    problem: FixedPointProblem,
    state: FloatArray,
    iterations: NDArray[np.int64],
    done: float = _COARSE_DONE,
    alpha_slope: FloatArray | None = None,
) -> NDArray[np.bool_]:
    """Update `state` by Newton's method with the coarse quadrature; return which have converged.

    Where g is flat (errors fall by orders of magnitude while p/θ² hardly changes), only its sign is
    used: the step in log θ² then has the length of a bound, which grows while the sign stays. A
    step below `done` is the last. `alpha_slope`, shape (2, A), receives the derivative of the state
    in α, at the state before the last step.
    """
    count = problem.alpha.size
    converged = np.zeros(count, dtype=np.bool_)
    bound = np.full(count, _FIRST_BOUND)
    direction = np.zeros(count)
    active = np.flatnonzero(_inside(state))
    for _ in range(_COARSE_STEPS):
        if not active.size:
            break
        part, before = problem.select(active), state[:, active]
        found = evaluate(part, before, coarse=True)
        iterations[active] += 1
        if alpha_slope is not None:
            alpha_slope[:, active] = found.implicit_derivative(alpha_slopes(part, before, found))
        step, bounded = _bounded_step(found, bound[active])
        finite = np.isfinite(step).all(axis=0)
        sign = np.sign(step[1])
        same = sign == direction[active]
        bound[active] *= np.where(same, np.where(bounded, 1.6, 1.0), 0.6)
        direction[active] = sign
        state[:, active] = before + np.where(finite, step, 0.0)
        small = ~bounded & (np.abs(step).max(axis=0) < done)
        converged[active] = finite & small
        active = active[finite & ~small & _inside(state[:, active])]
    return converged


@np.errstate(all="ignore")
def _bounded_step(found: Equations, bound: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return Newton's step, bounded in log θ², and where the bound is active."""
    (a, b), (c, d) = found.jacobian
    value = found.f[1] - c * found.f[0] / a
    slope = d - c * b / a
    step_y = np.where(slope < 0.0, -value / slope, np.inf * np.sign(value))
    bounded = np.abs(step_y) > bound
    step_y = np.where(bounded, np.sign(value) * bound, step_y)
    step_x = -(found.f[0] + b * step_y) / a
    widest = 2.0 * np.maximum(bound, _FIRST_BOUND)
    return np.array([np.minimum(np.maximum(step_x, -widest), widest), step_y]), bounded


def _inside(state: FloatArray) -> NDArray[np.bool_]:
    low, high = _LOG_RANGE
    return np.asarray(
        (state > low).all(axis=0)
        & (state < high).all(axis=0)
        & (np.abs(state[0] - 0.5 * state[1]) < _LOG_RATIO)
    )


def _polish(problem: FixedPointProblem, state: FloatArray, iterations: NDArray[np.int64]) -> None:
    """Update `state` with the checked quadrature, until the step is of the size of rounding."""
    active = np.arange(problem.alpha.size)
    for _ in range(_FINE_STEPS):
        found = evaluate(problem.select(active), state[:, active])
        iterations[active] += 1
        step = found.newton_step()
        size = np.abs(step).max(axis=0)
        good = np.isfinite(size)
        with np.errstate(invalid="ignore", divide="ignore"):
            limited = step * np.minimum(1.0, _LARGEST_STEP / size)
        state[:, active] += np.where(good, limited, 0.0)
        last = size < _FINE_DONE
        if last.all():
            break
        last |= size <= _rounding(found)
        active = active[~last & good & _inside(state[:, active])]
        if not active.size:
            break


def finished(
    problem: FixedPointProblem,
    state: FloatArray,
    iterations: NDArray[np.int64],
    corrections: int = CORRECTIONS,
) -> FixedPoints:
    """Evaluate the equations in detail, and correct `state` until there is nothing to correct.

    They are evaluated at most `corrections` times.
    """
    for correction in range(corrections):
        final = evaluate(problem, state, detailed=True)
        iterations += 1
        step = final.newton_step()
        size = np.abs(step).max(axis=0)
        rounding = _rounding(final)
        unfinished = (size > np.maximum(_CORRECTION_DONE, rounding)) & (size < _FINE_DONE)
        if not unfinished.any() or correction == corrections - 1:
            break
        state[:, unfinished] += step[:, unfinished]
    remaining = np.where(np.isfinite(size), size, np.inf)
    return FixedPoints(
        state, final, iterations, remaining, remaining <= np.maximum(1e-12, rounding)
    )


def _rounding(found: Equations) -> FloatArray:
    """Largest Newton step that rounding and quadrature errors of f explain."""
    error = found.propagated_error(found.absolute_error).max(axis=0)
    return np.where(np.isfinite(error), 4.0 * error, 0.0)


_Function = Callable[[FloatArray, NDArray[np.intp]], tuple[FloatArray, FloatArray]]


def decreasing_root(
    function: _Function, start: FloatArray, low: FloatArray, high: FloatArray, tolerance: float
) -> FloatArray:
    """Return roots of functions that are positive on the left and negative on the right.

    Newton's steps where they stay inside the bracket found so far and shrink it; steps of doubling
    length while there is no bracket; bisection otherwise.

    Parameters
    ----------
    function
        Takes points and the indices of the functions; returns values and derivatives.
    start, low, high
        Shape (A,). `low` and `high` bound the search.
    tolerance
        Bound on the last step.
    """
    x = np.clip(start, low, high)
    left, right = low.copy(), high.copy()
    length = np.full(x.size, 2.0)
    previous = np.full(x.size, np.inf)
    active = np.arange(x.size)
    for _ in range(_BRACKET_STEPS):
        here = x[active]
        value, slope = function(here, active)
        left[active] = np.where(value > 0.0, here, left[active])
        right[active] = np.where(value > 0.0, right[active], here)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = -value / slope
        middle = 0.5 * (left[active] + right[active])
        outward = np.where(value > 0.0, here + length[active], here - length[active])
        # A bracket end that is still a bound of the search has never been evaluated.
        open_side = np.where(
            value > 0.0, right[active] == high[active], left[active] == low[active]
        )
        trusted = (slope < 0.0) & (np.abs(newton) <= length[active])
        trusted &= (here + newton > left[active]) & (here + newton < right[active])
        trusted &= open_side | (np.abs(newton) < 0.5 * previous[active])
        inside = (outward > left[active]) & (outward < right[active])
        target = np.where(trusted, here + newton, np.where(open_side & inside, outward, middle))
        length[active] *= np.where(open_side & ~trusted, 2.0, 1.0)
        previous[active] = np.abs(target - here)
        x[active] = target
        done = (np.abs(target - here) <= tolerance) | (value == 0.0)
        x[active] = np.where(value == 0.0, here, x[active])
        active = active[~done]
        if not active.size:
            break
    return x


def _log_tau_at(
    problem: FixedPointProblem, log_theta_squared: FloatArray, start: FloatArray, tolerance: float
) -> FloatArray:
    """Solve the first equation for log τ at given θ."""

    def first_equation(x: FloatArray, points: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        found = evaluate(
            problem.select(points), np.array([x, log_theta_squared[points]]), coarse=True
        )
        return found.f[0], found.jacobian[0, 0]

    half = 0.5 * log_theta_squared
    low = np.maximum(half - _LOG_RATIO, _LOG_RANGE[0])
    if problem.ridge:
        low = np.maximum(low, np.log(problem.ridge) - 1.0)
    return decreasing_root(first_equation, start, low, np.full(half.size, _LOG_RANGE[1]), tolerance)


def reduced(
    problem: FixedPointProblem, log_theta_squared: FloatArray, log_tau: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return g and its derivative at θ, and the log τ that solves the first equation there."""
    log_tau = _log_tau_at(problem, log_theta_squared, log_tau, 1e-7)
    found = evaluate(problem, np.array([log_tau, log_theta_squared]), coarse=True)
    (a, b), (c, d) = found.jacobian
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = d - c * b / a
        value = found.f[1] - c * found.f[0] / a
    return value, slope, log_tau


def bracketed_root(problem: FixedPointProblem) -> tuple[FloatArray, NDArray[np.int64]]:
    """Solve the equations by bracketing the root of g; return it and the number of evaluations."""
    start = default_start(problem)
    log_tau = start[0].copy()
    evaluations = np.zeros(log_tau.size, dtype=np.int64)

    def g(y: FloatArray, points: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        value, slope, log_tau[points] = reduced(problem.select(points), y, log_tau[points])
        evaluations[points] += 1
        return value, slope

    low = np.full(log_tau.size, _LOG_RANGE[0])
    if problem.noise_variance:
        low = np.maximum(low, np.log(problem.noise_variance) - 1.0)
    high = np.full(log_tau.size, _LOG_RANGE[1])
    log_theta_squared = decreasing_root(g, start[1], low, high, 1e-6)
    log_tau = _log_tau_at(problem, log_theta_squared, log_tau, 1e-7)
    return np.array([log_tau, log_theta_squared]), evaluations


def scan(problem: FixedPointProblem, log_theta_squared: FloatArray) -> FloatArray:
    """Return g at log θ² of shape (B, A), B values for every data scale: shape (B, A)."""
    log_tau = default_start(problem)[0]
    values = np.empty(log_theta_squared.shape)
    for position, y in enumerate(log_theta_squared):
        values[position], _, log_tau = reduced(problem, y, log_tau)
    return values
