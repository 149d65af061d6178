"""Networks: smaller λ is better for sparse reuse (Section 5.3; Figure 3f).

Where all exact errors are above 0.005, the error of trained networks at ω = 1, ρ_FT = 0.01 falls
with λ.
"""

from verify.claims.curves.sparse_reuse_relative_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.sparse-reuse-relative-scale",
    __doc__,
    **by_networks("curves.sparse-reuse-relative-scale", InNetworks(STATED.of("gaussian"))),
)
