"""The reduced study: the signature of the rich, pretraining-dependent regime (Appendix D).

The paper: at a small factor PR falls in fine-tuning and ENSD is about PR afterwards. Four parts of
it at each factor: both at 1/8, and both more so the smaller the factor is, by the slopes over all
values. 16 seeds; planned in `empirics/recorded/vision-reduced.plan.json`, where the four readings
of a representation, centred or not, in evaluation or training mode, are families of their own. The
first, centred in evaluation mode, decides; the others stand beside.
"""

from verify.claim import Control, Fault
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import Beside, Statement
from verify.claims.vision._reduced import FACTORS, NAMES, PLANNED, SEEDS, SIZES, SOURCES
from verify.claims.vision._values import (
    ABOUT_ONE,
    FALL,
    SHARED_FRACTION,
    TITLES,
    UNSHARED,
    WORDS,
    Features,
    Greater,
    PerDoubling,
    Study,
    in_words,
    signature,
)
from verify.methods.relations import Relation
from verify.registry import state

SMALL, LARGEST = 0.125, SIZES[-1:]
DECIDES = Features()
RAW, TRAINING = Features(centring="raw"), Features(reading="training")
TRAINING_RAW = Features(reading="training", centring="raw")
OTHERS = {
    RAW: "not centred",
    TRAINING_RAW: "in training mode and not centred",
    TRAINING: "in training mode",
}
PARTS = ("PR falls", "ENSD is about PR", "PR falls more the smaller", "ENSD is closer the smaller")
FAMILY = len(NAMES) * len(PARTS)

# Besides that ENSD is less than 0.9 of PR: which other parts are decided, and how, in words too.
DECIDED = {
    "kappa": {3: False},
    "scale": {0: True, 2: True},
    "gamma": {3: True},
    "all-weights": {0: True, 2: True, 3: False},
}
SAID = {
    (0, True): "PR is lower than before",
    (2, True): "PR falls the more the smaller {} is",
    (3, True): "ENSD is the closer to PR the smaller {} is",
    (3, False): "ENSD is the farther from PR the smaller {} is",
}
# The n, among the smaller ones, at which the slope of how far ENSD is from PR has the other sign.
REVERSED_AT = {"gamma": (10.0, 20.0)}
# Of the other readings, those in which the signature is not refuted: there it holds, or is open.
OTHERWISE: dict[str, dict[Features, bool | None]] = {
    "kappa": {},
    "scale": {TRAINING: None},
    "gamma": {TRAINING_RAW: None, TRAINING: None},
    "all-weights": {RAW: True},
}
WHOLE = {None: "it is open", True: "it holds"}
# Those in which it is not decided that ENSD is less than 0.9 of PR: there it is more, or open.
MORE_THAN: dict[str, dict[Features, bool | None]] = {
    "kappa": {TRAINING_RAW: False},
    "scale": {RAW: None, TRAINING_RAW: False, TRAINING: None},
    "gamma": {RAW: None, TRAINING_RAW: False, TRAINING: False},
    "all-weights": {RAW: False, TRAINING_RAW: False},
}
FRACTION = {None: "it is open", False: "it is more than 0.9"}
# The other readings in which another part is decided the other way.
REVERSED: dict[str, dict[Features, tuple[int, ...]]] = {"all-weights": {RAW: (3,)}}


def study(name, n=LARGEST, features=DECIDES):
    return Study("reduced", name, n, features)


def slope(name, quantity, n=LARGEST):
    return study(name, n).at(PerDoubling(FACTORS[name]), quantity)


def parts(name, features=DECIDES):
    return signature(study(name, features=features), SMALL, PerDoubling(FACTORS[name]))


def opposite(one):
    other = Relation.ABOVE if one.relation is Relation.BELOW else Relation.BELOW
    return one._replace(relation=other)


