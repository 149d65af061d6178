"""Implicit bias of the network: which interpolating weights its flow selects (Theorem 4.1, B.1).

The chain of the derivation, each link a function here:

* along the flow of `theory.network` the effective weight moves as β̇ = −s(β) ∂L/∂β
  (`mirror_speed`), whatever the loss;
* that is mirror descent, d/dt q'(β) = −∂L/∂β, for the potential with q'' = 1/s; integrated
  twice from q(0) = q'(0) = 0 it is the penalty (`penalty_slope`, `penalty`);
* its Legendre transform and its stationary points follow from q' (`stationary_weight`,
  `conjugate`, `dual_objective`);
* after re-balancing, fine-tuning follows the same flow from the scale that
  `theory.network.finetune_scale` derives.

The scale c is the conserved w₊w₋ + v₊v₋; the paper writes √k = 2c.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from theory.network import (
    effective_weight,
    gradient_flow,
    layer_weights,
    rate,
    weights,
)
from theory.shared import of_symbols

Expr = Any

# The arguments of which formulas are derived, before others are inserted.
_TARGET, _END, _SLOPE, _RELATIVE = sp.symbols("target end slope relative", real=True)
_SCALE = sp.Symbol("scale", positive=True)


@of_symbols(_TARGET, _SCALE, _RELATIVE)
def mirror_speed(beta: Expr, c: Expr, lam: Expr) -> Expr:
    """Return s in β̇ = −s ∂L/∂β at effective weight β, from initialisation (c, λ).

    Parameters
    ----------
    beta
        Effective weight.
    c, lam
        Absolute and relative scale of the initialisation, c > 0 and |λ| ≤ c.
    """
    state, gradient = weights(), sp.Symbol("g")
    velocities = gradient_flow([state], [gradient])
    speed = sp.expand(rate(effective_weight(state), [state], velocities) / -gradient)
    present = layer_weights(beta, c, lam)
    inserted = sp.expand(speed.subs(dict(zip(state, present, strict=True))))
    return sp.cancel(sp.radsimp(sp.together(inserted)))


def penalty_curvature(beta: Expr, c: Expr) -> Expr:
    """q''(β) = 1/s(β), for the scale c of the flow's start.

    Raises
    ------
    ArithmeticError
        If the relative scale of the start does not drop out.
    """
    relative = sp.Symbol("relative", real=True)
    speed = mirror_speed(beta, c, relative)
    if speed.has(relative):
        raise ArithmeticError(f"the speed of β must not depend on the relative scale, got {speed}")
    return 1 / speed


@of_symbols(_END, _SCALE)
def penalty_slope(beta: Expr, c: Expr) -> Expr:
    """q'(β), by integrating the curvature from 0."""
    return _integral(penalty_curvature, beta, c)


@of_symbols(_END, _SCALE)
def penalty(beta: Expr, c: Expr) -> Expr:
    """q(β), by integrating the slope from 0."""
    return _integral(penalty_slope, beta, c)


@of_symbols(_SLOPE, _SCALE)
def stationary_weight(multiplier: Expr, c: Expr) -> Expr:
    """Return the β that minimises q(β) − mβ for a multiplier m: the one solution of q'(β) = m."""
    unknown = sp.Symbol("unknown", real=True)
    (solution,) = sp.solve(sp.Eq(penalty_slope(unknown, c), multiplier), unknown)
    return solution


@of_symbols(_SLOPE, _SCALE)
def conjugate(multiplier: Expr, c: Expr) -> Expr:
    """Legendre transform q*(m) = max over β of mβ − q(β)."""
    best = stationary_weight(multiplier, c)
    return _without_inverses(multiplier * best - penalty(best, c))


def lagrangian(
    beta: Sequence[Expr],
    multipliers: Sequence[Expr],
    X: sp.Matrix,
    y: sp.Matrix,
    scales: Sequence[Expr],
) -> Expr:
    """Σ qᵢ(βᵢ) − νᵀ(Xβ − y), for the problem min Σ qᵢ(βᵢ) subject to Xβ = y.

    Parameters
    ----------
    beta, scales
        Effective weights and scales of the d coordinates.
    multipliers
        ν, one for each of the n examples.
    X, y
        Inputs, n×d, and outputs, n×1.

    Raises
    ------
    ValueError
        If the sizes do not fit together.
    """
    if X.shape != (len(multipliers), len(beta)) or y.shape != (len(multipliers), 1):
        raise ValueError(
            f"X must be {len(multipliers)}x{len(beta)} and y {len(multipliers)}x1, "
            f"got {X.shape} and {y.shape}"
        )
    if len(scales) != len(beta):
        raise ValueError(f"scales must be {len(beta)}, as many as weights, got {len(scales)}")
    total = sp.Add(*(penalty(weight, scale) for weight, scale in zip(beta, scales, strict=True)))
    return total - (sp.Matrix(multipliers).T * (X * sp.Matrix(beta) - y))[0]


