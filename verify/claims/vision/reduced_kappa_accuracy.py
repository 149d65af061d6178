"""A small relative scale κ against the standard one, reduced study (Figure 4a)."""

from verify.claims.vision._statements import reduced_accuracy_claim
from verify.registry import register

register(reduced_accuracy_claim("kappa", 0.125, 1.0, "Section 6, Figure 4a; Appendix D.1"))
