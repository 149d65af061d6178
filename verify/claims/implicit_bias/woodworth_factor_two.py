"""What Woodworth's q at z = 2β/√k is: the penalty of twice the scale.

With q(z) = 2 − √(4 + z²) + z asinh(z/2) and √k = 2c, (√k/4) q(2β/√k) is the penalty of scale 2c.
"""

from typing import Any

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.implicit_bias.woodworth_normalisation import woodworth
from verify.methods.identity import equal
from verify.registry import register


def decide(multiple: Any) -> Evidence:
    """Compare with the potential of the flow that starts with this multiple of the scale."""
    beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
    return equal(c / 2 * woodworth(beta / c), penalty(beta, multiple * c))


register(
    Claim(
        id="implicit-bias.woodworth-factor-two",
        title="What the wrong argument amounts to",
        sentence="Woodworth's q at z = 2β/√k instead of 4β/√k is the penalty of a network that "
        "starts with twice the scale c_FT.",
        latex=r"\frac{\sqrt{k}}{4}\, q\left(\frac{2\beta}{\sqrt{k}}\right) = q_{4k}(\beta),\quad "
        r"\sqrt{4k} = 2 \cdot 2 c_{FT}",
        source="Theorem 4.1; Woodworth et al. (2020)",
        checks=(
            Check(
                "comparison with the flow's potential",
                Method.SYMBOLIC,
                decide,
                2,
                (
                    Control("the same scale", 1),
                    Control("half the scale", sp.Rational(1, 2)),
                    Control("four times the scale", 4),
                ),
            ),
        ),
        assumptions=("c > 0",),
        requires=("implicit-bias.woodworth-normalisation",),
    )
)
