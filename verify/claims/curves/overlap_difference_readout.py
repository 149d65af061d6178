"""A smaller readout and the difference of errors between overlaps.

Measured as a difference instead of a ratio, the gap grows only while the errors are large
(Section 5.3, Figure 3b).
"""

from verify.claim import Claim
from verify.claims.curves._margins import (
    EVERYWHERE,
    Line,
    Region,
    less,
    overlap_difference,
    region_check,
)
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: gamma = 0 against 1",
        less(overlap_difference("gaussian", gamma=0.0), overlap_difference("gaussian", gamma=1.0)),
        Region(True, (0.359777465,)),
    ),
    Line(
        "Gaussian slab: gamma = 1 against 10",
        less(overlap_difference("gaussian", gamma=1.0), overlap_difference("gaussian", gamma=10.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: gamma = 0 against 1",
        less(overlap_difference("sign", gamma=0.0), overlap_difference("sign", gamma=1.0)),
        Region(True, (0.441723238,)),
    ),
    Line(
        "sign slab: gamma = 1 against 10",
        less(overlap_difference("sign", gamma=1.0), overlap_difference("sign", gamma=10.0)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.overlap-difference-readout",
        title="Smaller γ: larger difference between overlaps, for few data",
        sentence="The error at ω = 0 less that at ω = 1 grows as γ falls from 10 to 1 at every α, "
        "and from 1 to 0 up to the α where both are small.",
        latex=r"p_{\omega=0} - p_{\omega=1}\;\text{grows as}\; \gamma\;\text{falls, for}\;"
        r"\alpha < \alpha_c",
        source="Section 5.3; Figure 3b",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "γ = 0, 1 and 10; c = 10⁻³, λ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
    )
)
