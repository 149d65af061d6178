"""Smaller λ is worse for dense reuse, up to a crossing (Section 5.3; Figure 3f).

At ω = 1, ρ_FT = 0.1 the error grows as λ falls, up to an α beyond which the smaller λ is better.
"""

from functools import partial

from verify.claims.curves._margins import below
from verify.claims.curves._quantities import error, swept
from verify.registry import state

STATED = swept(
    partial(error, rho_ft=0.1, overlap=1.0),
    "ratio",
    ("gaussian", -0.99, 0.0, below(0.298885637), "1.098191732363"),
    ("gaussian", 0.0, 0.99, below(0.255421299), "1.003113305285"),
    ("sign", -0.99, 0.0, below(0.315718100), "1.108241377676"),
    ("sign", 0.0, 0.99, below(0.311870458), "1.004936470974"),
)

state("curves.dense-reuse-relative-scale", __doc__, **STATED.claim())

state(
    "curves.dense-reuse-relative-scale-printed",
    """Smaller λ is worse for dense reuse, read at every α (Section 5.3; Figure 3f).

    At ω = 1, ρ_FT = 0.1 the error grows as λ falls, at every α.
    """,
    **STATED.claim_everywhere("curves.dense-reuse-relative-scale"),
)
