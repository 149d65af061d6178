"""Monotonicity of the ℓ-order (Sections 5.1 and 5.2, Appendix B.2).

For every network the ℓ-order decreases strictly in |β_FT| and increases strictly in c_FT; hence,
for β_PT ≠ 0 and λ > −c, it increases strictly in |β_PT|, in λ, in γ and, at fixed λ/c, in c.

Larger coefficients meet a sparser penalty; a larger scale makes every coordinate lazier.
"""

import numpy as np

from numerics import regimes
from theory.positivity import Orthant
from theory.regime_bounds import ALL_NETWORKS, INACTIVE_ALL, Parameter
from theory.regimes import E, G, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import (
    ELL,
    Slopes,
    Theorem,
    decide,
    falls,
    opposite,
    rises,
)
from verify.methods.numeric import Worst
from verify.registry import state

RISING = Parameter.BETA_PT, Parameter.RATIO, Parameter.GAMMA, Parameter.ABSOLUTE_AT_RATIO

IN_ARGUMENT = Slopes(falls(ELL, Parameter.BETA_FT) + rises(ELL, Parameter.SCALE), ALL_NETWORKS)
COUPLED = Slopes(rises(ELL, *RISING))
STATED = Theorem(IN_ARGUMENT, COUPLED)
CONTROLS = (
    *opposite(IN_ARGUMENT),
    *opposite(COUPLED),
    Control(
        "strictly increasing in |β_PT| at λ = −c too",
        Slopes(rises(ELL, Parameter.BETA_PT), (Orthant(frozenset({E, G}), frozenset({S})),)),
    ),
    Control(
        "strictly increasing in |β_PT| at β_PT = 0 too",
        Slopes(rises(ELL, Parameter.BETA_PT), (Orthant(frozenset({S}), frozenset({E, G})),)),
    ),
    Control(
        "strictly increasing in c at fixed λ/c, at λ = −c too",
        Slopes(rises(ELL, Parameter.ABSOLUTE_AT_RATIO), INACTIVE_ALL),
    ),
)
IN_BETA_FT = Slopes(falls(ELL, Parameter.BETA_FT), ALL_NETWORKS)
REVERSED = Slopes(rises(ELL, Parameter.BETA_FT), ALL_NETWORKS)


def decide_by_kernel(statement):
    """Follow the float64 kernel along a grid of z; 2 − ℓ < 1 must never fall where ℓ must fall."""
    (slope,) = statement.slopes
    grid = [10.0 ** (k / 20) for k in range(-1200, 1201)]
    gaps = np.array([float(regimes.two_minus_l_order(z, 1.0)) for z in grid])
    least = Worst(smallest=True)
    least.at(-slope.sign * np.diff(gaps), z=np.array(grid[:-1]), then=np.array(grid[1:]))
    least.at(1 - gaps, z=np.array(grid))
    return least.measured("smallest change of 2 − ℓ to the next grid point, or of ℓ − 1: {worst}")


state(
    "regimes.lorder-monotone",
    __doc__,
    (
        Check("signs of the derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "float64 kernel along z from 1e-60 to 1e60",
            Method.FLOAT64,
            decide_by_kernel,
            IN_BETA_FT,
            Control("increasing in |β_FT|", REVERSED),
            above=0.0,
            reason="strictly monotone: every change has one sign",
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.lorder-elasticity", "regimes.transfer-closed-form"),
)
