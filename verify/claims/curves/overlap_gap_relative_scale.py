"""Smaller λ: smaller gap between overlaps, outside of a window (Section 5.3; Figure 3c).

The ratio of the errors at ω = 0 and ω = 1 falls with λ, except in a window of α past the threshold
of ℓ1 recovery, where a smaller λ gives the larger ratio.

As a difference, the gap falls with λ at nearly every α (curves.overlap-difference-relative-scale).
"""

from verify.claims.curves._margins import outside
from verify.claims.curves._quantities import overlap_gap, swept
from verify.registry import state

STATED = swept(
    overlap_gap,
    "ratio",
    ("gaussian", 0.99, 0.0, outside(0.292570560, 0.525678078), "1.000323970135"),
    ("gaussian", 0.0, -0.99, outside(0.327195965, 0.643283822), "1.044220529693"),
    ("sign", 0.99, 0.0, outside(0.335542449, 0.465628610), "1.002134746783"),
    ("sign", 0.0, -0.99, outside(0.325241325, 0.507290072), "1.052964145880"),
)

state("curves.overlap-gap-relative-scale", __doc__, **STATED.claim())

state(
    "curves.overlap-gap-relative-scale-printed",
    """Smaller λ: smaller ratio between overlaps, read at every α (Section 5.3; Figure 3c).

    The gap between overlaps, measured by the ratio of the errors at ω = 0 and ω = 1 (not by their
    difference), falls with λ at every α.
    """,
    **STATED.claim_everywhere("curves.overlap-gap-relative-scale"),
)
