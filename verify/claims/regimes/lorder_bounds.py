"""The ℓ-order lies between 1 and 2 (Propositions 5.1 and B.1, eq. 27).

For every network and every β_FT ≠ 0 the ℓ-order satisfies 1 < ℓ < 2, both strictly; 2 is approached
as β_FT/c_FT → 0 and 1 as |β_FT|/c_FT → ∞.

In h = ½ asinh|z|, ℓ − 1 = 1/(2h coth h − 1); h coth h increases from 1 to ∞.
"""

import sympy as sp
from flint import arb

from theory.regimes import Z
from verify.claim import Check, Method
from verify.claims.regimes._language import ELL
from verify.claims.regimes._statements import Approached, Range, decide
from verify.methods.enclosure import prove_positive
from verify.methods.identity import equal, prove_all
from verify.registry import state

STATED = Range(ELL, low=Approached(1, Z, sp.oo), high=Approached(2, Z, 0), domain=())
CONTROLS = (
    STATED.within(high="199/100"),
    STATED.within(high="201/100"),
    STATED.within(low="101/100"),
    STATED.within(low="99/100"),
)
# These fail beyond the boxes alone: ℓ(1/10) is 1.9983, ℓ(1e40) is 1.0109.
AT_THE_ENDS = (STATED.within(high="1999/1000"), STATED.within(low="201/200"))


def decide_by_enclosure(bounds):
    """Enclose ℓ = a/(a − tanh(a/2)), a = asinh z, from 1/10 to 1e40; expansions beyond."""
    if bounds.of != ELL or any(end.along != Z or end.at for end in (bounds.low, bounds.high)):
        raise ValueError(f"bounds of ℓ at every z are asked for, got {bounds}")
    low, high = balls(bounds)

    def above(z):
        a = z.asinh()
        return a - low * (a - (a / 2).tanh())

    def below(z):
        a = z.asinh()
        return high * (a - (a / 2).tanh()) - a

    def steps():
        text = f"(ℓ − {bounds.low.value})·(a − tanh(a/2))"
        yield text, prove_positive(above, "0.1", "1e40", log_scale=True).as_evidence(text)
        text = f"({bounds.high.value} − ℓ)·(a − tanh(a/2))"
        yield text, prove_positive(below, "0.1", "1e40", log_scale=True).as_evidence(text)
        yield from _ends(bounds)

    return prove_all(steps(), summary="enclosed on 0.1 ≤ z ≤ 1e40, expansions beyond")


def balls(bounds):
    """Return both bounds as balls."""
    ends = (sp.Rational(end.value) for end in (bounds.low, bounds.high))
    return [arb(value.p) / value.q for value in ends]


def _ends(bounds):
    """Hold both bounds, beyond the boxes, to the expansions that other claims prove."""
    low, high = balls(bounds)
    small, large = arb(1) / 10, 2 * arb(10) ** 40
    above, below = bounds.low.value, bounds.high.value
    yield f"0 < z ≤ 1/10: ℓ > 2 − z²/6 > {above}", bool(low < 2 - small**2 / 6)
    yield (
        f"and ℓ < 2 − z²(1/6 − 31z²/360) < 2 ≤ {below} (regimes.lorder-small-argument)",
        bool(31 * small**2 / 360 < arb(1) / 6) and bool(high >= 2),
    )
    yield (
        f"z ≥ 1e40: ℓ < 1 + 1/(log 2z − 1) < {below} (regimes.lorder-large-argument)",
        bool((high - 1) * (large.log() - 1) > 1),
    )
    yield f"and ℓ > 1 + (1 − 2/z)/(log 2z − 1) > 1 ≥ {above}", bool(low <= 1)
    # By these bounds ℓ → 2 as z → 0, and ℓ → 1 as z → ∞.
    limits = {0: sp.Integer(2), sp.oo: sp.Integer(1)}
    for name, end in (("below", bounds.low), ("above", bounds.high)):
        if end.to not in limits:
            raise ValueError(f"z must go to 0 or ∞, got {end.to}")
        text = f"no better bound from {name}, as ℓ → {end.value} as z → {end.to}"
        yield text, equal(limits[end.to], sp.sympify(end.value))


state(
    "regimes.lorder-bounds",
    __doc__,
    (
        Check("Taylor coefficients in h", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "Arb enclosure, ends by expansions",
            Method.ENCLOSURE,
            decide_by_enclosure,
            STATED,
            (*CONTROLS, *AT_THE_ENDS),
        ),
    ),
    assumptions=("c_FT > 0", "β_FT ≠ 0"),
    requires=(
        "regimes.lorder-closed-form",
        "regimes.lorder-small-argument",
        "regimes.lorder-large-argument",
    ),
)
