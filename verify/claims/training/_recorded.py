"""What is recorded of networks: as they were trained, and where they end."""

from __future__ import annotations

from functools import cache

import numpy as np

from empirics import diagonal_record, end_points
from empirics.diagonal_record import Recorded
from empirics.end_points import EndPoints
from empirics.experiments import SCALES, SLABS, Setting, Slab
from numerics.validation import FloatArray
from verify.claims.crosscheck._finite_size import require_planned

RECORDS = tuple(f"empirics/recorded/{diagonal_record.record_name(slab)}" for slab in SLABS)
END_POINTS = tuple(f"empirics/recorded/{end_points.record_name(slab)}" for slab in SLABS)
D = SCALES["desk"].d


@cache
def recorded(slab: Slab) -> Recorded:
    """Return the trained networks of one law of the teacher, read once in a process."""
    return diagonal_record.load(slab)


@cache
def ends(slab: Slab) -> EndPoints:
    """Return the end points of one law of the teacher, read once in a process.

    Raises
    ------
    ArithmeticError
        If rows up to d = `D` are not those planned, or one of them has a cell that is no positive
        number.
    """
    return whole(end_points.load(slab))


def whole(found: EndPoints) -> EndPoints:
    """Return end points of which none that is judged is missing; `ends` lists what is raised."""
    judged = found.d <= D
    rows = zip(*(one[judged] for one in (found.d, found.alpha, found.seed)), strict=True)
    require_planned(rows, end_points.plan([d for d in end_points.SEEDS if d <= D]))
    for name, column in found.columns.items():
        wrong = column[judged][~((column[judged] > 0.0) & (column[judged] < np.inf))]
        if wrong.size:
            raise ArithmeticError(f"end points must be positive numbers, got {wrong[0]} of {name}")
    return found


def end_points_of(setting: Setting, d: int = D) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return α (A,), errors and lengths ‖β*‖²/d (A, S) of the networks of a curve.

    KeyError if there are none of that curve.
    """
    return ends(setting.slab).of(setting, d)
