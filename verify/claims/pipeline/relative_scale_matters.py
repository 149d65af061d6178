"""Imperfect pretraining favours a small λ (beyond the paper; Section 5.3, Figure 3f).

What pretraining learns does not depend on λ, but what its error costs does. Where all features are
shared (ω = 1), λ = −0.99c is better than λ = 0 above an α that falls from 0.299 for α_PT ≥ 1 to
0.282, 0.188 and 0.101 for α_PT = 0.5, 0.3 and 0.2 (Gaussian slab). The factor E/E* by which the
error exceeds that of perfect pretraining is smaller for λ = −0.99c at every α, for α_PT = 0.3, and
for α_PT = 0.5 on most of the range below α = 0.523.

With a small λ fine-tuning depends less on what was pretrained, right or wrong. The initialisations
are those of Figure 3f; the values of α_PT were chosen after looking.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from numerics import Pretraining, solve_pipeline, solve_replica
from verify.claim import Check, Control, Method
from verify.claims.curves._crossings import CROSSING_TOLERANCE
from verify.claims.curves._margins import EVERYWHERE, Region, above
from verify.claims.pipeline import _certified as certified
from verify.claims.pipeline._lines import RANGE, REASON, Lines, Setting, located
from verify.methods.notation import number
from verify.registry import state


class Pair(NamedTuple):
    """Errors with λ/c = `small` and `large`, each divided by its E* if `over_perfect`."""

    setting: Setting
    alpha_pt: float
    over_perfect: bool
    holds: Region
    small: float = -0.99
    large: float = 0.0

    @property
    def name(self):
        return f"{'E/E*' if self.over_perfect else 'E'}, α_PT = {self.alpha_pt:g}"

    def of(self, ratio):
        """Return what is compared, in LaTeX."""
        index = rf"_{{\lambda/c = {number(ratio)}}}"
        error = rf"E{index}(\alpha)"
        return rf"\frac{{{error}}}{{E^*{index}(\alpha)}}" if self.over_perfect else error

    @property
    def left_latex(self):
        return self.of(self.small)

    @property
    def right_latex(self):
        return rf"{self.of(self.large)}\ (\alpha_{{PT}} = {number(self.alpha_pt)})"


def lines(slab, *values):
    setting = Setting(slab, 0.1, 0.1, 1.0, 1e-3, 0.0, 0.0)
    return tuple(Pair(setting, alpha_pt, over, holds) for alpha_pt, over, holds in values)


@cache
def _solved(task, init, alpha_pt, alpha):
    """Return the logarithm of E, or of E* if α_PT ≥ 1, and the error of pretraining."""
    if alpha_pt >= 1.0:
        return np.log(solve_replica(task, init, alpha).mse), 0.0
    curve = solve_pipeline(task, init, Pretraining(alpha_pt), alpha)
    return np.log(curve.mse), curve.pretraining.mse


def sides(line, alpha):
    """Return both sides at α.

    Raises
    ------
    ArithmeticError
        If the error of pretraining is not the same for both λ, to the last bit.
    """
    at, found, learned = tuple(map(float, alpha)), [], set()
    for ratio in (line.small, line.large):
        setting = line.setting._replace(ratio=ratio)
        task, init = setting.task, setting.init
        value, first = _solved(task, init, line.alpha_pt, at)
        learned.add(first)
        found.append(value - _solved(task, init, 1.0, at)[0] if line.over_perfect else value)
    if len(learned) != 1:
        raise ArithmeticError(f"pretraining must not depend on λ, got errors {learned}")
    return tuple(found)


def decide(stated):
    """Compare both along α."""
    return located(stated, sides)


def enclosed_sides(line, alpha):
    """Enclose both sides at α, on a logarithmic scale."""
    settings = (line.setting._replace(ratio=ratio) for ratio in (line.small, line.large))
    found = []
    for setting in settings:
        value = certified.log_error(setting, line.alpha_pt, alpha)
        if line.over_perfect:
            value -= certified.log_error(setting, 1.0, alpha)
        found.append(value)
    return tuple(found)


def stated(slab, half, third, fifth, enough, *over):
    # In the order of the values of α_PT: 0.5, 0.3, 0.2, and 1 or more.
    return lines(
        slab,
        (1.0, False, above(enough)),
        (0.5, False, above(half)),
        (0.3, False, above(third)),
        (0.2, False, above(fifth)),
        (0.5, True, Region(True, over)),
        (0.3, True, EVERYWHERE),
    )


GAUSSIAN = 0.281855107, 0.187656710, 0.100730254, 0.298885637, 0.016541534, 0.052592492, 0.522973951
SIGN = 0.306519857, 0.292464077, 0.268202611, 0.315718100, 0.018371531, 0.052770380, 0.545400414
ALL = Lines((*stated("gaussian", *GAUSSIAN), *stated("sign", *SIGN)))
STATED = Lines((*ALL.lines[:4], ALL.lines[5]))
# Those with a crossing, which pins them.
ENCLOSED = Lines(ALL.lines[1:4])
# What the quick tier encloses, which takes about a second at each α.
FEW = Lines(ALL.lines[2:3])


def controls(lines):
    one = replace(lines, lines=tuple(line for line in lines.lines if line.alpha_pt == 0.3)[:1])
    return (
        *lines.controls(),
        Control("perfect pretraining", one.with_fields(alpha_pt=1.0)),
        Control("λ and −λ", one.with_fields(small=0.99)),
        Control("the relative scale −0.98", one.with_fields(small=-0.98)),
        Control("α_PT one per cent larger", one.with_fields(alpha_pt=0.303)),
    )


def check(name, lines, **how):
    how |= {"tolerance": CROSSING_TOLERANCE, "reason": REASON}
    return Check(name, Method.FLOAT64, decide, lines, controls(lines), **how)


state(
    "pipeline.relative-scale-matters",
    __doc__,
    (
        check("signs and crossings of exact curves", STATED),
        check("both slabs", ALL, tier="full"),
        certified.check(FEW, controls(FEW), enclosed_sides),
        certified.check(ENCLOSED, controls(ENCLOSED), enclosed_sides, "full"),
    ),
    assumptions=(
        RANGE,
        "β*_PT = ±1, E[(β*_FT)²] = 1",
        "σ = ϱ = 0 in both stages",
        "the sign slab, and E/E* for α_PT = 0.5, in the full tier, and of enclosures those of "
        "α_PT = 0.5 and 0.2",
    ),
    requires=("pipeline.exact-solver", "replica.exact-solver"),
)
