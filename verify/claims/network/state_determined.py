"""The invariants and β determine the state (Appendix B.1).

λ₊, λ₋, c and β determine the four weights of a coordinate up to two signs: an overall one, and that
of c′ = w₊v₋ + v₊w₋.

Together with λ₊, λ₋, c and c′ themselves the six formulas give every product of two weights. Four
states are alike if c′ ≠ 0, two if c′ = 0. In training the signs are those of the initialisation, by
continuity.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.invariants import count_states_like
from theory.network import Weights, absolute_scale, effective_weight, relative_scale, weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.claims.network.fourth_invariant import cross, square
from verify.methods.formula import named, shown, written
from verify.methods.identity import equal
from verify.methods.numeric import Worst
from verify.methods.symbolic import prove_all
from verify.registry import state

FORMS = (
    lambda w: w.w_plus**2 + w.v_plus**2,
    lambda w: w.w_minus**2 + w.v_minus**2,
    lambda w: w.w_plus * w.v_plus,
    lambda w: w.w_minus * w.v_minus,
    lambda w: w.w_plus * w.w_minus - w.v_plus * w.v_minus,
    lambda w: w.w_plus * w.v_minus - w.v_plus * w.w_minus,
)


def numerators(c, lp, lm, beta, cross, norm):
    return (
        norm * (lp**2 - lp * lm + 2 * c**2) + 4 * beta * c * cross,
        norm * (lm**2 - lp * lm + 2 * c**2) - 4 * beta * c * cross,
        beta * (lp**2 - lp * lm + 2 * c**2) + norm * c * cross,
        -beta * (lm**2 - lp * lm + 2 * c**2) + norm * c * cross,
        norm * c * (lp + lm) - 2 * beta * cross * (lp - lm),
        norm * cross * (lp - lm) - 2 * beta * c * (lp + lm),
    )


def denominator(c, lp, lm):
    return 4 * c**2 + (lp - lm) ** 2


class Determined(NamedTuple):
    """`FORMS` as numerators over a denominator K, and N² in terms of β and K."""

    numerators: Any
    denominator: Any = denominator
    norm_squared: Any = lambda beta, K: 4 * beta**2 + K

    def latex(self):
        c, lp, lm, beta, K = named("c", r"\lambda_+", r"\lambda_-", r"\beta", "K")
        with sp.evaluate(False):
            values = self.numerators(c, lp, lm, beta, *named("c'", "N"))
        return r" \\ ".join(
            [
                *(
                    rf"K \left({written(form, SHOWN)}\right) = {shown(value)}"
                    for form, value in zip(FORMS, values, strict=True)
                ),
                rf"K = {written(self.denominator, c, lp, lm)}",
                rf"N = \sqrt{{{written(self.norm_squared, beta, K)}}},\quad "
                rf"c' = {written(cross, SHOWN)} = \pm\sqrt{{{written(square, c, lp, lm)}}}",
            ]
        )


STATED = Determined(numerators)
CONTROLS = (
    Control(
        "the sign of β c c′ reversed",
        Determined(lambda c, lp, lm, b, x, n: numerators(c, lp, lm, b, -x, n)),
    ),
    Control(
        "the pathways' λ exchanged",
        Determined(lambda c, lp, lm, b, x, n: numerators(c, lm, lp, b, x, n)),
    ),
    Control(
        "N² = β² + 4c² + (λ₊ − λ₋)²", STATED._replace(norm_squared=lambda beta, K: beta**2 + K)
    ),
)


def decide(determined):
    """Insert the definitions of the invariants: polynomial identities in the four weights."""
    w = weights()
    c, (lp, lm), beta = absolute_scale(w), relative_scale(w), effective_weight(w)
    norm, K = squared_norm(w), determined.denominator(c, lp, lm)
    values = determined.numerators(c, lp, lm, beta, cross(w), norm)
    return prove_all(
        [
            (
                "N² is a function of the invariants and β, and N > 0",
                equal(determined.norm_squared(beta, K), norm**2),
            ),
            ("c′² likewise", equal(square(c, lp, lm), cross(w) ** 2)),
            *(
                (f"{form(w)} likewise", equal(sp.expand(value), sp.expand(K * form(w))))
                for form, value in zip(FORMS, values, strict=True)
            ),
        ]
    )


def states_alike(cross):
    """Return the number of real states with the same λ₊, λ₋, c and β."""
    return 2 if cross == 0 else 4


# c' = 0 (the first three) and c' != 0, pathways equal and not, c of both signs.
STATES = (
    (1, 0, 1, 0),
    (0, 1, 0, 1),
    (1, 2, 2, -4),
    (1, 2, 1, 2),
    (2, 1, 3, -1),
    (1, 0, 0, 1),
)


def count(stated):
    """Count the real solutions of the four equations exactly, by Hermite's method."""
    worst = Worst()
    for entries in STATES:
        w = Weights(*map(sp.Integer, entries))
        number, found = stated(cross(w)), count_states_like(w)
        worst.at(abs(number - found), state=entries, cross=str(cross(w)), stated=number, found=found)
    return worst.measured("exact counts at {count} rational states differ by {worst}")


state(
    "network.state-determined",
    __doc__,
    (
        Check("all products of two weights", Method.SYMBOLIC, decide, STATED, CONTROLS),
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
