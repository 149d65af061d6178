"""Trained networks: a smaller readout makes overlap matter more (Section 5.3)."""

from verify.claim import Claim
from verify.claims.training._effects import (
    DESK_ASSUMPTIONS,
    Effect,
    effect_check,
    less,
    overlap_gap,
)
from verify.registry import register

EFFECTS = (
    Effect("gap at γ = 0 over that at 1", less(overlap_gap(gamma=0.0), overlap_gap(gamma=1.0))),
    Effect("gap at γ = 1 over that at 10", less(overlap_gap(gamma=1.0), overlap_gap(gamma=10.0))),
)

register(
    Claim(
        id="training.overlap-gap-readout",
        title="Networks: smaller γ, larger gap between overlaps",
        sentence="In trained networks the ratio of the errors at ω = 0 and ω = 1 grows as γ "
        "falls through 10, 1, 0.",
        latex=r"\frac{\hat p_{\omega=0}}{\hat p_{\omega=1}}\;\text{grows as}\; "
        r"\gamma\;\text{falls}",
        source="Section 5.3; Figure 3b",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.overlap-gap-readout",),
        checks=(effect_check(EFFECTS),),
    )
)
