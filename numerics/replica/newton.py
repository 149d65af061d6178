r"""Solution of the replica equations on a grid of data scales (Proposition 4.2, Appendix E.2).

Newton's method in (log τ, log θ²) for all data scales at once: with the quadrature at twice its
step until the state is right to five or six digits, then with the checked one. Long grids start
from cubics through the solutions at a few of their points. What has not arrived is bracketed: at
given θ the first equation falls in log τ, so that τ(θ) is unique; along it,

    g(log θ²) = log of noise implied by θ, over θ²

is positive for small and negative for large θ. Its root is unique, as that of a strictly convex
problem; `count_fixed_points` counts the sign changes of g on a scan.
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
_FIRST_LEAP = 4.0
_FINE_STEPS = 12
_LARGEST_STEP = 4.0
# A step below these leaves about its square; the coarse quadrature resolves 1e-7.
_COARSE_DONE = 2.5e-3
_LED = 5e-2
_FINE_DONE = 4e-7
_SETTLED = 2e-13
_CORRECTIONS = 3
_BRACKET_STEPS = 120
# Grids at least this long are led in by a shorter one.
_LONG_GRID = 32
_LEADERS = 12
_FEWEST_LEADERS = 4
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
        Size of the Newton step that would come next, shape (A,): about the relative error of τ
        and θ² that is left.
    converged
        Whether the state solves the equations as far as rounding lets one tell, shape (A,).
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
    state = default_start(problem) if start is None else np.array(start, dtype=np.float64)
    iterations = np.zeros(problem.alpha.size, dtype=np.int64)
    if start is None and problem.alpha.size >= _LONG_GRID:
        _lead_in(problem, state)
    arrived = _newton(problem, state, iterations)
    lost = np.flatnonzero(~arrived)
    if lost.size:
        part = problem.select(lost)
        state[:, lost], used = bracketed_root(part)
        iterations[lost] += used
    return _polished(problem, state, iterations)


def _lead_in(problem: FixedPointProblem, state: FloatArray) -> None:
    """Start a long grid from a short one inside it: cubics with its solutions and their slopes."""
    order = np.argsort(problem.alpha, kind="stable")
    known = np.log(problem.alpha[order])
    # As many in each part of the grid as in each part of log α.
    place = np.linspace(0.0, max(known[-1] - known[0], _EPS), known.size) + (known - known[0])
    marks = np.searchsorted(place, np.linspace(0.0, place[-1], _LEADERS))
    leaders = marks[np.append(known[marks[1:]] > known[marks[:-1]], True)]
    part = problem.select(order[leaders])
    short, slope = state[:, order[leaders]], np.zeros((2, leaders.size))
    arrived = _newton(part, short, np.zeros(leaders.size, np.int64), _LED, slope)
    ends = np.flatnonzero(arrived)
    if ends.size >= _FEWEST_LEADERS:
        inside = order[leaders[ends[0]] : leaders[ends[-1]] + 1]
        state[:, inside] = _cubics(
            known[leaders[ends]],
            short[:, ends],
            slope[:, ends] * part.alpha[ends],
            known[leaders[ends[0]] : leaders[ends[-1]] + 1],
        )


def _cubics(x: FloatArray, y: FloatArray, slope: FloatArray, at: FloatArray) -> FloatArray:
    """Interpolate curves through y (K, N) at increasing x (N,) with given slopes, by cubics."""
    left = np.clip(np.searchsorted(x, at, side="right") - 1, 0, x.size - 2)
    width = x[left + 1] - x[left]
    s = (at - x[left]) / width
    rise = (y[:, left + 1] - y[:, left]) / width
    start, end = slope[:, left] - rise, slope[:, left + 1] - rise
    return np.asarray(
        y[:, left] + (at - x[left]) * (rise + (1.0 - s) * (start * (1.0 - s) - end * s))
    )


def default_start(problem: FixedPointProblem) -> FloatArray:
    """Return a state to start from: the error is E[β*²], and the threshold of the order of θ."""
    size = problem.groups.second_moment
    log_theta_squared = np.log(problem.noise_variance + size / problem.alpha)
    log_tau = _rough_log_tau(problem, log_theta_squared)
    return np.array([log_tau, log_theta_squared])


def _rough_log_tau(problem: FixedPointProblem, log_theta_squared: FloatArray) -> FloatArray:
    """Guess τ such that a share α of the coordinates at z ~ N(0, θ²) responds."""
    few = np.minimum(problem.alpha, 0.9)
    threshold = np.exp(0.5 * log_theta_squared) * -ndtri(0.5 * few)
    scale = problem.groups.scale[:, None]
    with np.errstate(divide="ignore", over="ignore"):
        pull = np.arcsinh(threshold / scale)
        # A threshold is t u; where the penalty is quadratic, C/(C + t) = α.
        soft = np.where(np.isfinite(pull) & (pull > 0), 2.0 * threshold / pull, threshold)
        lazy = 2.0 * scale * (1.0 - few) / few
    guess = np.dot(problem.groups.probability, np.log(np.maximum(soft, lazy)))
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
    """Newton's method with the coarse quadrature, updating `state`; return who has arrived.

    Where g is flat (errors fall by orders of magnitude at nearly no change of p/θ²), its sign
    still tells the direction: steps in log θ² are then leaps, which grow while the sign stays.
    Steps below `done` are the last. `alpha_slope`, shape (2, A), receives the state's derivative
    in α where that step began.
    """
    count = problem.alpha.size
    arrived = np.zeros(count, dtype=np.bool_)
    leap = np.full(count, _FIRST_LEAP)
    direction = np.zeros(count)
    active = np.flatnonzero(_inside(state))
    for _ in range(_COARSE_STEPS):
        if not active.size:
            break
        part, here = problem.select(active), state[:, active]
        found = evaluate(part, here, coarse=True)
        iterations[active] += 1
        if alpha_slope is not None:
            alpha_slope[:, active] = found.carried(alpha_slopes(part, here, found))
        bound = leap[active]
        step, far = _leap(found, bound)
        sane = np.isfinite(step).all(axis=0)
        sign = np.sign(step[1])
        same = sign == direction[active]
        leap[active] = bound * np.where(same, np.where(far, 1.6, 1.0), 0.6)
        direction[active] = sign
        state[:, active] = here + np.where(sane, step, 0.0)
        small = ~far & (np.abs(step).max(axis=0) < done)
        arrived[active] = sane & small
        active = active[sane & ~small & _inside(state[:, active])]
    return arrived


@np.errstate(all="ignore")
def _leap(found: Equations, bound: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return Newton's step, bounded in log θ², and where the bound holds it."""
    (a, b), (c, d) = found.jacobian
    value = found.f[1] - c * found.f[0] / a
    slope = d - c * b / a
    step_y = np.where(slope < 0.0, -value / slope, np.inf * np.sign(value))
    far = np.abs(step_y) > bound
    step_y = np.where(far, np.sign(value) * bound, step_y)
    step_x = -(found.f[0] + b * step_y) / a
    widest = 2.0 * np.maximum(bound, _FIRST_LEAP)
    return np.array([np.minimum(np.maximum(step_x, -widest), widest), step_y]), far


