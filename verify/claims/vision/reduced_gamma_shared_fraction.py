"""A small γ leaves a larger fraction of shared dimensions, in the reduced study (D.3)."""

from verify.claim import Control
from verify.claims.vision._effects import Statement, shared_fraction_gain
from verify.claims.vision._statements import REDUCED, reduced_claim
from verify.registry import register

EFFECT = shared_fraction_gain(REDUCED, "gamma", 0.125, 2.0, 96.0)
STATEMENT = Statement((EFFECT,), "greater", 0.0)

register(
    reduced_claim(
        "vision.reduced-gamma-shared-fraction",
        "Small γ: more dimensions shared",
        "in the last stage at n = 96, ENSD/PR after fine-tuning is higher at γ = 0.125 than at "
        "γ = 2.",
        r"(\mathrm{ENSD}/\mathrm{PR}_{FT})(0.125) > (\mathrm{ENSD}/\mathrm{PR}_{FT})(2)",
        "Appendix D.3, Figure 8",
        STATEMENT,
        Control("reversed differences", STATEMENT.reversed()),
        Control("by more than 1", Statement((EFFECT,), "greater", 1.0)),
    )
)
