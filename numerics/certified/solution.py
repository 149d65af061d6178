"""What is certified of fine-tuning at one data scale, and at several: balls, or why there are none.

Certified solutions of one stage and of two have these in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from flint import arb

from numerics.certified.exact import Ball


@dataclass(frozen=True, kw_only=True)
class CertifiedSolution:
    """The error at one data scale, or over an interval of them, every number a ball.

    Attributes
    ----------
    alpha
        Data scale n/d, or the interval.
    reason
        Why it was not certified; "" if it was. All balls are then NaN.
    mse
        p = E[(β̂ − β*)²].
    tau, theta
        Effective regularisation τ and noise θ; τ = 0 where it vanishes (α ≥ 1 without ridge, and
        in the limit c_FT → 0⁺ where examples are interpolated).
    degrees_of_freedom
        E[η′].
    log_error_slope
        d log p/d log α; NaN where no derivative exists, and over an interval.
    training_error
        Limit of (1/n)‖y − Xβ̂‖².
    group_mse
        E[(β̂ − β*)²] within each group, in the order of the curve's `group_names`.
    """

    alpha: Ball
    reason: str = ""
    mse: Ball
    tau: Ball
    theta: Ball
    degrees_of_freedom: Ball
    log_error_slope: Ball
    training_error: Ball
    group_mse: tuple[Ball, ...]

    @property
    def certified(self) -> bool:
        """Whether it was enclosed: of a single data scale, `mse` to the digits asked for."""
        return not self.reason

    @classmethod
    def not_certified(cls, alpha: Ball, reason: str, groups: int, **known: Any) -> Self:
        """Return a solution that is unknown, but for what is `known` of its fields."""
        nan = arb.nan()
        values: dict[str, Any] = dict.fromkeys((field.name for field in fields(cls)), nan)
        values |= {"alpha": alpha, "reason": reason}
        return cls(**values | {"group_mse": (nan,) * groups} | known)


@dataclass(frozen=True)
class CertifiedSolutions:
    """Solutions at data scales, in the order in which these were given.

    Attributes
    ----------
    points
        The solution at each data scale.
    group_names
        Names of the groups of coordinates.
    digits
        Decimal digits that were asked for.
    """

    points: Sequence[CertifiedSolution]
    group_names: tuple[str, ...]
    digits: int

    @property
    def mse(self) -> tuple[Ball, ...]:
        """The error p at each data scale."""
        return tuple(point.mse for point in self.points)

    @property
    def certified(self) -> tuple[bool, ...]:
        """Whether each point was certified."""
        return tuple(point.certified for point in self.points)
