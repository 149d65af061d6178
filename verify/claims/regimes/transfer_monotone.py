"""Monotonicity of the transfer (Section 5.2, Appendix B.2).

For β_PT ≠ 0 and λ > −c, κ increases strictly in |β_PT|, decreases strictly in γ and (at fixed λ/c)
in c, and increases strictly in λ if γ > 0, while it is independent of λ if γ = 0.

γ adds a scale that pretraining does not move.
"""

from theory.positivity import Orthant
from theory.regime_bounds import COUPLED, COUPLED_AT_ZERO, COUPLED_REINITIALISED, Parameter
from theory.regimes import E, G, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import (
    KAPPA,
    Slope,
    Slopes,
    Theorem,
    decide,
    falls,
    opposite,
    rises,
)
from verify.registry import state

BETA_PT, GAMMA, LAMBDA = Parameter.BETA_PT, Parameter.GAMMA, Parameter.RATIO
ABSOLUTE = Parameter.ABSOLUTE_AT_RATIO

EVERYWHERE = Slopes(rises(KAPPA, BETA_PT) + falls(KAPPA, GAMMA, ABSOLUTE))
REINITIALISED = Slopes(rises(KAPPA, LAMBDA), COUPLED_REINITIALISED)
STATED = Theorem(EVERYWHERE, REINITIALISED, Slopes((Slope(KAPPA, 0, LAMBDA),), COUPLED_AT_ZERO))
CONTROLS = (
    *opposite(EVERYWHERE),
    *opposite(REINITIALISED),
    Control(
        "strictly decreasing in γ at λ = −c too",
        Slopes(falls(KAPPA, GAMMA), (Orthant(frozenset({E, G}), frozenset({S})),)),
    ),
    Control(
        "strictly increasing in |β_PT| at β_PT = 0 too",
        Slopes(rises(KAPPA, BETA_PT), (Orthant(frozenset({S}), frozenset({E, G})),)),
    ),
    Control("decreasing in c at fixed λ", Slopes(falls(KAPPA, Parameter.ABSOLUTE_AT_LAMBDA))),
    Control("strictly increasing in λ at γ = 0 too", Slopes(rises(KAPPA, LAMBDA), COUPLED)),
)

state(
    "regimes.transfer-monotone",
    __doc__,
    (Check("signs of the derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_PT ≠ 0"),
    requires=("regimes.transfer-closed-form",),
)
