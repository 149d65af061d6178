"""Regime III is the limit of large scales (Section 5.1, regime III).

2 − ℓ < β_FT²/(6c_FT²) with c_FT ≥ 2(1+λ/c)c + γ², and |PD| ≤ κ ≤ min(β_PT²/(2c²),
(1+λ/c)|β_PT|/γ²); so (ℓ, PD) → (2, 0) where 2(1+λ/c)c + γ² grows beyond |β_FT|, and c beyond |β_PT|
or γ² beyond (1+λ/c)|β_PT|: as γ → ∞, or as c → ∞ with λ/c fixed above −1.
"""

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import ALL_NETWORKS
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, SCALE, E, G, S, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._approach import ABSOLUTE_SHARE, Vanishes
from verify.claims.regimes._language import ELL, KAPPA, PD
from verify.claims.regimes._statements import Holds, HoldsAlways, Limit, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

REINITIALISED = (Orthant(frozenset({G}), frozenset({E, S})),)

with as_written():
    LEAST = 2 * (1 + RATIO) * ABSOLUTE + GAMMA**2
    STATED = Theorem(
        Vanishes(
            2 - ELL,
            (BETA_FT / LEAST,),
            lambda z: z**2 / 6,
            chain=(2 - ELL < Z**2 / 6, Z**2 / 6 <= (BETA_FT / LEAST) ** 2 / 6),
            domain=ALL_NETWORKS,
        ),
        Vanishes(
            -PD,
            (BETA_PT / ABSOLUTE,),
            lambda share: share**2 / 2,
            chain=(-PD <= KAPPA, KAPPA <= (BETA_PT / ABSOLUTE) ** 2 / 2),
            domain=ALL_NETWORKS,
        ),
        Vanishes(
            -PD,
            ((1 + RATIO) * BETA_PT / GAMMA**2,),
            lambda share: share,
            chain=(-PD <= KAPPA, KAPPA <= (1 + RATIO) * BETA_PT / GAMMA**2),
            domain=REINITIALISED,
        ),
        Limit(SCALE, ABSOLUTE, sp.oo, sp.oo),
        Limit(SCALE, GAMMA, sp.oo, sp.oo),
    )
    CONTROLS = (
        Control("c → ∞ at λ = −c too", Limit(SCALE, ABSOLUTE, sp.oo, sp.oo, ((RATIO, -1),))),
        Control("κ ≤ β_PT²/(4c²)", Holds(KAPPA <= BETA_PT**2 / (4 * ABSOLUTE**2))),
        Control("κγ² ≤ ½(1+r)|β_PT|", Holds(KAPPA * GAMMA**2 <= (1 + RATIO) * BETA_PT / 2)),
        Control("2 − ℓ < z²/8", HoldsAlways(2 - ELL < Z**2 / 8)),
        Control("PD → 0 as c → ∞ where |β_FT| ≪ |β_PT|", Vanishes(-PD, (BETA_FT / BETA_PT,))),
        Control("ℓ → 2 where |β_PT| ≪ c", Vanishes(2 - ELL, (ABSOLUTE_SHARE,))),
    )

state(
    "regimes.lazy-independent-corner",
    __doc__,
    (Check("bounds over all networks", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "c > 0, |λ| ≤ c, γ ≥ 0",
        "β_FT ≠ 0",
        "for c → ∞: λ/c held fixed above −1 (at λ = −c, c_FT = γ² does not grow with c)",
    ),
    requires=("regimes.pd-closed-form", "regimes.lorder-closed-form"),
)
