"""A smaller relative scale makes overlap matter less at every α: false of the ratio (Section 5.3).

Of the difference of errors it is true at nearly every α
(curves.overlap-difference-relative-scale).
"""

from verify.claim import Claim, Fault
from verify.claims.curves._margins import printed_check
from verify.claims.curves.overlap_gap_relative_scale import LINES
from verify.registry import register

register(
    Claim(
        id="curves.overlap-gap-relative-scale-printed",
        title="Smaller λ: smaller ratio between overlaps, at every α",
        sentence="The gap between overlaps, measured by the ratio of the errors at ω = 0 and ω = 1 "
        "(not by their difference), falls with λ at every α.",
        latex=r"\frac{p_{\omega=0}}{p_{\omega=1}}\;\text{falls with}\;\lambda",
        source="Section 5.3; Figure 3c, read as ratios",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "λ/c = −0.99, 0 and 0.99; c = 10⁻³, γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(printed_check(LINES),),
        twin="curves.overlap-gap-relative-scale",
        fault=Fault.RANGE,
    )
)
