"""Layer weights at the ends of the relative scale (Appendix B.1).

At λ = c (readouts start at zero)   w₊ = w₋ = √((R + c)/2),   v₊ = −v₋ = β/√(2(R + c));
at λ = −c (hidden weights start at zero) the layers change places. R = √(c² + β²).
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.network import Weights, layer_weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


def at_upper_end(beta: Any, c: Any) -> Weights:
    """Weights for λ = c, as stated."""
    radius = sp.sqrt(c**2 + beta**2)
    common, odd = sp.sqrt((radius + c) / 2), beta / sp.sqrt(2 * (radius + c))
    return Weights(common, odd, common, -odd)


def at_lower_end(beta: Any, c: Any) -> Weights:
    """Weights for λ = −c, as stated."""
    w_plus, v_plus, w_minus, v_minus = at_upper_end(beta, c)
    return Weights(v_plus, w_plus, v_minus, w_minus)


def decide(stated: tuple[Callable[..., Weights], Callable[..., Weights]]) -> Evidence:
    """Compare with the derived weights, squares first and then signs."""
    c, beta = sp.Symbol("c", positive=True), sp.Symbol("beta", real=True)
    steps: list[tuple[str, Any]] = []
    for formula, lam, name in zip(stated, (c, -c), ("λ = c", "λ = −c"), strict=True):
        derived, given = layer_weights(beta, c, lam), formula(beta, c)
        pairs = list(zip(Weights._fields, derived, given, strict=True))
        steps += [(f"{name}: square of {field}", equal(d**2, g**2)) for field, d, g in pairs]
        # Both sides are continuous in β and vanish at β = 0 only, if at all: a point on
        # either side of it settles the sign.
        for place in (c, -c):
            signs = [
                (field, sp.sign(d.subs(beta, place)) == sp.sign(g.subs(beta, place)))
                for field, d, g in pairs
            ]
            steps += [(f"{name}: sign of {field} at β = {place}", agree) for field, agree in signs]
    return prove_all(steps)


register(
    Claim(
        id="network.layer-weights-boundary",
        title="Layer weights at |λ| = c",
        sentence="With readouts (λ = c) or hidden weights (λ = −c) started at zero, the other "
        "layer's weights stay equal in the two pathways and these become opposite numbers.",
        latex=r"\lambda = c:\quad w_+ = w_- = \sqrt{\frac{R + c}{2}},\quad "
        r"v_+ = -v_- = \frac{\beta}{\sqrt{2(R + c)}} \\ "
        r"\lambda = -c:\quad v_+ = v_- = \sqrt{\frac{R + c}{2}},\quad "
        r"w_+ = -w_- = \frac{\beta}{\sqrt{2(R + c)}}",
        source="Appendix B.1",
        checks=(
            Check(
                "derived weights at both ends",
                Method.SYMBOLIC,
                decide,
                (at_upper_end, at_lower_end),
                (
                    Control("the ends exchanged", (at_lower_end, at_upper_end)),
                    Control(
                        "the negative readout with the sign of the positive one",
                        (
                            lambda b, c: at_upper_end(b, c)._replace(
                                v_minus=at_upper_end(b, c).v_plus
                            ),
                            at_lower_end,
                        ),
                    ),
                    Control(
                        "R − c for R + c in the common weight",
                        (lambda b, c: at_upper_end(b, -c), at_lower_end),
                    ),
                ),
            ),
        ),
        assumptions=("c > 0", "the layer that does not start at zero starts positive"),
        requires=("network.layer-weights",),
    )
)
