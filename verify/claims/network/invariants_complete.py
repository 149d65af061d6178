"""The conserved quantities are complete (Theorem 4.1, proof; Appendix B.1; Marcotte et al. (2023)).

Whatever training conserves for every loss is, near every state with w₊v₋ + v₊w₋ ≠ 0 in all d
coordinates, a function of their λ₊, λ₋ and c: 4d − d independent quantities.

There λ₊, λ₋, c and β of the coordinates may stand for their weights. A loss can have any ∂L/∂βᵢ,
and that moves βᵢ and nothing else, so what no loss changes depends on no βᵢ.
"""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.network import Weights, effective_weight, gradient_flow, rate, weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.claims.network.conservation import lam_minus, lam_plus, scale
from verify.claims.network.fourth_invariant import cross
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import shown, written
from verify.registry import state


@dataclass(frozen=True)
class Complete:
    """Functions of the weights of a coordinate: all that is conserved, and none too many.

    With β they are functions of the weights whose determinant is `jacobian`.
    """

    forms: tuple[Any, ...]
    jacobian: Any = lambda w: 4 * cross(w) * squared_norm(w)
    by: Weights = SHOWN

    def latex(self):
        listed = r",\; ".join(written(form, SHOWN) for form in self.forms)
        count = rf"{len(self.by)}d - d = {len(self.forms)}d \text{{ independent invariants}}"
        variables = rf"\partial(\text{{these}}, \beta) / \partial({', '.join(map(shown, self.by))})"
        return (
            rf"{count} \\ \text{{of every coordinate: }} {listed} \\ "
            rf"\det {variables} = {written(self.jacobian, SHOWN)}"
        )


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
    """Take the forms and β for coordinates; only β moves."""
    return prove_all(steps(complete))


def steps(complete):
    if {*complete.by} != {*SHOWN}:
        raise ValueError(f"the Jacobian must be by the four weights, got {complete.by}")
    one, two, (g, h, t) = weights(), weights("_2"), sp.symbols("g h t", real=True)
    velocities, beta = gradient_flow([one, two], [g, h]), effective_weight(one)
    for form in complete.forms:
        here = form(one)
        yield f"{here} is conserved", zero(rate(here, [one, two], velocities))
        larger = form(Weights(*(t * weight for weight in one)))
        yield "it is a quadratic form", equal(larger, t**2 * here)
    needed = len(complete.by) - 1
    yield f"they are as many as 4 weights less 1: {needed}", len(complete.forms) == needed
    coordinates = sp.Matrix([*(form(one) for form in complete.forms), beta])
    of = dict(zip(SHOWN, one, strict=True))
    determinant = coordinates.jacobian([of[weight] for weight in complete.by]).det()
    yield (
        "with β they are independent where w₊v₋ + v₊w₋ ≠ 0",
        equal(complete.jacobian(one), determinant),
    )
    yield (
        "and every loss moves β alone, whatever the other coordinates do: β̇ = −N ∂L/∂β",
        equal(
            coordinates.applyfunc(lambda form: rate(form, [one, two], velocities)),
            sp.Matrix([*[0] * needed, -g * squared_norm(one)]),
        ),
    )


state(
    "network.invariants-complete",
    __doc__,
    (Check("coordinates of the state", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.conservation", "network.invariants-independent"),
)
