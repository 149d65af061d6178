"""Smaller c: larger gap between overlaps (Section 5.3; Figure 3a).

The ratio of the errors at ω = 0 and ω = 1 grows as c falls through 1, 10⁻³, 10⁻⁶, at every α.
"""

from verify.claims.curves._margins import EVERYWHERE
from verify.claims.curves._quantities import overlap_gap, swept
from verify.registry import state

STATED = swept(
    overlap_gap,
    "c",
    ("gaussian", 1e-6, 1e-3, EVERYWHERE, "1.005252492514"),
    ("gaussian", 1e-3, 1.0, EVERYWHERE, "1.223189454529"),
    ("sign", 1e-6, 1e-3, EVERYWHERE, "1.005112511896"),
    ("sign", 1e-3, 1.0, EVERYWHERE, "1.219505008140"),
)

state("curves.overlap-gap-absolute-scale", __doc__, **STATED.claim())
