"""Smaller γ: larger gap between overlaps (Section 5.3; Figure 3b).

The ratio of the errors at ω = 0 and ω = 1 grows as γ falls through 10, 1, 0, at every α.
"""

from verify.claims.curves._margins import EVERYWHERE
from verify.claims.curves._quantities import overlap_gap, swept
from verify.registry import state

STATED = swept(
    overlap_gap,
    "gamma",
    ("gaussian", 0.0, 1.0, EVERYWHERE, "1.206152192295"),
    ("gaussian", 1.0, 10.0, EVERYWHERE, "1.018042869734"),
    ("sign", 0.0, 1.0, EVERYWHERE, "1.202524331630"),
    ("sign", 1.0, 10.0, EVERYWHERE, "1.018038092827"),
)

state("curves.overlap-gap-readout", __doc__, **STATED.claim())
