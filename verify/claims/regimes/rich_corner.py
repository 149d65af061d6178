"""Regime I is the limit c_FT → 0 (Section 5.1, regime I).

As c_FT → 0 at fixed β_FT ≠ 0 (λ → −c and γ → 0; or, where β_PT = 0, c → 0 and γ → 0) the pair
(ℓ, PD) tends to (1, 0), with ℓ − 1 < 1/(log(2|β_FT|/c_FT) − 1) and |PD| < ℓ − 1.

On active dimensions c_FT does not vanish with c and γ.
"""

import sympy as sp

from theory.regime_bounds import INACTIVE_ALL
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import (
    ELL,
    LOG_2Z,
    PD,
    Holds,
    Limit,
    Theorem,
    as_written,
    decide,
)
from verify.registry import state

with as_written():
    STATED = Theorem(
        Limit(SCALE, RATIO, -1, 0, ((GAMMA, 0),)),
        Limit(SCALE, ABSOLUTE, 0, 0, ((BETA_PT, 0), (GAMMA, 0))),
        Limit(SCALE, ABSOLUTE, 0, (1 + RATIO) * BETA_PT, ((GAMMA, 0),)),
        Limit(ELL, Z, sp.oo, 1),
        Limit(PD, Z, sp.oo, 0),
        Holds(sp.Abs(PD) < ELL - 1),
        Holds(1 / (ELL - 1) > LOG_2Z - 1),
        Holds(sp.Eq(PD, 0), domain=INACTIVE_ALL),
    )
    CONTROLS = (
        Control("ℓ → 11/10", Limit(ELL, Z, sp.oo, sp.Rational(11, 10))),
        Control("PD → 1", Limit(PD, Z, sp.oo, 1)),
        Control("ℓ − 1 < 1/log 2z", Holds(1 / (ELL - 1) > LOG_2Z)),
    )

state(
    "regimes.rich-corner",
    __doc__,
    (Check("limits and rate", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("β_FT ≠ 0 fixed", "the rate holds where 2|β_FT| > e·c_FT"),
    requires=("regimes.lorder-large-argument", "regimes.pd-bounds"),
)
