"""Where all pretrained features are used a smaller relative scale is worse: in which range.

Section 5.3, Figure 3f.
"""

from verify.claim import Claim
from verify.claims.curves._margins import Line, Region, log_ratio, region_check, setting
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: lambda/c = -0.99 against 0",
        log_ratio(
            setting("gaussian", 0.1, 1.0, ratio=-0.99), setting("gaussian", 0.1, 1.0, ratio=0.0)
        ),
        Region(True, (0.298885637,)),
    ),
    Line(
        "Gaussian slab: lambda/c = 0 against 0.99",
        log_ratio(
            setting("gaussian", 0.1, 1.0, ratio=0.0), setting("gaussian", 0.1, 1.0, ratio=0.99)
        ),
        Region(True, (0.255421299,)),
    ),
    Line(
        "sign slab: lambda/c = -0.99 against 0",
        log_ratio(setting("sign", 0.1, 1.0, ratio=-0.99), setting("sign", 0.1, 1.0, ratio=0.0)),
        Region(True, (0.315718100,)),
    ),
    Line(
        "sign slab: lambda/c = 0 against 0.99",
        log_ratio(setting("sign", 0.1, 1.0, ratio=0.0), setting("sign", 0.1, 1.0, ratio=0.99)),
        Region(True, (0.311870458,)),
    ),
)

register(
    Claim(
        id="curves.dense-reuse-relative-scale",
        title="Smaller λ is worse for dense reuse, up to a crossing",
        sentence="At ω = 1, ρ_FT = 0.1 the error grows as λ falls, up to an α beyond which the "
        "smaller λ is better.",
        latex=r"\omega = 1, \rho_{FT} = 0.1:\; p_{\lambda}\;\text{grows "
        r"as}\;\lambda\;\text{falls, for}\;\alpha < \alpha_c",
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
