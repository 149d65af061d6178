"""Rescaling all weights after pretraining improves on the baseline (Appendix D.4, Figure 9)."""

from verify.registry import register
from verify.studies.vision_effects import accuracy_claim

CLAIM = register(
    accuracy_claim(
        "all-weights",
        0.125,
        1.0,
        "Appendix D.4, Figure 9",
        title="Smaller weights after pretraining generalise better",
    )
)
