"""Absolute scale and γ lead toward regime III (Section 5.2, “c and γ, active”: solid in Fig. 2).

For β_PT ≠ 0 and λ > −c, increasing c at fixed λ/c, or γ, strictly increases ℓ, PD and ℓ + PD.

So the pair moves toward III's corner in both coordinates.
"""

from decimal import Decimal

from numerics import Initialization, multiprecision, regimes
from theory.regime_bounds import Parameter
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, RATIO
from theory.regimes import GAMMA as READOUT
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._language import ELL, PD
from verify.claims.regimes._slopes import Slopes, falls, rises
from verify.claims.regimes._statements import decide
from verify.methods.inequality import networks
from verify.methods.numeric import Worst
from verify.registry import state

AT_RATIO, AT_LAMBDA = Parameter.ABSOLUTE_AT_RATIO, Parameter.ABSOLUTE_AT_LAMBDA
GAMMA = Parameter.GAMMA

STATED = Slopes((ELL, PD, ELL + PD), rising=(AT_RATIO, GAMMA))
CONTROLS = (
    Control("at fixed λ instead", STATED._replace(rising=(AT_LAMBDA, GAMMA))),
    Control("PD falling with γ", falls(PD, GAMMA)),
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

FALSE = rises(ELL, AT_LAMBDA)
CONTROL = Control("at fixed λ/c", rises(ELL, AT_RATIO), must_hold=True)


def double(statement):
    """Double c in every sampled network of the domain, λ or λ/c held; 50 digits and float64."""
    ((direction, parameters),) = (one for one in statement.directions.items() if one[1])
    if statement.of != (ELL,) or parameters not in ((AT_LAMBDA,), (AT_RATIO,)):
        raise ValueError(f"ℓ is said to move with c, got {statement}")
    held = 2 if parameters == (AT_RATIO,) else 1
    least = Worst(smallest=True)
    for network in networks(statement.domain):
        c, lam = network[ABSOLUTE], network[RATIO] * network[ABSOLUTE]
        magnitudes = network[BETA_FT], network[BETA_PT]
        rise = _order(*magnitudes, 2 * c, held * lam, network[READOUT])
        rise -= _order(*magnitudes, c, lam, network[READOUT])
        least.at(
            direction.value.margin(rise, 0), **{str(name): str(at) for name, at in network.items()}
        )
    return least.measured("c doubled in {count} networks: smallest change of ℓ {worst}")


def _order(beta_ft, beta_pt, *network):
    """Return ℓ to 50 digits, where float64 agrees; ArithmeticError where it does not."""
    own, pretrained, *init = (
        str(Decimal(int(x.p)) / int(x.q)) for x in (beta_ft, beta_pt, *network)
    )
    exact = multiprecision.l_order(own, multiprecision.finetune_scale(pretrained, *init, digits=60))
    scale = Initialization(*map(float, init)).finetune_scale(float(pretrained))
    single = regimes.l_order(float(own), scale)
    if not abs(single - exact) <= 1e-13:
        raise ArithmeticError(f"the two implementations disagree: {exact} and {single}")
    return exact


state(
    "regimes.absolute-scale-at-fixed-lambda",
    """Absolute scale at fixed λ (false) (Section 5.2, “c and γ, active”, read with λ held fixed).

    For β_PT ≠ 0 and every fixed λ > −c, the ℓ-order increases with the absolute scale c.
    """,
    (
        Check("sign of the derivative", Method.SYMBOLIC, decide, FALSE, CONTROL),
        Check(
            "sampled networks, 50 digits and float64",
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
