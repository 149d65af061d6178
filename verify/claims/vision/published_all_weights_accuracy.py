"""Rescaling all weights after pretraining improves on the baseline (Appendix D.4, Figure 9)."""

from verify.claims.vision._statements import accuracy_claim
from verify.registry import register

register(
    accuracy_claim(
        "all-weights",
        0.125,
        1.0,
        "Appendix D.4, Figure 9",
        title="Smaller weights after pretraining generalise better",
    )
)
