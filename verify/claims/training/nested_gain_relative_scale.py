"""Networks: smaller λ, larger gain from sparsity of reused features (Section 5.3; Figure 3f).

Where all exact errors are above 0.005, the ratio of the errors of trained networks at ω = 1, ρ_FT =
0.1 and at 0.04 or 0.01 grows as λ falls.
"""

from verify.claims.curves.nested_gain_relative_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.nested-gain-relative-scale",
    __doc__,
    **by_networks("curves.nested-gain-relative-scale", InNetworks(STATED.of("gaussian"))),
)
