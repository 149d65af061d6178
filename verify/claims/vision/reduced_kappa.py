"""The reduced study: κ taken apart into weights and learning rates (Section 6, Figure 4a).

In a batch-normalised network κ is a learning rate of stem and stages 1-3, up to ε
(`vision.kappa-function`). At κ = 1/8, 16 seeds: with the weights as they are and the learning rates
of these modules times 64, and with their weights times 1/8 and the learning rates divided by 64.
Planned in `empirics/recorded/vision-reduced.plan.json`, with the margin of 0.02.
"""

from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import ACCURACY, Beside, Greater, Statement, Within
from verify.claims.vision._reduced import SIZES

MARGIN, FAMILY = 0.02, 4
FIGURE_4A = "Section 6, Figure 4a"


def accuracy(study, kappa=0.125):
    return effects.Study("reduced", study, SIZES).at(kappa, ACCURACY)


UNSCALED = accuracy("kappa", 1.0)
WEIGHTS, RATES, BOTH = accuracy("kappa-constant"), accuracy("kappa-rate"), accuracy("kappa")


def same(value, other, margin=MARGIN):
    return Within(value, -margin, margin, other)


def stated(*inequalities):
    return Statement(inequalities, family=FAMILY)


EFFECTS = (
    Beside("κ = 1/8 less κ = 1", Greater(BOTH, UNSCALED), 1),
    Beside("rates alone less κ = 1", Greater(RATES, UNSCALED), FAMILY),
    Beside("weights alone less κ = 1", Greater(WEIGHTS, UNSCALED), FAMILY),
)
