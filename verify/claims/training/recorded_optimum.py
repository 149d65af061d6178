"""Networks of d = 1000 and their minimisers (Theorem 4.1; Appendix E.2.6).

Trained networks, over the settings of Experiments 1-4 and Figure 5, have the generalisation error
of the minimiser of Theorem 4.1 on their own data.
"""

from verify.claim import Check, Method
from verify.claims.training._effects import RECORD
from verify.claims.training._instances import REASON, Sample, Statement, near_minimiser
from verify.claims.training._minimiser import scale_controls
from verify.registry import state

QUICK = Sample((0.059, 0.108), seeds=1, stride=3)
FULL = Sample((0.01, 0.059, 0.108, 0.157, 0.206, 0.255, 0.304, 0.353), seeds=1, stride=2)


def check(name, sample, **how):
    stated = Statement(sample)
    controls = scale_controls(lambda minimiser: stated._replace(minimiser=minimiser))
    how |= {"needs_files": (RECORD,)}
    return Check(name, Method.TRAINING, near_minimiser, stated, controls, 1.0, REASON, **how)


state(
    "training.recorded-optimum",
    __doc__,
    (
        check("every third setting at two α", QUICK, limit=120.0),
        check("every other setting at eight α", FULL, tier="full", limit=900.0),
    ),
    assumptions=("recorded networks of d = 1000, Gaussian slab", "data drawn again from the seed"),
    requires=("implicit-bias.minimiser",),
)
