"""What is recorded of networks: as they were trained, and where they end."""

from __future__ import annotations

from functools import cache

from empirics import end_points
from empirics.diagonal_record import DESK, Recorded, load
from empirics.end_points import EndPoints
from empirics.experiments import SCALES, SLABS, Setting, Slab
from numerics.validation import FloatArray

RECORD = f"empirics/recorded/{DESK}"
END_POINTS = tuple(f"empirics/recorded/{end_points.record_name(slab)}" for slab in SLABS)
D = SCALES["desk"].d


@cache
def recorded(name: str = DESK) -> Recorded:
    """Return the trained networks, read once in a process."""
    return load(name)


@cache
def ends(slab: Slab) -> EndPoints:
    """Return the end points of one law of the teacher, read once in a process."""
    return end_points.load(slab)


def end_points_of(setting: Setting, d: int = D) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return α (A,), errors and lengths ‖β*‖²/d (A, S) of the networks of a curve.

    KeyError if there are none of that curve.
    """
    return ends(setting.slab).of(setting, d)
