"""Problems that certified results are tried on, and their solutions in 50 digits."""

from fractions import Fraction
from functools import cache

import mpmath
from flint import arb, ctx

from numerics.certified import Mixture
from numerics.multiprecision import pretrain_finetune_groups, replica_fixed_point

BASELINE = ("0.1", "0.1", "0.5"), {"c": "1e-3"}
CASES = {
    "baseline, Gaussian slab": (*BASELINE, "gaussian", "0.3", "0", "0"),
    "baseline, sign slab": (*BASELINE, "sign", "0.3", "0", "0"),
    "few data": (*BASELINE, "sign", "0.001", "0", "0"),
    "nearly all data": (*BASELINE, "gaussian", "0.9999999", "0", "0"),
    "rich": (
        ("0.1", "0.01", "1"),
        {"c": "1e-6", "relative_scale": "-0.9999"},
        "gaussian",
        "0.6",
        "0",
        "0",
    ),
    "lazy": (("0.2", "0.4", "0.3"), {"c": "1e4", "gamma": "3"}, "sign", "0.7", "0", "0"),
    "noise": (*BASELINE, "gaussian", "0.95", "0.2", "0"),
    "much noise": (*BASELINE, "sign", "0.05", "900", "0"),
    "ridge": (*BASELINE, "sign", "0.3", "0.1", "0.01"),
    "strong ridge": (*BASELINE, "gaussian", "2.5", "0.1", "700"),
    "many data, weak ridge": (*BASELINE, "sign", "40", "0.3", "1e-6"),
    "α = 1, ridge": (*BASELINE, "gaussian", "1", "0", "0.3"),
}


def mixture(name):
    """Return the mixture of a case."""
    teacher, init, slab, *_ = CASES[name]
    return Mixture.pretrain_finetune(*teacher, **init, slab=slab)


def strengths(name):
    """Return α, and σ² and ϱ as keywords."""
    *_, alpha, noise, ridge = CASES[name]
    return alpha, {"noise_variance": noise, "ridge": ridge}


@cache
def exact(name, alpha=None, digits=50):
    """Return the solution of a case in 50 digits."""
    teacher, init, slab, *_ = CASES[name]
    own, known = strengths(name)
    c = Fraction(init["c"])
    lam = Fraction(init.get("relative_scale", "0")) * c
    gamma = Fraction(init.get("gamma", "0"))
    groups = pretrain_finetune_groups(
        *map(Fraction, teacher), c, lam, gamma, slab=slab, digits=digits
    )
    known = {key: Fraction(value) for key, value in known.items()}
    return replica_fixed_point(groups, Fraction(alpha or own), **known, digits=digits)


def holds(ball, number):
    """Return whether a ball holds a number of 50 digits."""
    with ctx.workprec(200):
        return bool(ball.overlaps(arb(mpmath.nstr(number, 50))))
