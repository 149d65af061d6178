"""The signed sum of the hidden weights (Appendix B.1).

At the end of pretraining from (c, λ), whatever the signs of the weights,

    (w₊ + w₋)² = (c + λ)(1 + √(1 + (β/c)²)).
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from theory.network import Weights, effective_weight, layer_weights, trajectory
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import equal
from verify.methods.numeric import largest
from verify.methods.symbolic import prove_all
from verify.registry import register

SEED = 43
TOLERANCE = 1e-8


class Statement(NamedTuple):
    """How the two hidden weights are added, and the square of that sum."""

    add: Any
    square: Any


def signed(w_plus: Any, w_minus: Any) -> Any:
    """Add the weights with their signs."""
    return w_plus + w_minus


def square(beta: Any, c: Any, lam: Any) -> Any:
    """Return (w₊ + w₋)², as stated."""
    return (c + lam) * (1 + (1 + (beta / c) ** 2) ** sp.Rational(1, 2))


def decide(statement: Statement) -> Evidence:
    """Add the derived weights: w₀, v₀ ≥ 0 cover every |λ| ≤ c; then along signed starts."""
    return prove_all(
        (name, sums(statement))
        for name, sums in (
            ("at every β, from w₀, v₀ ≥ 0", _at_beta),
            ("at every moment x, from w₀ and v₀ of any sign", _along_signed_starts),
        )
    )


def _at_beta(statement: Statement) -> Evidence:
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    beta = sp.Symbol("beta", real=True)
    c, lam = w0**2 + v0**2, w0**2 - v0**2
    derived = layer_weights(beta, c, lam)
    return equal(
        statement.add(derived.w_plus, derived.w_minus) ** 2,
        statement.square(beta, c, lam),
        thorough=True,
    )


def _along_signed_starts(statement: Statement) -> Evidence:
    w0, v0, x = sp.symbols("w_0 v_0 x", real=True)
    later = trajectory(Weights(w0, v0, w0, v0), x)
    return equal(
        statement.add(later.w_plus, later.w_minus) ** 2,
        statement.square(sp.expand(effective_weight(later)), w0**2 + v0**2, w0**2 - v0**2),
    )


@cache
def trained() -> list[tuple[float, float, flow.State]]:
    """Train networks of several relative scales; return c, λ and the weights at the end."""
    rng = np.random.default_rng(SEED)
    return [
        (
            c,
            ratio * c,
            flow.train(flow.initial_state(c, ratio * c, 5), *flow.random_task(rng, 4, 5)),
        )
        for c, ratio in ((1.0, 0.0), (0.6, 0.7), (0.4, -0.7), (0.3, -0.95), (0.5, -1.0))
    ]


def integrate(statement: Statement) -> Evidence:
    """Train networks in which hidden weights change sign (λ < 0) and others, and add."""
    worst, where, negative = 0.0, {}, 0
    for c, lam, end in trained():
        negative += int(np.sum((end.w_plus < 0) | (end.w_minus < 0)))
        for w_plus, w_minus, beta in zip(end.w_plus, end.w_minus, end.beta, strict=True):
            total = float(statement.add(w_plus, w_minus)) ** 2
            formula = float(statement.square(float(beta), c, lam))
            gap = largest(abs(total - formula))
            if gap > worst:
                worst = gap
                where = {
                    "c": str(c),
                    "lambda": str(lam),
                    "w_plus": repr(float(w_plus)),
                    "w_minus": repr(float(w_minus)),
                    "squared sum": repr(total),
                    "formula": repr(formula),
                }
    holds = worst <= TOLERANCE if negative else None
    return Evidence(
        holds,
        f"largest difference {worst:.2g} after 5 trainings; {negative} negative hidden weights",
        figure=worst,
        counterexample=where if holds is False else None,
    )


STATEMENT = Statement(signed, square)
CONTROLS = (
    Control("c − λ for c + λ", Statement(signed, lambda b, c, lam: square(b, c, -lam))),
    Control(
        "1 − √(1 + (β/c)²)",
        Statement(signed, lambda b, c, lam: 2 * (c + lam) - square(b, c, lam)),
    ),
    Control(
        "√(1 + β²/c) for √(1 + (β/c)²)",
        Statement(signed, lambda b, c, lam: square(b * c ** sp.Rational(1, 2), c, lam)),
    ),
)

register(
    Claim(
        id="network.signed-sum",
        title="Signed sum of the hidden weights",
        sentence="The squared sum of the two hidden weights, signs included, is "
        "(c + λ)(1 + √(1 + (β/c)²)).",
        latex=r"\left(w_+ + w_-\right)^2 = (c + \lambda)"
        r"\left(1 + \sqrt{1 + \frac{\beta^2}{c^2}}\right)",
        source="Appendix B.1",
        checks=(
            Check("sum of the derived weights", Method.SYMBOLIC, decide, STATEMENT, CONTROLS),
            Check(
                "sum after integrated training",
                Method.FLOW,
                integrate,
                STATEMENT,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="the integrator's local tolerance is 1e-10; the weights are of order one",
                seed=SEED,
            ),
        ),
        assumptions=("c > 0 and |λ| ≤ c; w₀ and v₀ of any sign",),
        requires=("network.trajectory",),
    )
)
