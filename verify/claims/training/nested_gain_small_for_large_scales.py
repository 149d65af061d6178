"""Trained networks: large scales gain less from few reused features (Section 5.3)."""

from verify.claim import Claim
from verify.claims.training._effects import (
    DESK_ASSUMPTIONS,
    Effect,
    effect_check,
    less,
    nested_gain,
)
from verify.registry import register

EFFECTS = (
    Effect(
        "gain of the baseline over that at c = 1", less(nested_gain(0.01), nested_gain(0.01, c=1.0))
    ),
    Effect(
        "gain of the baseline over that at γ = 10",
        less(nested_gain(0.01), nested_gain(0.01, gamma=10.0)),
    ),
)

register(
    Claim(
        id="training.nested-gain-small-for-large-scales",
        title="Networks: large c or γ, smaller gain from sparsity of reused features",
        sentence="In trained networks at ω = 1 the ratio of the errors at ρ_FT = 0.1 and 0.01 "
        "is larger at the baseline than at c = 1 or γ = 10.",
        latex=r"\omega = 1:\; \frac{\hat p_{\rho=0.1}}{\hat p_{\rho=0.01}}\;\text{is larger "
        r"at}\;c = 10^{-3}, \gamma = 0\;\text{than at}\;c = 1\;\text{or}\;\gamma = 10",
        source="Section 5.3",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.nested-gain-small-for-large-scales",),
        checks=(effect_check(EFFECTS),),
    )
)
