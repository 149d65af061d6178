"""Inactive dimensions become lazier with c, γ and λ (Section 5.2 (dashed line of Fig. 2)).

Where β_PT = 0, ℓ increases strictly in γ, in λ, and in c - at fixed λ, and at fixed λ/c > −1.
"""

from theory.regime_bounds import INACTIVE, INACTIVE_ALL, Parameter
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import ELL, Slopes, decide, falls, rises, theorem
from verify.registry import state

AT_RATIO = Parameter.ABSOLUTE_AT_RATIO
ALWAYS = Parameter.RATIO, Parameter.GAMMA, Parameter.ABSOLUTE_AT_LAMBDA

STATED = theorem(
    Slopes(rises(ELL, *ALWAYS), INACTIVE_ALL),
    Slopes(rises(ELL, AT_RATIO), INACTIVE),
)
CONTROLS = (
    *(
        Control(f"the opposite direction in {p}", Slopes(falls(ELL, p), INACTIVE_ALL))
        for p in ALWAYS
    ),
    Control(f"the opposite direction in {AT_RATIO}", Slopes(falls(ELL, AT_RATIO), INACTIVE)),
    Control("strictly increasing in c at λ = −c too", Slopes(rises(ELL, AT_RATIO), INACTIVE_ALL)),
)

state(
    "regimes.inactive-scale-monotone",
    __doc__,
    (Check("signs of the derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0, β_PT = 0"),
    requires=("regimes.inactive-independent", "regimes.lorder-closed-form"),
)
