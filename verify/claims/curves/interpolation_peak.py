"""Interpolation peak in the pretrained coordinates (Section 5.3; Figure 3).

At ω = 0 and λ = γ = 0 the error has a peak above that of β̂ = 0, below α = ρ_PT; as c falls through
10⁻⁶, 10⁻⁹, 10⁻¹² it grows and moves towards α = ρ_PT.

Lazy in the pretrained coordinates and rich elsewhere, the network first fits the data with the
coordinates that fine-tuning does not need.
"""

from itertools import groupby
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from empirics.experiments import RHO_PT
from verify.claim import Check, Control, Method
from verify.claims.curves._margins import (
    ASSUMPTIONS,
    SLABS,
    SOLVER,
    errors,
    listed,
    parameters,
    without,
)
from verify.claims.curves._quantities import setting
from verify.methods.formula import number
from verify.methods.numeric import Worst
from verify.registry import state


class Peaks(NamedTuple):
    """Slab, c, and α and error of the peak, in the order in which it moves and grows."""

    rows: tuple[tuple[str, float, float, float], ...]

    def latex(self):
        fixed = listed(without(parameters(curve("gaussian", 0.0)), "c"))
        lines = [rf"\alpha_c = \operatorname{{argmax}}_\alpha p_c(\alpha),\quad {fixed}"]
        for slab, peaks in self.of_slabs():
            places = [f"\\alpha_{{{number(c)}}} = {alpha}" for c, alpha, _ in peaks]
            heights = [f"p_{{{number(c)}}}(\\alpha_{{{number(c)}}}) = {p}" for c, _, p in peaks]
            lines += [
                rf"\text{{{SLABS[slab]}}}:\quad {' < '.join((*places, str(RHO_PT)))}",
                rf"\qquad {' < '.join((number(NULL), *heights))}",
            ]
        return r" \\ ".join(lines)

    def of_slabs(self):
        for slab, rows in groupby(self.rows, lambda row: row[0]):
            yield slab, [row[1:] for row in rows]


STATED = Peaks(
    (
        ("gaussian", 1e-6, 0.0695491, 2.5565277),
        ("gaussian", 1e-9, 0.0766533, 3.4388824),
        ("gaussian", 1e-12, 0.0808861, 4.2576789),
        ("sign", 1e-6, 0.0703092, 2.5768082),
        ("sign", 1e-9, 0.0769754, 3.4583909),
        ("sign", 1e-12, 0.0810607, 4.2759061),
    )
)
NULL = 1.0  # the error of β̂ = 0
CONTROLS = (
    Control("at α = ρ_PT itself", Peaks(tuple((s, c, RHO_PT, p) for s, c, _, p in STATED.rows))),
    Control("c in the opposite order", Peaks(STATED.rows[::-1])),
)


def curve(slab, c):
    return setting(slab, 0.1, 0.0, c=c)


def decide(stated):
    """Maximise the exact error over α: place and height as stated, growing in the stated order."""
    worst = Worst()
    for slab, peaks in stated.of_slabs():
        before, tallest = 0.0, NULL
        for c, alpha, error in peaks:
            found = minimize_scalar(
                lambda a, c=c, slab=slab: -float(errors(curve(slab, c), np.array([a]))[0]),
                bounds=(0.02, 0.3),
                method="bounded",
                options={"xatol": 1e-8},
            )
            place, height = float(found.x), -float(found.fun)
            gaps = np.array([place - alpha, height - error])
            grows = before < place < RHO_PT and height > tallest
            worst.at(np.abs(gaps) if grows else np.inf, slab=slab, c=c, alpha=place, mse=height)
            before, tallest = place, height
    return worst.measured("places and heights of peaks within {worst}")


state(
    "curves.interpolation-peak",
    __doc__,
    (
        Check(
            "maximum of exact curves",
            Method.FLOAT64,
            decide,
            STATED,
            CONTROLS,
            2e-7,
            "seven decimals, and the place of a flat maximum in float64",
        ),
    ),
    assumptions=ASSUMPTIONS[1:],
    requires=SOLVER,
)
