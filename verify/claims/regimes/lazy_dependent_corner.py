"""Regime II, with the condition that it needs (Section 5.1, regime II).

With z₀ = |β_FT|/((1+λ/c)|β_PT|): 2 − ℓ < z₀²/6 and
1 + PD < z₀²/6 + c/|β_PT| + γ²/((1+λ/c)|β_PT|); so (ℓ, PD) → (2, −1) as c → 0, γ → 0 and
|β_FT| ≪ (1+λ/c)|β_PT|.

What is shown implies this, as z = |β_FT|/c_FT < z₀. The third condition is needed: c → 0 and γ → 0
alone leave z finite. The bounds hold for every network, so the limits may be taken jointly and in
any order.
"""

import sympy as sp

from theory.regime_bounds import COUPLED
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import (
    ELL,
    KAPPA,
    PD,
    Holds,
    Theorem,
    as_written,
    decide,
)
from verify.registry import state

with as_written():
    R = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    STATED = Theorem(
        Holds(2 - ELL < Z**2 / 6),
        Holds(1 - KAPPA <= ABSOLUTE / R + GAMMA**2 / SCALE),
        Holds(SCALE > (1 + RATIO) * BETA_PT, domain=COUPLED),
        Holds(1 + PD <= 2 - ELL + 1 - KAPPA),
    )
    CONTROLS = (
        Control("z²/8 for z²/6", Holds(2 - ELL < Z**2 / 8)),
        Control("c/(2R) for c/R", Holds(1 - KAPPA <= ABSOLUTE / (2 * R) + GAMMA**2 / SCALE)),
        Control("γ²/(2c_FT)", Holds(1 - KAPPA <= ABSOLUTE / R + GAMMA**2 / (2 * SCALE))),
        Control(
            "c_FT > √2·(1+r)|β_PT|",
            Holds(sp.sqrt(2) * (1 + RATIO) * BETA_PT < SCALE, domain=COUPLED),
        ),
    )

state(
    "regimes.lazy-dependent-corner",
    __doc__,
    (Check("four inequalities over all networks", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.lorder-small-argument"),
)
