"""Pretraining dependence lies in (−1, 0] (Propositions 5.1 and B.1, eq. 27).

For every network and every β_FT ≠ 0, −1 < PD ≤ 0; PD = 0 exactly where β_PT = 0 or λ = −c, and −1
is approached but never attained.
"""

import sympy as sp

from theory.regimes import ABSOLUTE, GAMMA, E, S, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import PD, Holds, Limit, OnlyWhere, Theorem, decide
from verify.registry import state

STATED = Theorem(
    Holds(sp.Lt(-1, PD), sp.Le(PD, 0)),
    OnlyWhere(PD, 0, (E, S)),
    Limit(PD, ABSOLUTE, 0, -1, ((GAMMA, 0), (Z, 0))),
)
CONTROLS = (
    Control("PD > −9/10", Holds(sp.Lt(sp.Rational(-9, 10), PD))),
    Control("PD < 0 for every network", Holds(PD < 0)),
    Control("PD ≤ −1/100", Holds(sp.Rational(-1, 100) >= PD)),
)

state(
    "regimes.pd-bounds",
    __doc__,
    (Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.h-coth-h-increasing"),
)
