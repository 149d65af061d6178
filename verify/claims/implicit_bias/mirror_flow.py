"""The flow of β is mirror flow (Theorem 4.1's proof, Appendix B.1; Azulay et al. 2021).

β̇ = −2√(c² + β²) ∂L/∂β,   that is   d/dt ½ asinh(β/c) = −∂L/∂β.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.implicit_bias import mirror_speed, penalty_slope
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Speed of β, and the function of β whose rate is −∂L/∂β."""

    speed: Any
    mirror: Any


def speed(beta: Any, c: Any) -> Any:
    """Return β̇ / (−∂L/∂β), as stated."""
    return 2 * sp.sqrt(c**2 + beta**2)


def mirror(beta: Any, c: Any) -> Any:
    """Return the mirror map, as stated."""
    return sp.asinh(beta / c) / 2


def decide(statement: Statement) -> Evidence:
    """Compare with the speed at the weights that the flow has when β is reached."""
    beta, lam = sp.symbols("beta lambda", real=True)
    c = sp.Symbol("c", positive=True)
    derived = mirror_speed(beta, c, lam)
    rate = sp.diff(statement.mirror(beta, c), beta) * derived
    return prove_all(
        [
            ("speed of β", equal(statement.speed(beta, c), derived)),
            ("rate of the mirror map", equal(rate, sp.Integer(1))),
            ("it is zero at β = 0", equal(statement.mirror(sp.Integer(0), c), 0)),
            (
                "it is the integral of the flow's metric",
                equal(statement.mirror(beta, c), penalty_slope(beta, c)),
            ),
        ]
    )


register(
    Claim(
        id="implicit-bias.mirror-flow",
        title="β follows mirror flow",
        sentence="β̇ = −2√(c² + β²) ∂L/∂β, so the mirror map ½ asinh(β/c) descends the gradient "
        "of the loss itself.",
        latex=r"\dot\beta = -2\sqrt{c^2 + \beta^2}\,\frac{\partial L}{\partial\beta} \\ "
        r"\frac{d}{dt}\,\frac{1}{2}\operatorname{asinh}\frac{\beta}{c} "
        r"= -\frac{\partial L}{\partial\beta}",
        source="Theorem 4.1, proof; Appendix B.1",
        checks=(
            Check(
                "weights inserted into the flow",
                Method.SYMBOLIC,
                decide,
                Statement(speed, mirror),
                (
                    Control(
                        "√(c² + β²), without the 2",
                        Statement(lambda b, c: speed(b, c) / 2, mirror),
                    ),
                    Control(
                        "asinh(β/c), without the ½",
                        Statement(speed, lambda b, c: 2 * mirror(b, c)),
                    ),
                    Control("√(c² − β²)", Statement(lambda b, c: 2 * sp.sqrt(c**2 - b**2), mirror)),
                ),
            ),
        ),
        assumptions=("c > 0, λ₊ = λ₋",),
        requires=("network.effective-flow", "network.layer-weights"),
    )
)
