"""How far λ can move an inactive coordinate (Section 5.2, “λ, inactive”).

Where β_PT = 0, a λ ≥ 0 raises c_FT from 2c + γ² at λ = 0 to at most twice that, and doubles it at λ
= c and γ = 0, while c (at fixed λ/c) and γ raise it without bound; and a unit of λ raises c_FT by
2, less than the 1 + √(1+β_PT²/c²) of an active coordinate.

Downwards there is no such limit: as λ → −c, c_FT → γ². So “less pronounced” is true of what λ can
do above 0, and beside active coordinates; not of equal increments (regimes.inactive-lambda-like-c).
"""

from dataclasses import replace

import sympy as sp

from theory.regime_bounds import COUPLED, INACTIVE_ALL
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, E
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import (
    AttainedAt,
    AttainedWhere,
    Holds,
    Limit,
    Range,
    Theorem,
    decide,
)
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    AT_ZERO = 2 * ABSOLUTE + GAMMA**2
    R = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    AT_C = AttainedAt(2, ((RATIO, 1), (BETA_PT, 0), (GAMMA, 0)))
    CAPPED = Range(SCALE / AT_ZERO, high=AT_C, domain=INACTIVE_ALL)
    DOWN = Limit(SCALE, RATIO, -1, GAMMA**2)
    # c_FT less its value at λ = 0.
    RISE = SCALE - (ABSOLUTE + R + GAMMA**2)
    STATED = Theorem(
        CAPPED,
        Limit(SCALE, ABSOLUTE, sp.oo, sp.oo),
        Limit(SCALE, GAMMA, sp.oo, sp.oo),
        DOWN,
        Holds(sp.Eq(RISE, RATIO * (ABSOLUTE + R))),
        Range(1 + R / ABSOLUTE, low=AttainedWhere(2, (E,))),
    )
    CONTROLS = (
        Control("at most 199/100 of it", Holds(SCALE <= 199 * AT_ZERO / 100, domain=INACTIVE_ALL)),
        Control("at most 2c + γ² + c", Holds(SCALE <= AT_ZERO + ABSOLUTE, domain=INACTIVE_ALL)),
        Control("a unit of λ raises it by R/c", Holds(sp.Eq(RISE, RATIO * R))),
        Control("tripled at λ = c", replace(CAPPED, high=AT_C._replace(value=3))),
        Control(
            "doubled at λ = c for γ = 1",
            replace(CAPPED, high=AT_C._replace(at=((RATIO, 1), (BETA_PT, 0), (GAMMA, 1)))),
        ),
        Control(
            "at least γ² + c/100", Holds(SCALE >= GAMMA**2 + ABSOLUTE / 100, domain=INACTIVE_ALL)
        ),
        Control(
            "1 + R/c > 201/100",
            Holds(sp.Rational(201, 100) < 1 + R / ABSOLUTE, domain=COUPLED),
        ),
    )

state(
    "regimes.inactive-lambda-capped",
    __doc__,
    (Check("bounds and limits of c_FT", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0"),
    requires=("regimes.transfer-closed-form",),
)
