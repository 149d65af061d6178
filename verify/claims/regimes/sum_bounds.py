"""ℓ + PD lies between 1 and 2 (Propositions 5.1 and B.1, eq. 28; Section 5.2, “trade-off”).

For every network and every β_FT ≠ 0, 1 < ℓ + PD < 2: both bounds of the paper's 1 ≤ ℓ + PD ≤ 2 hold
strictly, and neither can be improved.

A sparse bias (ℓ near 1) and a strong pretraining dependence (PD near −1) exclude each other.
"""

from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, Z
from verify.claim import Check, Method
from verify.claims.regimes._language import ELL, PD
from verify.claims.regimes._statements import Approached, Range, decide
from verify.registry import state

STATED = Range(
    ELL + PD,
    low=Approached(1, ABSOLUTE, 0, ((GAMMA, 0),)),
    high=Approached(2, Z, 0, ((BETA_PT, 0),)),
)
CONTROLS = (
    STATED.within(low="101/100"),
    STATED.within(low="99/100"),
    STATED.within(high="199/100"),
    STATED.within(high="201/100"),
)

state(
    "regimes.sum-bounds",
    __doc__,
    (Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.h-coth-h-increasing"),
)
