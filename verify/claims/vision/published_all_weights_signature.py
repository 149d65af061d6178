"""The rich, pretraining-dependent signature in the last stage (Appendix D.4, Figure 9)."""

from verify.claims.vision._statements import signature_claim
from verify.registry import register

register(signature_claim("all-weights", "Appendix D.4, Figure 9"))
