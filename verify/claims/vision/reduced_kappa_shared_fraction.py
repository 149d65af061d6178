"""A small κ leaves a smaller fraction of shared dimensions, in the reduced study (D.1).

ENSD/PR after fine-tuning of the last stage: the features of the small-κ network, whose early
layers learn faster, turn away further from the pretrained ones.
"""

from verify.claim import Control
from verify.claims.vision._effects import Statement, shared_fraction_gain
from verify.claims.vision._statements import REDUCED, reduced_claim
from verify.registry import register

EFFECT = shared_fraction_gain(REDUCED, "kappa", 4.0, 0.125, 96.0)
STATEMENT = Statement((EFFECT,), "greater", 0.0)

register(
    reduced_claim(
        "vision.reduced-kappa-shared-fraction",
        "Small κ: fewer dimensions shared",
        "in the last stage at n = 96, ENSD/PR after fine-tuning is lower at κ = 0.125 than at "
        "κ = 4.",
        r"(\mathrm{ENSD}/\mathrm{PR}_{FT})(0.125) < (\mathrm{ENSD}/\mathrm{PR}_{FT})(4)",
        "Appendix D.1, Figure 6",
        STATEMENT,
        Control("reversed differences", STATEMENT.reversed()),
        Control("by more than 1", Statement((EFFECT,), "greater", 1.0)),
    )
)
