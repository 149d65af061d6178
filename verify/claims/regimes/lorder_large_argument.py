"""The ℓ-order near its rich end (rate of the rich limit in Section 5.1).

For every z = |β_FT|/c_FT > 0, 0 < 1 − (ℓ−1)(log 2z − 1) < 2/z; so ℓ = 1 + 1/(log 2z − 1) up to a
relative error of ℓ − 1 below 2/z where 2z > e.

The rich limit is approached as slowly as a logarithm grows.
"""

import math
from typing import Any, NamedTuple

import mpmath
import sympy as sp

from numerics import multiprecision, regimes
from theory.regime_bounds import (
    T,
    decay_certificate,
    inverse_excess,
    logarithm_of_double_argument,
)
from verify.claim import Check, Control, Method
from verify.methods.formula import named, shown, written
from verify.methods.identity import prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.numeric import Worst
from verify.registry import state


class Rate(NamedTuple):
    """0 < 1 − (ℓ−1)(log 2z − shift) < relative/z for every z > 0."""

    shift: Any
    relative: Any

    def latex(self):
        (log,) = named(r"\log 2z")
        middle = rf"1 - (\ell - 1) \left({written(lambda x: x - self.shift, log)}\right)"
        return rf"0 < {middle} < {shown(self.relative / sp.Symbol('z'))}"


STATED = Rate(sp.Integer(1), sp.Integer(2))
CONTROLS = (
    Control("log 2z without − 1", STATED._replace(shift=sp.Integer(0))),
    Control("log 2z − 3/2", STATED._replace(shift=sp.Rational(3, 2))),
    Control("log 2z − 2", STATED._replace(shift=sp.Integer(2))),
)
HALF = Control("relative error below 1/(2z)", STATED._replace(relative=sp.Rational(1, 2)))


def decide(rate):
    """With D = 1/(ℓ−1) − (log 2z − shift): prove 0 < D < U and z·U < relative/(ℓ−1).

    D and U − D fall to 0 as t = asinh z → ∞; the last is a quotient of exponential polynomials.
    """
    inverse, z = inverse_excess(), sp.sinh(T)
    gap = sp.expand(inverse - logarithm_of_double_argument() + rate.shift)
    bound = 2 * T / (sp.exp(T) - 1) + 1 / (sp.exp(2 * T) - 1)
    steps = (
        (
            f"D = 1/(ℓ−1) − (log 2z − {rate.shift}) > 0: it falls to 0",
            decide_on_half_line("D > 0", gap, T, decay_certificate),
        ),
        (
            "D < U = 2t/(eᵗ−1) + 1/(e²ᵗ−1) with t = asinh z: U − D falls to 0",
            decide_on_half_line("U − D > 0", sp.expand(bound - gap), T, decay_certificate),
        ),
        (
            f"z·U < {rate.relative}/(ℓ−1), hence (ℓ−1)·D < {rate.relative}/z",
            decide_on_half_line("remainder", rate.relative * inverse - z * bound, T),
        ),
    )
    return prove_all(steps, summary="two-sided rate proved for every z > 0")


def decide_by_numbers(rate):
    """Hold the float64 kernel to 320 digits of ℓ − 1, and these to both bounds."""
    worst = Worst()
    with mpmath.workdps(320):
        for text in ("1", "3", "1e2", "1e6", "1e14", "1e30", "1e100", "1e300"):
            excess, z = multiprecision.l_order_minus_one(text, 1, digits=320), mpmath.mpf(text)
            shift, relative = (mpmath.mpf(x.p) / x.q for x in (rate.shift, rate.relative))
            remainder = (1 - excess * (mpmath.log(2 * z) - shift)) * z
            within = 0 < remainder < relative
            kernel = regimes.l_order_minus_one(float(text), 1.0)
            error = abs(kernel / excess - 1) if within else math.inf
            worst.at(error, z=text, remainder_times_z=mpmath.nstr(remainder))
    return worst.measured("float64 is {worst} from digits that lie within the bounds")


state(
    "regimes.lorder-large-argument",
    __doc__,
    (
        Check("decay and Taylor coefficients", Method.SYMBOLIC, decide, STATED, (*CONTROLS, HALF)),
        Check(
            "320 digits and float64 kernel",
            Method.MULTIPRECISION,
            decide_by_numbers,
            STATED,
            CONTROLS,
            tolerance=1e-15,
            reason="some four roundings in float64; the bounds themselves are held exactly",
        ),
    ),
    assumptions=("c_FT > 0", "β_FT ≠ 0"),
    requires=("regimes.lorder-closed-form",),
)
