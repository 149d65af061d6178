"""The rich, pretraining-dependent signature in the last stage (Appendix D.2, Figure 7)."""

from verify.registry import register
from verify.studies.vision_effects import signature_claim

CLAIM = register(signature_claim("scale", "Appendix D.2, Figure 7"))
