"""The reduced study: κ taken apart into weights and learning rates (Section 6, Figure 4a).

In a batch-normalised network κ is a learning rate of stem and stages 1-3, up to ε
(`vision.kappa-function`). At κ = 1/8, 16 seeds: with the weights as they are and the learning rates
of these modules times 64, and with their weights times 1/8 and the learning rates divided by 64.
Planned in `empirics/recorded/vision-reduced.plan.json`, with the margin of 0.02.

The rates alone raise the accuracy as κ does. That they do so by the same within 0.02, and that the
weights alone change it by less than 0.02, is left open: both intervals stand beside, contain 0, and
reach a little beyond the margin.
"""

from verify.claim import Control
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import Beside, Statement
from verify.claims.vision._reduced import PLANNED, SEEDS, SIZES
from verify.claims.vision._values import ACCURACY, Greater, Study, Within, in_words
from verify.registry import state

MARGIN, FAMILY, KAPPA = 0.02, 4, 0.125
FIGURE_4A = "Section 6, Figure 4a"


def accuracy(study, kappa=KAPPA):
    return Study("reduced", study, SIZES).at(kappa, ACCURACY)


UNSCALED = accuracy("kappa", 1.0)
WEIGHTS, RATES, BOTH = accuracy("kappa-constant"), accuracy("kappa-rate"), accuracy("kappa")


def stated(*inequalities):
    return Statement(inequalities, SEEDS, FAMILY)


# Simultaneous intervals of the family; a test holds them to the record.
INTERVALS = {
    "rates": "by 0.016 to 0.079",
    "rates less both": "the difference is -0.028 to 0.010",
    "weights": "it changes by -0.012 to 0.023",
}

EFFECTS = (
    Beside("rates alone less κ = 1/8", Within(RATES, -MARGIN, MARGIN, BOTH), FAMILY),
    Beside("weights alone less κ = 1", Within(WEIGHTS, -MARGIN, MARGIN, UNSCALED), FAMILY),
    Beside("κ = 1/8 less κ = 1, not of the plan", Greater(BOTH, UNSCALED), 1),
)


state(
    "vision.reduced-kappa-rate",
    f"""Higher learning rates of early layers: higher accuracy (reduced study) ({FIGURE_4A}).

    In the reduced study, {SEEDS} seeds, test accuracy averaged over {in_words(SIZES)} is higher,
    {INTERVALS["rates"]}, with the learning rates of stem and stages 1-3 times {1 / KAPPA**2:g}, and
    all weights as they are, than at κ = 1 with the rates as they are. Open is whether it is that at
    κ = 1/8 within {MARGIN:g} ({INTERVALS["rates less both"]}), and whether κ = 1/8 with these rates
    divided by {1 / KAPPA**2:g} leaves it within {MARGIN:g} ({INTERVALS["weights"]}).
    """,
    effects.checks(
        Statement((Greater(RATES, UNSCALED),), SEEDS, FAMILY, EFFECTS),
        Control("lower", stated(Greater(UNSCALED, RATES))),
        Control("higher by more than 0.2", stated(Greater(RATES, UNSCALED, 0.2))),
    ),
    assumptions=PLANNED,
)
