"""What λ₊, λ₋, c and β leave open of the weights (Appendix B.1).

With c′ = ±√(c² − λ₊λ₋), K = 4c² + (λ₊ − λ₋)² and N = √(4β² + K), every product of two weights
of a coordinate is a function of (λ₊, λ₋, c, β) and the sign of c′. A state is thereby fixed up to
one overall sign; there are four states alike if c′ ≠ 0, two if c′ = 0. In training, the signs
are those of the initialisation, by continuity.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp

from theory.invariants import count_states_like
from theory.network import (
    Weights,
    absolute_scale,
    effective_weight,
    relative_scale,
    squared_norm,
    weights,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register

# Rational states: c' = 0 (the first three) and c' != 0, pathways equal and not, c of both signs.
STATES = (
    (1, 0, 1, 0),
    (0, 1, 0, 1),
    (1, 2, 2, -4),
    (1, 2, 1, 2),
    (2, 1, 3, -1),
    (1, 0, 0, 1),
)


class Statement(NamedTuple):
    """Products of weights, in the order of `decide`, and the squared norm."""

    products: Callable[..., tuple[Any, ...]]
    norm_squared: Callable[..., Any]


def norm_squared(c: Any, lam_plus: Any, lam_minus: Any, beta: Any) -> Any:
    """N² as stated."""
    return 4 * beta**2 + 4 * c**2 + (lam_plus - lam_minus) ** 2


def products(
    c: Any, lam_plus: Any, lam_minus: Any, beta: Any, cross: Any, norm: Any
) -> tuple[Any, ...]:
    """Return w₊², v₊², w₋², v₋², w₊v₊, w₋v₋, w₊w₋, v₊v₋, w₊v₋ and v₊w₋."""
    k = 4 * c**2 + (lam_plus - lam_minus) ** 2
    twist_plus = lam_plus**2 - lam_plus * lam_minus + 2 * c**2
    twist_minus = lam_minus**2 - lam_plus * lam_minus + 2 * c**2
    plus = (norm * twist_plus + 4 * beta * c * cross) / k
    minus = (norm * twist_minus - 4 * beta * c * cross) / k
    difference = (norm * c * (lam_plus + lam_minus) - 2 * beta * cross * (lam_plus - lam_minus)) / k
    tilt = (norm * cross * (lam_plus - lam_minus) - 2 * beta * c * (lam_plus + lam_minus)) / k
    return (
        (plus + lam_plus) / 2,
        (plus - lam_plus) / 2,
        (minus + lam_minus) / 2,
        (minus - lam_minus) / 2,
        (beta * twist_plus + norm * c * cross) / k,
        (-beta * twist_minus + norm * c * cross) / k,
        (c + difference) / 2,
        (c - difference) / 2,
        (cross + tilt) / 2,
        (cross - tilt) / 2,
    )


def decide(statement: Statement) -> Evidence:
    """Insert the definitions of the invariants: polynomial identities in the four weights."""
    state = weights()
    wp, vp, wm, vm = state
    symbols = sp.symbols("c lambda_+ lambda_- beta c' N", real=True)
    definitions = (
        absolute_scale(state),
        *relative_scale(state),
        effective_weight(state),
        wp * vm + vp * wm,
        squared_norm(state),
    )
    inserted = dict(zip(symbols, definitions, strict=True))
    actual = (wp**2, vp**2, wm**2, vm**2, wp * vp, wm * vm, wp * wm, vp * vm, wp * vm, vp * wm)
    fractions = [sp.fraction(sp.together(p)) for p in statement.products(*symbols)]
    return prove_all(
        [
            (
                "N² is a function of the invariants and β, and N > 0",
                equal(statement.norm_squared(*definitions[:4]), definitions[5] ** 2),
            ),
            *(
                (
                    f"{product} likewise",
                    equal(
                        sp.expand(above.subs(inserted, simultaneous=True)),
                        sp.expand(product * below.subs(inserted, simultaneous=True)),
                    ),
                )
                for (above, below), product in zip(fractions, actual, strict=True)
            ),
        ]
    )


def states_alike(cross: Any) -> int:
    """Return the number of real states with the same λ₊, λ₋, c and β, as stated."""
    return 2 if cross == 0 else 4


def count(stated: Callable[[Any], int]) -> Evidence:
    """Count the real solutions of the four equations exactly, by Hermite's method."""
    for entries in STATES:
        state = Weights(*map(sp.Integer, entries))
        cross = state.w_plus * state.v_minus + state.v_plus * state.w_minus
        found = count_states_like(state)
        if stated(cross) != found:
            return Evidence(
                False,
                f"{found} states alike, stated {stated(cross)}",
                counterexample={"state": str(entries), "c'": str(cross), "found": str(found)},
            )
    return Evidence(True, f"exact counts at {len(STATES)} rational states agree", figure=0.0)


register(
    Claim(
        id="network.state-determined",
        title="The invariants and β determine the state",
        sentence="λ₊, λ₋, c and β determine the four weights of a coordinate up to two signs: an "
        "overall one, and that of w₊v₋ + v₊w₋.",
        latex=r"w_{+}^2 + v_{+}^2 = \frac{N(\lambda_+^2 - \lambda_+\lambda_- + 2c^2) "
        r"+ 4\beta c c'}{4c^2 + (\lambda_+ - \lambda_-)^2} \\ "
        r"N = \sqrt{4\beta^2 + 4c^2 + (\lambda_+ - \lambda_-)^2},\quad "
        r"c' = \pm\sqrt{c^2 - \lambda_+\lambda_-}",
        source="Appendix B.1",
        checks=(
            Check(
                "all products of two weights",
                Method.SYMBOLIC,
                decide,
                Statement(products, norm_squared),
                (
                    Control(
                        "the sign of β c c′ reversed",
                        Statement(
                            lambda c, lp, lm, b, x, n: products(c, lp, lm, b, -x, n), norm_squared
                        ),
                    ),
                    Control(
                        "the pathways' λ exchanged",
                        Statement(
                            lambda c, lp, lm, b, x, n: products(c, lm, lp, b, x, n), norm_squared
                        ),
                    ),
                    Control(
                        "N² = β² + 4c² + (λ₊ − λ₋)²",
                        Statement(
                            products,
                            lambda c, lp, lm, b: norm_squared(c, lp, lm, b) - 3 * b**2,
                        ),
                    ),
                ),
            ),
            Check(
                "exact count of states alike",
                Method.MULTIPRECISION,
                count,
                states_alike,
                (
                    Control("always two: the overall sign alone", lambda cross: 2),
                    Control("always four", lambda cross: 4),
                ),
                tolerance=0.0,
                reason="a count in exact arithmetic",
            ),
        ),
        assumptions=("c ≠ 0 or λ₊ ≠ λ₋",),
        requires=("network.fourth-invariant",),
    )
)
