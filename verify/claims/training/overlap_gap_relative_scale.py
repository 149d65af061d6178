"""Networks: smaller λ, smaller gap between overlaps (Section 5.3; Figure 3c).

In trained networks the ratio of the errors at ω = 0 and ω = 1 falls with λ, at the α where that can
be seen.
"""

from verify.claims.curves.overlap_gap_relative_scale import STATED
from verify.claims.training._effects import ASSUMPTIONS, InNetworks, effect_check
from verify.registry import state

NETWORKS = InNetworks(STATED.of("gaussian"))

state(
    "training.overlap-gap-relative-scale",
    __doc__,
    effect_check(NETWORKS),
    assumptions=ASSUMPTIONS,
    requires=("curves.overlap-gap-relative-scale",),
)
