"""Trained networks: a smaller absolute scale gains more at every α: false (Section 5.3)."""

from verify.claim import Claim, Control, Fault, Verdict
from verify.claims.training_sparsity_gain_absolute_scale import EFFECTS
from verify.methods.desk_effects import DESK_ASSUMPTIONS, effect_check
from verify.registry import register

CLAIM = register(
    Claim(
        id="training.sparsity-gain-absolute-scale-printed",
        title="Networks: smaller c, larger gain from sparse new features, at every α",
        sentence="In trained networks at ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 grows "
        "as c falls, at every α.",
        latex=r"\omega = 0:\; \frac{\hat p_{\rho=0.9}}{\hat p_{\rho=0.1}}\;\text{grows as}\;c"
        r"\;\text{falls}",
        source="Section 5.3; Figure 3d",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.sparsity-gain-absolute-scale",),
        checks=(
            effect_check(
                tuple(effect.everywhere() for effect in EFFECTS),
                controls=(Control("past the crossing only", EFFECTS, must_hold=True),),
            ),
        ),
        expected=Verdict.REFUTED,
        twin="training.sparsity-gain-absolute-scale",
        fault=Fault.RANGE,
    )
)
