"""Scale and shape in the parametrisation of Azulay et al. (2021).

With the initial product α = w₀v₀ and the shape σ = (w₀ − v₀)/(w₀ + v₀),

    √k = 4α(1 + σ²)/(1 − σ²) = 2c,   c = w₀² + v₀².
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.implicit_bias import penalty_curvature
from theory.network import absolute_scale, initial_weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


def root_k(product: Any, shape: Any) -> Any:
    """Return √k, as stated."""
    return 4 * product * (1 + shape**2) / (1 - shape**2)


def decide(stated: Callable[[Any, Any], Any]) -> Evidence:
    """Insert the initial weights; the metric at β = 0 is 1/√k."""
    w0, v0 = sp.symbols("w_0 v_0", positive=True)
    start = initial_weights(w0**2 + v0**2, w0**2 - v0**2)
    scale = absolute_scale(start)
    value = stated(w0 * v0, (w0 - v0) / (w0 + v0))
    return prove_all(
        [
            ("√k is twice the conserved scale", equal(value, 2 * scale)),
            (
                "and the inverse of the flow's metric at β = 0",
                equal(value, 1 / penalty_curvature(sp.Integer(0), w0**2 + v0**2)),
            ),
        ]
    )


register(
    Claim(
        id="implicit-bias.azulay-normalisation",
        title="Azulay's normalisation",
        sentence="√k = 4α(1 + σ²)/(1 − σ²) in terms of the initial product α = w₀v₀ and shape "
        "σ = (w₀ − v₀)/(w₀ + v₀) equals 2c.",
        latex=r"\sqrt{k} = 4\alpha\,\frac{1 + \sigma^2}{1 - \sigma^2} = 2c,\quad "
        r"\alpha = w_0 v_0,\quad \sigma = \frac{w_0 - v_0}{w_0 + v_0}",
        source="Appendix B.1; Azulay et al. (2021)",
        checks=(
            Check(
                "initial weights inserted",
                Method.SYMBOLIC,
                decide,
                root_k,
                (
                    Control("2α for 4α", lambda a, s: root_k(a, s) / 2),
                    Control("(1 − σ²)/(1 + σ²)", lambda a, s: 4 * a * (1 - s**2) / (1 + s**2)),
                    Control("without the shape", lambda a, s: 4 * a),
                ),
            ),
        ),
        assumptions=("w₀, v₀ > 0",),
        requires=("implicit-bias.penalty",),
    )
)
