r"""Gradient flow of the four weights of every coordinate, in both phases (Sections 3.1 and 3.2).

The loss is ½‖Xβ − y‖² with β = w₊v₊ − w₋v₋; pretraining starts at w± = w₀, v± = v₀, fine-tuning at
w± ← w₊ + w₋, v± ← γ. The flow is integrated directly, without its invariants, by SciPy's LSODA:
at small scales the weights first grow exponentially and the equations become stiff near the
optimum, where explicit methods need small steps (benchmarks/test_flow_bench.py).

`mirror_flow` is the same flow in dual coordinates: q′(βᵢ) = (Xᵀν)ᵢ with dν/dt = y − Xβ and
βᵢ = cᵢ sinh(2(Xᵀν)ᵢ), c = c_FT: n unknowns in place of 4d.

Stopped at a training error, the flow is what a trained network is, to first order in the learning
rate η: after m epochs of gradient descent, the flow at the time ηm. Training that looks at the
error every m epochs only stops at a multiple of ηm (`looks`). The error never rises, so that this
is the first multiple after the flow has passed the target. At a target such as 1e-4 a large flow
is not stiff yet, and steps are limited by stability rather than accuracy: the explicit method of
lowest order is then the fastest. At n = 2010, d = 5000 and 2.5·10⁻⁴, `method="RK23", rtol=1e-5,
atol=1e-7` takes 2600 evaluations where RK45 takes 3752 and DOP853 3845.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.optimize import OptimizeResult

from numerics.initialization import Initialization, LayerWeights
from numerics.penalty_problem import checked_data, checked_problem
from numerics.validation import FloatArray, finite_array, finite_scalar, require

Method = Literal["LSODA", "BDF", "Radau", "DOP853", "RK45", "RK23"]
"""SciPy's integrators; benchmarks/test_flow_bench.py measures them against each other."""
# Relative: a time this near to a multiple of the time between looks is one.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class FlowTrajectory:
    """A trajectory at T times.

    Attributes
    ----------
    times
        Shape (T,).
    beta
        Effective weights, shape (T, d).
    weights
        w₊, v₊, w₋, v₋, shape (4, T, d); None for the mirror form.
    conserved
        λ₊ = w₊² − v₊², λ₋ = w₋² − v₋², c = w₊w₋ + v₊v₋ along it, shape (3, T, d); None for the
        mirror form, where they hold by construction.
    training_error
        ‖Xβ − y‖²/n, shape (T,).
    converged
        Whether the training error fell to the target, and was looked at then.
    message
        How the integration ended.
    evaluations
        How often the velocity was evaluated, Jacobians by differences included.
    """

    times: FloatArray
    beta: FloatArray
    weights: FloatArray | None
    conserved: FloatArray | None
    training_error: FloatArray
    converged: bool
    message: str
    evaluations: int

    @property
    def end(self) -> LayerWeights:
        """Weights at the end; ValueError for the mirror form, which has none."""
        if self.weights is None:
            raise ValueError("the mirror form has no weights, only beta and multipliers")
        w_plus, v_plus, w_minus, v_minus = self.weights[:, -1]
        return LayerWeights(w_plus, v_plus, w_minus, v_minus)


def pretrain_flow(
    init: Initialization, X: ArrayLike, y: ArrayLike, **options: Any
) -> FlowTrajectory:
    """Follow the flow of pretraining from (c, λ); `options` as in `weight_flow`."""
    d = finite_array("X", X).shape[-1]
    hidden, output = init.initial_weights
    start = LayerWeights(*(np.full(d, value) for value in (hidden, output, hidden, output)))
    return weight_flow(start, X, y, **options)


def finetune_flow(
    pretrained: LayerWeights, init: Initialization, X: ArrayLike, y: ArrayLike, **options: Any
) -> FlowTrajectory:
    """Re-balance pretrained weights (eqs. 4-5) and follow the flow of fine-tuning."""
    hidden = np.asarray(pretrained.w_plus + pretrained.w_minus)
    readout = np.full(hidden.shape, init.gamma)
    return weight_flow(LayerWeights(hidden, readout, hidden, readout), X, y, **options)


