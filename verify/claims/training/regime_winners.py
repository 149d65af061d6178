"""Networks: winning regimes (Appendix A, Figure 5; Section 5.3).

Trained networks are best in the regime that the exact curves name, under each of four ground
truths: I past few data where the task is sparse, II up to α = 0.296 where all old features are
reused, III where the task is dense and new.

Stated of networks is what the exact curves say of regimes that win at two trained α or more; the
others win in windows that hold at most one.
"""

from empirics.experiments import SCALES
from verify.claim import Control
from verify.claims.curves._margins import EVERYWHERE
from verify.claims.curves.regime_winners import WINS, Winners
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

SEEN = Winners(
    tuple(
        win
        for win in WINS
        if win[0] == "gaussian" and sum(win[-1].at(alpha) for alpha in SCALES["desk"].alphas) > 1
    ),
    in_pairs=True,
)
EVERY_ALPHA = Winners((("gaussian", 0.0, 0.01, "III", EVERYWHERE),), in_pairs=True)

state(
    "training.regime-winners",
    __doc__,
    **by_networks(
        "curves.regime-winners",
        InNetworks(SEEN, exactly=False),
        Control("the next regime in each line", InNetworks(SEEN.next_regimes(), exactly=False)),
        Control(
            "regime III wins at every α for few, new features",
            InNetworks(EVERY_ALPHA, exactly=False),
        ),
    ),
)