def decided(name):
    """Return the parts, other than that ENSD is about PR, as they are decided."""
    of = parts(name)
    return tuple(of[i] if holds else opposite(of[i]) for i, holds in DECIDED[name].items())


def said(name):
    """Return these in words, with what is otherwise at other n."""
    words = "; ".join(SAID[i, holds].format(WORDS[name]) for i, holds in DECIDED[name].items())
    if name in REVERSED_AT:
        words += (
            f" (at {in_words(REVERSED_AT[name])}, where nothing was to be decided, the farther)"
        )
    return words


def for_features(words):
    """Return what is said of each of the other readings, as a sentence."""
    said_of = [f"{OTHERS[features]} {text}" for features, text in words.items()]
    return f"For features {'; '.join(said_of)}." if words else ""


def read_otherwise(readings, what):
    """Return the readings in which something is decided otherwise, or open, in words."""
    return for_features({features: what[how] for features, how in readings.items()})


def reversed_parts(name):
    """Return the parts that another reading decides the other way, in words."""
    opposites = {
        features: "; ".join(SAID[i, not DECIDED[name][i]].format(WORDS[name]) for i in parts)
        for features, parts in REVERSED.get(name, {}).items()
    }
    return for_features(opposites)


def beside(name):
    """Return the parts in the other readings, and both slopes at each n."""
    readings = [
        Beside(f"{part}, features {words}", one, FAMILY)
        for features, words in OTHERS.items()
        for part, one in zip(PARTS, parts(name, features), strict=True)
    ]
    by_size = [
        Beside(f"slope of {words} at n = {n:g}", Greater(slope(name, quantity, (n,))), FAMILY)
        for words, quantity in (("the fall", FALL), ("how far ENSD is from PR", UNSHARED))
        for n in SIZES
    ]
    return (*readings, *by_size)


def stated(*inequalities, beside=()):
    return Statement(inequalities, SEEDS, FAMILY, beside)


def unshared(name, by=ABOUT_ONE[0], relation=Relation.BELOW, features=DECIDES):
    shared = study(name, features=features).at(SMALL, SHARED_FRACTION)
    return Greater(shared, by=by, relation=relation)


for name in NAMES:
    word, source, others = WORDS[name], SOURCES[name][1], decided(name)
    state(
        f"vision.reduced-{name}-dimension",
        f"""{TITLES[name]}: not all that is left is shared (reduced study) ({source}).

        In the reduced study, {SEEDS} seeds, in the last stage at {word} = {SMALL:g} and n = 96,
        ENSD is less than 0.9 of PR after fine-tuning. Of the signature's other parts these are
        decided: {said(name)}. Of centred features, in evaluation mode.
        {read_otherwise(MORE_THAN[name], FRACTION)} {reversed_parts(name)}
        """,
        effects.checks(
            stated(unshared(name), *others, beside=beside(name)),
            Control("more than 0.9", stated(unshared(name, relation=Relation.ABOVE), *others)),
            Control("less than a tenth", stated(unshared(name, by=0.1), *others)),
            Control("another part reversed", stated(unshared(name), opposite(others[0]))),
        ),
        assumptions=PLANNED,
    )
    state(
        f"vision.reduced-{name}-signature",
        f"""{TITLES[name]}: PR falls, and what is left is shared (reduced study) ({source}).

        In the reduced study, {SEEDS} seeds, in the last stage at {word} = {SMALL:g} and n = 96, PR
        is lower after fine-tuning than before, and ENSD is PR within a tenth; and PR falls the
        more, and ENSD is the closer to PR, the smaller {word} is, by the slopes over all values. Of
        centred features, in evaluation mode. {read_otherwise(OTHERWISE[name], WHOLE)}
        """,
        effects.checks(
            stated(*parts(name)),
            Control("ENSD is less than 0.9 of PR", stated(unshared(name)), must_hold=True),
        ),
        assumptions=PLANNED,
        twin=f"vision.reduced-{name}-dimension",
        fault=Fault.READ,
    )
