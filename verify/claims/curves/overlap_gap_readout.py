"""A smaller readout makes overlap matter more (Section 5.3, Figure 3b)."""

from verify.claim import Claim
from verify.claims.curves._margins import EVERYWHERE, Line, less, overlap_gap, region_check
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: gamma = 0 against 1",
        less(overlap_gap("gaussian", gamma=0.0), overlap_gap("gaussian", gamma=1.0)),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: gamma = 1 against 10",
        less(overlap_gap("gaussian", gamma=1.0), overlap_gap("gaussian", gamma=10.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: gamma = 0 against 1",
        less(overlap_gap("sign", gamma=0.0), overlap_gap("sign", gamma=1.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: gamma = 1 against 10",
        less(overlap_gap("sign", gamma=1.0), overlap_gap("sign", gamma=10.0)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.overlap-gap-readout",
        title="Smaller γ: larger gap between overlaps",
        sentence="The ratio of the errors at ω = 0 and ω = 1 grows as γ falls through 10, 1, 0, "
        "at every α.",
        latex=r"\frac{p_{\omega=0}}{p_{\omega=1}}\;\text{grows as}\; \gamma\;\text{falls}",
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
