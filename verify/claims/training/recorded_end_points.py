"""Recorded end points can be measured again (Theorem 4.1; Appendix E.2.6).

Rows of either slab that are chosen at random, measured again from their seeds on settings chosen at
random, have the recorded errors, and teachers of the recorded lengths.

A row is a design; its data are drawn as those of trained networks are (`empirics.diagonal_tasks`),
and its errors are those of the minimisers of Σ q with scale c_FT (`empirics.end_points`).
"""

from functools import cache

import numpy as np

from empirics.end_points import column, length_column, measure, settings_at
from empirics.experiments import SLABS
from verify.claim import Check, Method
from verify.claims.crosscheck._finite_size import OTHERS, Copy, root_gap
from verify.claims.training._recorded import END_POINTS, D, ends
from verify.methods.numeric import Worst, compared
from verify.registry import state

SEED, ROWS, SETTINGS = 541, 6, 6
MEASURED = {"error": column, "length": length_column}


@cache
def again(chosen, d, alpha, seed):
    """Measure a row once, for the statement and its controls."""
    return measure(chosen, d, alpha, seed)


def decide(copy):
    """Measure a few recorded rows of each slab again."""
    worst, rng = Worst(), np.random.default_rng(SEED)
    for slab in SLABS:
        table = ends(slab)
        for row in rng.choice(np.flatnonzero(table.d <= D), size=ROWS, replace=False):
            key = int(table.d[row]), float(table.alpha[row]), int(table.seed[row])
            known = settings_at(slab, *key[:2])
            places = rng.choice(len(known), size=SETTINGS, replace=False)
            chosen = tuple(known[place] for place in places)
            found = again(chosen, *key[:2], key[2] + copy.shift)
            for setting in chosen:
                for what, name in MEASURED.items():
                    value = found[name(setting)] * (copy.factor if what == "error" else 1.0)
                    kept = float(table.columns[name(setting)][row])
                    where = {"curve": setting.name, "d, alpha, seed": key, "measured": what}
                    worst.at(root_gap(value, kept), **where, recorded=kept, again=value)
    measured = worst.measured("{count} recorded numbers measured again, within {worst}")
    return compared(measured, "error of a minimiser", between=("recorded", "measured again"))


state(
    "training.recorded-end-points",
    __doc__,
    (
        Check(
            "recorded rows measured again",
            Method.FLOAT64,
            decide,
            Copy(),
            OTHERS,
            1e-8,
            "relative, of |β̂ − β*|; the files have 11 digits",
            limit=120.0,
            needs_files=END_POINTS,
            seed=SEED,
        ),
    ),
    assumptions=(f"{ROWS} rows of each slab, {SETTINGS} settings of each",),
)
