"""λ matters even for very small c (Section 4.1, “λ at small c”; Section 5.2, “λ, active”).

For β_PT ≠ 0 and λ > −c, as c/|β_PT| → 0 and γ²/((1+λ/c)|β_PT|) → 0 the pair (ℓ, PD) comes to the
edge from regime I to regime II, ℓ + PD → 1; where on it depends on λ/c, which stays in c_FT →
(1+λ/c)|β_PT|, approached from above.

So ℓ tends to its value at z = |β_FT|/((1+λ/c)|β_PT|): near 1 for λ near −c, and as large as it can
be for λ = c. In regime II, ℓ near 2, the pair is then only where |β_FT| ≪ |β_PT|.
"""

from theory.regime_bounds import COUPLED
from theory.regimes import BETA_PT, RATIO, SCALE
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._approach import ABSOLUTE_SHARE, READOUT_SHARE, Vanishes
from verify.claims.regimes._language import ELL, KAPPA, PD
from verify.claims.regimes._statements import Holds, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

SHARES = (ABSOLUTE_SHARE, READOUT_SHARE)

with as_written():
    EDGE = Vanishes(
        ELL + PD - 1,
        SHARES,
        lambda a, b: a + b,
        chain=(ELL + PD - 1 < 1 - KAPPA, 1 - KAPPA < ABSOLUTE_SHARE + READOUT_SHARE),
    )
    PLACE = Vanishes(
        SCALE / ((1 + RATIO) * BETA_PT) - 1,
        SHARES,
        bound=lambda a, b: a + a**2 / 2 + b,
        lower=lambda a, b: a + b,
    )
    STATED = Theorem(EDGE, PLACE)
    CONTROLS = (
        Control("c_FT → |β_PT|: no λ", Vanishes(SCALE / BETA_PT - 1, SHARES)),
        Control("c_FT → 2|β_PT|: as if λ = c", Vanishes(SCALE / (2 * BETA_PT) - 1, SHARES)),
        Control("c_FT → (1−λ/c)|β_PT|", Vanishes(SCALE / ((1 - RATIO) * BETA_PT) - 1, SHARES)),
        Control("at most a + b", PLACE._replace(bound=lambda a, b: a + b)),
        Control("at most 2a + b: not the best", PLACE._replace(bound=lambda a, b: 2 * a + b)),
        Control("at least a + (101/100)b", PLACE._replace(lower=lambda a, b: a + 101 * b / 100)),
        Control(
            "c_FT > (101/100)(1+λ/c)|β_PT|",
            Holds(101 * (1 + RATIO) * BETA_PT / 100 < SCALE, domain=COUPLED),
        ),
        Control("ℓ → 2", Vanishes(2 - ELL, SHARES)),
    )

state(
    "regimes.small-scale-edge",
    __doc__,
    (Check("bounds over all networks", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.lorder-monotone"),
)

# A false twin: that small c and γ make fine-tuning forget λ.

state(
    "regimes.small-scale-without-lambda",
    """λ drops out for small c (false) (Section 4.1, “λ at small c”, denied).

    For β_PT ≠ 0, as c/|β_PT| → 0 and γ²/((1+λ/c)|β_PT|) → 0 the fine-tuning scale tends to |β_PT|,
    whatever λ is.
    """,
    (
        Check(
            "λ = c as c → 0",
            Method.SYMBOLIC,
            decide,
            Vanishes(SCALE / BETA_PT - 1, SHARES),
            Control("(1+λ/c)|β_PT|", PLACE, must_hold=True),
        ),
    ),
    twin="regimes.small-scale-edge",
    fault=Fault.READ,
)
