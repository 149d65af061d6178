"""Where imperfect pretraining helps (beyond the paper; Section 3.3, “α_PT ≥ 1”).

Where no feature is shared (ω = 0), too few examples of pretraining can be better than enough: the
error E is below that of perfect pretraining, E*, below some α, and at α_PT = 0.25 at every α. The
gain comes from the pretrained coordinates, which fine-tuning does not need: with their scales alone
as imperfect pretraining leaves them the error is below E* at every α, with those of the others
alone below some α only. Where all features are shared (ω = 1), few examples are worse at every α.

Unlearnt, a coordinate of the first task has a smaller scale, and is penalised more; blurred, others
have a larger one. The settings are those of pipeline.reference-values; which α_PT are shown was
chosen after looking. Even at ω = 1 imperfect pretraining helps where few examples of fine-tuning
follow many of pretraining.
"""

from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import numpy as np

from numerics import CoordinateGroup, Pretraining, TaskDistribution, solve_pipeline, solve_replica
from verify.claim import Check, Control, Method
from verify.claims.curves._crossings import CROSSING_TOLERANCE
from verify.claims.curves._margins import EVERYWHERE, Region, below
from verify.claims.pipeline import _certified as certified
from verify.claims.pipeline._lines import RANGE, REASON, Lines, Setting, located
from verify.claims.pipeline._nested import Law, Reading, Stage, left_behind, pretrained, teacher
from verify.methods.notation import number
from verify.registry import state


class Part(StrEnum):
    """Coordinates with the scales that imperfect pretraining leaves; others have perfect ones."""

    ALL = "E"
    PRETRAINED = r"E_{\mathrm{pretrained}}"
    OTHERS = r"E_{\mathrm{others}}"


class Compared(NamedTuple):
    """An error after pretraining with α_PT beside that after perfect pretraining."""

    setting: Setting
    alpha_pt: float
    part: Part
    holds: Region
    reading: Reading = Reading.EXACT

    @property
    def name(self):
        return f"scales of {self.part.name.lower()}, α_PT = {self.alpha_pt:g}"

    @property
    def left_latex(self):
        read = "" if self.reading is Reading.EXACT else rf"\ ({self.reading})"
        return rf"{self.part}(\alpha){read}"

    @property
    def right_latex(self):
        return rf"E^*(\alpha)\ (\alpha_{{PT}} = {number(self.alpha_pt)})"


NOWHERE = Region(False, ())
EXCHANGED = {
    Part.ALL: Part.ALL,
    Part.PRETRAINED: Part.OTHERS,
    Part.OTHERS: Part.PRETRAINED,
}


def first_settings(slab):
    return Setting(slab, 0.2, 0.1, 0.0, 0.1, 0.0, 0.1), Setting(slab, 0.1, 0.1, 1.0, 1e-3, 0.0, 0.0)


def lines(slab, half, most, shared, *parts):
    apart, together = first_settings(slab)
    return (
        Compared(apart, 0.25, Part.ALL, EVERYWHERE),
        Compared(apart, 0.5, Part.ALL, below(half)),
        Compared(apart, 0.8, Part.ALL, below(most)),
        *(Compared(apart, 0.5, part, holds) for part, holds in parts),
        Compared(together, 0.3, Part.ALL, NOWHERE),
        Compared(together, 0.8, Part.ALL, below(shared)),
    )


PARTS = (Part.PRETRAINED, EVERYWHERE), (Part.OTHERS, below(0.265241614))
STATED = Lines(lines("gaussian", 0.712202097, 0.504053742, 0.027906847, *PARTS))
# Those of E itself with a crossing, which pins them.
ENCLOSED = Lines((*STATED.lines[1:3], STATED.lines[-1]))
ALL = Lines((*STATED.lines, *lines("sign", 0.748655912, 0.582714966, 0.043556365)))


def controls(stated):
    # One line by itself: it takes a group for each node of c_FT.
    one = replace(stated, lines=stated.lines[1:2])
    exchanged = tuple(line._replace(part=EXCHANGED[line.part]) for line in stated.lines[3:5])
    return (
        *stated.controls(),
        Control("perfect pretraining", one.with_fields(reading=Reading.PERFECT)),
        Control("θ₁ ignored", one.with_fields(reading=Reading.WITHOUT_NOISE)),
        Control("τ₁ ignored", one.with_fields(reading=Reading.WITHOUT_SHRINKING)),
        Control("c_FT of the mean of |β̂_PT|", one.with_fields(reading=Reading.OF_MEAN)),
        Control("the parts exchanged", replace(stated, lines=exchanged)),
    )


@cache
def mixture(setting, alpha_pt, part, reading):
    """Return a task whose groups have the scales that pretraining leaves, node by node."""
    densities = setting.rho_pt, setting.rho_ft, setting.overlap
    found = pretrained(teacher(*densities, after=setting.slab), setting.c, Stage(alpha_pt))
    groups = []
    for group in setting.task.groups:
        is_pretrained = group.pt_magnitude > 0
        imperfect = part is Part.ALL or is_pretrained is (part is Part.PRETRAINED)
        law, how = Law(sign=group.pt_magnitude), reading if imperfect else Reading.PERFECT
        learned, weight = left_behind(law, setting.c, found, how)
        groups += [
            CoordinateGroup(
                f"{group.name} {index}",
                group.probability * share,
                abs(size),
                group.slab,
                group.ft_amplitude,
            )
            for index, (size, share) in enumerate(zip(learned, weight, strict=True))
        ]
    return TaskDistribution(tuple(groups))


def errors(line, alpha):
    """Return the logarithms of both errors at α."""
    at, task, init = tuple(alpha), line.setting.task, line.setting.init
    if line.part is Part.ALL and line.reading is Reading.EXACT:
        found = _two_stages(task, init, line.alpha_pt, at)
    else:
        found = _one_stage(mixture(*line[:3], line.reading), init, at)
    return np.log(found), np.log(_one_stage(task, init, at))


def enclosed_errors(line, alpha):
    """Enclose the logarithms of both errors at α.

    Raises
    ------
    ValueError
        If not all coordinates have the scales that pretraining leaves, or scales are read wrongly.
    """
    if line.part is not Part.ALL or line.reading is not Reading.EXACT:
        raise ValueError(f"E is what is enclosed, got {line.part} and c_FT {line.reading}")
    ends = (certified.log_error(line.setting, first, alpha) for first in (line.alpha_pt, 1.0))
    return tuple(ends)


@cache
def _one_stage(task, init, alpha):
    return solve_replica(task, init, alpha).mse


@cache
def _two_stages(task, init, alpha_pt, alpha):
    return solve_pipeline(task, init, Pretraining(alpha_pt), alpha).mse


def decide(stated):
    """Compare both errors along α."""
    return located(stated, errors)


def check(name, stated, **how):
    how |= {"tolerance": CROSSING_TOLERANCE, "reason": REASON}
    return Check(name, Method.FLOAT64, decide, stated, controls(stated), **how)


state(
    "pipeline.imperfect-helps",
    __doc__,
    (
        check("signs and crossings of exact curves", STATED),
        check("both slabs", ALL, tier="full"),
        certified.check(
            ENCLOSED,
            (*ENCLOSED.controls(), Control("α_PT = 0.6", ENCLOSED.with_fields(alpha_pt=0.6))),
            enclosed_errors,
        ),
    ),
    assumptions=(
        RANGE,
        "β*_PT = ±1, E[(β*_FT)²] = 1",
        "σ = ϱ = 0 in both stages",
        "the sign slab in the full tier",
    ),
    requires=("pipeline.exact-solver", "replica.exact-solver"),
)
