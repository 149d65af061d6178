"""The ℓ-order near its rich end (Section 5.1, rate of the limit in regime I).

For every z = |β_FT|/c_FT > 0, with D = log 2z − 1, 0 < 1 − (ℓ−1)D < 2/z; so ℓ = 1 + 1/D up to a
relative error of ℓ − 1 below 2/z where 2z > e.

The rich limit is approached as slowly as a logarithm grows.
"""

import math

import mpmath
import sympy as sp

from numerics import multiprecision, regimes
from theory.regime_bounds import (
    T,
    decay_certificate,
    inverse_excess,
    logarithm_of_double_argument,
)
from theory.regimes import Z
from verify.claim import Check, Method
from verify.claims.regimes._language import ELL
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.notation import as_written
from verify.methods.numeric import Worst
from verify.methods.relations import POSITIVE, Relation
from verify.registry import state

D, EXCESS = sp.symbols("D a")
with as_written():
    STATED = Formulas(
        inverse=Formula(D, (Z,), lambda z: sp.log(2 * z) - 1),
        relative=Formula(
            1 - (ELL - 1) * D, (Z,), lambda z: 2 / z, Relation.BELOW, bounds=(POSITIVE,)
        ),
    )
CONTROLS = (
    STATED.but("log 2z without − 1", inverse=lambda z: sp.log(2 * z)),
    STATED.but("log 2z − 3/2", inverse=lambda z: (2 * sp.log(2 * z) - 3) / 2),
    STATED.but("log 2z − 2", inverse=lambda z: sp.log(2 * z) - 2),
)
HALF = STATED.but("relative error below 1/(2z)", relative=lambda z: 1 / (2 * z))


def decide(stated):
    """With G = 1/(ℓ−1) − D, prove 0 < G < U and U < B/(ℓ−1), where B bounds the relative error.

    G and U − G fall to 0 as t = asinh z → ∞; the last is a quotient of exponential polynomials.
    """
    return prove_all(steps(stated), summary="two-sided rate proved for every z > 0")


def steps(stated):
    inverse, z = inverse_excess(), sp.sinh(T)
    log = {sp.log(2 * z): logarithm_of_double_argument()}
    relative = stated.relative.left(
        {ELL: 1 + 1 / EXCESS, D: defined(stated.inverse, D, {Z: z}).subs(log)}
    )
    gap = sp.expand(sp.expand(EXCESS * relative).subs(EXCESS, inverse))
    upper = 2 * T / (sp.exp(T) - 1) + 1 / (sp.exp(2 * T) - 1)
    for bound in stated.relative.bounds:
        margin = sp.expand(bound.relation.margin(gap, bound.value * inverse))
        yield (
            f"G = 1/(ℓ−1) − D {bound.relation} {bound.value}/(ℓ−1): it falls to 0",
            decide_on_half_line("of G", margin, T, decay_certificate),
        )
    yield (
        "G < U = 2t/(eᵗ−1) + 1/(e²ᵗ−1) with t = asinh z: U − G falls to 0",
        decide_on_half_line("U − G > 0", sp.expand(upper - gap), T, decay_certificate),
    )
    remainder = stated.relative.relation.margin(upper, stated.relative.side({Z: z}) * inverse)
    yield (
        f"U < B/(ℓ−1) with B = {stated.relative.side()}, hence (ℓ−1)·G < B",
        decide_on_half_line("remainder", sp.expand(z * remainder), T),
    )
    for bound in stated.relative.bounds:
        least = bound.margin(sp.limit(stated.relative.side(), Z, sp.oo))
        yield "B vanishes as z → ∞: (ℓ−1)·G comes to its lower bound", equal(least, 0)


def decide_by_numbers(stated):
    """Hold the float64 kernel to 320 digits of ℓ − 1, and these to both bounds."""
    worst = Worst()
    with mpmath.workdps(320):
        for text in ("1", "3", "1e2", "1e6", "1e14", "1e30", "1e100", "1e300"):
            excess, z = multiprecision.l_order_minus_one(text, 1, digits=320), mpmath.mpf(text)
            at = {Z: sp.Float(z, 320)}
            pair = {ELL: 1 + sp.Float(excess, 320), D: defined(stated.inverse, D, at)}
            remainder = stated.relative.left(pair)
            if not remainder.is_real:
                raise ValueError(f"the relative error must be real, got {remainder}")
            margins = [bound.margin(remainder) for bound in stated.relative.bounds]
            margins.append(stated.relative.margin(pair, at))
            within = all(margin > 0 for margin in margins)
            kernel = regimes.l_order_minus_one(float(text), 1.0)
            error = abs(kernel / excess - 1) if within else math.inf
            worst.at(error, z=text, remainder_times_z=str(sp.N(remainder * at[Z], 15)))
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
