"""A smaller relative scale makes overlap matter less: in which range (Section 5.3, Figure 3c).

Measured as a ratio of errors; as a difference, the gap falls with λ at nearly every α
(curves.overlap-difference-relative-scale).
"""

from verify.claim import Claim
from verify.claims.curves._margins import Line, Region, less, overlap_gap, region_check
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: lambda/c = 0 against -0.99",
        less(overlap_gap("gaussian", ratio=0.0), overlap_gap("gaussian", ratio=-0.99)),
        Region(
            True,
            (
                0.327195965,
                0.643283822,
            ),
        ),
    ),
    Line(
        "Gaussian slab: lambda/c = 0.99 against 0",
        less(overlap_gap("gaussian", ratio=0.99), overlap_gap("gaussian", ratio=0.0)),
        Region(
            True,
            (
                0.292570560,
                0.525678078,
            ),
        ),
    ),
    Line(
        "sign slab: lambda/c = 0 against -0.99",
        less(overlap_gap("sign", ratio=0.0), overlap_gap("sign", ratio=-0.99)),
        Region(
            True,
            (
                0.325241325,
                0.507290072,
            ),
        ),
    ),
    Line(
        "sign slab: lambda/c = 0.99 against 0",
        less(overlap_gap("sign", ratio=0.99), overlap_gap("sign", ratio=0.0)),
        Region(
            True,
            (
                0.335542449,
                0.465628610,
            ),
        ),
    ),
)

register(
    Claim(
        id="curves.overlap-gap-relative-scale",
        title="Smaller λ: smaller gap between overlaps, outside of a window",
        sentence="The ratio of the errors at ω = 0 and ω = 1 falls with λ, except in a window of"
        " α past the threshold of ℓ1 recovery, where a smaller λ gives the larger "
        "ratio.",
        latex=r"\frac{p_{\omega=0}}{p_{\omega=1}}\;\text{falls "
        r"with}\;\lambda\;\text{for}\;\alpha \notin [\alpha_1, \alpha_2]",
        source="Section 5.3; Figure 3c",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "λ/c = −0.99, 0 and 0.99; c = 10⁻³, γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
    )
)
