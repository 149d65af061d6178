"""Inactive dimensions become lazier with c, γ and λ (Section 5.2, “c and γ, inactive”: Fig. 2).

Where β_PT = 0, ℓ increases strictly in γ, in λ, and in c - at fixed λ, and at fixed λ/c > −1 - as
in c_FT.
"""

from theory.regime_bounds import INACTIVE, INACTIVE_ALL, Parameter
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL
from verify.claims.regimes._slopes import opposite, rises
from verify.claims.regimes._statements import Theorem, decide
from verify.registry import state

AT_RATIO = Parameter.ABSOLUTE_AT_RATIO

AT_FIXED_LAMBDA = rises(
    ELL,
    Parameter.SCALE,
    Parameter.RATIO,
    Parameter.GAMMA,
    Parameter.ABSOLUTE_AT_LAMBDA,
    domain=INACTIVE_ALL,
)
AT_FIXED_RATIO = rises(ELL, AT_RATIO, domain=INACTIVE)
STATED = Theorem(AT_FIXED_LAMBDA, AT_FIXED_RATIO)
CONTROLS = (
    *opposite(AT_FIXED_LAMBDA),
    *opposite(AT_FIXED_RATIO),
    Control("strictly increasing in c at λ = −c too", rises(ELL, AT_RATIO, domain=INACTIVE_ALL)),
)

state(
    "regimes.inactive-scale-monotone",
    __doc__,
    (Check("signs of the derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0, β_PT = 0"),
    requires=("regimes.inactive-independent", "regimes.lorder-elasticity"),
)
