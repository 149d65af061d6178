"""Where few pretrained features are used a smaller relative scale is better: in which range.

Section 5.3, Figure 3f.
"""

from verify.claim import Claim
from verify.claims.curves._margins import EVERYWHERE, Line, Region, log_ratio, region_check, setting
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: lambda/c = 0 against -0.99",
        log_ratio(
            setting("gaussian", 0.01, 1.0, ratio=0.0), setting("gaussian", 0.01, 1.0, ratio=-0.99)
        ),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: lambda/c = 0.99 against 0",
        log_ratio(
            setting("gaussian", 0.01, 1.0, ratio=0.99), setting("gaussian", 0.01, 1.0, ratio=0.0)
        ),
        EVERYWHERE,
    ),
    Line(
        "sign slab: lambda/c = 0 against -0.99",
        log_ratio(setting("sign", 0.01, 1.0, ratio=0.0), setting("sign", 0.01, 1.0, ratio=-0.99)),
        Region(False, (0.023218802,)),
    ),
    Line(
        "sign slab: lambda/c = 0.99 against 0",
        log_ratio(setting("sign", 0.01, 1.0, ratio=0.99), setting("sign", 0.01, 1.0, ratio=0.0)),
        EVERYWHERE,
    ),
)

register(
    Claim(
        id="curves.sparse-reuse-relative-scale",
        title="Smaller λ is better for sparse reuse",
        sentence="At ω = 1, ρ_FT = 0.01 the error falls with λ: for the Gaussian slab at every "
        "α, for the sign slab beyond α = 0.0232.",
        latex=r"\omega = 1, \rho_{FT} = 0.01:\; p_{\lambda}\;\text{falls with}\;\lambda",
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
