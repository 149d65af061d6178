"""Flow of the effective weight (Section 3.1, eq. 1; Appendix B.1).

β̇ = −(w₊² + v₊² + w₋² + v₋²) ∂L/∂β.
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.network import Weights, effective_weight, gradient_flow, rate, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.registry import register


def speed(w: Weights) -> Any:
    """Return β̇ / (−∂L/∂β), as stated."""
    return w.w_plus**2 + w.v_plus**2 + w.w_minus**2 + w.v_minus**2


def decide(stated: Callable[[Weights], Any]) -> Evidence:
    """Differentiate β along the flow."""
    state, g = weights(), sp.Symbol("g", real=True)
    derived = rate(effective_weight(state), [state], gradient_flow([state], [g]))
    return equal(-stated(state) * g, derived)


register(
    Claim(
        id="network.effective-flow",
        title="Flow of the effective weight",
        sentence="β moves against ∂L/∂β at a speed that is the sum of the squares of the four "
        "weights: large weights learn fast, whichever layer they are in.",
        latex=r"\dot\beta = -\left(w_+^2 + v_+^2 + w_-^2 + v_-^2\right)"
        r"\frac{\partial L}{\partial \beta}",
        source="Section 3.1, eq. (1)",
        checks=(
            Check(
                "derivative along the flow",
                Method.SYMBOLIC,
                decide,
                speed,
                (
                    Control(
                        "the negative pathway slows β down",
                        lambda w: w.w_plus**2 + w.v_plus**2 - w.w_minus**2 - w.v_minus**2,
                    ),
                    Control("half the speed", lambda w: speed(w) / 2),
                ),
            ),
        ),
        assumptions=("the loss is differentiable",),
        requires=("network.flow",),
    )
)
