"""The quantities from their definitions: integration, differentiation, residuals. Slow, done once.

Nothing here is shared with `numerics`: the penalty is the double integral of the metric
1/(2√(c² + β²)) of the mirror flow (Theorem 4.1), ℓ-order, κ and pretraining dependence are
central differences of logarithms (Appendix B.2), the weights are the solution of the linear flow
w′ = v, v′ = w (Section 3.1); conjugate and proximal operator must satisfy their optimality
conditions.

Each function returns the relative discrepancy between a value of the table and its definition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

Number = Any
Values = dict[str, Number]

# The central difference errs by h² times a third derivative.
_STEP_DIGITS = 22
_DIGITS = 80


def discrepancies(arguments: dict[str, float], values: dict[str, str | None]) -> dict[str, float]:
    """Return |value/definition − 1| for every quantity of one point; 0 where both are 0.

    Parameters
    ----------
    arguments
        Arguments of the point, float64.
    values
        50-digit decimal strings by quantity, None where not defined.
    """
    context = mpmath.MPContext()
    context.dps = _DIGITS
    point = {name: context.mpf(value) for name, value in arguments.items()}
    known = {name: context.mpf(v) for name, v in values.items() if v is not None}
    smallest = min(
        [abs(point["beta_ft"] / point["scale"]) if point["scale"] else 1, abs(point["slope"]), 1],
        key=lambda size: size if size > 0 else 1,
    )
    # Differences of q at relative offsets 1e-22, for a remainder 2 − ℓ as small as z².
    context.dps = _DIGITS + int(4 * max(0, -context.log10(smallest) if smallest else 0)) + 60
    widest = abs(point["beta_pt"] / point["c"])
    context.dps += int(context.log10(1 + widest))
    expected: dict[str, Callable[[], Number]] = {
        **_learning(context, point),
        **_penalty(context, point, known),
        **_regimes(context, point),
    }
    return {
        name: _relative(context, known[name], definition())
        for name, definition in expected.items()
        if name in known
    }


def _relative(context: Any, value: Number, expected: Number) -> float:
    if expected == 0:
        return 0.0 if value == 0 else float("inf")
    return float(abs(value / expected - 1))


def _learning(context: Any, point: Values) -> dict[str, Callable[[], Number]]:
    c, lam, beta = point["c"], point["lam"], point["beta_pt"]
    hidden, output = context.sqrt((c + lam) / 2), context.sqrt((c - lam) / 2)

    def settle(value: Number, size: Number) -> Number:
        # Where a weight vanishes exactly, the difference of its two terms is rounding.
        return context.mpf(0) if abs(value) < size * context.mpf(10) ** -(_DIGITS // 2) else value

    def weights() -> tuple[Number, Number, Number, Number]:
        # In the time h = −∫g dt the flow is linear and turns (w, v) hyperbolically, up to β.
        turn = context.asinh(beta / c) / 2
        cosh, sinh = context.cosh(turn), context.sinh(turn)
        return (
            settle(hidden * cosh + output * sinh, hidden * cosh),
            settle(output * cosh + hidden * sinh, output * cosh),
            settle(hidden * cosh - output * sinh, hidden * cosh),
            settle(output * cosh - hidden * sinh, output * cosh),
        )

    return {
        "w_plus": lambda: weights()[0],
        "v_plus": lambda: weights()[1],
        "w_minus": lambda: weights()[2],
        "v_minus": lambda: weights()[3],
        "finetune_scale": lambda: (weights()[0] + weights()[2]) ** 2 + point["gamma"] ** 2,
    }


def _penalty(context: Any, point: Values, known: Values) -> dict[str, Callable[[], Number]]:
    beta, scale, slope = point["beta_ft"], point["scale"], point["slope"]
    z, tau = point["z"], point["tau"]

    def integral(weight: Callable[[Number], Number]) -> Number:
        """∫₀¹ weight(v) m/(2√(c² + v²β²)) dv with m = max(c, |β|), over decades above v = c/|β|.

        In these units the result is of order 1, as the stopping rule of the quadrature needs.
        """
        size, unit = abs(beta), max(abs(beta), scale)
        with context.workdps(40):
            ends = [context.mpf(0)]
            end = scale / size
            while end < 1:
                ends.append(end)
                end *= 10
            ends.append(context.mpf(1))
            return context.quad(
                lambda v: weight(v) * unit / (2 * context.sqrt(scale**2 + (v * size) ** 2)), ends
            )

    def penalty() -> Number:
        if beta == 0:
            return context.mpf(0)
        # ∫₀^β ∫₀^t ds dt/(2√(c² + s²)) with the order of integration exchanged
        return integral(lambda v: 1 - v) * beta**2 / max(abs(beta), scale)

    def derivative() -> Number:
        if beta == 0:
            return context.mpf(0)
        return integral(lambda v: context.mpf(1)) * beta / max(abs(beta), scale)

    def slope_at(b: Number) -> Number:
        return context.asinh(b / scale) / 2

    def level_at(b: Number) -> Number:
        return b * slope_at(b) - (context.sqrt(scale**2 + b**2) - scale) / 2

    def curvature() -> Number:
        if scale == 0:
            return 1 / (2 * abs(beta))
        step = context.mpf(10) ** -_STEP_DIGITS * max(scale, abs(beta))
        return (slope_at(beta + step) - slope_at(beta - step)) / (2 * step)

    def conjugate() -> Number:
        # Fenchel-Young equality at the maximiser, in which errors of b enter squared.
        b = known["conjugate_derivative"]
        return slope * b - level_at(b) if scale else context.mpf(0)

    def conjugate_derivative() -> Number:
        # The b of which q′(b) is the slope; one Newton step from the table's value.
        b = known["conjugate_derivative"]
        if not scale:
            return context.mpf(0)
        return b + (slope - slope_at(b)) * 2 * context.sqrt(scale**2 + b**2)

    def proximal() -> Number:
        return newton(known["proximal_operator"], z)

    def newton(b: Number, target: Number) -> Number:
        """One step on b + τ q′(b) = target: squares the error of b."""
        if tau == 0 or scale == 0:
            return target if tau == 0 else context.mpf(0)
        excess = b + tau * slope_at(b) - target
        return b - excess / (1 + tau / (2 * context.sqrt(scale**2 + b**2)))

    def proximal_derivative() -> Number:
        if tau == 0 or scale == 0:
            return context.mpf(1 if tau == 0 else 0)
        b = known["proximal_operator"]
        step = context.mpf(10) ** -_STEP_DIGITS * (abs(z) if z else scale)
        ends = []
        for target in (z + step, z - step):
            root = b
            for _ in range(6):
                root = newton(root, target)
            ends.append(root)
        return (ends[0] - ends[1]) / (2 * step)

    return {
        "penalty": penalty,
        "penalty_derivative": derivative,
        "penalty_curvature": curvature,
        "conjugate": conjugate,
        "conjugate_derivative": conjugate_derivative,
        "proximal_operator": proximal,
        "proximal_derivative": proximal_derivative,
    }


def _regimes(context: Any, point: Values) -> dict[str, Callable[[], Number]]:
    before, after, scale = point["beta_pt"], point["beta_ft"], point["scale"]
    step = context.mpf(10) ** -_STEP_DIGITS

    def elasticity(function: Callable[[Number], Number], at: Number) -> Number:
        """∂log function/∂log|at|, by a central difference."""
        up, down = context.exp(step), context.exp(-step)
        return (context.ln(function(at * up)) - context.ln(function(at * down))) / (2 * step)

    def level(b: Number, c: Number) -> Number:
        return b * context.asinh(b / c) - (context.sqrt(c * c + b * b) - c)

    def learned(b: Number) -> Number:
        c, lam = point["c"], point["lam"]
        # w₊ + w₋ = 2 w₀ cosh h
        hidden, turn = context.sqrt((c + lam) / 2), context.asinh(b / c) / 2
        return (2 * hidden * context.cosh(turn)) ** 2 + point["gamma"] ** 2

    def order() -> Number:
        if scale == 0 or after == 0:
            return context.mpf(1 if scale == 0 else 2)
        return elasticity(lambda b: level(b, scale), after)

    def transfer() -> Number:
        return elasticity(learned, before) if before else context.mpf(0)

    def dependence() -> Number:
        if before == 0 or learned(before) == 0:
            return context.mpf(0)
        if after == 0:
            return -transfer()
        return elasticity(lambda b: level(after, learned(b)), before)

    return {
        "l_order": order,
        "l_order_minus_one": lambda: order() - 1,
        "two_minus_l_order": lambda: 2 - order(),
        "transfer": transfer,
        "one_minus_transfer": lambda: 1 - transfer(),
        "pretraining_dependence": dependence,
    }
