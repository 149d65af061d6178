"""Smaller c: larger difference between overlaps, for few data (Section 5.3; Figure 3a).

The error at ω = 0 less that at ω = 1 grows as c falls, up to the α where both are small.

As a ratio, the gap grows at every α (curves.overlap-gap-absolute-scale).
"""

from verify.claims.curves._margins import below
from verify.claims.curves._quantities import overlap_difference, swept
from verify.registry import state

STATED = swept(
    overlap_difference,
    "c",
    ("gaussian", 1e-6, 1e-3, below(0.324185828), "0.00588438165569"),
    ("gaussian", 1e-3, 1.0, below(0.438638412), "0.202102256948"),
    ("sign", 1e-6, 1e-3, below(0.406413049), "0.0057552039890"),
    ("sign", 1e-3, 1.0, below(0.492552663), "0.199375209112"),
)

state("curves.overlap-difference-absolute-scale", __doc__, **STATED.claim())
