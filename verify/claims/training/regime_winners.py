"""Networks: winning regimes (Appendix A, Figure 5; Section 5.3).

Networks of d = 1000, trained to their end, are best in the regime that the exact curves name, under
each of four ground truths. Stopped early, where the least errors are small, they are best in
others.

Stated of networks is what the exact curves say of regimes that win at two of the networks' α or
more; the others win in windows that hold at most one. With all old features reused and α > 0.18,
networks of the regime that wins, stopped at the published training error, 10⁻⁴/α, have more than
10⁵ times its exact error, in both slabs: what is left of it is where they stopped
(training.published-stopping).
"""

from typing import NamedTuple

import numpy as np

from empirics.end_points import ALPHAS
from empirics.experiments import REGIMES, SLABS
from verify.claim import Check, Control, Method
from verify.claims.curves._margins import EVERYWHERE, errors, listed
from verify.claims.curves._quantities import setting
from verify.claims.curves.regime_winners import WINS, Winners
from verify.claims.training._effects import InNetworks, by_networks
from verify.claims.training._recorded import RECORDS, recorded
from verify.methods.notation import number
from verify.methods.numeric import Worst
from verify.registry import state

# Overlap and ρ_FT of the ground truth at which networks are held to that, and from which α on: with
# a ridge of the same training error the factor would be 1.0·10⁵ at 0.157 and 6.4·10⁵ at 0.206.
REUSED, PARTING = (1.0, 0.1), 0.18
SEEN = Winners(
    tuple(win for win in WINS if sum(win[-1].at(alpha) for alpha in ALPHAS) > 1), in_pairs=True
)
EVERY_ALPHA = Winners((("gaussian", 0.0, 0.01, "III", EVERYWHERE),), in_pairs=True)


def stating(winners):
    """Return winners as stated of networks; of other α nothing is said."""
    return InNetworks(winners, exactly=False)


class Left(NamedTuple):
    """By which factor networks of the winning regime exceed its exact error, and from which α."""

    factor: float = 1e5
    beyond: float = PARTING

    def latex(self):
        truth = listed(dict(zip(("overlap", "rho_ft"), REUSED, strict=True)))
        return (
            rf"\hat p_R(\alpha) > {number(self.factor)}\, p_R(\alpha),\quad "
            rf"R(\alpha) = \operatorname{{argmin}}_R p_R(\alpha) \\ "
            rf"\alpha > {self.beyond:g},\, {truth},\ \text{{both slabs}}"
        )


def measure_left(stated):
    """Return the least logarithm by which a network exceeds that multiple of the least error."""
    worst, lost = Worst(smallest=True), 0
    for slab in SLABS:
        lost += exceed(stated, slab, worst)
    left_out = f", {lost} that did not converge left out" if lost else ""
    return worst.measured(
        f"{{count}} networks of the regime that wins have more than {stated.factor:g} times its "
        f"exact error, by at least {{worst}} in the logarithm{left_out}"
    )


def exceed(stated, slab, worst):
    """Compare the networks of one slab; return how many did not converge."""
    (overlap, rho_ft), record, lost = REUSED, recorded(slab), 0
    curves = {
        name: setting(slab, rho_ft, overlap, c=c, ratio=ratio, gamma=gamma)
        for name, (c, ratio, gamma) in REGIMES.items()
    }
    for place, alpha in enumerate(record.of(curves["I"]).alpha):
        if alpha <= stated.beyond:
            continue
        exact = {name: float(errors(one, np.array([alpha]))[0]) for name, one in curves.items()}
        best = min(exact, key=exact.__getitem__)
        own = record.of(curves[best]).error[place]
        found = own[np.isfinite(own)]
        lost += own.size - found.size
        where = {"slab": slab, "alpha": alpha, "regime": best, "exact error": exact[best]}
        worst.at(np.log(found / (stated.factor * exact[best])), **where, network=found)
    return lost


made = by_networks(
    "curves.regime-winners",
    stating(SEEN),
    Control("the next regime in each line", stating(SEEN.next_regimes())),
    Control("regime III wins at every α for few, new features", stating(EVERY_ALPHA)),
)
LEFT = Check(
    "what stopping leaves",
    Method.TRAINING,
    measure_left,
    Left(),
    (
        Control("from α = 0.1 on", Left(beyond=0.1)),
        Control("10⁷ times", Left(factor=1e7)),
    ),
    above=0.0,
    reason="every network exceeds it",
    needs_files=RECORDS,
)
state("training.regime-winners", __doc__, **made | {"checks": (*made["checks"], LEFT)})
