"""When the bounds of ℓ + PD are approached (Propositions 5.1 and B.1, eq. 28).

For every network and every β_FT ≠ 0, ℓ + PD − 1 = (ℓ−1)(1−κ) vanishes with ℓ − 1 and with 1 − κ;
and ℓ + PD → 2 if and only if ℓ → 2 and κ → 0.

So the bounds of the paper's 1 ≤ ℓ + PD ≤ 2 belong to the edge from regime I to II and to regime
III.
"""

import sympy as sp

from theory.regime_bounds import ALL_NETWORKS
from verify.claim import Check, Control, Method
from verify.claims.regimes._approach import Vanishes
from verify.claims.regimes._language import ELL, KAPPA, PD
from verify.claims.regimes._statements import Holds, Theorem, decide
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    PRODUCT = Holds(sp.Eq(ELL + PD - 1, (ELL - 1) * (1 - KAPPA)))
    AT_TWO = Vanishes(
        2 - ELL - PD,
        (2 - ELL, KAPPA),
        bound=lambda lazy, kappa: lazy + kappa,
        lower=lambda lazy, kappa: (lazy + kappa) / (1 + lazy + kappa),
        domain=ALL_NETWORKS,
    )
    STATED = Theorem(PRODUCT, AT_TWO)
    CONTROLS = (
        Control("(ℓ−1)(1+κ)", Holds(sp.Eq(ELL + PD - 1, (ELL - 1) * (1 + KAPPA)))),
        Control("ℓ + PD → 2 where ℓ → 2", Vanishes(2 - ELL - PD, (2 - ELL,))),
        Control("ℓ + PD → 2 where κ → 0", Vanishes(2 - ELL - PD, (KAPPA,))),
        Control(
            "2 − ℓ − PD ≤ 2 − ℓ + (99/100)κ",
            AT_TWO._replace(bound=lambda lazy, kappa: lazy + 99 * kappa / 100),
        ),
        Control(
            "2 − ℓ − PD ≥ 2 − ℓ + κ",
            AT_TWO._replace(lower=lambda lazy, kappa: lazy + kappa),
        ),
    )

state(
    "regimes.sum-bounds-exactly",
    __doc__,
    (Check("bounds in both directions", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.h-coth-h-increasing"),
)
