"""Networks: smaller λ is worse for dense reuse (Section 5.3; Figure 3f).

In networks of d = 1000, trained to their end, the error at ω = 1, ρ_FT = 0.1 grows as λ falls where
the exact curves say so, and falls where they say the opposite.
"""

from verify.claims.curves.dense_reuse_relative_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.dense-reuse-relative-scale",
    __doc__,
    **by_networks("curves.dense-reuse-relative-scale", InNetworks(STATED)),
)
