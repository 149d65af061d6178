"""Smaller γ: larger difference between overlaps, for few data (Section 5.3; Figure 3b).

The error at ω = 0 less that at ω = 1 grows as γ falls from 10 to 1 at every α, and from 1 to 0 up
to the α where both are small.

As a ratio, the gap grows at every α (curves.overlap-gap-readout).
"""

from verify.claims.curves._margins import EVERYWHERE, below
from verify.claims.curves._quantities import overlap_difference, swept
from verify.registry import state

STATED = swept(
    overlap_difference,
    "gamma",
    ("gaussian", 0.0, 1.0, below(0.359777466), "0.188325852103"),
    ("gaussian", 1.0, 10.0, EVERYWHERE, "0.00167966626932"),
    ("sign", 0.0, 1.0, below(0.441723238), "0.185602987364"),
    ("sign", 1.0, 10.0, EVERYWHERE, "0.00258096676525"),
)

state("curves.overlap-difference-readout", __doc__, **STATED.claim())
