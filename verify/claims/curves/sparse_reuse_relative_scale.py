"""Smaller λ is better for sparse reuse (Section 5.3; Figure 3f; Section 4.1, “λ at small c”).

At ω = 1, ρ_FT = 0.01 the error falls with λ: for the Gaussian slab at every α, for the sign slab
beyond α = 0.0232.
"""

from functools import partial

from verify.claims.curves._margins import EVERYWHERE, above
from verify.claims.curves._quantities import error, swept
from verify.registry import state

STATED = swept(
    partial(error, rho_ft=0.01, overlap=1.0),
    "ratio",
    ("gaussian", 0.99, 0.0, EVERYWHERE, "1.021795661160"),
    ("gaussian", 0.0, -0.99, EVERYWHERE, "1.050577495354"),
    ("sign", 0.99, 0.0, EVERYWHERE, "1.003341236952"),
    ("sign", 0.0, -0.99, above(0.023218804), "0.942951624658"),
)

state("curves.sparse-reuse-relative-scale", __doc__, **STATED.claim())

state(
    "curves.sparse-reuse-relative-scale-printed",
    """Smaller λ is better for sparse reuse, read at every α (Section 5.3; Figure 3f).

    At ω = 1, ρ_FT = 0.01 the error falls with λ, for both slabs and every α.
    """,
    **STATED.claim_everywhere("curves.sparse-reuse-relative-scale"),
)
