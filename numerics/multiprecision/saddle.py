r"""The function whose saddle point is the replica fixed point, to any number of digits.

With b = θ/τ at the fixed point (Proposition 4.2) it is

    ψ(θ, b) = (b/2)(σ²/θ + θ) − ϱb²/2 + (1/α) {E[min_x (x − z)²b/(2θ) + q(x)] − bθ/2}

and αψ there is the limit of (1/d) min {(1/2ϱ)‖y − Xβ‖² + Σ q} (`ReplicaFixedPoint.objective`). Its
terms may cancel: the precision grows until the digits required are left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import mpmath

from numerics.multiprecision.channel import QuadratureError, channel_estimates
from numerics.multiprecision.fixed_point import ReplicaError
from numerics.multiprecision.precision import (
    Number,
    PrecisionError,
    Real,
    check_digits,
    in_context,
    nonnegative,
    positive,
    released,
)
from numerics.multiprecision.teacher import channel_groups

_GUARD_DIGITS = 6
_MOST_REFINEMENTS = 8


def replica_potential(
    groups: Sequence[tuple[Real, Real, Any]],
    alpha: Real,
    theta: Real,
    b: Real,
    *,
    noise_variance: Real = 0,
    ridge: Real = 0,
    digits: int = 50,
) -> Number:
    """Return ψ(θ, b), the function whose saddle point is the fixed point at τ = θ/b.

    Parameters
    ----------
    groups, alpha, noise_variance, ridge, digits
        As in `replica_fixed_point`, any teacher and noise.
    theta, b
        > 0.

    Raises
    ------
    ValueError
        If an argument is out of range.
    ReplicaError
        If an expectation does not settle.
    PrecisionError
        If the terms of ψ cancel at every precision.
    """
    check_digits(digits)
    members, scale = channel_groups(groups), positive("alpha", alpha)
    noise = nonnegative("noise_variance", noise_variance)
    strength = nonnegative("ridge", ridge)
    level, dual = positive("theta", theta), positive("b", b)
    context = mpmath.MPContext()
    working = digits + _GUARD_DIGITS
    for _ in range(_MOST_REFINEMENTS):
        context.dps = working + 10
        try:
            found = channel_estimates(
                context,
                members,
                in_context(context, level / dual),
                in_context(context, level**2),
                working,
            )
        except QuadratureError as error:
            raise ReplicaError(str(error)) from error
        terms = (
            in_context(context, dual * (noise / level + level) / 2),
            -in_context(context, strength * dual**2 / 2),
            found.envelope / in_context(context, scale),
            -in_context(context, dual * level / scale / 2),
        )
        value = sum(terms, context.mpf(0))
        largest = max(abs(term) for term in terms)
        needed = digits + _GUARD_DIGITS
        needed += math.ceil(context.log10(largest / abs(value))) if value else working
        if needed <= working:
            return released(value, digits)
        working = needed
    raise PrecisionError(f"{digits} digits not settled at {working} working digits")
