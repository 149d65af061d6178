"""Smaller λ: larger gain from nested sparsity (Section 5.3; Figure 3f).

At ω = 1 the ratio of the errors at ρ_FT = 0.1 and at 0.04 or 0.01 grows as λ falls, outside of a
short window for the sign slab.
"""

from functools import partial

from verify.claims.curves._margins import EVERYWHERE, Inequalities, outside
from verify.claims.curves._quantities import nested_gain, swept
from verify.registry import state

STATED = Inequalities(
    (
        *swept(
            partial(nested_gain, rho_ft=0.01),
            "ratio",
            ("gaussian", -0.99, 0.0, EVERYWHERE, "1.153735519604"),
            ("gaussian", 0.0, 0.99, EVERYWHERE, "1.024976822993"),
            ("sign", -0.99, 0.0, EVERYWHERE, "1.045018007593"),
            ("sign", 0.0, 0.99, EVERYWHERE, "1.008294201846"),
        ).lines,
        *swept(
            partial(nested_gain, rho_ft=0.04),
            "ratio",
            ("gaussian", -0.99, 0.0, EVERYWHERE, "1.021597652397"),
            ("gaussian", 0.0, 0.99, EVERYWHERE, "1.004107571097"),
            ("sign", -0.99, 0.0, outside(0.086131847, 0.100032096), "1.006880699391"),
            ("sign", 0.0, 0.99, EVERYWHERE, "1.001365720176"),
        ).lines,
    )
)

state("curves.nested-gain-relative-scale", __doc__, **STATED.claim())

state(
    "curves.nested-gain-relative-scale-printed",
    """Smaller λ: larger gain from nested sparsity, read at every α (Section 5.3; Figure 3f).

    At ω = 1 the ratio of the errors at ρ_FT = 0.1 and at 0.04 or 0.01 grows as λ falls, for both
    slabs and every α.
    """,
    **STATED.claim_everywhere("curves.nested-gain-relative-scale"),
)
