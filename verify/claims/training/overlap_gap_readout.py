"""Networks: smaller γ, larger gap between overlaps (Section 5.3; Figure 3b).

Where all exact errors are above 0.005, the ratio of the errors of trained networks at ω = 0 and ω =
1 grows as γ falls through 10, 1, 0.
"""

from verify.claims.curves.overlap_gap_readout import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.overlap-gap-readout",
    __doc__,
    **by_networks("curves.overlap-gap-readout", InNetworks(STATED.of("gaussian"))),
)
