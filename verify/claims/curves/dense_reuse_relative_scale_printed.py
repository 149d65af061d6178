"""Where all pretrained features are used a smaller relative scale is worse at every α: false.

Section 5.3.
"""

from verify.claim import Claim, Fault
from verify.claims.curves._margins import printed_check
from verify.claims.curves.dense_reuse_relative_scale import LINES
from verify.registry import register

register(
    Claim(
        id="curves.dense-reuse-relative-scale-printed",
        title="Smaller λ is worse for dense reuse, at every α",
        sentence="At ω = 1, ρ_FT = 0.1 the error grows as λ falls, at every α.",
        latex=r"\omega = 1, \rho_{FT} = 0.1:\; p_{\lambda}\;\text{grows "
        r"as}\;\lambda\;\text{falls}",
        source="Section 5.3; Figure 3f",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "λ/c = −0.99, 0 and 0.99; c = 10⁻³, γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(printed_check(LINES),),
        twin="curves.dense-reuse-relative-scale",
        fault=Fault.RANGE,
    )
)
