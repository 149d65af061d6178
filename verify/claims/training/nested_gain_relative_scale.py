"""Trained networks: a smaller relative scale gains more from few reused features (Section 5.3)."""

from verify.claim import Claim
from verify.claims.training._effects import (
    DESK_ASSUMPTIONS,
    Effect,
    effect_check,
    less,
    nested_gain,
)
from verify.registry import register

EFFECTS = tuple(
    Effect(
        f"gain from ρ = {rho:g} at λ/c = {low:g} over that at {high:g}",
        less(nested_gain(rho, ratio=low), nested_gain(rho, ratio=high)),
    )
    for rho in (0.01, 0.04)
    for low, high in ((-0.99, 0.0), (0.0, 0.99))
)

register(
    Claim(
        id="training.nested-gain-relative-scale",
        title="Networks: smaller λ, larger gain from sparsity of reused features",
        sentence="In trained networks at ω = 1 the ratio of the errors at ρ_FT = 0.1 and at "
        "0.04 or 0.01 grows as λ falls.",
        latex=r"\omega = 1:\; \frac{\hat p_{\rho=0.1}}{\hat p_{\rho}}\;\text{grows "
        r"as}\;\lambda\;\text{falls},\; \rho \in \{0.01, 0.04\}",
        source="Section 5.3; Figure 3f",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.nested-gain-relative-scale",),
        checks=(effect_check(EFFECTS),),
    )
)
