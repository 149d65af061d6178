"""The rich, pretraining-dependent signature in the last stage (Appendix D.1, Figure 6)."""

from verify.methods.vision_studies import signature_claim
from verify.registry import register

CLAIM = register(signature_claim("kappa", "Appendix D.1, Figure 6"))