def dual_objective(
    multipliers: Sequence[Expr], X: sp.Matrix, y: sp.Matrix, scales: Sequence[Expr]
) -> Expr:
    """Return the minimum over β of the Lagrangian, to be maximised over the multipliers ν.

    Sizes and errors as for `lagrangian`.
    """
    beta = sp.symbols(f"beta_1:{len(scales) + 1}", real=True)
    value = lagrangian(beta, multipliers, X, y, scales)
    best = {
        unknown: stationary_weight(pulled, scale)
        for unknown, pulled, scale in zip(beta, X.T * sp.Matrix(multipliers), scales, strict=True)
    }
    return _without_inverses(value.subs(best, simultaneous=True))


def minimise_split(objective: Callable[[Expr, Expr], Expr], z: Expr) -> tuple[Expr, Expr, Expr]:
    """Minimise a convex `objective(p, m)` over p, m > 0 with p − m = z.

    Parameters
    ----------
    objective
        Its derivative along p − m = z must be the logarithm of a polynomial in p and m.
    z
        Real symbol.

    Returns
    -------
    The minimising p and m, and the minimum.
    """
    plus, minus = sp.symbols("p m", positive=True)
    value = objective(plus, minus)
    slope = sp.diff(value, plus) + sp.diff(value, minus)
    product = sp.exp(sp.logcombine(sp.expand(slope), force=True))
    roots = sp.solve(sp.expand(product.subs(minus, plus - z)) - 1, plus)
    # p and m = p − z must both be positive, at z = 0 already.
    (best,) = [root for root in roots if root.subs(z, 0).is_positive]
    return best, best - z, value.subs({plus: best, minus: best - z}, simultaneous=True)


def squared_weights_curvature(beta: Expr, alpha: Expr) -> Expr:
    """Curvature of the flow's potential for the network β = u² − v² started at u = v = α.

    The parametrisation of Woodworth et al. (2020), one layer of squared weights: gradient flow
    on L(u² − v²) is mirror descent as well, and its speed is 1/curvature.

    Raises
    ------
    ArithmeticError
        If the product uv is not conserved.
    """
    u, v, square = sp.symbols("u v square", positive=True)
    output = u**2 - v**2
    slope_u, slope_v = sp.diff(output, u), sp.diff(output, v)
    speed = slope_u**2 + slope_v**2
    if sp.expand(v * slope_u + u * slope_v) != 0:
        raise ArithmeticError("the product of the two weights must be conserved")
    # Both weights in terms of u², by the conserved product; then u² in terms of β.
    by_square = {u: sp.sqrt(square), v: alpha**2 / sp.sqrt(square)}
    equation = sp.expand(square * (output.subs(by_square) - beta))
    (root,) = [
        root for root in sp.roots(sp.Poly(equation, square)) if root.subs(beta, 0).is_positive
    ]
    return 1 / sp.simplify(speed.subs(by_square).subs(square, root))


def _without_inverses(expression: Expr) -> Expr:
    """Resolve asinh(sinh w) = w and sinh²w = cosh²w − 1, for real w."""
    resolved = expression.replace(
        lambda term: isinstance(term, sp.asinh) and isinstance(term.args[0], sp.sinh),
        lambda term: term.args[0].args[0],
    )
    circular = resolved.replace(
        lambda term: term.is_Pow and isinstance(term.base, sp.sinh) and term.exp == 2,
        lambda term: sp.cosh(term.base.args[0]) ** 2 - 1,
    )
    # The roots become those of squares, which open by themselves.
    return sp.expand(circular, deep=True)


def _integral(derivative: Callable[[Expr, Expr], Expr], beta: Expr, c: Expr) -> Expr:
    """Integrate `derivative(·, c)` from 0 to β, both symbols."""
    position = sp.Symbol("position", real=True)
    return sp.integrate(derivative(position, c), (position, 0, beta))
