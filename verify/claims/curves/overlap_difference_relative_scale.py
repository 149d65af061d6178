"""Smaller λ: smaller difference between overlaps (Section 5.3; Figure 3c).

The error at ω = 0 less that at ω = 1 falls with λ through 0.99c, 0, −0.99c at every α; for the
Gaussian slab, from 0.99c to 0, at every α beyond 0.0167.

The window in which the ratio rises (curves.overlap-gap-relative-scale) lies where both errors are
small.
"""

from verify.claims.curves._margins import EVERYWHERE, above
from verify.claims.curves._quantities import overlap_difference, swept
from verify.registry import state

STATED = swept(
    overlap_difference,
    "ratio",
    ("gaussian", 0.99, 0.0, above(0.016725357), "-0.0002813734183"),
    ("gaussian", 0.0, -0.99, EVERYWHERE, "0.0000003795272922"),
    ("sign", 0.99, 0.0, EVERYWHERE, "0.0000010247969476"),
    ("sign", 0.0, -0.99, EVERYWHERE, "0.0000004407118123"),
)

state("curves.overlap-difference-relative-scale", __doc__, **STATED.claim())
