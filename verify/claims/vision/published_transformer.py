"""All weights scaled after pretraining, in a vision transformer (Appendix D.4).

Decided on what Lippl and Lindsey (2024) published: 28 seeds that have every n, 28 with
representations at n = 1000. What helps the ResNet hurts the transformer: with an eighth of the
weights its accuracy is lower, PR of the last stage falls less in fine-tuning if at all, and next to
nothing of it is shared.
"""

from verify.claim import Control, Fault
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import ACCURACY, FALL, SHARED_FRACTION, Fits, Greater, Statement
from verify.claims.vision.published_all_weights import FACTORS, FIGURE_9, SAME, SIZES, SMALL, TWICE
from verify.methods.relations import Relation
from verify.registry import state

STUDY = effects.Study("lippl-lindsey-vit", "all-weights", SIZES)
LAST = STUDY._replace(sizes=(1000.0,), features=effects.Features("stage7", "training", "raw"))
PUBLISHED = (
    "a vision transformer on CIFAR-100, as Lippl and Lindsey (2024) trained it",
    "differences paired by seed; intervals of a claim simultaneous at 95 %",
    "claims chosen after these results had been looked at",
)


def gain(factor, sizes=SIZES, **more):
    study = STUDY._replace(sizes=sizes)
    return Greater(study.at(factor, ACCURACY), study.at(SAME, ACCURACY), **more)


FITS = Fits("the difference of an eighth", *gain(SMALL).values)


def over(factors, relation=Relation.BELOW, by=0.0):
    others = (factor for factor in factors if factor != SAME)
    gains = tuple(gain(factor, relation=relation, by=by) for factor in others)
    return Statement(gains, family=4, beside=(FITS,))


state(
    "vision.published-transformer-accuracy",
    f"""A vision transformer is best with its weights as they are ({FIGURE_9}).

    In a vision transformer, 28 seeds, test accuracy averaged over n = 10 to 1000 is lower with an
    eighth, a quarter, a half of all weights and with twice the weights than with all of them.
    """,
    effects.checks(
        over(FACTORS),
        Control("higher with an eighth", over((SMALL,), Relation.ABOVE)),
        Control("higher with twice", over((TWICE,), Relation.ABOVE)),
        Control("lower by more than a tenth each", over(FACTORS, by=-0.1)),
    ),
    assumptions=PUBLISHED,
)

state(
    "vision.published-transformer-smaller",
    f"""Smaller weights after pretraining: higher accuracy, in a transformer ({FIGURE_9}).

    In a vision transformer, 28 seeds, test accuracy averaged over n = 10 to 1000 is higher with an
    eighth of all weights than with all of them.
    """,
    effects.checks(
        over((SMALL,), Relation.ABOVE),
        Control("lower with twice the weights", over((TWICE,)), must_hold=True),
    ),
    assumptions=PUBLISHED,
    twin="vision.published-transformer-accuracy",
    fault=Fault.READ,
)

signature = effects.signature(LAST, SMALL, SAME)
state(
    "vision.published-transformer-signature",
    f"""An eighth of a transformer's weights: PR falls, and the rest is shared ({FIGURE_9}).

    In a vision transformer, 28 seeds, in the last stage at n = 1000, with an eighth of all weights
    PR is lower after fine-tuning than before, and ENSD is PR within a tenth; and PR falls more, and
    ENSD is closer to PR, than with all of them. Features not centred.
    """,
    effects.checks(
        Statement(signature),
        Control(
            "PR falls with all weights", Statement((Greater(LAST.at(SAME, FALL)),)), must_hold=True
        ),
    ),
    assumptions=PUBLISHED,
    twin="vision.published-transformer-dimension",
    fault=Fault.READ,
)


def dimensions(*inequalities):
    return Statement(inequalities, family=4)


less = Greater(LAST.at(SMALL, FALL), LAST.at(SAME, FALL), relation=Relation.BELOW)
unshared = Greater(LAST.at(SMALL, SHARED_FRACTION), by=0.1, relation=Relation.BELOW)
shared = Greater(LAST.at(SAME, SHARED_FRACTION), by=0.5)
state(
    "vision.published-transformer-dimension",
    f"""An eighth of a transformer's weights: PR falls less, and little is shared ({FIGURE_9}).

    In a vision transformer, 28 seeds, in the last stage at n = 1000, with all weights PR is lower
    after fine-tuning than before, and ENSD is more than half of it; with an eighth of them PR
    falls less, and ENSD is less than a tenth of PR. Features not centred.
    """,
    effects.checks(
        dimensions(less, unshared, Greater(LAST.at(SAME, FALL)), shared),
        Control("PR falls more", dimensions(less._replace(relation=Relation.ABOVE), unshared)),
        Control("less than a hundredth", dimensions(less, unshared._replace(by=0.01))),
        Control("more than nine tenths with all", dimensions(less, shared._replace(by=0.9))),
    ),
    assumptions=PUBLISHED,
)
