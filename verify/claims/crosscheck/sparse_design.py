"""Sparse designs: a tenth of the entries, and four entries a row (Proposition 4.2).

Where a tenth of the entries of X is not zero, the error of finite networks, extrapolated in 1/d, is
the replica error: within 1 dB, or 10 % in α where the curve is steep, and within 5 % where c ≥ 1 or
γ ≥ 1 and there is neither noise nor a ridge. With four entries in each row it exceeds that by 1 dB
at least at α = 0.28, for the baseline (noisy too) and for λ/c = −0.99; at γ = 10, the lazy case, it
remains within 10 %.

Entries are Gaussian where they are not zero, of variance 1/n over all. The plan was fixed before
networks were measured (`empirics.designs`).
"""

from verify.claims.crosscheck._designs import (
    ASSUMPTIONS,
    MEASURED_NOW,
    NEAR,
    ONE_DB,
    REQUIRES,
    Breaks,
    Holds,
    again,
    breaks,
    holds,
    instead,
    larger,
    lazy,
    live,
    too_much,
    wrong_noise_and_ridge,
)
from verify.registry import state

SHARE, FEW = "sparse", "four-per-row"
TENTH, CLOSER = Holds(SHARE), NEAR._replace(design=SHARE)
WRONG = wrong_noise_and_ridge(SHARE)
BROKEN = Breaks(FEW, "baseline, noisy baseline, λ/c = −0.99", larger(ONE_DB))
FEWER = {"with a tenth of the entries instead": BROKEN._replace(design=SHARE)}

state(
    "crosscheck.sparse-design",
    __doc__,
    (
        holds("a tenth, all cases", TENTH, WRONG | instead(TENTH)),
        holds("a tenth, large scales, closer", CLOSER, instead(CLOSER)),
        breaks("four entries a row", BROKEN, FEWER | too_much(BROKEN)),
        lazy("four entries a row, lazy", FEW),
        again(SHARE, FEW),
        holds("a tenth, measured now", TENTH._replace(errors=live(SHARE)), WRONG, **MEASURED_NOW),
        breaks(
            "four entries a row, measured now",
            BROKEN._replace(errors=live(FEW)),
            too_much(BROKEN),
            **MEASURED_NOW,
        ),
    ),
    assumptions=ASSUMPTIONS,
    requires=REQUIRES,
)
