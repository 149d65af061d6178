"""Absolute scale and γ lead toward regime III (Section 5.2, “c and γ, active”: solid in Fig. 2).

For β_PT ≠ 0 and λ > −c, increasing c at fixed λ/c, or γ, strictly increases ℓ, PD and ℓ + PD.

So the pair moves toward III's corner in both coordinates.
"""

import numpy as np

from numerics import Initialization, multiprecision, regimes
from theory.regime_bounds import Parameter
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.regimes._statements import ELL, PD, Slopes, Theorem, decide, falls, rises
from verify.methods.numeric import Worst
from verify.registry import state

AT_RATIO, AT_LAMBDA = Parameter.ABSOLUTE_AT_RATIO, Parameter.ABSOLUTE_AT_LAMBDA
GAMMA = Parameter.GAMMA


def toward_three(parameter):
    return Slopes(rises(ELL, parameter) + rises(PD, parameter) + rises(ELL + PD, parameter))


STATED = Theorem(toward_three(AT_RATIO), toward_three(GAMMA))
CONTROLS = (
    Control("at fixed λ instead", toward_three(AT_LAMBDA)),
    Control(
        "PD falling with γ", Slopes(rises(ELL, GAMMA) + falls(PD, GAMMA) + rises(ELL + PD, GAMMA))
    ),
)

state(
    "regimes.absolute-scale-at-fixed-ratio",
    __doc__,
    (Check("signs of the derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
    requires=("regimes.lorder-monotone", "regimes.pd-monotone"),
)

# A false twin: "increasing c always moves an active dimension toward the lazy regime III". Where λ
# itself is held, c_FT may fall as c grows, because λ/c does: then ℓ falls.

FALSE = Slopes(rises(ELL, AT_LAMBDA))
CONTROL = Control("at fixed λ/c", Slopes(rises(ELL, AT_RATIO)), must_hold=True)


def double(statement):
    """Double c at λ = 1, |β_PT| = |β_FT| = 10, γ = 0, with λ or λ/c held; 50 digits and float64."""
    (slope,) = statement.slopes
    if slope.sign not in (1, -1):
        raise ValueError(f"a direction must be 1 or −1, got {slope.sign}")
    networks = {AT_LAMBDA: ((1, 1), (2, 1)), AT_RATIO: ((1, 1), (2, 2))}[slope.parameter]
    exact = [
        float(multiprecision.l_order(10, multiprecision.finetune_scale(10, *network)))
        for network in networks
    ]
    single = [
        float(regimes.l_order(10.0, Initialization(*network).finetune_scale(10.0)))
        for network in networks
    ]
    if not np.allclose(exact, single, rtol=1e-14, atol=0):
        return Evidence(None, f"the two implementations disagree: {exact} and {single}")
    least = Worst(smallest=True)
    for orders in (exact, single):
        place = {"lambda": 1, "gamma": 0, "beta_PT": 10, "beta_FT": 10, "ell at c = 1, 2": orders}
        least.at(slope.sign * (orders[1] - orders[0]), **place)
    return least.measured(f"ℓ goes from {exact[0]:.8g} to {exact[1]:.8g} as c doubles")


state(
    "regimes.absolute-scale-at-fixed-lambda",
    """Absolute scale at fixed λ (false) (Section 5.2, “c and γ, active”, read with λ held fixed).

    For β_PT ≠ 0 and every fixed λ > −c, the ℓ-order increases with the absolute scale c.
    """,
    (
        Check("sign of the derivative", Method.SYMBOLIC, decide, FALSE, CONTROL),
        Check(
            "two networks, 50 digits and float64",
            Method.MULTIPRECISION,
            double,
            FALSE,
            CONTROL,
            above=0.0,
            reason="the direction is what is stated",
        ),
    ),
    twin="regimes.absolute-scale-at-fixed-ratio",
    fault=Fault.READ,
)
