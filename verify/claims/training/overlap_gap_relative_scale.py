"""Networks: smaller λ, smaller gap between overlaps (Section 5.3; Figure 3c).

Where all exact errors are above 0.005, the ratio of the errors of trained networks at ω = 0 and ω =
1 falls with λ.
"""

from verify.claims.curves.overlap_gap_relative_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.overlap-gap-relative-scale",
    __doc__,
    **by_networks("curves.overlap-gap-relative-scale", InNetworks(STATED.of("gaussian"))),
)
