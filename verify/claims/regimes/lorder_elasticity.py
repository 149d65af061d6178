"""ℓ − 1 grows more slowly than the scale (used for Section 5.2 and Appendix B.2).

For every network and every β_FT ≠ 0, 0 < ∂log(ℓ−1)/∂log c_FT < 1.

So where c_FT grows and κ falls in the same measure, |PD| = (ℓ−1)κ falls.
"""

import sympy as sp

from theory.regimes import Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import ETA, Approached, HoldsAlways, Range, Theorem, decide
from verify.registry import state

# The upper bound is not the best one: 1 is what PD needs.
STATED = Theorem(Range(ETA, low=Approached(0, Z, 0), domain=()), HoldsAlways(ETA < 1))
CONTROLS = (
    Control("above 1/100", HoldsAlways(sp.Lt(sp.Rational(1, 100), ETA))),
    Control("below 1/5", HoldsAlways(sp.Lt(ETA, sp.Rational(1, 5)))),
    Control("falling", HoldsAlways(sp.Lt(ETA, 0))),
)

state(
    "regimes.lorder-elasticity",
    __doc__,
    (Check("Taylor coefficients in h", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c_FT > 0", "β_FT ≠ 0"),
    requires=("regimes.lorder-closed-form",),
)
