"""When pretraining dependence tends to −1 (Section 5.1, regime II; Propositions 5.1 and B.1).

For β_PT ≠ 0 and λ > −c, PD → −1 if and only if ℓ → 2 and κ → 1, as PD = −(ℓ−1)κ: that is, if and
only if |β_FT|/c_FT → 0 and, by regimes.transfer-one, c/|β_PT| → 0 and γ²/((1+λ/c)|β_PT|) → 0.

So regime II is the only way to PD = −1.
"""

import sympy as sp

from theory.regimes import Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._approach import ABSOLUTE_SHARE, READOUT_SHARE, Vanishes
from verify.claims.regimes._language import ELL, KAPPA, PD
from verify.claims.regimes._statements import Holds, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    PRODUCT = Holds(sp.Eq(1 + PD, 1 - (ELL - 1) * KAPPA))
    BOTH = Vanishes(
        1 + PD,
        (2 - ELL, 1 - KAPPA),
        bound=lambda lazy, lost: lazy + lost,
        lower=lambda lazy, lost: (lazy + lost) / (1 + lazy + lost),
    )
    LAZY = Vanishes(
        2 - ELL,
        (Z,),
        bound=lambda z: z**2 / 6,
        lower=lambda z: z**2 / (6 * (1 + z**2)),
        domain=(),
    )
    STATED = Theorem(PRODUCT, BOTH, LAZY)
    CONTROLS = (
        Control("without c/|β_PT|", Vanishes(1 + PD, (Z, READOUT_SHARE))),
        Control("without γ²/((1+λ/c)|β_PT|)", Vanishes(1 + PD, (Z, ABSOLUTE_SHARE))),
        Control("without |β_FT|/c_FT", Vanishes(1 + PD, (ABSOLUTE_SHARE, READOUT_SHARE))),
        Control("κ → 1 with ℓ → 2", Vanishes(1 - KAPPA, (2 - ELL,))),
        Control("1 + PD = 1 − ℓκ", Holds(sp.Eq(1 + PD, 1 - ELL * KAPPA))),
        Control("1 + PD ≤ 2 − ℓ", BOTH._replace(bound=lambda lazy, lost: lazy)),
        Control("1 + PD ≥ the sum", BOTH._replace(lower=lambda lazy, lost: lazy + lost)),
        Control("2 − ℓ ≤ z²/6.1", LAZY._replace(bound=lambda z: 10 * z**2 / 61)),
        Control(
            "2 − ℓ ≥ z²/5.9(1+z²)", LAZY._replace(lower=lambda z: 10 * z**2 / (59 * (1 + z**2)))
        ),
    )

state(
    "regimes.lazy-dependent-corner-exactly",
    __doc__,
    (Check("bounds in both directions", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.transfer-one"),
)
