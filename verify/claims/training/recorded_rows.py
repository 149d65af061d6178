"""The record can be reproduced (Appendix E.2.6).

Networks trained again from the recorded seed take the recorded number of epochs and end at the
recorded errors.
"""

from verify.claim import Control
from verify.claims.training._effects import RECORD
from verify.claims.training._instances import Again, trained_again
from verify.claims.training._small_networks import by_training
from verify.registry import state

ALPHA = 0.108
CURVES = (
    ("reuse", "omega=0.5 rho_ft=0.1 baseline"),
    ("reuse", "omega=1 rho_ft=0.1 lam/c=0.99"),
    ("reuse", "omega=0 rho_ft=0.1 gamma=1"),
    ("new-features", "omega=0 rho_ft=0.9 c=1e-06"),
    ("nested-features", "omega=1 rho_ft=0.04 c=1"),
    ("single-task", "rho=0.1 c=0.001 lam/c=-1"),
    ("regimes", "II omega=1 rho_ft=0.01"),
)
STATED = Again(ALPHA, CURVES, rate=0.1, threshold=1e-4)
CONTROLS = (
    Control("the next seed", STATED._replace(seed_offset=1)),
    Control("1.05 times the rate", STATED._replace(rate=0.105)),
    Control("twice the threshold", STATED._replace(threshold=2e-4)),
)
REASON = "six recorded digits, and an epoch more or less where rounding differs"
HOW = {"limit": 180.0, "needs_files": (RECORD,)}
state(
    "training.recorded-rows",
    __doc__,
    (by_training("seven networks", trained_again, STATED, CONTROLS, 2e-3, REASON, **HOW),),
    assumptions=("first recorded seed, seven curves",),
)
