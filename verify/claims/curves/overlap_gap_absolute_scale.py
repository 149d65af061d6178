"""A smaller absolute scale makes overlap matter more (Section 5.3, Figure 3a)."""

from verify.claim import Claim
from verify.claims.curves._margins import EVERYWHERE, Line, less, overlap_gap, region_check
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: c = 1e-06 against 0.001",
        less(overlap_gap("gaussian", c=1e-06), overlap_gap("gaussian", c=0.001)),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: c = 0.001 against 1",
        less(overlap_gap("gaussian", c=0.001), overlap_gap("gaussian", c=1.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: c = 1e-06 against 0.001",
        less(overlap_gap("sign", c=1e-06), overlap_gap("sign", c=0.001)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: c = 0.001 against 1",
        less(overlap_gap("sign", c=0.001), overlap_gap("sign", c=1.0)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.overlap-gap-absolute-scale",
        title="Smaller c: larger gap between overlaps",
        sentence="The ratio of the errors at ω = 0 and ω = 1 grows as c falls through 1, 10⁻³, "
        "10⁻⁶, at every α.",
        latex=r"\frac{p_{\omega=0}}{p_{\omega=1}}\;\text{grows as}\; c\;\text{falls}",
        source="Section 5.3; Figure 3a",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "c = 10⁻⁶, 10⁻³ and 1; λ = γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
    )
)