def _inside(state: FloatArray) -> NDArray[np.bool_]:
    low, high = _LOG_RANGE
    return np.asarray(
        (state > low).all(axis=0)
        & (state < high).all(axis=0)
        & (np.abs(state[0] - 0.5 * state[1]) < _LOG_RATIO)
    )


def _polished(
    problem: FixedPointProblem, state: FloatArray, iterations: NDArray[np.int64]
) -> FixedPoints:
    """Newton's method with the checked quadrature, until the step is lost in rounding."""
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
    for correction in range(_CORRECTIONS):
        final = evaluate(problem, state, detailed=True)
        iterations += 1
        step = final.newton_step()
        size = np.abs(step).max(axis=0)
        rounding = _rounding(final)
        late = (size > np.maximum(_SETTLED, rounding)) & (size < _FINE_DONE)
        if not late.any() or correction == _CORRECTIONS - 1:
            break
        state[:, late] += step[:, late]
    remaining = np.where(np.isfinite(size), size, np.inf)
    return FixedPoints(
        state, final, iterations, remaining, remaining <= np.maximum(1e-12, rounding)
    )


def _rounding(found: Equations) -> FloatArray:
    """Largest Newton step that rounding and quadrature errors of f explain."""
    doubt = found.amplified(found.doubt).max(axis=0)
    return np.where(np.isfinite(doubt), 4.0 * doubt, 0.0)


