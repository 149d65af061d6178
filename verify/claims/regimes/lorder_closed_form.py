"""The ℓ-order in closed form (Proposition B.1, eq. 24; Appendix B.2).

The ℓ-order ∂log q/∂log|β_FT| of the penalty that fine-tuning minimises is
ℓ = z·asinh z / (1 − √(1+z²) + z·asinh z) with z = β_FT/c_FT.
"""

import sympy as sp

from numerics import multiprecision, regimes
from theory import implicit_bias
from theory.regimes import BETA_FT, SCALE, Z, in_argument, l_order, penalty_by_integration
from verify.claims.regimes._differences import logarithmic_slope
from verify.methods.formula import Formula, formula_checks
from verify.methods.identity import prove_all
from verify.methods.inequality import equal_on_networks
from verify.registry import state


def order(z):
    return z * sp.asinh(z) / (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


STATED = Formula(r"\ell", (Z,), order)
CONTROLS = (
    STATED.but("the argument z/2 for z (another normalisation of q)", lambda z: order(z / 2)),
    STATED.but(
        "+√(1+z²) for −√(1+z²)",
        lambda z: z * sp.asinh(z) / (1 + sp.sqrt(1 + z**2) + z * sp.asinh(z)),
    ),
)


def decide(formula):
    """Compare with the logarithmic derivative of the penalty that the flow's metric gives."""
    return prove_all(steps(formula), summary="both sides agree symbolically")


def steps(formula):
    yield (
        "q = ½β·asinh(β/c_FT) − ½(√(c_FT²+β²) − c_FT) from the conserved quantities, where "
        "w₊+w₋ ≠ 0, is that of the trajectory, which has λ = −c too",
        equal_on_networks(penalty_by_integration(), implicit_bias.penalty(BETA_FT, SCALE)),
    )
    yield (
        "β·q′/q depends on z = β/c_FT only, and is ℓ",
        equal_on_networks(in_argument(l_order()), formula()),
    )


def slope(z):
    return logarithmic_slope(lambda x: multiprecision.penalty(x, 1, digits=110), z)


state(
    "regimes.lorder-closed-form",
    __doc__,
    (
        *formula_checks(
            STATED,
            CONTROLS,
            proof=decide,
            digits=slope,
            points=[(z,) for z in ("1e-6", "0.01", "0.5", "1", "3", "40", "1e6", "1e30")],
            of=(Z,),
        ),
        *formula_checks(
            STATED,
            CONTROLS,
            kernel=lambda z: regimes.l_order(z, 1.0),
            points=[(sign * 10.0**k,) for k in range(-7, 41, 3) for sign in (1, -1)],
            of=(Z,),
            tolerances=(0.0, 4e-16, 0.0),
        ),
    ),
    assumptions=("c_FT > 0", "β_FT ≠ 0"),
    requires=("implicit-bias.minimiser",),
)
