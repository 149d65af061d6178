"""The rich, pretraining-dependent signature in the last stage (Appendix D.3, Figure 8)."""

from verify.registry import register
from verify.studies.vision_effects import signature_claim

CLAIM = register(signature_claim("gamma", "Appendix D.3, Figure 8"))
