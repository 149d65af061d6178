"""Smaller weights after pretraining against unchanged ones, reduced study (Appendix D.4)."""

from verify.registry import register
from verify.studies.vision_effects import reduced_accuracy_claim

CLAIM = register(reduced_accuracy_claim("all-weights", 0.125, 1.0, "Appendix D.4, Figure 9"))
