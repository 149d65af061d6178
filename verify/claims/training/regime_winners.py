"""Networks: winning regimes (Appendix A, Figure 5; Section 5.3).

Trained networks are best in the regime that the exact curves name: I past few data where the task
is sparse, II up to α = 0.157 where all old features are reused, III where the task is dense and
new. With all old features reused, beyond 0.157, the least errors are what stopping leaves, more
than 10⁵ times the exact ones: networks are best in regime IV at α = 0.255 and 0.304, though the
exact curves name II at the first, and of 0.206 and from 0.353 on nothing is said.

There II and IV, or I and IV, are not told apart. Nothing is said either of α = 0.01 for ρ_FT =
0.01, the only trained α with few data.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from empirics.experiments import REGIMES
from verify.claim import Check, Control, Method
from verify.claims.curves._margins import EVERYWHERE, above, below, between, errors, listed
from verify.claims.curves._quantities import setting
from verify.claims.curves.regime_winners import Winners
from verify.claims.training._effects import RECORD, InNetworks, by_networks, decide, recorded
from verify.methods.notation import number
from verify.methods.numeric import Worst
from verify.registry import state

# Overlap and ρ_FT of the ground truth at which networks part from the exact curves, and from where
# on: halfway between trained α, as all ends of ranges here.
REUSED, PARTING = (1.0, 0.1), 0.18
SEEN = Winners(
    (
        ("gaussian", 0.0, 0.01, "I", above(0.035)),
        ("gaussian", 1.0, 0.01, "I", above(0.035)),
        ("gaussian", *REUSED, "II", below(PARTING)),
        ("gaussian", *REUSED, "IV", between(0.23, 0.33)),
        ("gaussian", 0.0, 0.9, "III", EVERYWHERE),
    ),
    in_pairs=True,
)
EVERY_ALPHA = Winners((("gaussian", 0.0, 0.01, "III", EVERYWHERE),), in_pairs=True)
IV_LATER = replace(
    SEEN,
    wins=tuple(
        (*win[:-1], below(0.28)) if win[3] == "II" else win for win in SEEN.wins if win[3] != "IV"
    ),
)


def stating(winners):
    """Return winners as stated of networks, whatever their errors; of other α nothing is said."""
    return InNetworks(winners, exactly=False, floor=0.0)


def decide_winners(statement):
    """Decide the signs, and count the truths and trained α of which no winner is stated."""
    evidence, wins = decide(statement), {}
    for slab, overlap, rho_ft, regime, holds in statement.table.wins:
        curve = setting(slab, rho_ft, overlap, **initialization(regime))
        there = [holds.at(alpha) for alpha in recorded().of(curve).alpha]
        before = wins.get((slab, overlap, rho_ft), [False] * len(there))
        wins[slab, overlap, rho_ft] = np.logical_or(before, there)
    every = np.concatenate([*wins.values()])
    left = f"; no winner is stated at {np.sum(~every)} of {every.size} (truth, α)"
    return replace(evidence, summary=evidence.summary + left)


def initialization(regime):
    c, ratio, gamma = REGIMES[regime]
    return {"c": c, "ratio": ratio, "gamma": gamma}


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
        name: setting("gaussian", rho_ft, overlap, **initialization(name)) for name in REGIMES
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
    Control("II as far as in the exact curves", stating(IV_LATER)),
    decide=decide_winners,
)
LEFT = Check(
    "what stopping leaves",
    Method.STATISTICS,
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
