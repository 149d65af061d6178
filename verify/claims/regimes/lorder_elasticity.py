"""ℓ − 1 grows more slowly than the scale (used for Section 5.2 and Appendix B.2).

For every network and every β_FT ≠ 0, 0 < ∂log(ℓ−1)/∂log c_FT < ℓ − 1, which is less than 1; the
ratio of the two comes to 1 as |β_FT|/c_FT → ∞.

So where c_FT grows and κ falls in the same measure, |PD| = (ℓ−1)κ falls.
"""

import sympy as sp

from theory.regimes import SCALE, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL, ORDER
from verify.claims.regimes._statements import Approached, HoldsAlways, Range, decide
from verify.methods.notation import as_written
from verify.registry import state

with as_written():
    # ∂log(ℓ−1)/∂log c_FT
    ETA = SCALE * sp.Derivative(sp.log(ORDER(SCALE) - 1), SCALE)
    STATED = Range(
        ETA / (ELL - 1), low=Approached(0, Z, 0), high=Approached(1, Z, sp.oo), domain=()
    )
CONTROLS = (
    STATED.within(low="1/100"),
    STATED.within(low="-1/100"),
    STATED.within(high="99/100"),
    STATED.within(high="101/100"),
    Control("above 1/100", HoldsAlways(sp.Lt(sp.Rational(1, 100), ETA))),
    Control("below 1/5", HoldsAlways(sp.Lt(ETA, sp.Rational(1, 5)))),
    Control("falling", HoldsAlways(sp.Lt(ETA, 0))),
)

state(
    "regimes.lorder-elasticity",
    __doc__,
    (Check("Taylor coefficients in h", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c_FT > 0", "β_FT ≠ 0"),
    requires=("regimes.lorder-closed-form", "regimes.lorder-bounds"),
)
