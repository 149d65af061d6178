"""When the transfer tends to 1 (Appendix B.2, “κ → 1”: proof of Proposition B.1).

For β_PT ≠ 0 and λ > −c, κ → 1 if and only if c/|β_PT| → 0 and γ²/((1+λ/c)|β_PT|) → 0: with a and b
for these two, (a+b)/(1+a+b) ≤ 1 − κ ≤ a + b.

The bounds hold at every network, so that it does not matter what is held and what moves.
"""

from theory.regimes import ABSOLUTE, BETA_PT, GAMMA
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._approach import ABSOLUTE_SHARE, READOUT_SHARE, Vanishes
from verify.claims.regimes._language import KAPPA
from verify.claims.regimes._statements import decide
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    STATED = Vanishes(
        1 - KAPPA,
        (ABSOLUTE_SHARE, READOUT_SHARE),
        bound=lambda a, b: a + b,
        lower=lambda a, b: (a + b) / (1 + a + b),
    )
    CONTROLS = (
        Control("1 − κ ≤ (99/100)(a+b)", STATED._replace(bound=lambda a, b: 99 * (a + b) / 100)),
        Control("1 − κ ≤ a", STATED._replace(bound=lambda a, b: a)),
        Control("1 − κ ≤ b", STATED._replace(bound=lambda a, b: b)),
        Control("1 − κ ≥ a + b", STATED._replace(lower=lambda a, b: a + b)),
        Control(
            "1 − κ ≥ (a+b)/2(1+a+b): too small by half",
            STATED._replace(lower=lambda a, b: (a + b) / (2 * (1 + a + b))),
        ),
        Control("b without 1 + λ/c", STATED._replace(small=(ABSOLUTE_SHARE, GAMMA**2 / BETA_PT))),
        Control("without a condition on γ", Vanishes(1 - KAPPA, (ABSOLUTE_SHARE,))),
        Control("without a condition on c", Vanishes(1 - KAPPA, (READOUT_SHARE,))),
    )

state(
    "regimes.transfer-one",
    __doc__,
    (Check("bounds in both directions", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_PT ≠ 0"),
    requires=("regimes.transfer-closed-form",),
)

# Two false readings of “equality approached only in the limit”. |β_PT| may grow instead, at fixed c
# and γ; and where λ comes to −c, c and γ may vanish without κ → 1.

with as_written():
    ONLY = Vanishes(ABSOLUTE + GAMMA**2, (1 - KAPPA,))
    WHENEVER = Vanishes(1 - KAPPA, (ABSOLUTE, GAMMA))

state(
    "regimes.transfer-one-only-for-vanishing-scales",
    """κ → 1 only for vanishing scales (false) (Appendix B.2, “κ → 1”, read as necessary).

    For β_PT ≠ 0 and λ > −c, κ → 1 only as c → 0 and γ → 0.
    """,
    (
        Check(
            "|β_PT| → ∞ at fixed c and γ",
            Method.SYMBOLIC,
            decide,
            ONLY,
            Control("c and γ²/(1+λ/c) beside |β_PT|", STATED, must_hold=True),
        ),
    ),
    twin="regimes.transfer-one",
    fault=Fault.READ,
)
state(
    "regimes.transfer-one-for-vanishing-scales",
    """κ → 1 for vanishing scales (false) (Appendix B.2, “κ → 1”, read as sufficient).

    For β_PT ≠ 0 and λ > −c, κ → 1 whenever c → 0 and γ → 0.
    """,
    (
        Check(
            "1 + λ/c = γ² and c = γ⁴ as γ → 0",
            Method.SYMBOLIC,
            decide,
            WHENEVER,
            Control("c and γ²/(1+λ/c) beside |β_PT|", STATED, must_hold=True),
        ),
    ),
    twin="regimes.transfer-one",
    fault=Fault.READ,
)
