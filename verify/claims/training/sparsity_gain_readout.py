"""Trained networks: a smaller readout gains more from sparse new features (Section 5.3)."""

from verify.claim import Claim
from verify.claims.training._effects import (
    DESK_ASSUMPTIONS,
    Effect,
    effect_check,
    less,
    sparsity_gain,
)
from verify.registry import register

EFFECTS = (
    Effect(
        "gain at γ = 0 over that at 1", less(sparsity_gain(gamma=0.0), sparsity_gain(gamma=1.0))
    ),
    Effect(
        "gain at γ = 1 over that at 10", less(sparsity_gain(gamma=1.0), sparsity_gain(gamma=10.0))
    ),
)

register(
    Claim(
        id="training.sparsity-gain-readout",
        title="Networks: smaller γ, larger gain from sparse new features",
        sentence="In trained networks at ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 "
        "grows as γ falls through 10, 1, 0.",
        latex=r"\omega = 0:\; \frac{\hat p_{\rho=0.9}}{\hat p_{\rho=0.1}}\;\text{grows "
        r"as}\;\gamma\;\text{falls}",
        source="Section 5.3; Figure 3e",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.sparsity-gain-readout",),
        checks=(effect_check(EFFECTS),),
    )
)