def weight_flow(
    start: LayerWeights,
    X: ArrayLike,
    y: ArrayLike,
    *,
    target: float = 1e-20,
    looks: float | None = None,
    longest: float = 1e6,
    rtol: float = 1e-11,
    atol: float = 1e-13,
    method: Method = "LSODA",
) -> FlowTrajectory:
    """Integrate the flow of ½‖Xβ − y‖² from `start` until ‖Xβ − y‖²/n ≤ `target`.

    Parameters
    ----------
    start
        Weights, each of shape (d,).
    X, y
        Inputs (n, d) and outputs (n,).
    target
        Training error to stop at.
    looks
        Time between looks at the training error: the flow ends at a multiple of it. None looks at
        all times.
    longest
        The time after which to give up, at least `looks`: `converged` is then False.
    rtol, atol
        Local error control of the integrator.
    method
        Which of SciPy's integrators.

    Raises
    ------
    ValueError
        If an argument breaks a requirement, or the flow leaves float64.
    """
    design, targets = checked_data(X, y)
    goal, pause, limit = _checked_stop(target, looks, longest)
    flat = np.concatenate(
        [
            np.broadcast_to(w, design.shape[1])
            for w in (start.w_plus, start.v_plus, start.w_minus, start.v_minus)
        ]
    ).astype(np.float64)
    if not np.isfinite(flat).all():
        raise ValueError("start must be finite")

    def beta_of(state: FloatArray) -> FloatArray:
        w_plus, v_plus, w_minus, v_minus = np.split(state, 4)
        return np.asarray(w_plus * v_plus - w_minus * v_minus)

    def velocity(_: float, state: FloatArray) -> FloatArray:
        w_plus, v_plus, w_minus, v_minus = np.split(state, 4)
        force = -(design.T @ (design @ beta_of(state) - targets))
        return np.concatenate([v_plus * force, w_plus * force, -v_minus * force, -w_minus * force])

    solver = _Integrator(_checked(method), rtol, atol, pause, limit)
    found = solver.run(velocity, flat, beta_of, design, targets, goal)
    weights = np.moveaxis(found.y.reshape(4, design.shape[1], -1), 2, 1)
    w_plus, v_plus, w_minus, v_minus = weights
    beta = w_plus * v_plus - w_minus * v_minus
    conserved = np.array(
        [w_plus**2 - v_plus**2, w_minus**2 - v_minus**2, w_plus * w_minus + v_plus * v_minus]
    )
    errors = _training_error(beta, design, targets)
    return FlowTrajectory(
        found.t,
        beta,
        weights,
        conserved,
        errors,
        _reached(errors, goal),
        found.message,
        int(found.nfev),
    )


def mirror_flow(
    scale: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    *,
    target: float = 1e-20,
    looks: float | None = None,
    longest: float = 1e6,
    rtol: float = 1e-11,
    atol: float = 1e-13,
    method: Method = "LSODA",
) -> FlowTrajectory:
    """Integrate the flow in dual coordinates from β = 0; arguments as in `weight_flow`.

    `scale` is c_FT > 0, a scalar or (d,).

    Raises
    ------
    ValueError
        If an argument breaks a requirement, or the flow leaves float64.
    """
    problem = checked_problem(X, y, scale, 0.0)
    if problem.basis_pursuit:
        raise ValueError("scale must satisfy > 0, got 0: the flow stays at rest")
    design, targets, scales = problem.X, problem.y, problem.scale
    goal, pause, limit = _checked_stop(target, looks, longest)

    def beta_of(dual: FloatArray) -> FloatArray:
        return np.asarray(scales * np.sinh(2.0 * (design.T @ dual)))

    def velocity(_: float, dual: FloatArray) -> FloatArray:
        return np.asarray(targets - design @ beta_of(dual))

    start = np.zeros(targets.size)
    solver = _Integrator(_checked(method), rtol, atol, pause, limit)
    found = solver.run(velocity, start, beta_of, design, targets, goal)
    beta = np.array([beta_of(dual) for dual in found.y.T])
    errors = _training_error(beta, design, targets)
    reached = _reached(errors, goal)
    return FlowTrajectory(
        found.t, beta, None, None, errors, reached, found.message, int(found.nfev)
    )


