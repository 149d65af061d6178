"""A small relative scale κ against the standard one, reduced study (Figure 4a)."""

from verify.registry import register
from verify.studies.vision_effects import reduced_accuracy_claim

CLAIM = register(reduced_accuracy_claim("kappa", 0.125, 1.0, "Section 6, Figure 4a; Appendix D.1"))
