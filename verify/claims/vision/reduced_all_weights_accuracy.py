"""Smaller weights after pretraining against unchanged ones, reduced study (Appendix D.4)."""

from verify.claims.vision._statements import reduced_accuracy_claim
from verify.registry import register

register(reduced_accuracy_claim("all-weights", 0.125, 1.0, "Appendix D.4, Figure 9"))
