"""Smaller γ: larger gain from sparsity (Section 5.3; Figure 3e).

At ω = 0 the ratio of the errors at ρ_FT = 0.9 and 0.1 grows as γ falls through 10, 1, 0, at every
α.
"""

from verify.claims.curves._margins import EVERYWHERE
from verify.claims.curves._quantities import sparsity_gain, swept
from verify.registry import state

STATED = swept(
    sparsity_gain,
    "gamma",
    ("gaussian", 0.0, 1.0, EVERYWHERE, "1.000007874341"),
    ("gaussian", 1.0, 10.0, EVERYWHERE, "1.000006633794"),
    ("sign", 0.0, 1.0, EVERYWHERE, "1.000002554860"),
    ("sign", 1.0, 10.0, EVERYWHERE, "1.0000022108942"),
)

state("curves.sparsity-gain-readout", __doc__, **STATED.claim())
