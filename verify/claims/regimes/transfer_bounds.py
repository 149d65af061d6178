"""The transfer lies in [0, 1) (Proposition B.1, eq. 27).

For every network 0 ≤ κ < 1; κ = 0 exactly where β_PT = 0 or λ = −c, and κ = 1 is approached as
c → 0 and γ → 0 but never attained.

So c_FT grows more slowly than |β_PT|.
"""

from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization, regimes
from theory.regimes import ABSOLUTE, GAMMA, E, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import KAPPA, Holds, Limit, OnlyWhere, Theorem, decide
from verify.methods.numeric import Worst
from verify.registry import state


class Bounds(Theorem):
    """`low` ≤ κ < `high`, both the best; `positive` for the false variant with low < κ."""

    def __init__(self, low, high, *, positive=False):
        self.low, self.high, self.positive = low, high, positive
        lower = sp.Lt if positive else sp.Le
        super().__init__(
            Holds(lower(low, KAPPA), sp.Lt(KAPPA, high)),
            OnlyWhere(KAPPA, low, (E, S)),
            Limit(KAPPA, ABSOLUTE, 0, high, ((GAMMA, 0),)),
        )


ZERO, ONE = sp.Integer(0), sp.Integer(1)
STATED = Bounds(ZERO, ONE)
CONTROLS = (
    Control("κ < 9/10", Bounds(ZERO, sp.Rational(9, 10))),
    Control("κ > 0 for every network", Bounds(ZERO, ONE, positive=True)),
    Control("κ ≥ 1/100", Bounds(sp.Rational(1, 100), ONE)),
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
        above, below = kappa - float(bounds.low), rest - float(1 - bounds.high)
        apart = np.abs(kappa + rest - 1)
        below = np.where(apart <= ROUNDING, below, -apart)
        # The lower bound is attained: only what falls short of it is a margin.
        attained = (above == 0) & (not bounds.positive)
        where = {"beta_PT": pretrained, "c": c, "gamma": gamma, "lambda/c": r}
        margin.at(np.where(attained, below, np.minimum(above, below)), **where)
    return margin.measured("smallest distance from a bound that is not attained: {worst}")


state(
    "regimes.transfer-bounds",
    __doc__,
    (
        Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),
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
