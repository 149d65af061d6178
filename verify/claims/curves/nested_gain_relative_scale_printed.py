"""A smaller relative scale gains more from nested sparsity at every α: false (Section 5.3)."""

from verify.claim import Claim, Fault
from verify.claims.curves._margins import printed_check
from verify.claims.curves.nested_gain_relative_scale import LINES
from verify.registry import register

register(
    Claim(
        id="curves.nested-gain-relative-scale-printed",
        title="Smaller λ: larger gain from nested sparsity, at every α",
        sentence="At ω = 1 the ratio of the errors at ρ_FT = 0.1 and at 0.04 or 0.01 grows as λ "
        "falls, for both slabs and every α.",
        latex=r"\omega = 1:\; \frac{p_{\rho=0.1}}{p_{\rho}}\;\text{grows "
        r"as}\;\lambda\;\text{falls}",
        source="Section 5.3; Figure 3f",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "λ/c = −0.99, 0 and 0.99; c = 10⁻³, γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(printed_check(LINES),),
        twin="curves.nested-gain-relative-scale",
        fault=Fault.RANGE,
    )
)
