"""Monotonicity of the transfer (Section 5.2, Appendix B.2).

For β_PT ≠ 0 and λ > −c, κ increases strictly in |β_PT|, decreases strictly in γ and (at fixed λ/c)
in c, and increases strictly in λ if γ > 0, while it is independent of λ if γ = 0, so that it then
decreases in c at fixed λ, too; it is always independent of β_FT.

γ adds a scale that pretraining does not move.
"""

from theory.positivity import Orthant
from theory.regime_bounds import COUPLED, COUPLED_AT_ZERO, COUPLED_REINITIALISED, Parameter
from theory.regimes import E, G, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import KAPPA
from verify.claims.regimes._slopes import Slopes, falls, opposite, rises
from verify.claims.regimes._statements import Theorem, decide
from verify.registry import state

BETA_FT, BETA_PT, LAMBDA = Parameter.BETA_FT, Parameter.BETA_PT, Parameter.RATIO
GAMMA, ABSOLUTE = Parameter.GAMMA, Parameter.ABSOLUTE_AT_RATIO

REINITIALISED = Slopes(
    (KAPPA,),
    rising=(BETA_PT, LAMBDA),
    falling=(GAMMA, ABSOLUTE),
    constant=(BETA_FT,),
    domain=COUPLED_REINITIALISED,
)
AT_ZERO = Slopes(
    (KAPPA,),
    rising=(BETA_PT,),
    falling=(GAMMA, ABSOLUTE, Parameter.ABSOLUTE_AT_LAMBDA),
    constant=(BETA_FT, LAMBDA),
    domain=COUPLED_AT_ZERO,
)
STATED = Theorem(REINITIALISED, AT_ZERO)
CONTROLS = (
    *opposite(REINITIALISED),
    *opposite(AT_ZERO),
    Control(
        "strictly decreasing in γ at λ = −c too",
        falls(KAPPA, GAMMA, domain=(Orthant(frozenset({E, G}), frozenset({S})),)),
    ),
    Control(
        "strictly increasing in |β_PT| at β_PT = 0 too",
        rises(KAPPA, BETA_PT, domain=(Orthant(frozenset({S}), frozenset({E, G})),)),
    ),
    Control("decreasing in c at fixed λ", falls(KAPPA, Parameter.ABSOLUTE_AT_LAMBDA)),
    Control("strictly increasing in λ at γ = 0 too", rises(KAPPA, LAMBDA, domain=COUPLED)),
)

state(
    "regimes.transfer-monotone",
    __doc__,
    (Check("signs of the derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_PT ≠ 0"),
    requires=("regimes.transfer-closed-form",),
)
