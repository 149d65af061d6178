"""Monotonicity of the pretraining dependence (Section 5.2, Appendix B.2).

For β_PT ≠ 0 and λ > −c, |PD| increases strictly in |β_PT| and in λ, and decreases strictly in
|β_FT|, in γ and (at fixed λ/c) in c.

|PD| = (ℓ−1)κ. Where c_FT grows through γ or c, ℓ − 1 grows but κ falls; κ wins always, because
the elasticity of ℓ − 1 in c_FT stays below 1.
"""

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import Parameter
from theory.regimes import E, G, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import PD
from verify.claims.regimes._slopes import Slopes, falls, opposite
from verify.claims.regimes._statements import decide
from verify.registry import state

STRENGTH = sp.Abs(PD)
RISING = Parameter.BETA_PT, Parameter.RATIO
FALLING = Parameter.BETA_FT, Parameter.GAMMA, Parameter.ABSOLUTE_AT_RATIO

STATED = Slopes((STRENGTH,), rising=RISING, falling=FALLING)
CONTROLS = (
    *opposite(STATED),
    Control(
        "strictly decreasing in γ at λ = −c too",
        falls(STRENGTH, Parameter.GAMMA, domain=(Orthant(frozenset({E, G}), frozenset({S})),)),
    ),
    Control(
        "strictly decreasing in |β_FT| at β_PT = 0 too",
        falls(STRENGTH, Parameter.BETA_FT, domain=(Orthant(frozenset({S}), frozenset({E, G})),)),
    ),
    Control("strictly decreasing in c at fixed λ", falls(STRENGTH, Parameter.ABSOLUTE_AT_LAMBDA)),
)

state(
    "regimes.pd-monotone",
    __doc__,
    (Check("signs of the derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0", "β_PT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.lorder-elasticity"),
)
