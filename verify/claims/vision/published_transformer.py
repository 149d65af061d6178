"""All weights scaled after pretraining, in a vision transformer, which the paper has not.

Decided on what Lippl and Lindsey (2024) published beside the ResNet of Figure 9: as many seeds have
every n as have representations, which are of n = 1000. What helps the ResNet hurts the transformer:
with an eighth of the weights its accuracy is lower, and next to nothing is shared of what is left.

Of PR falling nothing is said here. "Before" is taken after the rescaling, which alone takes nearly
all of PR of the last stage (docs/vision.md), so that it has hardly anything left to lose; beside
the network as it was pretrained it falls more with an eighth of the weights than with all.
"""

from verify.claim import Control, Fault
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import Fits, Statement
from verify.claims.vision._values import (
    ABOUT_ONE,
    ACCURACY,
    SHARED_FRACTION,
    Features,
    Greater,
    Study,
    Within,
    in_words,
)
from verify.claims.vision.published_all_weights import FACTORS, PUBLISHED, SAME, SIZES, SMALL, TWICE
from verify.methods.relations import Relation
from verify.registry import state

STUDY = Study("lippl-lindsey-vit", "all-weights", SIZES)
LAST = STUDY._replace(sizes=(1000.0,), features=Features("stage7", "published", "raw"))
TRAINED = (
    "a vision transformer on CIFAR-100, as Lippl and Lindsey (2024) trained it",
    *PUBLISHED[1:],
)
SEEDS = 28
TRANSFORMER = f"In the vision transformer of Lippl and Lindsey on CIFAR-100, {SEEDS} seeds"
SOURCE = "Lippl and Lindsey 2024; beyond the paper"


def gain(factor, **more):
    return Greater(STUDY.at(factor, ACCURACY), STUDY.at(SAME, ACCURACY), **more)


def over(factors, relation=Relation.BELOW, by=0.0, beside=()):
    others = (factor for factor in factors if factor != SAME)
    gains = tuple(gain(factor, relation=relation, by=by) for factor in others)
    return Statement(gains, SEEDS, 4, beside)


FITS = (Fits("the difference of an eighth", *gain(SMALL).values),)

state(
    "vision.published-transformer-accuracy",
    f"""A vision transformer is best with its weights as they are ({SOURCE}).

    {TRANSFORMER}, test accuracy averaged over {in_words(SIZES)} is lower with an
    eighth, a quarter, a half of all weights and with twice the weights than with all of them.
    """,
    effects.checks(
        over(FACTORS, beside=FITS),
        Control("higher with an eighth", over((SMALL,), Relation.ABOVE)),
        Control("higher with twice", over((TWICE,), Relation.ABOVE)),
        Control("lower by more than a tenth each", over(FACTORS, by=-0.1)),
    ),
    assumptions=TRAINED,
)

state(
    "vision.published-transformer-smaller",
    f"""Smaller weights after pretraining: higher accuracy, in a transformer ({SOURCE}).

    {TRANSFORMER}, test accuracy averaged over {in_words(SIZES)} is higher with an
    eighth of all weights than with all of them.
    """,
    effects.checks(
        over((SMALL,), Relation.ABOVE),
        Control("lower with twice the weights", over((TWICE,)), must_hold=True),
    ),
    assumptions=TRAINED,
    twin="vision.published-transformer-accuracy",
    fault=Fault.READ,
)


def sharing(*inequalities):
    return Statement(inequalities, SEEDS, 2)


less = Greater(LAST.at(SMALL, SHARED_FRACTION), by=0.1, relation=Relation.BELOW)
more = Greater(LAST.at(SAME, SHARED_FRACTION), by=0.5)
state(
    "vision.published-transformer-shared",
    f"""An eighth of a transformer's weights: little is shared ({SOURCE}).

    {TRANSFORMER}, in the last stage at n = 1000, ENSD is more than half of PR
    after fine-tuning with all weights, and less than a tenth of it with an eighth. Features not
    centred; the mode is not recorded.
    """,
    effects.checks(
        sharing(less, more),
        Control("less than a hundredth", sharing(less._replace(by=0.01), more)),
        Control("more than nine tenths with all", sharing(less, more._replace(by=0.9))),
        Control("more than half with an eighth", sharing(more._replace(more=less.more))),
    ),
    assumptions=TRAINED,
)

state(
    "vision.published-transformer-signature",
    f"""An eighth of a transformer's weights: what is left is shared ({SOURCE}).

    {TRANSFORMER}, in the last stage at n = 1000, with an eighth of all weights
    ENSD is PR after fine-tuning within a tenth. Features not centred; the mode is not
    recorded.
    """,
    effects.checks(
        sharing(Within(LAST.at(SMALL, SHARED_FRACTION), *ABOUT_ONE)),
        Control("ENSD is less than a tenth of PR", sharing(less), must_hold=True),
    ),
    assumptions=TRAINED,
    twin="vision.published-transformer-shared",
    fault=Fault.READ,
)
