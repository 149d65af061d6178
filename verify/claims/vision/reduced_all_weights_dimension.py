"""Smaller weights after pretraining: PR falls far, reduced study (Appendix D.4, Figure 9).

The first half of the paper's signature, at one eighth of the weights; the centred features of the
last stage are left with hardly more than one dimension.
"""

from verify.claim import Control
from verify.claims.vision._effects import Statement, log_pr_fall
from verify.claims.vision._statements import REDUCED, reduced_claim
from verify.registry import register

EFFECT = log_pr_fall(REDUCED, "all-weights", 0.125, 96.0)
STATEMENT = Statement((EFFECT,), "greater", 0.0)

register(
    reduced_claim(
        "vision.reduced-all-weights-dimension",
        "Small weights after pretraining: PR falls",
        "in the last stage at n = 96, with all weights times 0.125 after pretraining, the "
        "participation ratio is lower after fine-tuning than before.",
        r"\mathrm{PR}_{FT} < \mathrm{PR}_{PT}",
        "Appendix D.4, Figure 9",
        STATEMENT,
        Control("reversed differences", STATEMENT.reversed()),
        Control("by more than a factor of 1000", Statement((EFFECT,), "greater", 6.9)),
    )
)
