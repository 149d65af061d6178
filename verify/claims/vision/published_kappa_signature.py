"""The rich, pretraining-dependent signature in the last stage (Appendix D.1, Figure 6)."""

from verify.claims.vision._statements import signature_claim
from verify.registry import register

register(signature_claim("kappa", "Appendix D.1, Figure 6"))
