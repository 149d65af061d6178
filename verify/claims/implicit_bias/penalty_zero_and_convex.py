"""The penalty vanishes at zero only, is even and strictly convex (Theorem 4.1).

q(0) = q′(0) = 0,   q(−β) = q(β),   q″ > 0,   hence q(β) > 0 for β ≠ 0.
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import register


def value(beta: Any, c: Any) -> Any:
    """Return q, as stated."""
    return (c - sp.sqrt(c**2 + beta**2) + beta * sp.asinh(beta / c)) / 2


def decide(stated: Callable[[Any, Any], Any]) -> Evidence:
    """Differentiate."""
    beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
    q = stated(beta, c)
    bend = sp.simplify(sp.diff(q, beta, 2))
    return prove_all(
        [
            ("it is the potential of the flow", equal(q, penalty(beta, c))),
            ("q(0) = 0", zero(q.subs(beta, 0))),
            ("q′(0) = 0", zero(sp.diff(q, beta).subs(beta, 0))),
            ("q is even", equal(q, q.subs(beta, -beta))),
            (f"q″ = {bend} is positive for every real β and c > 0", bend.is_positive),
        ]
    )


def lopsided(beta: Any, c: Any) -> Any:
    """Return q plus a linear term: convex, zero at zero, but not even."""
    return value(beta, c) + beta / 8


register(
    Claim(
        id="implicit-bias.penalty-zero-and-convex",
        title="Zero at zero, even, strictly convex",
        sentence="q vanishes at β = 0 with its slope, is even and strictly convex, so it is "
        "positive elsewhere and the interpolating minimiser is unique.",
        latex=r"q(0) = q'(0) = 0,\quad q(-\beta) = q(\beta),\quad "
        r"q''(\beta) = \frac{1}{2\sqrt{c^2 + \beta^2}} > 0",
        source="Theorem 4.1",
        checks=(
            Check(
                "derivatives",
                Method.SYMBOLIC,
                decide,
                value,
                (
                    Control("without the constant c/2", lambda b, c: value(b, c) - c / 2),
                    Control("with a linear term", lopsided),
                    Control("with the opposite sign", lambda b, c: -value(b, c)),
                ),
            ),
        ),
        assumptions=("c > 0",),
        requires=("implicit-bias.penalty",),
    )
)
