"""Trained networks: a smaller absolute scale makes overlap matter more (Section 5.3)."""

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
    Effect("gap at c = 1e-6 over that at 1e-3", less(overlap_gap(c=1e-6), overlap_gap(c=1e-3))),
    Effect("gap at c = 1e-3 over that at 1", less(overlap_gap(c=1e-3), overlap_gap(c=1.0))),
)

register(
    Claim(
        id="training.overlap-gap-absolute-scale",
        title="Networks: smaller c, larger gap between overlaps",
        sentence="In trained networks the ratio of the errors at ω = 0 and ω = 1 grows as c "
        "falls through 1, 10⁻³, 10⁻⁶.",
        latex=r"\frac{\hat p_{\omega=0}}{\hat p_{\omega=1}}\;\text{grows as}\; c\;\text{falls}",
        source="Section 5.3; Figure 3a",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.overlap-gap-absolute-scale",),
        checks=(effect_check(EFFECTS),),
    )
)
