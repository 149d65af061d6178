"""Nearly all dimensions after fine-tuning are shared at small κ: not in the reduced study (D.1).

The paper's signature, read as ENSD > 0.9 PR after fine-tuning. At κ = 1/8 the last stage keeps
far less than that.
"""

from verify.claim import Control
from verify.claims.vision._effects import Statement, shared_fraction_above
from verify.claims.vision._statements import REDUCED, reduced_claim
from verify.registry import register

NEARLY_ALL, A_TENTH = 0.9, 0.1


def above(level: float) -> Statement:
    """Return that ENSD exceeds `level` times PR after fine-tuning, at κ = 1/8."""
    return Statement((shared_fraction_above(REDUCED, "kappa", 0.125, 96.0, level),), "greater", 0.0)


register(
    reduced_claim(
        "vision.reduced-kappa-signature",
        "Small κ: nearly all dimensions shared",
        "in the last stage at κ = 0.125 and n = 96, ENSD exceeds 0.9 of PR after fine-tuning.",
        r"\mathrm{ENSD} > 0.9\, \mathrm{PR}_{FT}",
        "Appendix D.1, Figure 6",
        above(NEARLY_ALL),
        Control("ENSD exceeds a tenth of PR", above(A_TENTH), must_hold=True),
        twin="vision.reduced-kappa-shared-fraction",
    )
)
