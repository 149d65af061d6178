"""Networks: smaller c, larger gain from new features, past a crossing (Section 5.3; Figure 3d).

Where all exact errors are above 0.005, the ratio of the errors of trained networks at ω = 0, ρ_FT =
0.9 and 0.1 grows as c falls; between 10⁻³ and 10⁻⁶ only for α beyond a crossing.
"""

from verify.claims.curves.sparsity_gain_absolute_scale import STATED
from verify.claims.training._effects import InNetworks, by_networks
from verify.registry import state

state(
    "training.sparsity-gain-absolute-scale",
    __doc__,
    **by_networks("curves.sparsity-gain-absolute-scale", InNetworks(STATED.of("gaussian"))),
)
