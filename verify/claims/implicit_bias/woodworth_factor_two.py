"""What the wrong argument amounts to (Theorem 4.1; Woodworth et al. (2020)).

Woodworth's q at z = 2β/√k instead of 4β/√k is the penalty of a network that starts with twice the
scale c_FT.
"""

import sympy as sp

from theory.implicit_bias import penalty, penalty_curvature
from verify.claim import Check, Method
from verify.claims.implicit_bias import minimiser
from verify.claims.implicit_bias._symbols import Penalty
from verify.claims.implicit_bias.woodworth_normalisation import of_flow, woodworth
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.registry import state

beta, z = sp.symbols("beta z", real=True)
c, k, twice, q = sp.symbols("c_FT k k' q(z)", positive=True)

STATED = Formulas(
    penalty=Formula(Penalty(beta, twice), (k, q), lambda k, q: sp.sqrt(k) / 4 * q),
    q=Formula(q, (z,), woodworth),
    z=Formula(z, (beta, k), lambda beta, k: 2 * beta / sp.sqrt(k)),
    root_k=Formula(sp.sqrt(k), (c,), lambda c: 2 * c),
    other=Formula(sp.sqrt(twice), (k,), lambda k: 2 * sp.sqrt(k)),
)
CONTROLS = (
    STATED.but("the same scale", other=sp.sqrt),
    STATED.but("half the scale", other=lambda k: sp.sqrt(k) / 2),
    STATED.but("four times the scale", other=lambda k: 4 * sp.sqrt(k)),
    STATED.but("√k = c_FT", root_k=lambda c: c),
    STATED.but("√k = 2c_FT + 1", root_k=lambda c: 2 * c + 1),
    STATED.but("factor ⅛", penalty=lambda k, q: sp.sqrt(k) / 8 * q),
)


def decide(stated):
    """Compare with the potentials of the flows that start with c_FT and with twice as much."""
    return prove_all(steps(stated))


def steps(stated):
    once, at_twice = (penalty_curvature(sp.Integer(0), scale) ** -2 for scale in (c, 2 * c))
    at = {k: once, twice: at_twice, Penalty: of_flow}
    theorem = minimiser.penalty_at(minimiser.THEOREM, {minimiser.k: once})
    yield (
        "Theorem 4.1 at √k is the potential of the flow from c_FT",
        equal(theorem, penalty(beta, c)),
    )
    yield "√k belongs to c_FT", equal(stated.root_k(), stated.root_k.left(at))
    yield "√k′ belongs to twice the scale", equal(stated.other(at), stated.other.left(at))
    value = stated.penalty({**at, q: defined(stated.q, q, {z: defined(stated.z, z, at)})})
    yield "the potential of the flow from there", equal(value, stated.penalty.left(at))


state(
    "implicit-bias.woodworth-factor-two",
    __doc__,
    (Check("comparison with the flow's potential", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.woodworth-normalisation",),
)
