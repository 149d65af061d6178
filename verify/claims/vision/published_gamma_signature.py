"""The rich, pretraining-dependent signature in the last stage (Appendix D.3, Figure 8)."""

from verify.claims.vision._statements import signature_claim
from verify.registry import register

register(signature_claim("gamma", "Appendix D.3, Figure 8"))
