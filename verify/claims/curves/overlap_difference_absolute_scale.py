"""A smaller absolute scale and the difference of errors between overlaps.

Measured as a difference instead of a ratio, the gap grows only while the errors are large
(Section 5.3, Figure 3a).
"""

from verify.claim import Claim
from verify.claims.curves._margins import Line, Region, less, overlap_difference, region_check
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: c = 1e-06 against 0.001",
        less(overlap_difference("gaussian", c=1e-06), overlap_difference("gaussian", c=0.001)),
        Region(True, (0.324185828,)),
    ),
    Line(
        "Gaussian slab: c = 0.001 against 1",
        less(overlap_difference("gaussian", c=0.001), overlap_difference("gaussian", c=1.0)),
        Region(True, (0.438638412,)),
    ),
    Line(
        "sign slab: c = 1e-06 against 0.001",
        less(overlap_difference("sign", c=1e-06), overlap_difference("sign", c=0.001)),
        Region(True, (0.406413048,)),
    ),
    Line(
        "sign slab: c = 0.001 against 1",
        less(overlap_difference("sign", c=0.001), overlap_difference("sign", c=1.0)),
        Region(True, (0.492552662,)),
    ),
)

register(
    Claim(
        id="curves.overlap-difference-absolute-scale",
        title="Smaller c: larger difference between overlaps, for few data",
        sentence="The error at ω = 0 less that at ω = 1 grows as c falls, up to the α where both"
        " are small.",
        latex=r"p_{\omega=0} - p_{\omega=1}\;\text{grows as}\; c\;\text{falls, for}\;\alpha < "
        r"\alpha_c",
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
