"""Networks: smaller λ, larger gain from sparsity of reused features (Section 5.3; Figure 3f).

In networks of d = 1000, trained to their end, the ratio of the errors at ω = 1, ρ_FT = 0.1 and at
0.04 or 0.01 grows as λ falls where the exact curves say so, and falls where they say the opposite.
"""

from verify.claims.curves.nested_gain_relative_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.nested-gain-relative-scale",
    __doc__,
    **by_networks("curves.nested-gain-relative-scale", InNetworks(STATED)),
)
