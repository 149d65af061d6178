"""Gradient flow of all four weights of every coordinate, integrated directly.

Nothing that the theory derives enters here - no invariants, no closed forms, no penalty: the
right-hand side is the gradient of ½‖Xβ − y‖² with respect to the weights, and the integration
runs until the training error has vanished.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 1e-10
ABSOLUTE_TOLERANCE = 1e-12
RESIDUAL = 1e-8
LONGEST_TIME = 300.0


class State(NamedTuple):
    """The weights of d coordinates, each an array of shape (d,)."""

    w_plus: Array
    v_plus: Array
    w_minus: Array
    v_minus: Array

    @property
    def beta(self) -> Array:
        """Effective weights, (d,)."""
        return self.w_plus * self.v_plus - self.w_minus * self.v_minus


class FlowError(RuntimeError):
    """The training error did not vanish, or the integrator gave up."""


def random_task(rng: np.random.Generator, n: int, d: int) -> tuple[Array, Array]:
    """Draw inputs (n, d), n ≤ d, and outputs (n,) of order one.

    The singular values of the inputs lie in [1, 2], so that training ends after a short time.
    """
    left = np.linalg.qr(rng.normal(size=(n, n)))[0]
    right = np.linalg.qr(rng.normal(size=(d, n)))[0]
    return left * rng.uniform(1.0, 2.0, size=n) @ right.T, 2.0 * rng.normal(size=n)


def initial_state(c: float, lam: float, d: int) -> State:
    """Equal pathways with w² + v² = c and w² − v² = λ in all d coordinates.

    Raises
    ------
    ValueError
        Unless c > 0 and |λ| ≤ c.
    """
    if not (c > 0 and abs(lam) <= c):
        raise ValueError(f"scales must satisfy c > 0 and |lam| <= c, got c={c}, lam={lam}")
    hidden, readout = np.full(d, np.sqrt((c + lam) / 2)), np.full(d, np.sqrt((c - lam) / 2))
    return State(hidden, readout, hidden.copy(), readout.copy())


def train(state: State, X: Array, y: Array) -> State:
    """Follow the gradient flow of ½‖Xβ − y‖² from `state` until ‖Xβ − y‖ ≤ `RESIDUAL`.

    Parameters
    ----------
    state
        Weights at the start, d coordinates.
    X, y
        Inputs (n, d) and outputs (n,).

    Raises
    ------
    FlowError
        If that does not happen before `LONGEST_TIME`.
    """

    def velocity(_: float, flat: Array) -> Array:
        now = _unpack(flat)
        gradient = X.T @ (X @ now.beta - y)
        return np.concatenate(
            [
                -now.v_plus * gradient,
                -now.w_plus * gradient,
                now.v_minus * gradient,
                now.w_minus * gradient,
            ]
        )

    def remaining(_: float, flat: Array) -> float:
        return float(np.linalg.norm(X @ _unpack(flat).beta - y)) - RESIDUAL

    if remaining(0.0, np.concatenate(state)) <= 0:
        return state
    remaining.terminal = True  # type: ignore[attr-defined]
    solution: Any = solve_ivp(
        velocity,
        (0.0, LONGEST_TIME),
        np.concatenate(state),
        method="LSODA",
        rtol=RELATIVE_TOLERANCE,
        atol=ABSOLUTE_TOLERANCE,
        events=remaining,
    )
    if solution.status != 1:
        raise FlowError(f"the training error must vanish, got {solution.message!r}")
    return _unpack(solution.y[:, -1])


def fine_tune(learned: State, gamma: float, X: Array, y: Array) -> State:
    """Set both hidden weights to their sum and the readouts to γ, eqs. 4-5, and train on X, y."""
    hidden, readout = learned.w_plus + learned.w_minus, np.full_like(learned.w_plus, gamma)
    return train(State(hidden, readout, hidden, readout), X, y)


def outside_row_space(vector: Array, X: Array) -> float:
    """Norm of the component of `vector`, (d,), orthogonal to the row space of X.

    Relative to the norm of `vector`; 0 for the zero vector, infinite if an entry is.
    """
    if not np.all(np.isfinite(vector)):
        return float("inf")
    size = float(np.linalg.norm(vector))
    if size == 0:
        return 0.0
    multipliers = np.linalg.lstsq(X.T, vector, rcond=None)[0]
    return float(np.linalg.norm(vector - X.T @ multipliers)) / size


def _unpack(flat: Array) -> State:
    return State(*np.split(flat, 4))
