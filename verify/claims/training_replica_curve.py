"""Errors of trained networks are those of the replica curve, over Experiments 1-4 and Figure 5."""

from verify.claim import Check, Claim, Control, Method
from verify.methods.desk_curves import (
    FEWEST,
    FLOOR,
    MARGIN,
    decide,
    doubled_scale,
    half_readout,
    stated,
    swapped_lambda,
)
from verify.methods.desk_effects import RECORD
from verify.registry import register

CLAIM = register(
    Claim(
        id="training.replica-curve",
        title="Trained networks follow the replica curve",
        sentence="Over the settings of Experiments 1-4 and Figure 5 the errors of trained networks "
        "are those of the replica curve, within 15 % in the mean over a curve.",
        latex=r"\tfrac{1}{d} \|\hat\beta_{GD} - \beta^*\|^2 \approx p(\alpha)",
        source="Proposition 4.2; Figures 3 and 5; Appendix E.2.6",
        assumptions=(
            "recorded networks of d = 1000, Gaussian slab, eleven α from 0.01 to 0.5",
            f"α with p > {FLOOR:g}, curves with at least {FEWEST} of them",
            "independent seeds; two one-sided tests, Holm's correction over all curves",
        ),
        requires=("replica.exact-solver",),
        checks=(
            Check(
                "recorded networks",
                Method.STATISTICS,
                decide,
                stated,
                (
                    Control("c_FT twice as large", doubled_scale),
                    Control("γ²/2 for γ²", half_readout),
                    Control("−λ for λ", swapped_lambda),
                ),
                tolerance=MARGIN,
                reason="what d = 1000, the learning rate and the stopping threshold leave",
                limit=120.0,
                needs_files=(RECORD,),
            ),
        ),
        expected=Method.STATISTICS.supports,
    )
)
