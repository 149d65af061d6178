"""The ℓ-order near its lazy end (Section 5.1, rate of the limits in regimes II and III).

For every z = β_FT/c_FT ≠ 0, 2 − z²/6 < ℓ < 2 − z²/6 + 31z⁴/360.
"""

import sympy as sp

from numerics import regimes
from theory.regime_bounds import l_order_series
from theory.regimes import Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL
from verify.claims.regimes._statements import HoldsAlways
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.methods.notation import as_written
from verify.methods.numeric import compare
from verify.registry import state


class Expansion(HoldsAlways):
    """ℓ lies between 2 − quadratic(z) and 2 − quadratic(z) + quartic(z), its Taylor polynomials."""

    def __init__(self, quadratic, quartic):
        self.quadratic, self.quartic = quadratic, quartic
        with as_written():
            first, second = quadratic(Z), quartic(Z)
            super().__init__(sp.Lt(2 - first, ELL), sp.Lt(ELL, 2 - first + second))


STATED = Expansion(lambda z: z**2 / 6, lambda z: 31 * z**4 / 360)
DOUBLE = Control("z²/3 for z²/6", Expansion(lambda z: z**2 / 3, STATED.quartic))
CONTROLS = (
    DOUBLE,
    Control("z²/12 for z²/6", Expansion(lambda z: z**2 / 12, STATED.quartic)),
    Control("−31/360 z⁴", Expansion(STATED.quadratic, lambda z: -31 * z**4 / 360)),
)


def decide(expansion):
    """Compare with the Taylor series, and prove both bounds for all z through 2h = asinh z."""
    return prove_all(steps(expansion), summary="the series, and both bounds on the whole line")


def steps(expansion):
    stated = 2 - expansion.quadratic(Z) + expansion.quartic(Z)
    yield "Taylor coefficients of ℓ up to z⁴", equal(l_order_series(6), stated)
    yield from expansion.steps()


def decide_by_kernel(expansion):
    """Compare the float64 kernel of 2 − ℓ with both terms at small z."""
    stated = Formula(2 - ELL, (Z,), lambda z: expansion.quadratic(z) - expansion.quartic(z))
    points = [(10.0**k,) for k in range(-150, -3, 7)]
    return compare(
        lambda z: regimes.two_minus_l_order(z, 1.0), stated.exactly(Z), points, names=("z",)
    )


state(
    "regimes.lorder-small-argument",
    __doc__,
    (
        Check("Taylor series and remainder", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "float64 kernel for z from 1e-150 to 1e-4",
            Method.FLOAT64,
            decide_by_kernel,
            STATED,
            DOUBLE,
            tolerance=1e-14,
            reason="beside rounding, the next term: (841/15120)z⁶ of z²/6, below 1e-16",
        ),
    ),
    assumptions=("c_FT > 0", "β_FT ≠ 0"),
    requires=("regimes.lorder-closed-form",),
)
