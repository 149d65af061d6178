"""A smaller relative scale gains more where few pretrained features are used.

Section 5.3, Figure 3f.
"""

from verify.claim import Claim
from verify.claims.curves._margins import EVERYWHERE, Line, Region, less, nested_gain, region_check
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: rho = 0.01, lambda/c = -0.99 against 0",
        less(nested_gain("gaussian", 0.01, ratio=-0.99), nested_gain("gaussian", 0.01, ratio=0.0)),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: rho = 0.01, lambda/c = 0 against 0.99",
        less(nested_gain("gaussian", 0.01, ratio=0.0), nested_gain("gaussian", 0.01, ratio=0.99)),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: rho = 0.04, lambda/c = -0.99 against 0",
        less(nested_gain("gaussian", 0.04, ratio=-0.99), nested_gain("gaussian", 0.04, ratio=0.0)),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: rho = 0.04, lambda/c = 0 against 0.99",
        less(nested_gain("gaussian", 0.04, ratio=0.0), nested_gain("gaussian", 0.04, ratio=0.99)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: rho = 0.01, lambda/c = -0.99 against 0",
        less(nested_gain("sign", 0.01, ratio=-0.99), nested_gain("sign", 0.01, ratio=0.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: rho = 0.01, lambda/c = 0 against 0.99",
        less(nested_gain("sign", 0.01, ratio=0.0), nested_gain("sign", 0.01, ratio=0.99)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: rho = 0.04, lambda/c = -0.99 against 0",
        less(nested_gain("sign", 0.04, ratio=-0.99), nested_gain("sign", 0.04, ratio=0.0)),
        Region(
            True,
            (
                0.086131847,
                0.100032096,
            ),
        ),
    ),
    Line(
        "sign slab: rho = 0.04, lambda/c = 0 against 0.99",
        less(nested_gain("sign", 0.04, ratio=0.0), nested_gain("sign", 0.04, ratio=0.99)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.nested-gain-relative-scale",
        title="Smaller λ: larger gain from nested sparsity",
        sentence="At ω = 1 the ratio of the errors at ρ_FT = 0.1 and at 0.04 or 0.01 grows as λ "
        "falls, outside of a short window for the sign slab.",
        latex=r"\omega = 1:\; \frac{p_{\rho=0.1}}{p_{\rho}}\;\text{grows "
        r"as}\;\lambda\;\text{falls},\; \rho \in \{0.01, 0.04\}",
        source="Section 5.3; Figure 3f",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "λ/c = −0.99, 0 and 0.99; c = 10⁻³, γ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
    )
)
