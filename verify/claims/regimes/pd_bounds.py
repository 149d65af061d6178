"""Pretraining dependence lies in (−1, 0] (Propositions 5.1 and B.1, eq. 27).

For every network and every β_FT ≠ 0, −1 < PD ≤ 0; PD = 0 exactly where β_PT = 0 or λ = −c, and −1
is the infimum, never attained: the limit as |β_FT|/c_FT → 0 first and then, where γ = 0, c → 0.
"""

from theory.regimes import ABSOLUTE, GAMMA, E, S, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import PD
from verify.claims.regimes._statements import Approached, AttainedWhere, Holds, Range, decide
from verify.registry import state

STATED = Range(
    PD,
    low=Approached(-1, ABSOLUTE, 0, ((GAMMA, 0),), first=((Z, 0),)),
    high=AttainedWhere(0, (E, S)),
)
CONTROLS = (
    STATED.within(low="-99/100"),
    STATED.within(low="-101/100"),
    STATED.within(high="-1/100"),
    STATED.within(high="1/100"),
    Control("PD < 0 for every network", Holds(PD < 0)),
)

state(
    "regimes.pd-bounds",
    __doc__,
    (Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.h-coth-h-increasing"),
)
