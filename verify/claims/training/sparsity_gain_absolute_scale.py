"""Trained networks: a smaller absolute scale gains more from sparse new features (Section 5.3)."""

from verify.claim import Claim
from verify.claims.curves.sparsity_gain_absolute_scale import LINES
from verify.claims.training._effects import (
    DESK_ASSUMPTIONS,
    Effect,
    effect_check,
    holds_of,
    less,
    sparsity_gain,
)
from verify.registry import register

HOLDS = holds_of(LINES)
EFFECTS = (
    Effect(
        "gain at c = 1e-6 over that at 1e-3",
        less(sparsity_gain(c=1e-6), sparsity_gain(c=1e-3)),
        HOLDS[0],
    ),
    Effect(
        "gain at c = 1e-3 over that at 1",
        less(sparsity_gain(c=1e-3), sparsity_gain(c=1.0)),
        HOLDS[1],
    ),
)

register(
    Claim(
        id="training.sparsity-gain-absolute-scale",
        title="Networks: smaller c, larger gain from sparse new features, past a crossing",
        sentence="In trained networks at ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 "
        "grows as c falls; between 10⁻³ and 10⁻⁶ only for α beyond a crossing.",
        latex=r"\omega = 0:\; \frac{\hat p_{\rho=0.9}}{\hat p_{\rho=0.1}}\;\text{grows "
        r"as}\;c\;\text{falls, for}\;\alpha > \alpha_c",
        source="Section 5.3; Figure 3d",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.sparsity-gain-absolute-scale",),
        checks=(effect_check(EFFECTS),),
    )
)
