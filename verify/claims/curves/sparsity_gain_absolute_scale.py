"""A smaller absolute scale and the gain from sparse new features: in which range.

Section 5.3, Figure 3d.
"""

from verify.claim import Claim
from verify.claims.curves._margins import (
    EVERYWHERE,
    Line,
    Region,
    less,
    region_check,
    sparsity_gain,
)
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: c = 1e-06 against 0.001",
        less(sparsity_gain("gaussian", c=1e-06), sparsity_gain("gaussian", c=0.001)),
        Region(False, (0.228326262,)),
    ),
    Line(
        "Gaussian slab: c = 0.001 against 1",
        less(sparsity_gain("gaussian", c=0.001), sparsity_gain("gaussian", c=1.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: c = 1e-06 against 0.001",
        less(sparsity_gain("sign", c=1e-06), sparsity_gain("sign", c=0.001)),
        Region(False, (0.326535349,)),
    ),
    Line(
        "sign slab: c = 0.001 against 1",
        less(sparsity_gain("sign", c=0.001), sparsity_gain("sign", c=1.0)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.sparsity-gain-absolute-scale",
        title="Smaller c: larger gain from sparsity, for enough data",
        sentence="At ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 grows as c falls; "
        "between 10⁻³ and 10⁻⁶ only for α beyond a crossing.",
        latex=r"\omega = 0:\; \frac{p_{\rho=0.9}}{p_{\rho=0.1}}\;\text{grows "
        r"as}\;c\;\text{falls, for}\;\alpha > \alpha_c",
        source="Section 5.3; Figure 3d",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "c = 10⁻⁶, 10⁻³ and 1; λ = γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
    )
)
