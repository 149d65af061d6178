"""Networks: winning regimes (Appendix A, Figure 5; Section 5.3).

Networks of d = 1000, trained to their end, are best in the regime that the exact curves name, under
each of four ground truths. Stopped early, where the least errors are small, they are best in
others.

Stated of networks is what the exact curves say of regimes that win at two of the networks' α or
more; the others win in windows that hold at most one. With all old features reused and α > 0.18,
what is left of the least error when training stops at an error of 10⁻⁴ is more than 10⁵ times the
error itself: which regime is then the best is a matter of stopping (training.published-stopping).
"""

from typing import NamedTuple

import numpy as np

from empirics.end_points import ALPHAS
from empirics.experiments import REGIMES
from verify.claim import Check, Control, Method
from verify.claims.curves._margins import EVERYWHERE, errors, listed
from verify.claims.curves._quantities import setting
from verify.claims.curves.regime_winners import WINS, Winners
from verify.claims.training._effects import InNetworks, by_networks
from verify.claims.training._recorded import RECORD, recorded
from verify.methods.notation import number
from verify.methods.numeric import Worst
from verify.registry import state

# Overlap and ρ_FT of the ground truth at which stopped networks part from the exact curves, and
# from which α on: halfway between those of the networks.
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
            rf"\alpha > {self.beyond:g},\, {truth}"
        )


def measure_left(stated):
    """Return the least logarithm by which a network exceeds that multiple of the least error."""
    overlap, rho_ft = REUSED
    curves = {
        name: setting("gaussian", rho_ft, overlap, c=c, ratio=ratio, gamma=gamma)
        for name, (c, ratio, gamma) in REGIMES.items()
    }
    worst = Worst(smallest=True)
    for place, alpha in enumerate(recorded().of(curves["I"]).alpha):
        if alpha <= stated.beyond:
            continue
        exact = {name: float(errors(one, np.array([alpha]))[0]) for name, one in curves.items()}
        best = min(exact, key=exact.__getitem__)
        found = recorded().of(curves[best]).error[place]
        where = {"alpha": alpha, "regime": best, "exact error": exact[best], "network": found}
        worst.at(np.log(found / (stated.factor * exact[best])), **where)
    return worst.measured(
        f"{{count}} networks of the regime that wins have more than {stated.factor:g} times its "
        "exact error, by at least {worst} in the logarithm"
    )


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
        Control("from α = 0.13 on", Left(beyond=0.13)),
        Control("10⁷ times", Left(factor=1e7)),
    ),
    above=0.0,
    reason="every network exceeds it",
    needs_files=(RECORD,),
)
state("training.regime-winners", __doc__, **made | {"checks": (*made["checks"], LEFT)})
