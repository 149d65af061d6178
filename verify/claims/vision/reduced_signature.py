"""The reduced study: the signature of the rich, pretraining-dependent regime (Appendix D).

The paper: at a small factor PR falls in fine-tuning and ENSD is about PR afterwards. Four parts of
it at each factor: both at 1/8, and both more so the smaller the factor is, by the slopes over all
values. 16 seeds; planned in `empirics/recorded/vision-reduced.plan.json`, where the four readings
of a representation, centred or not, in evaluation or training mode, are families of their own. The
first, centred in evaluation mode, decides.
"""

from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import (
    FALL,
    UNSHARED,
    Beside,
    Features,
    Greater,
    PerDoubling,
)
from verify.claims.vision._reduced import FACTORS, NAMES, SIZES

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
