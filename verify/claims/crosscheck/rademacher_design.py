"""A design of signs has the Gaussian design's errors (Proposition 4.2; Section 3.3).

With X = ±1/√n instead of N(0, 1/n), the error of finite networks, extrapolated in 1/d, is the
replica error at every point examined: within 1 dB, or 10 % in α where the curve is steep, and
within 5 % where c ≥ 1 or γ ≥ 1 and there is neither noise nor a ridge.

The plan was fixed before networks were measured (`empirics.designs`).
"""

from verify.claims.crosscheck._designs import (
    ASSUMPTIONS,
    MEASURED_NOW,
    NEAR,
    REQUIRES,
    Holds,
    again,
    holds,
    instead,
    live,
    wrong_noise_and_ridge,
)
from verify.registry import state

DESIGN = "rademacher"
STATED, CLOSER = Holds(DESIGN), NEAR._replace(design=DESIGN)
WRONG = wrong_noise_and_ridge(DESIGN)

state(
    "crosscheck.rademacher-design",
    __doc__,
    (
        holds("all cases", STATED, WRONG | instead(STATED)),
        holds("large scales, closer", CLOSER, instead(CLOSER)),
        again(DESIGN),
        holds("measured now", STATED._replace(errors=live(DESIGN)), WRONG, **MEASURED_NOW),
    ),
    assumptions=ASSUMPTIONS,
    requires=REQUIRES,
)
