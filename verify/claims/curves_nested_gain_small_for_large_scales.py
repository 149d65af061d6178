"""The gain from using few pretrained features is lost at large c or γ (Section 5.3)."""

from verify.claim import Claim, Method
from verify.methods.margins import EVERYWHERE, Line, less, nested_gain, region_check
from verify.registry import register

LINES = (
    Line(
        "Gaussian slab: baseline against c = 1",
        less(nested_gain("gaussian", 0.01), nested_gain("gaussian", 0.01, c=1.0)),
        EVERYWHERE,
    ),
    Line(
        "Gaussian slab: baseline against gamma = 10",
        less(nested_gain("gaussian", 0.01), nested_gain("gaussian", 0.01, gamma=10.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: baseline against c = 1",
        less(nested_gain("sign", 0.01), nested_gain("sign", 0.01, c=1.0)),
        EVERYWHERE,
    ),
    Line(
        "sign slab: baseline against gamma = 10",
        less(nested_gain("sign", 0.01), nested_gain("sign", 0.01, gamma=10.0)),
        EVERYWHERE,
    ),
)

CLAIM = register(
    Claim(
        id="curves.nested-gain-small-for-large-scales",
        title="Nested gain lost at large scales",
        sentence="At ω = 1 the ratio of the errors at ρ_FT = 0.1 and 0.01 is larger at the "
        "baseline than at c = 1 or γ = 10, at every α.",
        latex=r"\omega = 1:\; \frac{p_{\rho=0.1}}{p_{\rho=0.01}}\;\text{is larger at}\;c = "
        r"10^{-3},\gamma = 0\;\text{than at}\;c = 1\;\text{or}\;\gamma = 10",
        source="Section 5.3",
        assumptions=("0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0", "errors of Proposition 4.2"),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
        expected=Method.FLOAT64.supports,
    )
)
