"""A fourth invariant, tied to the three (Beyond Appendix B.1).

w₊v₋ + v₊w₋ is conserved as well; its square is c² − λ₊λ₋, so only its sign is not already fixed by
λ₊, λ₋ and c.

At the initialisation of eqs. 2-3 it is 2w₀v₀ = √(c² − λ²).
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.invariants import relation
from theory.network import absolute_scale, gradient_flow, initial_weights, rate, relative_scale
from theory.network import weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN
from verify.methods.formula import named, written
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import state


def cross(w):
    return w.w_plus * w.v_minus + w.v_plus * w.w_minus


def square(c, lam_plus, lam_minus):
    return c**2 - lam_plus * lam_minus


class Fourth(NamedTuple):
    """The fourth form, and its square in terms of the other three."""

    cross: Any
    square: Any

    def latex(self):
        form, of_three = written(self.cross, SHOWN), written(self.square, *INVARIANTS)
        return rf"\frac{{d}}{{dt}}\left({form}\right) = 0 \\ \left({form}\right)^2 = {of_three}"


INVARIANTS = named("c", r"\lambda_+", r"\lambda_-")
STATED = Fourth(cross, square)
CONTROLS = (
    Control("w₊v₋ − v₊w₋", Fourth(lambda w: cross(w._replace(v_plus=-w.v_plus)), square)),
    Control("c² + λ₊λ₋", Fourth(cross, lambda c, lp, lm: square(c, lp, -lm))),
)


def decide(fourth):
    """Differentiate it; search for its dependence on the three; evaluate it at the start."""
    coordinate, g = weights(), sp.Symbol("g", real=True)
    c, lam_plus, lam_minus = sp.symbols("c lambda_+ lambda_-", real=True)
    three = (absolute_scale(coordinate), *relative_scale(coordinate))
    forms = dict(zip((c, lam_plus, lam_minus), three, strict=True))
    form = fourth.cross(coordinate)
    found = relation(form**2, forms, 2)
    at_start = fourth.cross(initial_weights(c, lam_plus)) ** 2
    return prove_all(
        [
            ("it is conserved", zero(rate(form, [coordinate], gradient_flow([coordinate], [g])))),
            ("it is not a linear combination of λ₊, λ₋ and c", relation(form, forms, 1) is None),
            ("its square is a quadratic form in them", found is not None),
            ("that form", equal(fourth.square(c, lam_plus, lam_minus), sp.sympify(found or 0))),
            (
                "and at the initialisation, λ₊ = λ₋",
                equal(fourth.square(c, lam_plus, lam_plus), at_start),
            ),
        ]
    )


state(
    "network.fourth-invariant",
    __doc__,
    (
        Check(
            "derivative along the flow and linear algebra", Method.SYMBOLIC, decide, STATED, CONTROLS
        ),
    ),
    requires=("network.conservation",),
)
