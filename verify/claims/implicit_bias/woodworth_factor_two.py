"""What the wrong argument amounts to (Theorem 4.1; Woodworth et al. (2020)).

Woodworth's q at z = 2β/√k instead of 4β/√k is the penalty of a network that starts with twice the
scale c_FT.
"""

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias.woodworth_normalisation import woodworth
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal
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
)


def decide(stated):
    """Compare with the potential of the flow that starts with half of √k′."""
    root_k = stated.root_k(c)
    value = stated.penalty(root_k, stated.q(stated.z(beta, root_k)))
    return equal(value, penalty(beta, stated.other(root_k) / 2))


state(
    "implicit-bias.woodworth-factor-two",
    __doc__,
    (Check("comparison with the flow's potential", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.woodworth-normalisation",),
)
