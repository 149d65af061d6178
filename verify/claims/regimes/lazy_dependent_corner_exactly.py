"""When pretraining dependence tends to −1 (Section 5.1, regime II; Propositions 5.1 and B.1).

For β_PT ≠ 0 and λ > −c, PD → −1 if and only if |β_FT|/c_FT, c/|β_PT| and γ²/((1+λ/c)|β_PT|) all
tend to 0; then ℓ → 2, too, so that regime II is the only way to PD = −1.

As κ·c_FT < (1+λ/c)|β_PT| < c_FT, it is the same to say |β_FT|/((1+λ/c)|β_PT|) → 0 of the first.
"""

from theory.regime_bounds import COUPLED
from theory.regimes import BETA_PT, RATIO, SCALE, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._approach import ABSOLUTE_SHARE, READOUT_SHARE, Vanishes
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
    SHARES = ABSOLUTE_SHARE + READOUT_SHARE
    SUFFICIENT = Vanishes(
        1 + PD,
        (Z, ABSOLUTE_SHARE, READOUT_SHARE),
        lambda z, a, b: z**2 / 6 + a + b,
        chain=(1 + PD <= 2 - ELL + 1 - KAPPA, 2 - ELL < Z**2 / 6, 1 - KAPPA <= SHARES),
    )
    SMALL_SHARES = Vanishes(
        SHARES,
        (1 + PD,),
        lambda distance: distance / (1 - distance),
        chain=(SHARES <= (1 - KAPPA) / KAPPA, (1 - KAPPA) / KAPPA <= (1 + PD) / (1 - (1 + PD))),
    )
    SMALL_ARGUMENT = Vanishes(
        Z**2 / (1 + Z**2),
        (1 + PD,),
        lambda distance: 6 * distance,
        chain=(Z**2 / (1 + Z**2) < 6 * (2 - ELL), 6 * (2 - ELL) <= 6 * (1 + PD)),
    )
    LAZY = Vanishes(2 - ELL, (1 + PD,), lambda distance: distance)
    STATED = Theorem(
        SUFFICIENT,
        SMALL_SHARES,
        SMALL_ARGUMENT,
        LAZY,
        Holds(KAPPA * SCALE < (1 + RATIO) * BETA_PT, (1 + RATIO) * BETA_PT < SCALE, domain=COUPLED),
    )
    CONTROLS = (
        Control("without c/|β_PT|", Vanishes(1 + PD, (Z, READOUT_SHARE))),
        Control("without γ²/((1+λ/c)|β_PT|)", Vanishes(1 + PD, (Z, ABSOLUTE_SHARE))),
        Control("without |β_FT|/c_FT", Vanishes(1 + PD, (ABSOLUTE_SHARE, READOUT_SHARE))),
        Control(
            "z²/(1+z²) ≤ 5.9(1+PD)",
            Vanishes(
                Z**2 / (1 + Z**2),
                (1 + PD,),
                lambda distance: 59 * distance / 10,
                chain=(
                    Z**2 / (1 + Z**2) < 59 * (2 - ELL) / 10,
                    59 * (2 - ELL) / 10 <= 59 * (1 + PD) / 10,
                ),
            ),
        ),
        Control(
            "2 − ℓ ≤ (99/100)(1+PD)", LAZY._replace(bound=lambda distance: 99 * distance / 100)
        ),
        Control("κ → 1 with ℓ → 2", Vanishes(1 - KAPPA, (2 - ELL,))),
    )

state(
    "regimes.lazy-dependent-corner-exactly",
    __doc__,
    (Check("bounds in both directions", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.lorder-closed-form"),
)
