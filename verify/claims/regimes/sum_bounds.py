"""ℓ + PD lies between 1 and 2 (Propositions 5.1 and B.1, eq. 28; Section 5.2, “trade-off”).

For every network and every β_FT ≠ 0, 1 < ℓ + PD < 2: both bounds of the paper's 1 ≤ ℓ + PD ≤ 2 hold
strictly, and neither can be improved.

A sparse bias (ℓ near 1) and a strong pretraining dependence (PD near −1) exclude each other.
"""

import sympy as sp

from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import ELL, PD, Holds, Limit, Theorem, decide
from verify.registry import state

STATED = Theorem(
    Holds(sp.Lt(1, ELL + PD), sp.Lt(ELL + PD, 2)),
    Limit(ELL + PD, ABSOLUTE, 0, 1, ((GAMMA, 0),)),
    Limit(ELL + PD, Z, 0, 2, ((BETA_PT, 0),)),
)
CONTROLS = (
    Control("ℓ + PD > 11/10", Holds(sp.Rational(11, 10) < ELL + PD)),
    Control("ℓ + PD < 19/10", Holds(sp.Rational(19, 10) > ELL + PD)),
)

state(
    "regimes.sum-bounds",
    __doc__,
    (Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.sum-identity", "regimes.h-coth-h-increasing"),
)
