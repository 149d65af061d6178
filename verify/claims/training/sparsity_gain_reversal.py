"""Trained networks: below a crossing a smaller absolute scale gains less (Section 5.3).

The effect is a few per cent there, too small to be seen at a single α, so the α of either side of
the exact crossing are taken together.
"""

from verify.claim import Check, Claim, Control, Method
from verify.claims.training._effects import (
    FLOOR,
    LEVEL,
    RECORD,
    Sides,
    decide_sides,
    less,
    sparsity_gain,
)
from verify.claims.training.sparsity_gain_absolute_scale import HOLDS
from verify.registry import register

TERMS = less(sparsity_gain(c=1e-6), sparsity_gain(c=1e-3))
CROSSING = HOLDS[0].crossings[0]

register(
    Claim(
        id="training.sparsity-gain-reversal",
        title="Networks: smaller c gains less from sparse new features below a crossing",
        sentence="In trained networks at ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 is "
        "smaller at c = 10⁻⁶ than at 10⁻³ below α = 0.228, and larger above.",
        latex=r"\omega = 0:\; \frac{\hat p_{\rho=0.9}}{\hat p_{\rho=0.1}}\;\text{falls with}\;c"
        r"\;\text{only for}\;\alpha > \alpha_c",
        source="Section 5.3; Figure 3d",
        assumptions=(
            "recorded networks of d = 1000, Gaussian slab, eleven α from 0.01 to 0.5",
            f"α where all errors are above {FLOOR:g}",
        ),
        requires=("curves.sparsity-gain-absolute-scale",),
        checks=(
            Check(
                "recorded networks",
                Method.STATISTICS,
                decide_sides,
                Sides(TERMS, CROSSING, -1, 1),
                (
                    Control("larger on both sides, as printed", Sides(TERMS, CROSSING, 1, 1)),
                    Control("smaller on both sides", Sides(TERMS, CROSSING, -1, -1)),
                ),
                tolerance=LEVEL,
                reason="level of both tests together",
                needs_files=(RECORD,),
            ),
        ),
    )
)
