"""The conserved quantities are complete (Theorem 4.1, proof; Appendix B.1; Marcotte et al. (2023)).

Whatever training conserves for every loss is, near almost every state, a function of λ₊, λ₋ and c
of the coordinates.

What is conserved for every loss is annihilated by the d vector fields by which the coordinates
move. These are independent where no coordinate's weights all vanish, and they commute, so by
Frobenius' theorem there are exactly 4d − d independent conserved quantities.
"""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.invariants import independence, lie_bracket
from theory.network import gradient_flow, rate, squared_norm, weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN
from verify.claims.network.conservation import lam_minus, lam_plus, scale
from verify.methods.formula import written
from verify.methods.identity import equal, prove_all, zero
from verify.registry import state


@dataclass(frozen=True)
class Complete:
    """Functions of the weights of a coordinate: all that is conserved, and none too many."""

    forms: tuple[Any, ...]

    def latex(self):
        listed = r",\; ".join(written(form, SHOWN) for form in self.forms)
        count = rf"4d - d = {len(self.forms)}d \text{{ independent invariants}}"
        return rf"{count} \\ \text{{of every coordinate: }} {listed}"


def other_scale(w):
    return w.w_plus * w.w_minus - w.v_plus * w.v_minus


STATED = Complete((lam_plus, lam_minus, scale))
CONTROLS = (
    Control("λ₊ and λ₋ alone", Complete((lam_plus, lam_minus))),
    Control(
        "λ₊ − λ₋ in place of c",
        Complete((lam_plus, lam_minus, lambda w: lam_plus(w) - lam_minus(w))),
    ),
    Control("w₊w₋ − v₊v₋ in place of c", Complete((lam_plus, lam_minus, other_scale))),
)


def decide(complete):
    """Count: dimension of the state, less that of the directions in which it can move."""
    one, two, (g, h) = weights(), weights("_2"), sp.symbols("g h", real=True)
    (velocity,) = gradient_flow([one], [g])
    both = [v for moving in gradient_flow([one, two], [g, h]) for v in moving]
    move_one, move_two = ([v.subs({g: on, h: 1 - on}) for v in both] for on in (1, 0))
    stated, needed = [form(one) for form in complete.forms], len(one) - 1
    return prove_all(
        [
            *((f"{form} is conserved", zero(rate(form, [one], [velocity]))) for form in stated),
            (
                "the squared velocity is g² times the squared norm: one direction, "
                "at every state but zero",
                equal(squared_norm(velocity), g**2 * squared_norm(one)),
            ),
            (
                "the flows of two coordinates commute, so no further direction arises",
                zero(lie_bracket(move_one, move_two, [*one, *two])),
            ),
            (
                "nor does it from rescaling all weights, with which the flow commutes as well",
                zero(lie_bracket(move_one[:4], one, one)),
            ),
            (f"they are as many as there can be: {needed} of 4 − 1", len(stated) == needed),
            (
                "and they are independent (their minors do not all vanish)",
                len(stated) != needed or independence(stated) != 0,
            ),
        ]
    )


state(
    "network.invariants-complete",
    __doc__,
    (Check("count of directions and minors", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.conservation", "network.invariants-independent"),
)
