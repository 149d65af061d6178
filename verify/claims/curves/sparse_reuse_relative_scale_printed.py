"""Where few pretrained features are used a smaller relative scale is better at every α: false.

Section 5.3.
"""

from verify.claim import Claim, Fault
from verify.claims.curves._margins import printed_check
from verify.claims.curves.sparse_reuse_relative_scale import LINES
from verify.registry import register

register(
    Claim(
        id="curves.sparse-reuse-relative-scale-printed",
        title="Smaller λ is better for sparse reuse, at every α",
        sentence="At ω = 1, ρ_FT = 0.01 the error falls with λ, for both slabs and every α.",
        latex=r"\omega = 1, \rho_{FT} = 0.01:\; p_{\lambda}\;\text{falls "
        r"with}\;\lambda\;\text{at every}\;\alpha",
        source="Section 5.3; Figure 3f",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "λ/c = −0.99, 0 and 0.99; c = 10⁻³, γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(printed_check(LINES),),
        twin="curves.sparse-reuse-relative-scale",
        fault=Fault.RANGE,
    )
)
