"""A larger absolute scale c generalises worse (Section 6, Figure 4b; Appendix D.2)."""

from verify.claims.vision._statements import accuracy_claim
from verify.registry import register

register(
    accuracy_claim(
        "scale", 1.0, 2.0, "Section 6, Figure 4b; Appendix D.2", title="Larger c generalises worse"
    )
)
