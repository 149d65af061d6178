"""A smaller relative scale and the difference of errors between overlaps.

Measured as a difference instead of a ratio, the gap falls with λ at nearly every α, as Section 5.3
has it (Figure 3c): the window in which the ratio rises lies where both errors are small.
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
        "Gaussian slab: lambda/c = 0 against -0.99",
        less(
            overlap_difference("gaussian", ratio=0.0), overlap_difference("gaussian", ratio=-0.99)
        ),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: lambda/c = 0.99 against 0",
        less(overlap_difference("gaussian", ratio=0.99), overlap_difference("gaussian", ratio=0.0)),
        Region(False, (0.016725357,)),
    ),
    Line(
        "sign slab: lambda/c = 0 against -0.99",
        less(overlap_difference("sign", ratio=0.0), overlap_difference("sign", ratio=-0.99)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: lambda/c = 0.99 against 0",
        less(overlap_difference("sign", ratio=0.99), overlap_difference("sign", ratio=0.0)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.overlap-difference-relative-scale",
        title="Smaller λ: smaller difference between overlaps",
        sentence="The error at ω = 0 less that at ω = 1 falls with λ through 0.99c, 0, −0.99c at "
        "every α; for the Gaussian slab, from 0.99c to 0, at every α beyond 0.0167.",
        latex=r"p_{\omega=0} - p_{\omega=1}\;\text{falls with}\;\lambda",
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
