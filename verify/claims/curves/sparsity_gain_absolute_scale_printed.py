"""A smaller absolute scale gains more from sparse new features at every α: false (Section 5.3)."""

from verify.claim import Claim, Fault
from verify.claims.curves._margins import printed_check
from verify.claims.curves.sparsity_gain_absolute_scale import LINES
from verify.registry import register

register(
    Claim(
        id="curves.sparsity-gain-absolute-scale-printed",
        title="Smaller c: larger gain from sparsity, at every α",
        sentence="At ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 grows as c falls, at "
        "every α.",
        latex=r"\omega = 0:\; \frac{p_{\rho=0.9}}{p_{\rho=0.1}}\;\text{grows "
        r"as}\;c\;\text{falls}",
        source="Section 5.3; Figure 3d",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "c = 10⁻⁶, 10⁻³ and 1; λ = γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(printed_check(LINES),),
        twin="curves.sparsity-gain-absolute-scale",
        fault=Fault.RANGE,
    )
)
