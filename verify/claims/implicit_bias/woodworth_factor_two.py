"""What the wrong argument amounts to (Theorem 4.1; Woodworth et al. (2020)).

Woodworth's q at z = 2β/√k instead of 4β/√k is the penalty of a network that starts with twice the
scale c_FT.
"""

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias import minimiser
from verify.claims.implicit_bias.woodworth_normalisation import woodworth
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.registry import state

beta, z = sp.symbols("beta z", real=True)
c, root_k, q = sp.symbols(r"c_FT \sqrt{k} q(z)", positive=True)

STATED = Formulas(
    penalty=Formula(r"q_{k'}(\beta)", (root_k, q), lambda root_k, q: root_k / 4 * q),
    q=Formula("q(z)", (z,), woodworth),
    z=Formula("z", (beta, root_k), lambda beta, root_k: 2 * beta / root_k),
    root_k=Formula(r"\sqrt{k}", (c,), lambda c: 2 * c),
    other=Formula(r"\sqrt{k'}", (root_k,), lambda root_k: 2 * root_k),
)
CONTROLS = (
    STATED.but("the same scale", other=lambda root_k: root_k),
    STATED.but("half the scale", other=lambda root_k: root_k / 2),
    STATED.but("four times the scale", other=lambda root_k: 4 * root_k),
    STATED.but("√k = c_FT", root_k=lambda c: c),
    STATED.but("√k = 2c_FT + 1", root_k=lambda c: 2 * c + 1),
    STATED.but("factor ⅛", penalty=lambda root_k, q: root_k / 8 * q),
)


def decide(stated):
    """Compare with the potentials of the flows that start with c_FT and with twice as much."""
    return prove_all(steps(stated))


def steps(stated):
    at = {root_k: stated.root_k()}
    theorem = minimiser.penalty_at(minimiser.THEOREM, {minimiser.sqrt_k: at[root_k]})
    yield (
        "Theorem 4.1 at √k is the potential of the flow from c_FT",
        equal(theorem, penalty(beta, c)),
    )
    yield "√k′ belongs to twice the scale", equal(stated.other(at), stated.root_k({c: 2 * c}))
    value = stated.penalty({**at, q: stated.q({z: stated.z(at)})})
    yield "the potential of the flow from there", equal(value, penalty(beta, 2 * c))


state(
    "implicit-bias.woodworth-factor-two",
    __doc__,
    (Check("comparison with the flow's potential", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.woodworth-normalisation",),
)
