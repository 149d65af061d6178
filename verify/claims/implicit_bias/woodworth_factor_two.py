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

beta = sp.Symbol("beta", real=True)
c, root_k, q = sp.symbols(r"c_FT \sqrt{k} q(z)", positive=True)

STATED = Formulas(
    scale=Formula(r"\sqrt{k'}", (c,), lambda c: 2 * (2 * c), r",\quad \sqrt{k} = 2 c_{FT}"),
    value=Formula(r"q_{k'}(\beta)", (root_k, q), lambda root_k, q: root_k / 4 * q),
    z=Formula("z", (beta, root_k), lambda beta, root_k: 2 * beta / root_k),
)
CONTROLS = (
    STATED.but("the same scale", scale=lambda c: 2 * c),
    STATED.but("half the scale", scale=lambda c: 2 * (c / 2)),
    STATED.but("four times the scale", scale=lambda c: 2 * (4 * c)),
)


def decide(stated):
    """Compare with the potential of the flow that starts with half of √k′."""
    value = stated.value(2 * c, woodworth(stated.z(beta, 2 * c)))
    return equal(value, penalty(beta, stated.scale(c) / 2))


state(
    "implicit-bias.woodworth-factor-two",
    __doc__,
    (Check("comparison with the flow's potential", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0",),
    requires=("implicit-bias.woodworth-normalisation",),
)
