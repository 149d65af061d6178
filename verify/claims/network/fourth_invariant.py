"""A fourth quadratic invariant, and what ties it to the three (beyond Appendix B.1).

    c′ = w₊v₋ + v₊w₋ is conserved too, with c′² = c² − λ₊λ₋.

At the initialisation of eqs. 2-3 it is 2w₀v₀ = √(c² − λ²).
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.invariants import relation
from theory.network import (
    absolute_scale,
    gradient_flow,
    initial_weights,
    rate,
    relative_scale,
    weights,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """The fourth form, and its square in terms of the other three."""

    cross: Any
    square: Any


def cross(w: Any) -> Any:
    """Return the fourth form, as stated."""
    return w.w_plus * w.v_minus + w.v_plus * w.w_minus


def square(c: Any, lam_plus: Any, lam_minus: Any) -> Any:
    """Return its square, as stated."""
    return c**2 - lam_plus * lam_minus


def decide(statement: Statement) -> Evidence:
    """Differentiate it; search for its dependence on the three; evaluate it at the start."""
    state, g = weights(), sp.Symbol("g", real=True)
    c, lam_plus, lam_minus = sp.symbols("c lambda_+ lambda_-", real=True)
    forms = dict(
        zip((c, lam_plus, lam_minus), (absolute_scale(state), *relative_scale(state)), strict=True)
    )
    form = statement.cross(state)
    found = relation(form**2, forms, 2)
    at_start = statement.cross(initial_weights(c, lam_plus)) ** 2
    return prove_all(
        [
            (
                "it is conserved",
                zero(rate(form, [state], gradient_flow([state], [g]))),
            ),
            (
                "it is not a linear combination of λ₊, λ₋ and c",
                relation(form, forms, 1) is None,
            ),
            ("its square is a quadratic form in them", found is not None),
            (
                "that form",
                equal(statement.square(c, lam_plus, lam_minus), sp.sympify(found or 0)),
            ),
            (
                "and at the initialisation, λ₊ = λ₋",
                equal(statement.square(c, lam_plus, lam_plus), at_start),
            ),
        ]
    )


register(
    Claim(
        id="network.fourth-invariant",
        title="A fourth invariant, tied to the three",
        sentence="w₊v₋ + v₊w₋ is conserved as well; its square is c² − λ₊λ₋, so only its sign is "
        "not already fixed by λ₊, λ₋ and c.",
        latex=r"\frac{d}{dt}\left(w_+ v_- + v_+ w_-\right) = 0 \\ "
        r"\left(w_+ v_- + v_+ w_-\right)^2 = c^2 - \lambda_+ \lambda_-",
        source="Beyond Appendix B.1",
        checks=(
            Check(
                "derivative along the flow and linear algebra",
                Method.SYMBOLIC,
                decide,
                Statement(cross, square),
                (
                    Control(
                        "w₊v₋ − v₊w₋",
                        Statement(lambda w: w.w_plus * w.v_minus - w.v_plus * w.w_minus, square),
                    ),
                    Control("c² + λ₊λ₋", Statement(cross, lambda c, lp, lm: c**2 + lp * lm)),
                ),
            ),
        ),
        requires=("network.conservation",),
    )
)
