"""Winning regimes (Appendix A, Figure 5; Section 5.3).

Few data favour regime III where nothing is shared, II or IV where features are shared; given more
data regime I wins wherever the task is sparse, even if all of its features were pretrained, and III
where it is dense and new (for the Gaussian slab, up to α = 0.983).

I is rich and independent of pretraining, II lazy and dependent, III lazy and independent, IV rich
and dependent. A regime that is not listed for a ground truth wins at no α.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from empirics.experiments import REGIMES, Slab
from verify.claim import Control
from verify.claims.curves._crossings import FULL_RANGE
from verify.claims.curves._margins import (
    ASSUMPTIONS,
    DECIMALS,
    EVERYWHERE,
    NEARLY,
    SLABS,
    Line,
    Quantity,
    Region,
    Table,
    above,
    below,
    between,
    listed,
)
from verify.claims.curves._quantities import setting
from verify.methods.relations import Extremum
from verify.registry import state

# Slab, ω, ρ_FT, regime, and where it wins.
WINS: tuple[tuple[Slab, float, float, str, Region], ...] = (
    ("gaussian", 0.0, 0.01, "III", below(0.034032923)),
    ("gaussian", 0.0, 0.01, "I", above(0.034032923)),
    ("gaussian", 1.0, 0.01, "IV", below(0.015312863)),
    ("gaussian", 1.0, 0.01, "I", above(0.015312863)),
    ("gaussian", 1.0, 0.1, "II", below(0.296315551)),
    ("gaussian", 1.0, 0.1, "IV", between(0.296315551, 0.321246945)),
    ("gaussian", 1.0, 0.1, "I", above(0.321246945)),
    ("gaussian", 0.0, 0.9, "III", below(0.983176771)),
    ("gaussian", 0.0, 0.9, "I", above(0.983176771)),
    ("sign", 0.0, 0.01, "III", below(0.062985602)),
    ("sign", 0.0, 0.01, "I", above(0.062985602)),
    ("sign", 1.0, 0.01, "II", below(0.019390034)),
    ("sign", 1.0, 0.01, "IV", between(0.019390034, 0.035629406)),
    ("sign", 1.0, 0.01, "I", above(0.035629406)),
    ("sign", 1.0, 0.1, "II", below(0.315322826)),
    ("sign", 1.0, 0.1, "IV", between(0.315322826, 0.324357456)),
    ("sign", 1.0, 0.1, "I", above(0.324357456)),
    ("sign", 0.0, 0.9, "III", EVERYWHERE),
)


@dataclass(frozen=True)
class Winners(Table):
    """A regime's error is the extremum over all regimes: the least, or the largest.

    With `in_pairs` it is compared with each other regime by itself, which is the same.
    """

    wins: tuple[tuple[Slab, float, float, str, Region], ...]
    extremum: Extremum = Extremum.MIN
    in_pairs: bool = False
    # Elsewhere another regime wins, by whichever rival.
    exactly = False

    def certified_lines(self):
        """Compare each winner with each other regime by itself, where it wins."""
        return replace(self, in_pairs=True).lines

    def uncovered(self):
        """Say for which ground truth some α have no winner, or two; "" if for none."""
        regions = {}
        for slab, overlap, rho_ft, regime, holds in self.wins:
            if regime not in REGIMES:
                return f"no regime {regime!r}"
            regions.setdefault((slab, overlap, rho_ft), []).append(holds)
        for truth, found in regions.items():
            edges = sorted({edge for holds in found for edge in holds.crossings})
            ends = [FULL_RANGE[0], *edges, FULL_RANGE[1]]
            inner = [(low + high) / 2 for low, high in pairwise(ends)]
            if any(sum(holds.at(alpha) for holds in found) != 1 for alpha in inner):
                return f"not every alpha has one winner for slab, overlap, rho_ft = {truth}"
        return ""

    @property
    def lines(self):  # type: ignore[override]
        """The inequalities that make each regime the winner."""
        return tuple(line for win in self.wins for line in self._compared(*win))

    def _compared(self, slab, overlap, rho_ft, regime, holds):
        curves = {
            name: setting(slab, rho_ft, overlap, c=c, ratio=ratio, gamma=gamma)
            for name, (c, ratio, gamma) in REGIMES.items()
        }
        winner = Quantity("p", lambda p: p, (curves.pop(regime),))
        rivals = [(one,) for one in curves.values()] if self.in_pairs else [(*curves.values(),)]
        least = self.extremum is Extremum.MIN
        best = np.min if least else np.max
        for rival in rivals:
            nearest = Quantity("p", lambda *p: best(p, axis=0), rival)
            yield Line(*((nearest, winner) if least else (winner, nearest)), holds)

    def reversed(self):
        (other,) = {*Extremum} - {self.extremum}
        return replace(self, extremum=other)

    def holding(self, change):
        return replace(self, wins=tuple((*win[:-1], change(win[-1])) for win in self.wins))

    def latex(self, error="p", *, exactly=True, digits=DECIMALS):
        """Return a row for each ground truth, then the regimes, and how exact crossings are."""
        truths = {}
        for slab, overlap, rho_ft, regime, holds in self.wins:
            given = listed({"overlap": overlap, "rho_ft": rho_ft})
            truth = rf"\text{{{SLABS[slab]}}},\, {given}"
            truths.setdefault(truth, []).append(
                rf"{regime}\ {holds.latex(exactly=exactly, digits=digits)}"
            )
        regimes = (
            rf"{name}:\, {listed({'c': c, 'relative_scale': ratio, 'gamma': gamma})}"
            for name, (c, ratio, gamma) in REGIMES.items()
        )
        rows = (rf"{truth}:\quad " + r",\quad ".join(found) for truth, found in truths.items())
        winner = rf"{self.extremum.place}_R {error}_R(\alpha)"
        nearly = [NEARLY] if exactly and digits == DECIMALS else []
        return r" \\ ".join((rf"R(\alpha) = {winner}", *rows, *regimes, *nearly))

    def next_regimes(self):
        """Return the statement with the next regime in each line."""
        order = list(REGIMES)
        after = dict(zip(order, order[1:] + order[:1], strict=True))
        return replace(self, wins=tuple((*win[:3], after[win[3]], win[4]) for win in self.wins))


STATED = Winners(WINS)

state(
    "curves.regime-winners",
    __doc__,
    **STATED.claim(
        Control("the next regime in each line", STATED.next_regimes()),
        Control(
            "regime IV wins at every α for few, pretrained features",
            Winners((("gaussian", 1.0, 0.01, "IV", EVERYWHERE),)),
        ),
    )
    | {"assumptions": ("ρ_PT = 0.1", *ASSUMPTIONS)},
)
