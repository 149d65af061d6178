"""Trained networks: a smaller relative scale makes overlap matter less (Section 5.3)."""

from verify.claim import Claim
from verify.claims.curves.overlap_gap_relative_scale import LINES
from verify.claims.training._effects import (
    DESK_ASSUMPTIONS,
    Effect,
    effect_check,
    holds_of,
    less,
    overlap_gap,
)
from verify.registry import register

HOLDS = holds_of(LINES)
EFFECTS = (
    Effect(
        "gap at λ/c = 0 over that at −0.99",
        less(overlap_gap(ratio=0.0), overlap_gap(ratio=-0.99)),
        HOLDS[0],
    ),
    Effect(
        "gap at λ/c = 0.99 over that at 0",
        less(overlap_gap(ratio=0.99), overlap_gap(ratio=0.0)),
        HOLDS[1],
    ),
)

register(
    Claim(
        id="training.overlap-gap-relative-scale",
        title="Networks: smaller λ, smaller gap between overlaps",
        sentence="In trained networks the ratio of the errors at ω = 0 and ω = 1 falls with λ, "
        "at the α where that can be seen.",
        latex=r"\frac{\hat p_{\omega=0}}{\hat p_{\omega=1}}\;\text{falls with}\;\lambda",
        source="Section 5.3; Figure 3c",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.overlap-gap-relative-scale",),
        checks=(effect_check(EFFECTS),),
    )
)
