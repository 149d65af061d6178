"""Monotonicity of the ℓ-order (Sections 5.1 and 5.2, Appendix B.2).

For every network the ℓ-order decreases strictly in |β_FT| and increases strictly in c_FT; hence it
increases strictly in λ and in γ, at λ > −c also in c at fixed λ/c, and where β_PT ≠ 0 in |β_PT|.

Larger coefficients meet a sparser penalty; a larger scale makes every coordinate lazier.
"""

import numpy as np
import sympy as sp

from numerics import regimes
from theory.positivity import Orthant
from theory.regime_bounds import ALL_NETWORKS, INACTIVE_ALL, Parameter
from theory.regimes import E, G, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._grids import networks
from verify.claims.regimes._language import ELL, plain
from verify.claims.regimes._slopes import Slopes, falls, opposite, rises
from verify.claims.regimes._statements import Theorem, decide
from verify.methods.numeric import Worst
from verify.registry import state

ALWAYS = Slopes(
    (ELL,),
    rising=(Parameter.SCALE, Parameter.RATIO, Parameter.GAMMA),
    falling=(Parameter.BETA_FT,),
    domain=ALL_NETWORKS,
)
ABOVE = (Orthant(frozenset({S}), frozenset({E, G})),)
IN_C = rises(ELL, Parameter.ABSOLUTE_AT_RATIO, domain=ABOVE)
COUPLED = rises(ELL, Parameter.BETA_PT)
STATED = Theorem(ALWAYS, IN_C, COUPLED)
CONTROLS = (
    *opposite(ALWAYS),
    *opposite(IN_C),
    *opposite(COUPLED),
    Control(
        "strictly increasing in |β_PT| at λ = −c too",
        COUPLED._replace(domain=(Orthant(frozenset({E, G}), frozenset({S})),)),
    ),
    Control("strictly increasing in |β_PT| at β_PT = 0 too", COUPLED._replace(domain=ABOVE)),
    Control(
        "strictly increasing in c at fixed λ/c, at λ = −c too", IN_C._replace(domain=INACTIVE_ALL)
    ),
    Control(
        "strictly increasing in c at fixed λ",
        rises(ELL, Parameter.ABSOLUTE_AT_LAMBDA, domain=ABOVE),
    ),
)
IN_BETA_FT = falls(ELL, Parameter.BETA_FT, domain=ALL_NETWORKS)
REVERSED = rises(ELL, Parameter.BETA_FT, domain=ALL_NETWORKS)


# Values of e, s and g at c = 1.
TRIED = {E: (2.0,), S: (1e-3, 2.0), G: (3.0,)}


def decide_by_kernel(statement):
    """Follow the float64 kernel along |β_FT| for networks of the domain.

    2 − ℓ, whose digits are kept at both ends, must never fall where ℓ must fall, and stay below 1.
    """
    (direction, moved), *others = (one for one in statement.directions.items() if one[1])
    (of,) = statement.of
    slope = sp.diff(of, ELL)
    if others or moved != (Parameter.BETA_FT,) or not slope.is_number:
        raise ValueError(f"the kernel is followed along |β_FT|, got {plain(of)} along {moved}")
    least, ratios = Worst(smallest=True), np.array([10.0 ** (k / 20) for k in range(-1200, 1201)])
    for pretrained, init in networks(statement.domain, TRIED, 1.0):
        for scale in init.finetune_scale(pretrained):
            grid = scale * ratios
            gaps = np.asarray(regimes.two_minus_l_order(grid, scale))
            change = direction.value.margin(-float(slope) * np.diff(gaps), 0)
            least.at(change, beta_FT=grid[:-1], then=grid[1:], c_FT=scale)
            least.at(1 - gaps, beta_FT=grid, c_FT=scale)
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
