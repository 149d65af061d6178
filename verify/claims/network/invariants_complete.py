"""The list λ₊, λ₋, c is complete (Theorem 4.1's proof, Appendix B.1).

What is conserved for every loss is annihilated by the d vector fields by which the coordinates
move. These are independent where no coordinate's weights all vanish, and they commute, so by
Frobenius' theorem there are exactly 4d − d independent conserved quantities: three per
coordinate, which λ₊, λ₋ and c provide.
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.invariants import independence, lie_bracket
from theory.network import Weights, gradient_flow, rate, squared_norm, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import register

Form = Callable[[Weights], Any]


def lam_plus(w: Weights) -> Any:
    """Difference of the positive pathway's layers."""
    return w.w_plus**2 - w.v_plus**2


def lam_minus(w: Weights) -> Any:
    """Difference of the negative pathway's layers."""
    return w.w_minus**2 - w.v_minus**2


def scale(w: Weights) -> Any:
    """Scale shared by the two pathways."""
    return w.w_plus * w.w_minus + w.v_plus * w.v_minus


def decide(forms: tuple[Form, ...]) -> Evidence:
    """Count: dimension of the state, less that of the directions in which it can move."""
    first, second = weights(), weights("_2")
    g, h = sp.symbols("g h", real=True)
    (velocity,) = gradient_flow([first], [g])
    both = gradient_flow([first, second], [g, h])
    place = [*first, *second]
    move_first = [v.subs({g: 1, h: 0}) for w in both for v in w]
    move_second = [v.subs({g: 0, h: 1}) for w in both for v in w]
    stated = [form(first) for form in forms]
    needed = len(first) - 1
    return prove_all(
        [
            *((f"{form} is conserved", zero(rate(form, [first], [velocity]))) for form in stated),
            (
                "the squared velocity is g² times the squared norm: one direction, "
                "at every state but zero",
                equal(squared_norm(velocity), g**2 * squared_norm(first)),
            ),
            (
                "the flows of two coordinates commute, so no further direction arises",
                zero(lie_bracket(move_first, move_second, place)),
            ),
            (
                "nor does it from rescaling all weights, with which the flow commutes as well",
                zero(lie_bracket(move_first[:4], first, first)),
            ),
            (
                f"they are as many as there can be: {needed} of 4 − 1",
                len(stated) == needed,
            ),
            (
                "and they are independent (their minors do not all vanish)",
                len(stated) != needed or independence(stated) != 0,
            ),
        ]
    )


STATEMENT = (lam_plus, lam_minus, scale)

register(
    Claim(
        id="network.invariants-complete",
        title="The list of conserved quantities is complete",
        sentence="Whatever training conserves for every loss is, near almost every state, a "
        "function of λ₊, λ₋ and c of the coordinates.",
        latex=r"4d - d = 3d \text{ independent invariants: } "
        r"\lambda_{+,i},\; \lambda_{-,i},\; c_i,\quad i = 1, \ldots, d",
        source="Theorem 4.1, proof; Appendix B.1; Marcotte et al. (2023)",
        checks=(
            Check(
                "count of directions and minors",
                Method.SYMBOLIC,
                decide,
                STATEMENT,
                (
                    Control("λ₊ and λ₋ alone", (lam_plus, lam_minus)),
                    Control(
                        "λ₊ − λ₋ in place of c",
                        (lam_plus, lam_minus, lambda w: lam_plus(w) - lam_minus(w)),
                    ),
                    Control(
                        "w₊w₋ − v₊v₋ in place of c",
                        (
                            lam_plus,
                            lam_minus,
                            lambda w: w.w_plus * w.w_minus - w.v_plus * w.v_minus,
                        ),
                    ),
                ),
            ),
        ),
        requires=("network.conservation", "network.invariants-independent"),
    )
)
