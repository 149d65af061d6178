"""Dimensions of the last stage in the reduced study (Appendix D).

At one eighth of the weights, the paper's signature begins to show: the centred features are left
with hardly more than one dimension.
"""

from verify.claims.vision import _effects as effects
from verify.registry import state

KAPPA, WEIGHTS = (effects.Study("reduced", name, (96.0,)) for name in ("kappa", "all-weights"))

state(
    "vision.reduced-kappa-dimension",
    """Smaller κ: fewer dimensions (reduced study) (Appendix D.1, Figure 6).

    In the reduced study, the participation ratio of the pretrained network's last stage is lower
    at κ = 0.125 than at κ = 4.
    """,
    effects.greater(
        KAPPA.at(4.0, effects.DIMENSION_PT),
        KAPPA.at(0.125, effects.DIMENSION_PT),
        (3.0, "by more than a factor of 20"),
    ),
    assumptions=effects.REDUCED,
)

state(
    "vision.reduced-all-weights-dimension",
    """Small weights after pretraining: PR falls (reduced study) (Appendix D.4, Figure 9).

    In the reduced study, in the last stage at n = 96, with all weights times 0.125 after
    pretraining, the participation ratio is lower after fine-tuning than before.
    """,
    effects.greater(
        WEIGHTS.at(0.125, effects.DIMENSION_PT),
        WEIGHTS.at(0.125, effects.DIMENSION_FT),
        (6.9, "by more than a factor of 1000"),
    ),
    assumptions=effects.REDUCED,
)
