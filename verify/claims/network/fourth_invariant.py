"""A fourth invariant, tied to the three (Beyond Appendix B.1).

c′ = w₊v₋ + v₊w₋ is conserved as well; its square is c² − λ₊λ₋, so only its sign is not already
fixed by λ₊, λ₋ and c. From the initialisation of eqs. 2-3 it is 2w₀v₀ = √(c² − λ²).
"""

import sympy as sp

from theory import network
from theory.invariants import relation
from verify.claim import Check, Method
from verify.claims.network._weights import INVARIANTS, LAM_MINUS, LAM_PLUS, SHOWN, C, invariants
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import named
from verify.registry import state


def cross(w):
    return w.w_plus * w.v_minus + w.v_plus * w.w_minus


def square(c, lam_plus, lam_minus):
    return c**2 - lam_plus * lam_minus


(CROSS,) = named("c'")
STATED = Formulas(
    cross=Formula(CROSS, (SHOWN,), cross), square=Formula(CROSS**2, INVARIANTS, square)
)
CONTROLS = (
    STATED.but("w₊v₋ − v₊w₋", cross=lambda w: w.w_plus * w.v_minus - w.v_plus * w.w_minus),
    STATED.but("c² + λ₊λ₋", square=lambda c, lp, lm: c**2 + lp * lm),
)


def decide(stated):
    """Differentiate it; search for its dependence on the three; evaluate it at the start."""
    return prove_all(steps(stated))


def steps(stated):
    now, g = network.weights(), sp.Symbol("g", real=True)
    form, velocities = defined(stated.cross, CROSS, {SHOWN: now}), network.gradient_flow([now], [g])
    three = invariants(now)
    yield "it is conserved", zero(network.rate(form, [now], velocities))
    yield (
        "it is not a linear combination of λ₊, λ₋ and c",
        relation(form, three, 1) is None,
    )
    found = relation(form**2, three, 2)
    yield "its square is a quadratic form in them", found is not None
    yield "that form", equal(stated.square(), sp.sympify(found or 0))
    yield "inserted", equal(stated.square(three), stated.square.left({**three, CROSS: form}))
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)  # cover every |λ| ≤ c
    scale, lam = w0**2 + v0**2, w0**2 - v0**2
    at_start = stated.cross({SHOWN: network.initial_weights(scale, lam)})
    yield "2w₀v₀ at the initialisation", equal(at_start, 2 * w0 * v0)
    start = {C: scale, LAM_PLUS: lam, LAM_MINUS: lam, CROSS: at_start}
    yield "where λ₊ = λ₋", equal(stated.square(start), stated.square.left(start))


CHECK = Check(
    "derivative along the flow and linear algebra", Method.SYMBOLIC, decide, STATED, CONTROLS
)

state("network.fourth-invariant", __doc__, (CHECK,), requires=("network.conservation",))
