"""Trained networks: where all old features are reused a smaller λ is worse (Section 5.3)."""

from verify.claim import Claim
from verify.claims.curves.dense_reuse_relative_scale import LINES
from verify.claims.training._effects import (
    DESK_ASSUMPTIONS,
    Effect,
    effect_check,
    gap,
    holds_of,
    network,
)
from verify.registry import register

HOLDS = holds_of(LINES)
EFFECTS = (
    Effect(
        "error at λ/c = −0.99 over that at 0",
        gap(network(0.1, 1.0, ratio=-0.99), network(0.1, 1.0)),
        HOLDS[0],
    ),
    Effect(
        "error at λ/c = 0 over that at 0.99",
        gap(network(0.1, 1.0), network(0.1, 1.0, ratio=0.99)),
        HOLDS[1],
    ),
)

register(
    Claim(
        id="training.dense-reuse-relative-scale",
        title="Networks: smaller λ is worse for dense reuse",
        sentence="In trained networks at ω = 1, ρ_FT = 0.1 the error grows as λ falls, at the "
        "α where that can be seen.",
        latex=r"\omega = 1, \rho_{FT} = 0.1:\; \hat p_{\lambda}\;\text{grows "
        r"as}\;\lambda\;\text{falls, for}\;\alpha < \alpha_c",
        source="Section 5.3; Figure 3f",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.dense-reuse-relative-scale",),
        checks=(effect_check(EFFECTS),),
    )
)
