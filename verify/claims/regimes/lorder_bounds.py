"""The ℓ-order lies between 1 and 2 (Propositions 5.1 and B.1, eq. 27).

For every network and every β_FT ≠ 0 the ℓ-order satisfies 1 < ℓ < 2, both strictly; 2 is approached
as β_FT/c_FT → 0 and 1 as |β_FT|/c_FT → ∞.

In h = ½ asinh|z|, ℓ − 1 = 1/(2h coth h − 1); h coth h increases from 1 to ∞.
"""

import sympy as sp
from flint import arb

from theory.regimes import Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import ELL, Holds, Limit, Theorem
from verify.methods.enclosure import prove_positive
from verify.methods.identity import prove_all
from verify.registry import state


class Bounds(Theorem):
    """`low` < ℓ < `high`, the best constants: ℓ → high as z → 0, and → low as z → ∞."""

    def __init__(self, low, high):
        self.low, self.high = low, high
        bounds = Holds(sp.Lt(low, ELL), sp.Lt(ELL, high))
        super().__init__(bounds, Limit(ELL, Z, 0, high), Limit(ELL, Z, sp.oo, low))


STATED = Bounds(sp.Integer(1), sp.Integer(2))
CONTROLS = (
    Control("1 < ℓ < 19/10", Bounds(sp.Integer(1), sp.Rational(19, 10))),
    Control("11/10 < ℓ < 2", Bounds(sp.Rational(11, 10), sp.Integer(2))),
)
# These fail beyond the boxes alone: ℓ(1/10) is 1.9983, ℓ(1e40) is 1.0109.
AT_THE_ENDS = (
    Control("1 < ℓ < 1.999", Bounds(sp.Integer(1), sp.Rational(1999, 1000))),
    Control("1.005 < ℓ < 2", Bounds(sp.Rational(201, 200), sp.Integer(2))),
)


def decide(bounds):
    """Prove both gaps positive by Taylor coefficients in h, and that they close at the ends."""
    summary = f"{bounds.low} < ℓ < {bounds.high} for every z ≠ 0, best possible"
    return prove_all(bounds.steps(), summary=summary)


def decide_by_enclosure(bounds):
    """Enclose ℓ = a/(a − tanh(a/2)), a = asinh z, from 1/10 to 1e40; expansions beyond."""
    low, high = (arb(bound.p) / bound.q for bound in (bounds.low, bounds.high))

    def above(z):
        a = z.asinh()
        return a - low * (a - (a / 2).tanh())

    def below(z):
        a = z.asinh()
        return high * (a - (a / 2).tanh()) - a

    summary = f"{bounds.low} < ℓ < {bounds.high}: enclosed on 0.1 ≤ z ≤ 1e40, expansions beyond"
    enclosed = [
        prove_positive(gap, "0.1", "1e40", log_scale=True).as_evidence(f"({text})·(a − tanh(a/2))")
        for text, gap in ((f"ℓ − {bounds.low}", above), (f"{bounds.high} − ℓ", below))
    ]
    return prove_all(
        [*((found.summary, found) for found in enclosed), *_ends(bounds)], summary=summary
    )


def _ends(bounds):
    """Hold both bounds, beyond the boxes, to the expansions that other claims prove."""
    low, high = (arb(bound.p) / bound.q for bound in (bounds.low, bounds.high))
    small, large = arb(1) / 10, 2 * arb(10) ** 40
    return (
        (
            f"0 < z ≤ 1/10: {bounds.low} < 2 − z²/6 < ℓ (regimes.lorder-small-argument)",
            bool(low < 2 - small**2 / 6),
        ),
        (
            f"ℓ < 2 − z²(1/6 − 31z²/360) < 2 ≤ {bounds.high}",
            bool(31 * small**2 / 360 < arb(1) / 6) and bounds.high >= 2,
        ),
        (
            f"z ≥ 1e40: {bounds.low} ≤ 1 < 1 + (1 − 2/z)/(log 2z − 1) < ℓ "
            "(regimes.lorder-large-argument)",
            bounds.low <= 1,
        ),
        (f"ℓ < 1 + 1/(log 2z − 1) < {bounds.high}", bool((high - 1) * (large.log() - 1) > 1)),
    )


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
