"""Networks: smaller c gains less from new features below a crossing (Section 5.3; Figure 3d).

In networks of d = 1000, trained to their end, the ratio of the errors at ω = 0, ρ_FT = 0.9 and 0.1
is smaller at c = 10⁻⁶ than at 10⁻³ in the mean over the α below 0.228, and larger above.

The effect is a few per cent, too small to be seen at a single α, so the α of either side of the
exact crossing are taken together.
"""

from verify.claim import Check, Control, Method
from verify.claims.curves._margins import EVERYWHERE, Inequalities, Line, above, below
from verify.claims.curves._quantities import sparsity_gain
from verify.claims.curves.sparsity_gain_absolute_scale import STATED as EXACT
from verify.claims.training._effects import NAME, NETWORKS, RECORDED, InNetworks, decide_together
from verify.claims.training._recorded import END_POINTS
from verify.methods.equivalence import LEVEL
from verify.registry import state

(CROSSING,) = EXACT.lines[0].holds.crossings
SMALL, LARGE = sparsity_gain("gaussian", c=1e-6), sparsity_gain("gaussian", c=1e-3)


def where(holds, larger=LARGE, smaller=SMALL):
    """Return the inequality where it is said to hold, and its opposite elsewhere."""
    return InNetworks(Inequalities((Line(larger, smaller, holds),)))


STATED = where(below(CROSSING))
CONTROLS = (
    Control("larger on both sides", where(EVERYWHERE, SMALL, LARGE)),
    Control("smaller on both sides", where(EVERYWHERE)),
    Control("the sides exchanged", where(above(CROSSING))),
)
REASON = "level of both tests together"
CHECK = Check(
    *(NAME, Method.STATISTICS, decide_together, STATED, CONTROLS, LEVEL, REASON),
    needs_files=END_POINTS[:1],
)
state(
    "training.sparsity-gain-reversal",
    __doc__,
    (CHECK,),
    assumptions=(NETWORKS, "Gaussian slab"),
    requires=("curves.sparsity-gain-absolute-scale", RECORDED),
)
