"""Diagonal linear network: its flow and its weights at every moment (Sections 3.1-3.2, B.1).

One coordinate of the network has four weights: hidden w₊, w₋ and readout v₊, v₋, with the effective
weight β = w₊v₊ − w₋v₋ (eq. 1). Everything here is derived from that product and from gradient
flow on a loss L(β) of which nothing but differentiability is used:

* the velocities, by differentiating L(β(w, v)) with L an undefined function;
* the weights at every moment: in the time x = −∫ ∂L/∂β dt the flow is linear, and the matrix
  exponential of its generator, the Hessian of β, solves it;
* the weights as functions of β, by inverting β(x), from the initialisation of eqs. 2-3;
* the scale that fine-tuning starts from, by applying eqs. 4-5 to those weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy as sp

from theory.shared import of_symbols

Expr = Any

# The arguments of which formulas are derived, before others are inserted.
_TARGET, _LEARNED, _RELATIVE, _READOUTS = sp.symbols("target learned relative readouts", real=True)
_SCALE = sp.Symbol("scale", positive=True)


class Weights(NamedTuple):
    """The four weights of one coordinate, or one quantity for each of them.

    Attributes
    ----------
    w_plus, v_plus
        Hidden and readout weight of the positive pathway.
    w_minus, v_minus
        Hidden and readout weight of the negative pathway.
    """

    w_plus: Expr
    v_plus: Expr
    w_minus: Expr
    v_minus: Expr


NAMES = Weights("w_+", "v_+", "w_-", "v_-")
"""What the four weights are called in formulas."""


def weights(label: str = "") -> Weights:
    """Return four real symbols, `label` appended to their names."""
    names = ("w_plus", "v_plus", "w_minus", "v_minus")
    return Weights(*(sp.Symbol(name + label, real=True) for name in names))


def effective_weight(state: Weights) -> Expr:
    """β = w₊v₊ − w₋v₋, the coefficient that the network gives this coordinate (eq. 1)."""
    return state.w_plus * state.v_plus - state.w_minus * state.v_minus


def squared_norm(state: Weights) -> Expr:
    """Sum of the squares of the four weights."""
    return sum((weight**2 for weight in state), sp.Integer(0))


def gradient_flow(states: Sequence[Weights], gradients: Sequence[Expr]) -> list[Weights]:
    """Velocities of all weights under gradient flow on a loss L(β₁, ..., β_d).

    L is an undefined function of the effective weights: the velocities are what the chain rule
    alone makes of it, so they hold for every differentiable loss.

    Parameters
    ----------
    states
        Weights of the d coordinates, as symbols.
    gradients
        What to call ∂L/∂β₁, ..., ∂L/∂β_d.

    Raises
    ------
    ValueError
        If there are not as many gradients as coordinates.
    """
    if len(states) != len(gradients):
        raise ValueError(
            f"gradients must be one per coordinate, got {len(gradients)} for {len(states)}"
        )
    outputs = sp.symbols(f"beta_1:{len(states) + 1}", real=True)
    loss = sp.Function("L")(*outputs)
    values = {out: effective_weight(state) for out, state in zip(outputs, states, strict=True)}
    loss_of_weights = loss.subs(values, simultaneous=True)

    def velocity(weight: Expr) -> Expr:
        slope = -sp.diff(loss_of_weights, weight)
        # The chain rule leaves ∂L/∂βᵢ as a derivative taken at the present effective weights.
        return slope.replace(
            lambda term: isinstance(term, sp.Subs),
            lambda term: gradients[_argument_number(term.expr)],
        )

    return [Weights(*(velocity(weight) for weight in state)) for state in states]


def _argument_number(derivative: sp.Derivative) -> int:
    """Return which argument of L the `derivative` is taken by, counted from 0."""
    (variable,) = derivative.variables
    return list(derivative.expr.args).index(variable)


def rate(quantity: Expr, states: Sequence[Weights], velocities: Sequence[Weights]) -> Expr:
    """Time derivative of a function of the weights: its derivative along the velocities."""
    return sp.expand(
        sum(
            sp.diff(quantity, weight) * velocity
            for state, moving in zip(states, velocities, strict=True)
            for weight, velocity in zip(state, moving, strict=True)
        )
    )


def generator() -> sp.Matrix:
    """Return the 4×4 matrix A with dθ/dx = Aθ in the time x = −∫ ∂L/∂β dt, θ = (w₊, v₊, w₋, v₋).

    Gradient flow is θ̇ = −(∂L/∂β) ∂β/∂θ, and ∂β/∂θ is linear in θ since β is a quadratic form.
    """
    state = weights()
    gradient = sp.Symbol("g")
    (velocities,) = gradient_flow([state], [gradient])
    return sp.Matrix([velocity / -gradient for velocity in velocities]).jacobian(list(state))


def trajectory(initial: Weights, x: Expr) -> Weights:
    """Weights at the accumulated descent x = −∫ ∂L/∂β dt, started from `initial` at x = 0.

    The generator A is its own inverse, so the even terms of the exponential series of Ax add
    up to cosh x times the identity and the odd ones to sinh x times A.

    Raises
    ------
    ArithmeticError
        If A² is not the identity.
    """
    step = generator()
    if step**2 != sp.eye(4):
        raise ArithmeticError(f"the generator must be its own inverse, got {step}")
    even, odd = (sp.exp(x) + sp.exp(-x)) / 2, (sp.exp(x) - sp.exp(-x)) / 2
    start = sp.Matrix(initial)
    return Weights(*(even * start + odd * step * start))


def initial_weights(c: Expr, lam: Expr) -> Weights:
    """Weights at initialisation with absolute scale c and relative scale λ (eqs. 2-3).

    c = w₀² + v₀² and λ = w₀² − v₀², solved for the non-negative w₀ = w± and v₀ = v±.

    Raises
    ------
    ValueError
        If c > 0 or |λ| ≤ c is known not to hold.
    """
    c, lam = sp.sympify(c), sp.sympify(lam)
    if c.is_positive is False:
        raise ValueError(f"absolute scale must satisfy c > 0, got c={c}")
    if (c - lam).is_negative or (c + lam).is_negative:
        raise ValueError(f"relative scale must satisfy |lam| <= c, got lam={lam}, c={c}")
    hidden, readout = sp.sqrt((c + lam) / 2), sp.sqrt((c - lam) / 2)
    return Weights(hidden, readout, hidden, readout)


@of_symbols(_TARGET, _SCALE)
def growth_factor(beta: Expr, c: Expr) -> Expr:
    """Return e^{2x} at the moment when the effective weight has become β, from scale c.

    Along the trajectory β is a combination of e^{2x} and e^{−2x}, whatever the relative scale.
    Of the two roots of that quadratic equation in e^{2x} only one is positive.

    Raises
    ------
    ArithmeticError
        If the relative scale does not drop out.
    """
    x, relative = sp.symbols("x relative", real=True)
    factor = sp.Symbol("factor", positive=True)
    passed = sp.expand(effective_weight(trajectory(initial_weights(c, relative), x)))
    equation = sp.expand(factor * (passed.subs(x, sp.log(factor) / 2) - beta))
    if equation.has(relative):
        raise ArithmeticError(f"the relative scale must drop out of the flow of β, got {passed}")
    # The roots' product is −1, and at β = 0 the positive one is 1.
    (positive,) = [root for root in sp.roots(sp.Poly(equation, factor)) if root.subs(beta, 0) == 1]
    return positive


def layer_weights(beta: Expr, c: Expr, lam: Expr) -> Weights:
    """Weights, with their signs, when the effective weight is β, from initialisation (c, λ).

    Holds for every real β and every |λ| ≤ c, the ends included.

    Raises
    ------
    ValueError
        If c > 0 or |λ| ≤ c is known not to hold.
    """
    x = sp.Symbol("x", real=True)
    moving = trajectory(initial_weights(c, lam), x)
    root = sp.sqrt(growth_factor(beta, c))
    return Weights(*(weight.subs(x, sp.log(root)) for weight in moving))


def sign_change(c: Expr, lam: Expr, layer: str) -> list[Expr]:
    """Positive effective weights β at which the `layer`'s negative pathway passes zero.

    Parameters
    ----------
    c, lam
        Scales of the initialisation, c > 0, |λ| < c.
    layer
        "w_minus" or "v_minus".

    Returns
    -------
    One value, or none where that weight keeps its sign for all β > 0.

    Raises
    ------
    ValueError
        If `layer` is not one of the two.
    """
    if layer not in ("w_minus", "v_minus"):
        raise ValueError(f"layer must be 'w_minus' or 'v_minus', got {layer!r}")
    x = sp.Symbol("x", real=True)
    factor = sp.Symbol("factor", positive=True)
    moving = trajectory(initial_weights(c, lam), x)
    # e^x times the weight is linear in e^{2x}.
    equation = sp.expand(sp.exp(x) * getattr(moving, layer)).subs(x, sp.log(factor) / 2)
    polynomial = sp.Poly(sp.expand(equation), factor)
    constant, slope = (polynomial.coeff_monomial(factor**power) for power in (0, 1))
    root = sp.simplify(-constant / slope)
    # A sum over a difference of non-negative weights: beyond 1, below −1, or infinite (λ = 0).
    # e^{2x} > 1, the future, is where β > 0.
    if not root.is_positive:
        return []
    return [sp.simplify(effective_weight(moving).subs(x, sp.log(root) / 2))]


def relative_scale(state: Weights) -> tuple[Expr, Expr]:
    """Differences λ₊ = w₊² − v₊² and λ₋ = w₋² − v₋² between the layers (eq. 3)."""
    return state.w_plus**2 - state.v_plus**2, state.w_minus**2 - state.v_minus**2


def absolute_scale(state: Weights) -> Expr:
    """Conserved w₊w₋ + v₊v₋, which is c = w₀² + v₀² where the pathways are equal (eq. 2)."""
    return state.w_plus * state.w_minus + state.v_plus * state.v_minus


def rebalanced(state: Weights, readout: Expr) -> Weights:
    """Weights at the start of fine-tuning: w± = w₊ + w₋ and v± = `readout` (eqs. 4-5)."""
    hidden = state.w_plus + state.w_minus
    return Weights(hidden, readout, hidden, readout)


@of_symbols(_LEARNED, _SCALE, _RELATIVE, _READOUTS)
def finetune_scale(beta_pt: Expr, c: Expr, lam: Expr, readout: Expr) -> Expr:
    """Absolute scale with which fine-tuning starts, after pretraining has learned β_PT.

    Parameters
    ----------
    beta_pt
        Effective weight at the end of pretraining.
    c, lam
        Scales of the initialisation of pretraining, c > 0 and |λ| ≤ c.
    readout
        Value that all readout weights are set to; γ in eq. 5.
    """
    start = rebalanced(layer_weights(beta_pt, c, lam), readout)
    return sp.cancel(sp.radsimp(sp.together(sp.expand(absolute_scale(start)))))
