"""Regime II, with the conditions that it needs (Section 5.1, regime II).

With z₀ = |β_FT|/((1+λ/c)|β_PT|): 2 − ℓ ≤ z₀²/6 and
1 + PD ≤ z₀²/6 + c/|β_PT| + γ²/((1+λ/c)|β_PT|); so (ℓ, PD) → (2, −1) where c ≪ |β_PT|,
γ² ≪ (1+λ/c)|β_PT| and |β_FT| ≪ (1+λ/c)|β_PT|.

The bounds hold for every network, so the limits may be taken jointly and in any order. All three
conditions are needed (regimes.lazy-dependent-corner-exactly): c → 0 and γ → 0 alone leave z finite.
"""

import sympy as sp

from theory.regime_bounds import COUPLED
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, Z
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._approach import ABSOLUTE_SHARE, ARGUMENT, READOUT_SHARE, Vanishes
from verify.claims.regimes._language import ELL, KAPPA, PD
from verify.claims.regimes._statements import Holds, HoldsAlways, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    R = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    LAZY = Vanishes(
        2 - ELL,
        (ARGUMENT,),
        lambda z: z**2 / 6,
        chain=(2 - ELL < Z**2 / 6, Z**2 / 6 < ARGUMENT**2 / 6),
    )
    DEPENDENT = Vanishes(
        1 + PD,
        (ARGUMENT, ABSOLUTE_SHARE, READOUT_SHARE),
        lambda z, a, b: z**2 / 6 + a + b,
        chain=(
            1 + PD < 2 - ELL + 1 - KAPPA,
            2 - ELL < Z**2 / 6,
            Z**2 / 6 < ARGUMENT**2 / 6,
            1 - KAPPA < ABSOLUTE_SHARE + READOUT_SHARE,
        ),
    )
    STATED = Theorem(LAZY, DEPENDENT)
    CONTROLS = (
        Control("z²/8 for z²/6", HoldsAlways(2 - ELL < Z**2 / 8)),
        Control("c/(2R) for c/R", Holds(1 - KAPPA <= ABSOLUTE / (2 * R) + GAMMA**2 / SCALE)),
        Control("γ²/(2c_FT)", Holds(1 - KAPPA <= ABSOLUTE / R + GAMMA**2 / (2 * SCALE))),
        Control(
            "c_FT > √2·(1+r)|β_PT|",
            Holds(sp.sqrt(2) * (1 + RATIO) * BETA_PT < SCALE, domain=COUPLED),
        ),
        Control(
            "γ²/|β_PT| for γ²/((1+λ/c)|β_PT|)",
            Vanishes(1 + PD, (ARGUMENT, ABSOLUTE_SHARE, GAMMA**2 / BETA_PT)),
        ),
        Control("without a condition on γ", Vanishes(1 + PD, (ARGUMENT, ABSOLUTE_SHARE))),
        Control("without a condition on c", Vanishes(1 + PD, (ARGUMENT, READOUT_SHARE))),
        Control("without a condition on β_FT", Vanishes(1 + PD, (ABSOLUTE_SHARE, READOUT_SHARE))),
    )

state(
    "regimes.lazy-dependent-corner",
    __doc__,
    (Check("inequalities over all networks", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.lorder-closed-form"),
)

# A false twin: where λ comes to −c as γ → 0, the readouts keep a share of c_FT. At 1 + λ/c = γ² and
# c = |β_FT| = γ⁴ the pair tends to (2, −1/2).

state(
    "regimes.lazy-dependent-corner-at-any-ratio",
    """Regime II at any relative scale (false) (Section 5.1, regime II, read without a condition on
    λ).

    (ℓ, PD) → (2, −1) as c → 0, γ → 0 and |β_FT| ≪ (1+λ/c)|β_PT|.
    """,
    (
        Check(
            "1 + λ/c = γ² and c = |β_FT| = γ⁴ as γ → 0",
            Method.SYMBOLIC,
            decide,
            Vanishes(1 + PD, (ABSOLUTE, GAMMA, ARGUMENT)),
            Control("with γ² ≪ (1+λ/c)|β_PT|", DEPENDENT, must_hold=True),
        ),
    ),
    twin="regimes.lazy-dependent-corner",
    fault=Fault.READ,
)
