"""The mixture that the tests of the Monte-Carlo baseline share."""

import numpy as np

from numerics.replica_montecarlo.channel import ScalarGroup

# Baseline of the reuse experiment: rho = 0.1, overlap 1/2, c = 1e-3, lambda = gamma = 0, Gaussian
# slab of variance 1/rho. c_FT = c (1 + sqrt(1 + (beta_PT/c)^2)).
INACTIVE = 2e-3
ACTIVE = 1e-3 * (1.0 + np.hypot(1.0, 1e3))
SLAB = 10.0**0.5
BASELINE = (
    ScalarGroup(0.05, ACTIVE, "gaussian", SLAB),
    ScalarGroup(0.05, INACTIVE, "gaussian", SLAB),
    ScalarGroup(0.05, ACTIVE, "zero"),
    ScalarGroup(0.85, INACTIVE, "zero"),
)
# Fixed points of the expectations themselves, by quadrature to 8 digits.
EXACT = {0.17126582: 0.49146810, 0.3635443: 0.0240707}
# Undamped and with few draws: the same fixed points of the sampled map, found sooner.
QUICK = {"samples": 2000, "damping": 1.0}


def second_moment(groups):
    return sum(g.probability * g.second_moment for g in groups)
