"""The rich, pretraining-dependent signature in the last stage (Appendix D.1, Figure 6)."""

from verify.registry import register
from verify.studies.vision_effects import signature_claim

CLAIM = register(signature_claim("kappa", "Appendix D.1, Figure 6"))