def _reached(errors: FloatArray, goal: float) -> bool:
    """Whether the last error is the goal, to the 1 % within which the event is located."""
    return bool(errors[-1] <= 1.01 * goal)


@dataclass(frozen=True)
class _Integrator:
    """SciPy's integrator, its error control, the time between looks, and when to give up."""

    method: Method
    rtol: float
    atol: float
    looks: float | None
    limit: float

    def run(
        self,
        velocity: Callable[[float, FloatArray], FloatArray],
        start: FloatArray,
        beta_of: Callable[[FloatArray], FloatArray],
        design: FloatArray,
        targets: FloatArray,
        goal: float,
    ) -> Any:
        """Integrate until the training error is `goal`; SciPy's result."""

        def excess(_: float, state: FloatArray) -> float:
            residual = design @ beta_of(state) - targets
            return float(np.log(max(float(residual @ residual) / targets.size, 1e-300) / goal))

        if excess(0.0, start) <= 0.0:  # the event below is a crossing, which would never occur
            message = "The training error is at the target from the start."
            return OptimizeResult(t=np.zeros(1), y=start[:, None], message=message, nfev=0)
        excess.terminal = True  # type: ignore[attr-defined]
        if self.looks is None:
            return self._between(velocity, 0.0, self.limit, start, excess)
        last = self.looks * math.floor(self.limit / self.looks * (1.0 + _ROUNDING))
        found = self._between(velocity, 0.0, last, start, excess)
        look = self.looks * math.ceil(found.t[-1] / self.looks * (1.0 - _ROUNDING))
        if found.status == 1 and look > found.t[-1]:
            rest = self._between(velocity, found.t[-1], look, found.y[:, -1], None)
            found.t, found.y = np.append(found.t, rest.t[1:]), np.hstack([found.y, rest.y[:, 1:]])
            found.nfev += rest.nfev
        return found

    def _between(
        self,
        velocity: Callable[[float, FloatArray], FloatArray],
        begin: float,
        end: float,
        start: FloatArray,
        event: Callable[[float, FloatArray], float] | None,
    ) -> Any:
        # A step that is tried and is too long may leave float64; it is then rejected.
        with np.errstate(over="ignore", invalid="ignore"):
            found = solve_ivp(
                velocity,
                (begin, end),
                start,
                method=self.method,
                rtol=self.rtol,
                atol=self.atol,
                events=event,
            )
        if not np.isfinite(found.y).all():
            raise ValueError(
                "the flow must stay within float64: its state is not finite at the times "
                f"{found.t[~np.isfinite(found.y).all(axis=0)][:3].tolist()}"
            )
        return found


def _training_error(beta: FloatArray, design: FloatArray, targets: FloatArray) -> FloatArray:
    residual = beta @ design.T - targets
    return np.asarray((residual**2).mean(axis=1))


def _checked(method: Method) -> Method:
    if method not in get_args(Method):
        raise ValueError(f"method must be one of {get_args(Method)}, got method={method!r}")
    return method


def _positive(name: str, value: float) -> float:
    number = finite_scalar(name, value)
    require(number > 0.0, f"{name} must satisfy > 0", name, number)
    return number


def _checked_stop(
    target: float, looks: float | None, longest: float
) -> tuple[float, float | None, float]:
    goal, limit = _positive("target", target), _positive("longest", longest)
    if looks is None:
        return goal, None, limit
    pause = _positive("looks", looks)
    if pause > limit:
        raise ValueError(f"looks must satisfy <= longest, got looks={pause!r}, longest={limit!r}")
    return goal, pause, limit
