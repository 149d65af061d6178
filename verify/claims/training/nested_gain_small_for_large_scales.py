"""Networks: large c or γ, smaller gain from sparsity of reused features (Section 5.3).

Where all exact errors are above 0.005, the ratio of the errors of trained networks at ω = 1, ρ_FT =
0.1 and 0.01 is larger at the baseline than at c = 1 or γ = 10.
"""

from verify.claims.curves._margins import Inequalities
from verify.claims.curves.nested_gain_small_for_large_scales import lines
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.nested-gain-small-for-large-scales",
    __doc__,
    **by_networks(
        "curves.nested-gain-small-for-large-scales", InNetworks(Inequalities(lines("gaussian")[:2]))
    ),
)
