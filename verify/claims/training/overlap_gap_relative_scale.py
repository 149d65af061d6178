"""Networks: smaller λ, smaller gap between overlaps (Section 5.3; Figure 3c).

In networks of d = 1000, trained to their end, the ratio of the errors at ω = 0 and ω = 1 falls with
λ, except in the window of α where the exact curves say the opposite.
"""

from verify.claims.curves.overlap_gap_relative_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.overlap-gap-relative-scale",
    __doc__,
    **by_networks("curves.overlap-gap-relative-scale", InNetworks(STATED)),
)
