"""The lazy penalties are weighted and unweighted ℓ2 (Section 5.1, regimes II and III).

q = (β²/4c_FT)(1 − δ) with z²/(12(1+z²)) ≤ δ ≤ z²/12 for every β ≠ 0. For β_PT ≠ 0 and λ > −c, c_FT
is (1+λ/c)|β_PT| up to a factor that tends to 1 as c/|β_PT| → 0 and γ²/((1+λ/c)|β_PT|) → 0, so in
regime II the penalty is Σβ_FT²/(4(1+λ/c)|β_PT|); in regime III c_FT/c → 2(1+λ/c) as c → ∞, or
c_FT/γ² → 1 as γ → ∞: Σβ_FT² with equal weights.

In the notation of Theorem 4.1: implicit-bias.weighted-l2-limit.
"""

import sympy as sp

from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, SCALE, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._approach import ABSOLUTE_SHARE, READOUT_SHARE, Vanishes
from verify.claims.regimes._language import Q
from verify.claims.regimes._statements import HoldsAlways, Limit, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    QUADRATIC = BETA_FT**2 / (4 * SCALE)
    LEADING = Vanishes(
        1 - Q / QUADRATIC,
        (Z,),
        bound=lambda z: z**2 / 12,
        lower=lambda z: z**2 / (12 * (1 + z**2)),
        domain=(),
    )
    STATED = Theorem(
        LEADING,
        Vanishes(
            SCALE / ((1 + RATIO) * BETA_PT) - 1,
            (ABSOLUTE_SHARE, READOUT_SHARE),
            bound=lambda a, b: a + a**2 / 2 + b,
            lower=lambda a, b: a + b,
        ),
        Limit(SCALE, ABSOLUTE, 0, (1 + RATIO) * BETA_PT, ((GAMMA, 0),)),
        Limit(SCALE / ABSOLUTE, ABSOLUTE, sp.oo, 2 * (1 + RATIO)),
        Limit(SCALE / GAMMA**2, GAMMA, sp.oo, 1),
    )
    CONTROLS = (
        Control("β²/(2c_FT)", HoldsAlways(BETA_FT**2 / (2 * SCALE) * (1 - Z**2 / 12) < Q)),
        Control("β²/(8c_FT)", HoldsAlways(BETA_FT**2 / (8 * SCALE) > Q)),
        Control("1 − z²/24", HoldsAlways(QUADRATIC * (1 - Z**2 / 24) < Q)),
        Control("weight 1/|β_PT| without 1+λ/c", Limit(SCALE, ABSOLUTE, 0, BETA_PT, ((GAMMA, 0),))),
        Control(
            "weight 1/|β_PT| without 1+λ/c, jointly",
            Vanishes(SCALE / BETA_PT - 1, (ABSOLUTE_SHARE, READOUT_SHARE)),
        ),
        Control("c_FT/c → 1+λ/c", Limit(SCALE / ABSOLUTE, ABSOLUTE, sp.oo, 1 + RATIO)),
        Control("c_FT/γ² → 1/2", Limit(SCALE / GAMMA**2, GAMMA, sp.oo, sp.Rational(1, 2))),
    )

state(
    "regimes.weighted-l2-penalty",
    __doc__,
    (Check("bounds for all z, limits of the scale", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "c_FT > 0",
        "β ≠ 0",
        "λ/c and β_PT fixed, λ > −c, in the limits of regime III",
        "regime II: |β_FT| ≪ (1+λ/c)|β_PT| in every coordinate, as z → 0 needs",
    ),
    requires=("regimes.lorder-closed-form", "regimes.transfer-closed-form"),
)
