"""A small re-initialisation γ against the unscaled last layer, reduced study (Figure 4c)."""

from verify.claims.vision._statements import reduced_accuracy_claim
from verify.registry import register

register(reduced_accuracy_claim("gamma", 0.125, 1.0, "Section 6, Figure 4c; Appendix D.3"))
