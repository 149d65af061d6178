"""Regime I is the limit c_FT → 0 (Section 5.1, regime I).

As c_FT → 0 at fixed β_FT ≠ 0 (λ → −c and γ → 0; or, where β_PT = 0, c → 0 and γ → 0) the pair
(ℓ, PD) tends to (1, 0), with ℓ − 1 < 1/(log(2|β_FT|/c_FT) − 1) and |PD| < ℓ − 1, that is
ℓ + PD > 1.

c_FT = (1+λ/c)(c+R) + γ² with R = √(c²+β_PT²): both conditions may be met jointly, in any order. On
active dimensions c_FT does not vanish with c and γ.
"""

import sympy as sp

from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL, PD
from verify.claims.regimes._statements import (
    Approached,
    Holds,
    HoldsAlways,
    Limit,
    Range,
    Theorem,
    decide,
)
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    R = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    STATED = Theorem(
        Holds(sp.Eq(SCALE, (1 + RATIO) * (ABSOLUTE + R) + GAMMA**2)),
        Limit(SCALE, RATIO, -1, 0, ((GAMMA, 0),)),
        Limit(SCALE, ABSOLUTE, 0, 0, ((BETA_PT, 0), (GAMMA, 0))),
        Limit(SCALE, ABSOLUTE, 0, (1 + RATIO) * BETA_PT, ((GAMMA, 0),)),
        Limit(ELL, Z, sp.oo, 1),
        Limit(PD, Z, sp.oo, 0),
        Range(ELL + PD, low=Approached(1, ABSOLUTE, 0, ((GAMMA, 0),))),
        HoldsAlways(sp.log(2 * Z) - 1 < 1 / (ELL - 1)),
    )
    CONTROLS = (
        Control("ℓ → 101/100", Limit(ELL, Z, sp.oo, sp.Rational(101, 100))),
        Control("PD → 1", Limit(PD, Z, sp.oo, 1)),
        Control("PD → −1", Limit(PD, Z, sp.oo, -1)),
        Control("PD → −1/100", Limit(PD, Z, sp.oo, -sp.Rational(1, 100))),
        Control("|PD| < (99/100)(ℓ − 1)", Holds(sp.Abs(PD) < 99 * (ELL - 1) / 100)),
        Control(
            "c_FT = (1+λ/c)(c+R) + γ",
            Holds(sp.Eq(SCALE, (1 + RATIO) * (ABSOLUTE + R) + GAMMA)),
        ),
        Control("ℓ − 1 < 1/log 2z", HoldsAlways(sp.log(2 * Z) < 1 / (ELL - 1))),
    )

state(
    "regimes.rich-corner",
    __doc__,
    (Check("limits and rate", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("β_FT ≠ 0 fixed", "the rate holds where 2|β_FT| > e·c_FT"),
    requires=(
        "regimes.lorder-large-argument",
        "regimes.pd-bounds",
        "regimes.transfer-closed-form",
    ),
)
