"""Networks: smaller λ is worse for dense reuse (Section 5.3; Figure 3f).

Where all exact errors are above 0.005, the error of trained networks at ω = 1, ρ_FT = 0.1 grows as
λ falls.
"""

from verify.claims.curves.dense_reuse_relative_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.dense-reuse-relative-scale",
    __doc__,
    **by_networks("curves.dense-reuse-relative-scale", InNetworks(STATED.of("gaussian"))),
)
