"""A larger absolute scale c against the standard one, reduced study (Figure 4b)."""

from verify.claims.vision._statements import reduced_accuracy_claim
from verify.registry import register

register(reduced_accuracy_claim("scale", 1.0, 2.0, "Section 6, Figure 4b; Appendix D.2"))
