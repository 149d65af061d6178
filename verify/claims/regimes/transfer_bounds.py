"""The transfer lies in [0, 1) (Proposition B.1, eq. 27).

For every network 0 ≤ κ < 1; κ = 0 exactly where β_PT = 0 or λ = −c, and κ = 1 is never attained,
but approached: as c → 0 where γ = 0, for one.

So c_FT grows more slowly than |β_PT|. When κ → 1 is said exactly in regimes.transfer-one.
"""

from itertools import product

import numpy as np

from numerics import Initialization, regimes
from theory.regimes import ABSOLUTE, GAMMA, E, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import KAPPA
from verify.claims.regimes._statements import Approached, AttainedWhere, Holds, Range, decide
from verify.methods.numeric import Worst
from verify.registry import state

STATED = Range(
    KAPPA,
    low=AttainedWhere(0, (E, S)),
    high=Approached(1, ABSOLUTE, 0, ((GAMMA, 0),)),
)
CONTROLS = (STATED.within(high="99/100"), STATED.within(low="1/100"))
# These bounds hold, too: to see that they are not the best takes the limit, and where κ vanishes.
WIDER = (
    STATED.within(high="101/100"),
    STATED.within(low="-1/100"),
    Control("κ > 0 for every network", Holds(KAPPA > 0)),
)
ROUNDING = 4 * np.finfo(float).eps


def decide_by_kernel(bounds):
    """Evaluate κ and 1 − κ in float64 over fourteen decades of every parameter.

    κ is held to its upper bound through 1 − κ, which does not round to 0; the two must add to 1.
    """
    decades = np.array([10.0**k for k in range(-7, 8, 2)])
    pretrained, margin = np.array([0.0, *decades]), Worst(smallest=True)
    for c, gamma, r in product(decades, pretrained, (-0.999, 0.0, 1.0)):
        init = Initialization(c, r * c, gamma)
        kappa = regimes.transfer(pretrained, init)
        rest = regimes.one_minus_transfer(pretrained, init)
        above, below = kappa - float(bounds.low.value), rest - float(1 - bounds.high.value)
        apart = np.abs(kappa + rest - 1)
        below = np.where(apart <= ROUNDING, below, -apart)
        # The lower bound is attained: only what falls short of it is a margin.
        attained = (above == 0) & isinstance(bounds.low, AttainedWhere)
        where = {"beta_PT": pretrained, "c": c, "gamma": gamma, "lambda/c": r}
        margin.at(np.where(attained, below, np.minimum(above, below)), **where)
    return margin.measured("smallest distance from a bound that is not attained: {worst}")


state(
    "regimes.transfer-bounds",
    __doc__,
    (
        Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, (*CONTROLS, *WIDER)),
        Check(
            "float64 kernel on a grid",
            Method.FLOAT64,
            decide_by_kernel,
            STATED,
            CONTROLS,
            above=0.0,
            reason="a strict inequality: the distance from its bound is positive",
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0"),
    requires=("regimes.transfer-closed-form",),
)
