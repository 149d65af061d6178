"""The function of two numbers whose saddle is the fixed point of Proposition 4.2, without replicas.

With e(z; τ) the Moreau envelope of a coordinate's penalty q, the least of (β − z)²/(2τ) + q(β),

    ψ(θ, b) = (b/2)(σ²/θ + θ) − ϱb²/2 + (1/α) { E[e(β* + θZ; θ/b)] − bθ/2 },   θ, b > 0.

It is what the convex Gaussian min-max theorem leaves of the least (1/2ϱ)‖y − Xβ‖² + Σ q(βᵢ), per
example: θ is the size of the effective noise, b that of the residual over ϱ, and τ = θ/b.

A least value over w of a function of w and of parameters has slopes and curvatures in these that
follow from those of the function (`stationary_slope`, `curvature_of_minimum`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

b = sp.Symbol("b", positive=True)
w, z = sp.symbols("w z", real=True)
penalty = sp.Function("q")


def proximal(beta: Any, at: Any, step: Any) -> Any:
    """Return (β − z)²/(2τ) + q(β): its least value over β is the envelope e(z; τ).

    Parameters
    ----------
    beta, at, step
        β, z and τ.
    """
    return (beta - at) ** 2 / (2 * step) + penalty(beta)


def stationary_slope(function: Any, unknowns: Sequence[sp.Symbol], parameter: sp.Symbol) -> Any:
    """Return the slope in `parameter` of the value where a function is stationary in `unknowns`.

    The envelope theorem: the total derivative, in which each unknown moves along the function's
    slope in it, which is 0.

    Raises
    ------
    ArithmeticError
        If an unknown moves along anything else.
    """
    moving = {one: sp.Function(f"moving_{one}")(parameter) for one in unknowns}
    speeds = {one: sp.Symbol(f"speed_{one}") for one in unknowns}
    total = sp.diff(function.subs(moving, simultaneous=True), parameter).doit()
    total = total.subs({moving[one].diff(parameter): speeds[one] for one in unknowns})
    total = total.subs({place: one for one, place in moving.items()}).doit()
    for one in unknowns:
        along = sp.diff(total, speeds[one]) - sp.diff(function, one)
        if sp.expand(along.doit()) != 0:
            raise ArithmeticError(f"{one} must move along the slope in it, got {along} more")
    return total.subs(dict.fromkeys(speeds.values(), 0))


def minimiser_slope(objective: Any, unknown: sp.Symbol, parameter: sp.Symbol) -> Any:
    """Return how the minimiser moves with `parameter`, by its stationarity (implicit function)."""
    condition = sp.diff(objective, unknown)
    return -sp.diff(condition, parameter) / sp.diff(condition, unknown)


def curvature_of_minimum(objective: Any, unknown: sp.Symbol, parameter: sp.Symbol) -> Any:
    """Return the curvature in `parameter` of the least value over `unknown`."""
    slope = stationary_slope(objective, (unknown,), parameter)
    moves = minimiser_slope(objective, unknown, parameter)
    return sp.diff(slope, parameter) + sp.diff(slope, unknown) * moves


def covariance(first: Any, second: Any, normals: Sequence[sp.Symbol]) -> Any:
    """Return E[first·second] of two linear forms in independent standard normal variables."""
    return sp.expand(sum(sp.diff(first, one) * sp.diff(second, one) for one in normals))