_Function = Callable[[FloatArray, NDArray[np.intp]], tuple[FloatArray, FloatArray]]


def falling_root(
    function: _Function, start: FloatArray, low: FloatArray, high: FloatArray, tolerance: float
) -> FloatArray:
    """Return roots of functions that are positive on the left and negative on the right.

    Newton's steps where they stay inside the bracket found so far and shrink it, doubling leaps
    while there is none, bisection otherwise.

    Parameters
    ----------
    function
        Takes points and the indices of the functions; returns values and derivatives.
    start, low, high
        Shape (A,). `low` and `high` bound the search.
    tolerance
        On the last step.
    """
    x = np.clip(start, low, high)
    left, right = low.copy(), high.copy()
    leap = np.full(x.size, 2.0)
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
        leaping = np.where(value > 0.0, here + leap[active], here - leap[active])
        # A bracket end that is still a bound of the search has never been evaluated.
        open_side = np.where(
            value > 0.0, right[active] == high[active], left[active] == low[active]
        )
        trusted = (slope < 0.0) & (np.abs(newton) <= leap[active])
        trusted &= (here + newton > left[active]) & (here + newton < right[active])
        trusted &= open_side | (np.abs(newton) < 0.5 * previous[active])
        inside = (leaping > left[active]) & (leaping < right[active])
        target = np.where(trusted, here + newton, np.where(open_side & inside, leaping, middle))
        leap[active] = np.where(open_side & ~trusted, 2.0 * leap[active], leap[active])
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

    def first(x: FloatArray, points: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        found = evaluate(
            problem.select(points), np.array([x, log_theta_squared[points]]), coarse=True
        )
        return found.f[0], found.jacobian[0, 0]

    half = 0.5 * log_theta_squared
    low = np.maximum(half - _LOG_RATIO, _LOG_RANGE[0])
    if problem.ridge:
        low = np.maximum(low, np.log(problem.ridge) - 1.0)
    return falling_root(first, start, low, np.full(half.size, _LOG_RANGE[1]), tolerance)


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
    """Solve the equations by bracketing log θ², with τ(θ) inside; also count the evaluations."""
    start = default_start(problem)
    log_tau = start[0].copy()
    used = np.zeros(log_tau.size, dtype=np.int64)

    def along(y: FloatArray, points: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        value, slope, log_tau[points] = reduced(problem.select(points), y, log_tau[points])
        used[points] += 1
        return value, slope

    low = np.full(log_tau.size, _LOG_RANGE[0])
    if problem.noise_variance:
        low = np.maximum(low, np.log(problem.noise_variance) - 1.0)
    high = np.full(log_tau.size, _LOG_RANGE[1])
    log_theta_squared = falling_root(along, start[1], low, high, 1e-6)
    log_tau = _log_tau_at(problem, log_theta_squared, log_tau, 1e-7)
    return np.array([log_tau, log_theta_squared]), used


def scan(problem: FixedPointProblem, log_theta_squared: FloatArray) -> FloatArray:
    """Return g at log θ² of shape (B, A), B values for every data scale: shape (B, A)."""
    log_tau = default_start(problem)[0]
    values = np.empty(log_theta_squared.shape)
    for position, y in enumerate(log_theta_squared):
        values[position], _, log_tau = reduced(problem, y, log_tau)
    return values
