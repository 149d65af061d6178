"""Legendre transform of the penalty (Theorem 4.1).

q*(m) = max_β (mβ − q(β)) = (c/2)(cosh 2m − 1),   reached at β = c sinh 2m.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.implicit_bias import conjugate, penalty_curvature, penalty_slope, stationary_weight
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """The transform and where it is reached."""

    value: Any
    best: Any


def value(m: Any, c: Any) -> Any:
    """Return q*(m), as stated."""
    return c / 2 * (sp.cosh(2 * m) - 1)


def best(m: Any, c: Any) -> Any:
    """Return the maximising β, as stated."""
    return c * sp.sinh(2 * m)


def decide(statement: Statement) -> Evidence:
    """Solve for the stationary point, insert it; its curvature makes it the maximum."""
    m, beta = sp.symbols("m beta", real=True)
    c = sp.Symbol("c", positive=True)
    stationary = m - penalty_slope(statement.best(m, c), c)
    return prove_all(
        [
            ("stationary point", equal(statement.best(m, c), stationary_weight(m, c))),
            (
                "the slope there is m",
                equal(stationary.replace(sp.asinh, lambda a: _asinh(a)), sp.Integer(0)),
            ),
            ("it is a maximum: q is convex", penalty_curvature(beta, c).is_positive),
            ("value there", equal(statement.value(m, c), conjugate(m, c))),
            (
                "the slope of q* is the maximising β",
                equal(sp.diff(statement.value(m, c), m), statement.best(m, c)),
            ),
        ]
    )


def _asinh(argument: Any) -> Any:
    return argument.args[0] if isinstance(argument, sp.sinh) else sp.asinh(argument)


register(
    Claim(
        id="implicit-bias.conjugate",
        title="Legendre transform of the penalty",
        sentence="The Legendre transform of q is (c/2)(cosh 2m − 1), reached at β = c sinh 2m.",
        latex=r"q^*(m) = \max_{\beta}\left(m\beta - q(\beta)\right) "
        r"= \frac{c}{2}\left(\cosh 2m - 1\right)",
        source="Theorem 4.1",
        checks=(
            Check(
                "stationary point inserted",
                Method.SYMBOLIC,
                decide,
                Statement(value, best),
                (
                    Control("cosh m for cosh 2m", Statement(lambda m, c: value(m / 2, c), best)),
                    Control("β = c sinh m", Statement(value, lambda m, c: best(m / 2, c))),
                    Control("c for c/2", Statement(lambda m, c: 2 * value(m, c), best)),
                ),
            ),
        ),
        assumptions=("c > 0",),
        requires=("implicit-bias.penalty",),
    )
)
