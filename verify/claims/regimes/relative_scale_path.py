"""The relative scale leads from regime I toward II (Section 5.2, “λ, active”: dotted in Fig. 2).

For β_PT ≠ 0, ℓ increases and PD decreases strictly in λ; at γ = 0 the pair moves on the straight
line PD = −(1 − c/√(c²+β_PT²))·(ℓ − 1) from (1, 0) at λ → −c, which for c → 0 is the edge from
regime I to regime II.
"""

import sympy as sp

from theory.regime_bounds import ALL_NETWORKS, COUPLED_AT_ZERO, Parameter
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL, PD
from verify.claims.regimes._slopes import falls, rises
from verify.claims.regimes._statements import Holds, Limit, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

LAMBDA = Parameter.RATIO

with as_written():
    R = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    STATED = Theorem(
        rises(ELL, LAMBDA, domain=ALL_NETWORKS),
        falls(PD, LAMBDA),
        Holds(sp.Eq(PD, -(1 - ABSOLUTE / R) * (ELL - 1)), domain=COUPLED_AT_ZERO),
        Limit(SCALE, RATIO, -1, 0, ((GAMMA, 0),)),
        Limit(PD / (ELL - 1), ABSOLUTE, 0, -1, ((GAMMA, 0),)),
    )
    CONTROLS = (
        Control("ℓ decreasing in λ", falls(ELL, LAMBDA)),
        Control("PD increasing in λ", rises(PD, LAMBDA)),
        Control(
            "slope −(1 − c²/R²)",
            Holds(sp.Eq(PD, -(1 - ABSOLUTE**2 / R**2) * (ELL - 1)), domain=COUPLED_AT_ZERO),
        ),
    )

state(
    "regimes.relative-scale-path",
    __doc__,
    (Check("signs and slope", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
    requires=("regimes.lorder-monotone", "regimes.pd-monotone", "regimes.rich-corner"),
)
