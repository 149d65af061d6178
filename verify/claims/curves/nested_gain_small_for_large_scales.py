"""The gain from using few pretrained features is lost at large c or γ (Section 5.3).

"Very large" must be read of c_FT: at γ = 10 nothing is left of the gain, whatever λ; at c = 1, the
largest c of the sweeps, λ = −0.99c leaves c_FT = 0.02 where β_PT = 0, and still gains more.
"""

from empirics.experiments import Slab
from verify.claim import Claim
from verify.claims.curves._margins import EVERYWHERE, Line, Margin, less, nested_gain, region_check
from verify.registry import register

SLABS: tuple[tuple[Slab, str], ...] = (("gaussian", "Gaussian"), ("sign", "sign"))
LEFT = 0.01  # of the logarithm of the ratio of errors, at γ = 10


def below(gain: Margin, bound: float) -> Margin:
    """Return `bound` less the gain."""
    return lambda alpha: bound - gain(alpha)


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
    *(
        Line(
            f"{name} slab: gamma = 10, lambda/c = {ratio:g}: less than 1 % is left",
            below(nested_gain(slab, 0.01, gamma=10.0, ratio=ratio), LEFT),
            EVERYWHERE,
        )
        for slab, name in SLABS
        for ratio in (-0.99, 0.0, 0.99)
    ),
    *(
        Line(
            f"{name} slab: c = 1, lambda/c = -0.99 against 0",
            less(nested_gain(slab, 0.01, c=1.0, ratio=-0.99), nested_gain(slab, 0.01, c=1.0)),
            EVERYWHERE,
        )
        for slab, name in SLABS
    ),
)

register(
    Claim(
        id="curves.nested-gain-small-for-large-scales",
        title="Nested gain lost at large scales",
        sentence="At ω = 1 the ratio of the errors at ρ_FT = 0.1 and 0.01 is larger at the "
        "baseline than at c = 1 or γ = 10, at every α; at γ = 10 it is below e^0.01 for "
        "λ = −0.99c, 0, 0.99c, while at c = 1 it still grows as λ falls from 0 to −0.99c.",
        latex=r"\omega = 1:\; \frac{p_{\rho=0.1}}{p_{\rho=0.01}}\;\text{is larger at}\;c = "
        r"10^{-3},\gamma = 0\;\text{than at}\;c = 1\;\text{or}\;\gamma = 10 \\ "
        r"\gamma = 10:\; \log\frac{p_{\rho=0.1}}{p_{\rho=0.01}} < 0.01",
        source="Section 5.3",
        assumptions=(
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
            "errors of Proposition 4.2",
            "λ = 0 where nothing is said; at γ = 10, c = 10⁻³",
        ),
        requires=("replica.exact-solver",),
        checks=(region_check(LINES),),
    )
)
