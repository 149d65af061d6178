"""The normalisation of Woodworth et al. (2020) and that of Theorem 4.1.

Woodworth's q(z) = 2 − √(4 + z²) + z asinh(z/2), at z = β/α² = 4β/√k with √k = 4α², is the same
penalty: q_k(β) = (√k/8) q(4β/√k). It is also the potential, up to a factor of four, of the flow
of β = u² − v² from u = v = α, the network that it was derived for.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.implicit_bias import penalty, squared_weights_curvature
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """The factor in z = factor·β/√k, and the factor before q."""

    argument: Any
    weight: Any


def woodworth(z: Any) -> Any:
    """Return the penalty as Woodworth et al. (2020) print it."""
    return 2 - sp.sqrt(4 + z**2) + z * sp.asinh(z / 2)


def decide(statement: Statement) -> Evidence:
    """Compare with the potential of the flow, and with the flow of the squared weights."""
    beta, alpha = sp.Symbol("beta", real=True), sp.Symbol("alpha", positive=True)
    root_k = 4 * alpha**2
    stated = statement.weight * root_k * woodworth(statement.argument * beta / root_k)
    return prove_all(
        [
            (
                "same curvature",
                equal(sp.diff(stated, beta, 2), sp.diff(penalty(beta, root_k / 2), beta, 2)),
            ),
            ("same penalty", equal(stated, penalty(beta, root_k / 2))),
            (
                "twice the potential of the flow of β = u² − v²",
                equal(sp.diff(stated, beta, 2), 2 * squared_weights_curvature(beta, alpha)),
            ),
        ]
    )


STATEMENT = Statement(argument=4, weight=sp.Rational(1, 8))

register(
    Claim(
        id="implicit-bias.woodworth-normalisation",
        title="Woodworth's normalisation",
        sentence="q_k(β) = (√k/8) q(4β/√k) with Woodworth's q(z) = 2 − √(4+z²) + z asinh(z/2): "
        "the argument carries 4, not 2.",
        latex=r"q_k(\beta) = \frac{\sqrt{k}}{8}\, q\left(\frac{4\beta}{\sqrt{k}}\right),\quad "
        r"q(z) = 2 - \sqrt{4 + z^2} + z\operatorname{asinh}\frac{z}{2},\quad \sqrt{k} = 4\alpha^2",
        source="Theorem 4.1; Woodworth et al. (2020)",
        checks=(
            Check(
                "both flows",
                Method.SYMBOLIC,
                decide,
                STATEMENT,
                (
                    Control("z = 2β/√k", Statement(2, sp.Rational(1, 8))),
                    Control("z = 2β/√k, factor ¼", Statement(2, sp.Rational(1, 4))),
                    Control("factor ¼", Statement(4, sp.Rational(1, 4))),
                ),
            ),
        ),
        assumptions=("α > 0",),
        requires=("implicit-bias.penalty",),
    )
)
