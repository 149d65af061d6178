"""False: Woodworth's q at z = 2β/√k.

q(2β/√k) with q(z) = 2 − √(4 + z²) + z asinh(z/2), as has been implemented, is not the penalty of
Theorem 4.1, nor proportional to it.
"""

from typing import Any

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Claim, Control, Evidence, Fault, Method
from verify.claims.implicit_bias.woodworth_normalisation import woodworth
from verify.methods.identity import equal
from verify.registry import register


def decide(argument: Any) -> Evidence:
    """Decide whether the curvatures, with z = argument·β/√k, have one ratio at every β."""
    beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
    stated = sp.diff(woodworth(argument * beta / (2 * c)), beta, 2)
    ratio = stated / sp.diff(penalty(beta, c), beta, 2)
    return equal(ratio, ratio.subs(beta, 0), steps=("any constant factor is allowed",))


register(
    Claim(
        id="implicit-bias.woodworth-wrong-argument",
        title="Woodworth's penalty at z = 2β/√k (false)",
        sentence="The penalty of Theorem 4.1 is, up to a constant factor, Woodworth's "
        "q(z) = 2 − √(4+z²) + z asinh(z/2) at z = 2β/√k.",
        latex=r"q_k(\beta) \propto q\left(\frac{2\beta}{\sqrt{k}}\right),\quad "
        r"q(z) = 2 - \sqrt{4 + z^2} + z\operatorname{asinh}\frac{z}{2}",
        source="An implementation of Theorem 4.1",
        checks=(
            Check(
                "ratio of the curvatures",
                Method.SYMBOLIC,
                decide,
                2,
                Control("z = 4β/√k", 4, must_hold=True),
            ),
        ),
        twin="implicit-bias.woodworth-normalisation",
        fault=Fault.CODED,
    )
)
