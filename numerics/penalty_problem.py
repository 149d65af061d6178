"""Instances of the minimum-penalty problem (Theorem 4.1), validated.

    min over β of  Σᵢ q(βᵢ; cᵢ) subject to Xβ = y,   or of  (1/2ϱ)‖y − Xβ‖² + Σᵢ q(βᵢ; cᵢ)

Nothing is solved here: every solver takes its arguments through the same checks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.validation import FloatArray, finite_array, finite_scalar, require


class InfeasibleError(ValueError):
    """No coefficient vector satisfies X β = y."""


@dataclass(frozen=True)
class Problem:
    """A validated instance: X (n, d), y (n,), scale (d,) and the ridge strength."""

    X: FloatArray
    y: FloatArray
    scale: FloatArray
    ridge: float

    @property
    def basis_pursuit(self) -> bool:
        """Whether every scale is zero."""
        return not self.scale.any()


def checked_problem(X: ArrayLike, y: ArrayLike, scale: ArrayLike, ridge: float) -> Problem:
    """Validate the data of a minimum-penalty problem; raise ValueError naming what is wrong."""
    design, targets = checked_data(X, y)
    d = design.shape[1]
    scales = finite_array("scale", scale)
    if scales.shape not in {(), (d,)}:
        raise ValueError(f"scale must be a scalar or have shape ({d},), got shape {scales.shape}")
    require(scales >= 0.0, "scale must satisfy scale >= 0", "scale", scales)
    full = np.array(np.broadcast_to(scales, (d,)))
    zeros = int(np.count_nonzero(full == 0.0))
    if 0 < zeros < d:
        raise ValueError(
            "scale must be positive everywhere or zero everywhere (the l1 limit): the penalty of "
            f"zero scales outweighs all others, got {zeros} zero(s) among {d}"
        )
    strength = finite_scalar("ridge", ridge)
    require(strength >= 0.0, "ridge must satisfy ridge >= 0", "ridge", strength)
    if strength > 0.0 and zeros:
        raise ValueError(
            "ridge must be 0 when every scale is 0: only the direction of the penalty, not its "
            f"strength, has a limit as the scale goes to 0, got ridge={strength!r}"
        )
    return Problem(design, targets, full, strength)


def checked_data(X: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return X (n, d), contiguous, and y (n,); raise ValueError naming what is wrong."""
    design = np.ascontiguousarray(finite_array("X", X, ndim=2))
    n, d = design.shape
    if n == 0 or d == 0:
        raise ValueError(f"X must have at least one row and one column, got shape {design.shape}")
    return design, checked_vector("y", y, n)


def checked_vector(name: str, value: ArrayLike, length: int) -> FloatArray:
    """Return a vector of `length` finite numbers; raise ValueError naming what is wrong."""
    vector = finite_array(name, value, ndim=1)
    if vector.shape != (length,):
        raise ValueError(f"{name} must have shape ({length},), got shape {vector.shape}")
    return vector


def require_representable(problem: Problem, **solution: FloatArray) -> None:
    """Raise ValueError, naming it, if a part of the solution lies outside the range of float64."""
    for name, vector in solution.items():
        if not np.isfinite(vector).all():
            raise ValueError(
                f"the solution must be representable in float64, but {name} is not: rescale X or y "
                f"(max|X|={float(np.abs(problem.X).max()):.3e}, "
                f"max|y|={float(np.abs(problem.y).max()):.3e})"
            )
