"""A smaller readout gains more from sparse new features (Section 5.3, Figure 3e)."""

from verify.claim import Claim
from verify.claims.curves._margins import EVERYWHERE, Line, less, region_check, sparsity_gain
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: gamma = 0 against 1",
        less(sparsity_gain("gaussian", gamma=0.0), sparsity_gain("gaussian", gamma=1.0)),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: gamma = 1 against 10",
        less(sparsity_gain("gaussian", gamma=1.0), sparsity_gain("gaussian", gamma=10.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: gamma = 0 against 1",
        less(sparsity_gain("sign", gamma=0.0), sparsity_gain("sign", gamma=1.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: gamma = 1 against 10",
        less(sparsity_gain("sign", gamma=1.0), sparsity_gain("sign", gamma=10.0)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.sparsity-gain-readout",
        title="Smaller γ: larger gain from sparsity",
        sentence="At ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 grows as γ falls "
        "through 10, 1, 0, at every α.",
        latex=r"\omega = 0:\; \frac{p_{\rho=0.9}}{p_{\rho=0.1}}\;\text{grows "
        r"as}\;\gamma\;\text{falls}",
        source="Section 5.3; Figure 3e",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "γ = 0, 1 and 10; c = 10⁻³, λ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
    )
)
