"""The dimension of the pretrained network's last stage grows with κ, in the reduced study (D.1)."""

from verify.claim import Control
from verify.claims.vision._effects import Statement, log_pr_gain
from verify.claims.vision._statements import REDUCED, reduced_claim
from verify.registry import register

EFFECT = log_pr_gain(REDUCED, "kappa", 4.0, 0.125, 96.0)
STATEMENT = Statement((EFFECT,), "greater", 0.0)

register(
    reduced_claim(
        "vision.reduced-kappa-dimension",
        "Smaller κ: fewer dimensions",
        "the participation ratio of the pretrained network's last stage is lower at κ = 0.125 than "
        "at κ = 4.",
        r"\mathrm{PR}_{PT}(0.125) < \mathrm{PR}_{PT}(4)",
        "Appendix D.1, Figure 6",
        STATEMENT,
        Control("reversed differences", STATEMENT.reversed()),
        Control("by more than a factor of 20", Statement((EFFECT,), "greater", 3.0)),
    )
)
