"""The rich, pretraining-dependent signature in the last stage (Appendix D.4, Figure 9)."""

from verify.registry import register
from verify.studies.vision_effects import signature_claim

CLAIM = register(signature_claim("all-weights", "Appendix D.4, Figure 9"))
