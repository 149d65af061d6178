"""Networks: smaller γ, larger gain from sparse new features (Section 5.3; Figure 3e).

Where all exact errors are above 0.005, the ratio of the errors of trained networks at ω = 0, ρ_FT =
0.9 and 0.1 grows as γ falls through 10, 1, 0.
"""

from verify.claims.curves.sparsity_gain_readout import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.sparsity-gain-readout",
    __doc__,
    **by_networks("curves.sparsity-gain-readout", InNetworks(STATED.of("gaussian"))),
)
