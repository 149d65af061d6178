"""Where regime IV is (Section 5.2, regime IV).

ℓ < 2 and PD < 0 hold together at every network with β_PT ≠ 0 and λ > −c, and at no other. Such a
network has 1 < ℓ < 2 and 1 − ℓ < PD < 0: regime IV is the inside of the triangle, of which every
point is attained (regimes.triangle-filled).

There the two ideals ℓ = 1 and PD = −1 are missed by more than 1 together: (ℓ−1) + (1+PD) > 1.
"""

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import COUPLED
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, E, G, S, Z
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._language import ELL, PD
from verify.claims.regimes._statements import Approached, Holds, OnlyWhere, Range, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    EDGE = Range(ELL + PD, low=Approached(1, ABSOLUTE, 0, ((GAMMA, 0),)))
    STATED = Theorem(
        Range(ELL, high=Approached(2, Z, 0), domain=()),
        Range(PD, high=Approached(0, BETA_PT, 0), domain=COUPLED),
        OnlyWhere(PD, 0, (E, S)),
        EDGE,
    )
    CONTROLS = (
        Control(
            "at β_PT = 0 too",
            Holds(sp.Lt(PD, 0), domain=(Orthant(frozenset({S}), frozenset({E, G})),)),
        ),
        Control(
            "at λ = −c too",
            Holds(sp.Lt(PD, 0), domain=(Orthant(frozenset({E, G}), frozenset({S})),)),
        ),
        Control("PD < −1/100", Holds(sp.Lt(PD, -sp.Rational(1, 100)), domain=COUPLED)),
        Control("101/100 − ℓ < PD", Holds(sp.Lt(sp.Rational(101, 100) - ELL, PD), domain=COUPLED)),
        Control("ℓ < 199/100", Holds(sp.Lt(ELL, sp.Rational(199, 100)), domain=COUPLED)),
        Control("101/100 < ℓ", Holds(sp.Lt(sp.Rational(101, 100), ELL), domain=COUPLED)),
        EDGE.within(low="99/100"),
        EDGE.within(low="101/100"),
    )

state(
    "regimes.rich-dependent-regime",
    __doc__,
    (Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.triangle-filled", "regimes.sum-bounds"),
)

# A false twin: that it takes λ < 0 to have pretraining dependence with a sparse bias. Where |β_FT|
# exceeds |β_PT| any λ will do; at equal magnitudes λ = 0 has ℓ above its value at z = 1, 1.8868….

AT_ZERO = (Orthant(frozenset({E}), frozenset({G}), ((S, sp.Integer(1)),)),)

state(
    "regimes.rich-dependent-regime-by-lambda-alone",
    """Regime IV takes λ < 0 (false) (Section 5.2, regime IV, taken to be a matter of λ).

    At λ = 0, wherever β_PT ≠ 0, the ℓ-order is above 3/2.
    """,
    (
        Check(
            "signs, and networks of large |β_FT|",
            Method.SYMBOLIC,
            decide,
            Holds(sp.Rational(3, 2) < ELL, domain=AT_ZERO),
            Control(
                "c_FT > |β_PT|, so ℓ is above its value at z = |β_FT|/|β_PT|",
                Range(
                    SCALE / BETA_PT,
                    low=Approached(1, ABSOLUTE, 0, ((RATIO, 0), (GAMMA, 0))),
                    domain=AT_ZERO,
                ),
                must_hold=True,
            ),
        ),
    ),
    twin="regimes.rich-dependent-regime",
    fault=Fault.READ,
)
