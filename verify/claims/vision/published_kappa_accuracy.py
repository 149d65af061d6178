"""A smaller relative scale κ generalises better (Section 6, Figure 4a; Appendix D.1)."""

from verify.claims.vision._statements import accuracy_claim
from verify.registry import register

register(
    accuracy_claim(
        "kappa",
        0.125,
        1.0,
        "Section 6, Figure 4a; Appendix D.1",
        title="Smaller κ generalises better",
    )
)
