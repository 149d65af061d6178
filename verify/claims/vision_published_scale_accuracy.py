"""A larger absolute scale c generalises worse (Section 6, Figure 4b; Appendix D.2)."""

from verify.registry import register
from verify.studies.vision_effects import accuracy_claim

CLAIM = register(
    accuracy_claim(
        "scale", 1.0, 2.0, "Section 6, Figure 4b; Appendix D.2", title="Larger c generalises worse"
    )
)
