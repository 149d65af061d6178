"""The reduced study: the signature of the rich, pretraining-dependent regime (Appendix D).

The paper: at a small factor PR falls in fine-tuning and ENSD is about PR afterwards. Four parts of
it at each factor: both at 1/8, and both more so the smaller the factor is, by the slopes over all
values. 16 seeds; planned in `empirics/recorded/vision-reduced.plan.json`, where the four readings
of a representation, centred or not, in evaluation or training mode, are families of their own. The
first, centred in evaluation mode, decides.
"""

from verify.claim import Control, Fault
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import (
    ABOUT_ONE,
    FALL,
    SHARED_FRACTION,
    UNSHARED,
    Beside,
    Features,
    Greater,
    PerDoubling,
    Statement,
)
from verify.claims.vision._reduced import FACTORS, NAMES, PLANNED, SEEDS, SIZES, SOURCES
from verify.methods.relations import Relation
from verify.registry import state

SMALL, LARGEST = 0.125, SIZES[-1:]
DECIDES = Features()
PARTS = ("PR falls", "ENSD is about PR", "PR falls more the smaller", "ENSD is closer the smaller")
FAMILY = len(NAMES) * len(PARTS)
OTHERS = (
    Features(centring="raw"),
    Features(reading="training", centring="raw"),
    Features(reading="training"),
)


def study(name, sizes=LARGEST, features=DECIDES):
    return effects.Study("reduced", name, sizes, features)


def slope(name, quantity, sizes=LARGEST):
    return study(name, sizes).at(PerDoubling(FACTORS[name]), quantity)


def parts(name, features=DECIDES):
    return effects.signature(study(name, features=features), SMALL, PerDoubling(FACTORS[name]))


def beside(name):
    """Return the parts in the other readings, and both slopes at each n."""
    readings = [
        Beside(f"{part}, {features}", one, FAMILY)
        for features in OTHERS
        for part, one in zip(PARTS, parts(name, features), strict=True)
    ]
    by_size = [
        Beside(f"{words} at n = {n:g}", Greater(slope(name, quantity, (n,))), FAMILY)
        for words, quantity in (
            ("slope of the fall", FALL),
            ("slope of what is unshared", UNSHARED),
        )
        for n in SIZES
    ]
    return (*readings, *by_size)


# Of the other readings, those in which the signature is not refuted: there it is open.
OPEN = {
    "kappa": (),
    "scale": (OTHERS[0], OTHERS[2]),
    "gamma": (OTHERS[0], OTHERS[1], OTHERS[2]),
    "all-weights": (OTHERS[0], OTHERS[2]),
}
# What is decided in place of the signature, besides that ENSD is less than 0.9 of PR.
FALLS = (
    lambda name: Greater(study(name).at(SMALL, FALL)),
    lambda name: Greater(slope(name, FALL), relation=Relation.BELOW),
)
FARTHER = (lambda name: Greater(slope(name, UNSHARED), relation=Relation.BELOW),)
BESIDES = {
    "kappa": ("and it is the farther from it the smaller κ is", FARTHER),
    "scale": ("and PR is lower than before, and falls more the smaller c is", FALLS),
    "gamma": ("", ()),
    "all-weights": ("and PR is lower than before, and falls more the smaller the factor is", FALLS),
}


def stated(*inequalities, beside=()):
    return Statement(inequalities, family=FAMILY, seeds=SEEDS, beside=beside)


def unshared(name, by=ABOUT_ONE[0], relation=Relation.BELOW):
    return Greater(study(name).at(SMALL, SHARED_FRACTION), by=by, relation=relation)


def opposite(one):
    other = Relation.ABOVE if one.relation is Relation.BELOW else Relation.BELOW
    return one._replace(relation=other)


def read_otherwise(name):
    """Return the readings in which it is open, in words."""
    words = {
        OTHERS[0]: "not centred",
        OTHERS[1]: "not centred and in training mode",
        OTHERS[2]: "in training mode",
    }
    readings = "; ".join(words[one] for one in OPEN[name])
    return f"It is open for features read otherwise: {readings}." if readings else ""


for name in NAMES:
    word, source = effects.WORDS[name], SOURCES[name][1]
    besides, more = BESIDES[name]
    others = tuple(one(name) for one in more)
    state(
        f"vision.reduced-{name}-dimension",
        f"""{word} = 1/8: fewer dimensions are shared than are left (reduced study) ({source}).

        In the reduced study, {SEEDS} seeds, in the last stage at {word} = {SMALL:g} and n = 96,
        ENSD is less than 0.9 of PR after fine-tuning{besides and ", "}{besides}. Of centred
        features, in evaluation mode.
        """,
        effects.checks(
            stated(unshared(name), *others, beside=beside(name)),
            Control("more than 0.9", stated(unshared(name, relation=Relation.ABOVE), *others)),
            Control("less than a tenth", stated(unshared(name, by=0.1), *others)),
            *(Control("not so", stated(unshared(name), opposite(one))) for one in others[:1]),
        ),
        assumptions=PLANNED,
    )
    state(
        f"vision.reduced-{name}-signature",
        f"""{word} = 1/8: PR falls, and what is left is shared (reduced study) ({source}).

        In the reduced study, {SEEDS} seeds, in the last stage at {word} = {SMALL:g} and n = 96, PR
        is lower after fine-tuning than before, and ENSD is PR within a tenth; and PR falls the
        more, and ENSD is the closer to PR, the smaller {word} is, by the slopes over all values. Of
        centred features, in evaluation mode. {read_otherwise(name)}
        """,
        effects.checks(
            stated(*parts(name)),
            Control("ENSD is less than 0.9 of PR", stated(unshared(name)), must_hold=True),
        ),
        assumptions=PLANNED,
        twin=f"vision.reduced-{name}-dimension",
        fault=Fault.READ,
    )
