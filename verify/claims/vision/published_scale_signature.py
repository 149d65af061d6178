"""The rich, pretraining-dependent signature in the last stage (Appendix D.2, Figure 7)."""

from verify.claims.vision._statements import signature_claim
from verify.registry import register

register(signature_claim("scale", "Appendix D.2, Figure 7"))
