"""Which stage the next example belongs to (beyond the paper; Section 5.1, regimes I-IV).

With as many examples in both stages, α_PT = α, and all features shared (ω = 1), one more example of
pretraining lowers the error by more than one more of fine-tuning in the regimes that depend on
pretraining: II (for α < 0.127 and 0.234 < α < 0.881, Gaussian slab) and IV (0.349 < α < 0.841, and
near α = 0.02); in regime III near α = 0.36 only, and in regime I never. Where half of the features
are shared, this is so in regime II only, near α = 0.4 and for few data, and where none is, for few
data only.

Where the error rises with α, as for few data in regimes I, II and IV, an example of pretraining is
worth more if it lowers the error at all. To compare stages of one size was chosen after looking at
maps over α_PT and α. At ω = 0 it is close: in regime II an example of pretraining is worth up to
0.98 of one of fine-tuning (sign slab: 0.999), at α = 0.38.
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np

from numerics import Pretraining, solve_pipeline
from numerics.certified.exact import ball
from numerics.initialization import REGIMES
from verify.claim import Check, Control, Method
from verify.claims.curves._crossings import CROSSING_TOLERANCE
from verify.claims.curves._margins import Region, below, between
from verify.claims.pipeline import _certified as certified
from verify.claims.pipeline._lines import RANGE, REASON, Lines, Setting, located
from verify.methods.notation import number
from verify.methods.numeric import Worst
from verify.methods.relations import Relation
from verify.registry import state

NOWHERE = Region(False, ())


class Next(NamedTuple):
    """Whether the next example belongs to pretraining, which has `share` times as many."""

    regime: str
    setting: Setting
    holds: Region
    share: float = 1.0

    @property
    def name(self):
        return f"regime {self.regime}"

    @property
    def left_latex(self):
        return r"-\frac{\partial E}{\partial \alpha_{PT}}"

    @property
    def right_latex(self):
        times = "" if self.share == 1.0 else rf"{number(self.share)}\, "
        given = rf"\alpha_{{PT}} = {times}\alpha"
        return rf"\max\left(0, -\frac{{\partial E}}{{\partial \alpha}}\right)\ ({given})"


def regime(name, slab, overlap, holds):
    return Next(name, Setting(slab, 0.1, 0.1, overlap, *REGIMES[name]), holds)


def of_overlap(slab, overlap, *regions):
    found = zip(REGIMES, regions, strict=True)
    return tuple(regime(name, slab, overlap, holds) for name, holds in found)


SHARED = of_overlap(
    "gaussian",
    1.0,
    NOWHERE,
    Region(True, (0.126904310, 0.234378137, 0.881203272)),
    between(0.349099520, 0.363584809),
    Region(False, (0.018467760, 0.021770459, 0.348714272, 0.841229960)),
)
HALF = of_overlap(
    "gaussian",
    0.5,
    NOWHERE,
    Region(True, (0.095187381, 0.360985164, 0.445588317)),
    NOWHERE,
    NOWHERE,
)
NONE = of_overlap("gaussian", 0.0, NOWHERE, below(0.080984251), NOWHERE, NOWHERE)
SIGNS = (
    *of_overlap(
        "sign",
        1.0,
        NOWHERE,
        below(0.880796621),
        between(0.339081869, 0.372619664),
        Region(False, (0.018119739, 0.042072425, 0.352940457, 0.831799395)),
    ),
    *of_overlap(
        "sign",
        0.5,
        NOWHERE,
        Region(True, (0.204450612, 0.357699952, 0.401278568)),
        NOWHERE,
        NOWHERE,
    ),
    *of_overlap("sign", 0.0, NOWHERE, below(0.127180715), NOWHERE, NOWHERE),
)
STATED = Lines(SHARED, Relation.ABOVE)
ENCLOSED = Lines(SHARED[1:3], Relation.ABOVE)
# What the quick tier encloses, which takes about a second at each α.
FEW = Lines(SHARED[1:2], Relation.ABOVE)
ALL = Lines((*SHARED, *HALF, *NONE, *SIGNS), Relation.ABOVE)


def next_regime(stated):
    after = dict(zip(REGIMES, [*REGIMES][1:] + [*REGIMES][:1], strict=True))

    def moved(line):
        name = after[line.regime]
        c, ratio, gamma = REGIMES[name]
        setting = line.setting._replace(c=c, ratio=ratio, gamma=gamma)
        return line._replace(regime=name, setting=setting)

    return Control(
        "the next regime in each line", replace(stated, lines=tuple(map(moved, stated.lines)))
    )


def controls(stated):
    few = replace(stated, lines=stated.lines[1:4:2])
    return (
        *stated.controls(),
        Control("α_PT = 1.05α", few.with_fields(share=1.05)),
        next_regime(replace(stated, lines=stated.lines[:4])),
    )


def enclosed_controls(stated):
    return (
        *stated.controls(),
        Control("α_PT = 1.05α", stated.with_fields(share=1.05)),
        next_regime(stated),
    )


@cache
def slopes(task, init, alpha_pt, alpha):
    """Return what an example of pretraining, and one of fine-tuning, takes from log E."""
    curve = solve_pipeline(task, init, Pretraining(alpha_pt), [alpha])
    if not curve.relative_error[0] < 1e-9:
        raise ArithmeticError(f"error at α = {alpha!r} not resolved to nine digits")
    names = list(curve.parameters)
    found = (-curve.mse_gradient[names.index(name), 0] for name in ("alpha_pt", "alpha"))
    return tuple(float(one / curve.mse[0]) for one in found)


def worth(line, alpha):
    """Return both sides of a line, over E, at values of α."""
    task, init = line.setting.task, line.setting.init
    found = np.array([slopes(task, init, line.share * float(one), float(one)) for one in alpha])
    return found[:, 0], np.maximum(0.0, found[:, 1])


def enclosed_worth(line, alpha):
    """Enclose both sides of a line, over E, at α."""
    alpha_pt = Fraction(str(line.share)) * alpha
    point = certified.solved(line.setting, alpha_pt, alpha, slopes=True)
    gain = -point.log_error_slope / ball(alpha)
    return -point.pretraining_slope / ball(alpha_pt), gain.max(0)


def locate(stated):
    """Compare both along α."""
    return located(stated, worth)


# Where signs are taken in the quick tier, beside those around each crossing.
PLACES = np.array([0.0125, 0.05, 0.2, 0.3, 0.4, 0.8, 0.95])


def beside(stated):
    """Count the signs that are wrong: at some α, and beside each crossing by its tolerance."""
    if not stated.relation.strict:
        raise ValueError(f"what changes at a crossing must be < or >, got {stated.relation}")
    wrong = Worst()
    for line in stated.lines:
        sides = [x + step for x in line.holds.crossings for step in (-NEAR, NEAR)]
        alpha = np.array(sorted([*PLACES, *sides]))
        holds = stated.relation.margin(*worth(line, alpha)) > 0.0
        said = np.array([line.holds.at(float(one)) for one in alpha])
        wrong.at((holds != said).astype(float), of=line.name, α=alpha)
    return wrong.measured("{count} signs, wrong by {worst}")


NEAR = CROSSING_TOLERANCE
state(
    "pipeline.exchange-rate",
    __doc__,
    (
        Check(
            "signs at seven α and beside crossings",
            Method.FLOAT64,
            beside,
            STATED,
            controls(STATED),
            0.0,
            "a sign is right or wrong",
        ),
        Check(
            "crossings along α",
            Method.FLOAT64,
            locate,
            ALL,
            controls(ALL),
            CROSSING_TOLERANCE,
            REASON,
            tier="full",
            limit=1800.0,
        ),
        certified.check(FEW, enclosed_controls(FEW), enclosed_worth),
        certified.check(ENCLOSED, enclosed_controls(ENCLOSED), enclosed_worth, "full"),
    ),
    assumptions=(
        RANGE,
        "ρ_PT = ρ_FT = 0.1, β*_PT = ±1, E[(β*_FT)²] = 1",
        "σ = ϱ = 0 in both stages",
        "ω = 0.5, ω = 0 and the sign slab in the full tier, and of enclosures those of regime III",
    ),
    requires=("pipeline.exact-solver",),
)
