"""A smaller relative scale κ generalises better (Section 6, Figure 4a; Appendix D.1)."""

from verify.registry import register
from verify.studies.vision_effects import accuracy_claim

CLAIM = register(
    accuracy_claim(
        "kappa",
        0.125,
        1.0,
        "Section 6, Figure 4a; Appendix D.1",
        title="Smaller κ generalises better",
    )
)
