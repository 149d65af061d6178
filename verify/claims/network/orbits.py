"""Orbits of the flow (Sections 3.1-3.2, Appendix B.1).

From any state of a coordinate, with N = w₊² + v₊² + w₋² + v₋² and x = −∫ ∂L/∂β dt,

    β(x) = β(0) cosh 2x + ½ N(0) sinh 2x,    dβ/dx = N,    N² − 4β² = 4c² + (λ₊ − λ₋)².

So every orbit but the one at rest is a curve along which β increases with x, and β takes every
real value on it unless c = 0 and λ₊ = λ₋.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import (
    Weights,
    absolute_scale,
    effective_weight,
    relative_scale,
    squared_norm,
    trajectory,
    weights,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """β along an orbit, and N² − 4β²."""

    beta: Any
    gap: Any


def beta(beta_0: Any, norm_0: Any, x: Any) -> Any:
    """Return β(x), as stated."""
    return beta_0 * sp.cosh(2 * x) + norm_0 * sp.sinh(2 * x) / 2


def gap(c: Any, lam_plus: Any, lam_minus: Any) -> Any:
    """Return N² − 4β², as stated."""
    return 4 * c**2 + (lam_plus - lam_minus) ** 2


def decide(statement: Statement) -> Evidence:
    """Follow the flow from a symbolic state."""
    state, x = weights(), sp.Symbol("x", real=True)
    later = trajectory(state, x)
    at_rest = Weights(0, 0, 0, 0)
    speed = sum((sp.diff(w, x) ** 2 for w in later), sp.Integer(0))
    return prove_all(
        [
            (
                "β along the orbit",
                equal(
                    statement.beta(effective_weight(state), squared_norm(state), x).rewrite(sp.exp),
                    effective_weight(later),
                ),
            ),
            (
                "dβ/dx is the squared norm N, positive unless all weights vanish",
                equal(sp.diff(effective_weight(later), x), squared_norm(later)),
            ),
            (
                "the state moves with squared velocity N, so only the zero state rests",
                equal(speed, squared_norm(later)),
            ),
            ("the zero state rests", tuple(trajectory(at_rest, x)) == tuple(at_rest)),
            (
                "N² − 4β² in terms of the invariants: e^{2x} and e^{−2x} both enter β where it "
                "is positive",
                equal(
                    statement.gap(absolute_scale(state), *relative_scale(state)),
                    squared_norm(state) ** 2 - 4 * effective_weight(state) ** 2,
                ),
            ),
        ]
    )


register(
    Claim(
        id="network.orbits",
        title="Orbits are curves that β parametrises",
        sentence="The states that a coordinate can pass through form a curve along which β "
        "increases steadily and takes every real value (c > 0): training only decides how far "
        "along it the weights go.",
        latex=r"\beta(x) = \beta(0)\cosh 2x + \frac{1}{2} N(0) \sinh 2x \\ "
        r"N^2 - 4\beta^2 = 4c^2 + (\lambda_+ - \lambda_-)^2 \\ N = w_+^2 + v_+^2 + w_-^2 + v_-^2",
        source="Sections 3.1-3.2; Appendix B.1",
        checks=(
            Check(
                "closed form from a symbolic state",
                Method.SYMBOLIC,
                decide,
                Statement(beta, gap),
                (
                    Control(
                        "N(0) sinh 2x without the half",
                        Statement(lambda b, n, x: b * sp.cosh(2 * x) + n * sp.sinh(2 * x), gap),
                    ),
                    Control(
                        "the sum λ₊ + λ₋ in place of the difference",
                        Statement(beta, lambda c, lp, lm: 4 * c**2 + (lp + lm) ** 2),
                    ),
                ),
            ),
        ),
        requires=("network.flow",),
    )
)
