"""Networks: smaller c, larger gap between overlaps (Section 5.3; Figure 3a).

Where all exact errors are above 0.005, the ratio of the errors of trained networks at ω = 0 and ω =
1 grows as c falls through 1, 10⁻³, 10⁻⁶.
"""

from verify.claims.curves.overlap_gap_absolute_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.overlap-gap-absolute-scale",
    __doc__,
    **by_networks("curves.overlap-gap-absolute-scale", InNetworks(STATED.of("gaussian"))),
)
