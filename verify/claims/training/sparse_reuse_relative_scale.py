"""Trained networks: where few old features are reused a smaller λ is better (Section 5.3)."""

from verify.claim import Claim
from verify.claims.training._effects import DESK_ASSUMPTIONS, Effect, effect_check, gap, network
from verify.registry import register

EFFECTS = (
    Effect(
        "error at λ/c = 0 over that at −0.99",
        gap(network(0.01, 1.0), network(0.01, 1.0, ratio=-0.99)),
    ),
    Effect(
        "error at λ/c = 0.99 over that at 0",
        gap(network(0.01, 1.0, ratio=0.99), network(0.01, 1.0)),
    ),
)

register(
    Claim(
        id="training.sparse-reuse-relative-scale",
        title="Networks: smaller λ is better for sparse reuse",
        sentence="In trained networks at ω = 1, ρ_FT = 0.01 the error falls with λ.",
        latex=r"\omega = 1, \rho_{FT} = 0.01:\; \hat p_{\lambda}\;\text{falls with}\;\lambda",
        source="Section 5.3; Figure 3f",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.sparse-reuse-relative-scale",),
        checks=(effect_check(EFFECTS),),
    )
)
