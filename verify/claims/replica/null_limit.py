"""Limit of few data (Proposition 4.2, expanded at τ → ∞).

As α → 0 the error p tends to E[β*²], with the slope E[C²]E[β*²]/E[C]² − 2E[Cβ*²]/E[C], C = c_FT;
where scales are so unequal and misplaced that it is positive, more data hurt at first.

For α → 0 the noise θ² ≈ E[β*²]/α grows, but τ grows faster: u = z/t → 0, the penalty is quadratic,
β̂ ≈ C z/t with t = τ/2 ≈ E[C]/α. Then p = E[β*²] − 2E[Cβ*²]/t + E[C²]θ²/t².
"""

from fractions import Fraction
from functools import cache

import mpmath

from numerics.multiprecision import pretrain_finetune_groups, replica_fixed_point
from theory.replica import alpha
from verify.claim import Check, Method
from verify.claims.replica._limits import near
from verify.methods.formula import Formula, Limit, named
from verify.methods.numeric import CLOSED_FORM, MULTIPRECISION, compare, compared
from verify.registry import state

MEANS = named(r"E[\beta^{*2}]", r"E[c_{FT}]", r"E[c_{FT}^2]", r"E[c_{FT} \beta^{*2}]")
STATED = Formula(
    r"\frac{p - E[\beta^{*2}]}{\alpha}",
    MEANS,
    lambda signal, scale, scale_squared, scale_signal: (
        scale_squared * signal / scale**2 - 2 * scale_signal / scale
    ),
    limit=Limit(alpha, 0),
)
CONTROLS = (
    STATED.but("no factor 2", lambda b, c, cc, cb: cc * b / c**2 - cb / c),
    STATED.but("E[C²] for E[C]²", lambda b, c, cc, cb: b - 2 * cb / c),
)
STEP = "1e-9"
# Slab, c, λ, γ and |β*|, or its standard deviation, of the active coordinates.
CASES = (
    ("sign", "1e-3", "0", "0", "3"),
    ("gaussian", "1e-3", "0", "0", "3"),
    ("sign", "1", "0.5", "0.3", "0.5"),
    ("gaussian", "0.1", "-0.09", "0.2", "2"),
)


@cache
def measured(data, *case):
    """Return E[β*²], E[C], E[C²] and E[Cβ*²], and (p − E[β*²])/α in 20 digits."""
    slab, *init, size = case
    task = {"slab": slab, "ft_amplitude": size, "digits": 30}
    groups = pretrain_finetune_groups("0.1", "0.1", "0.5", *init, **task)
    means = [mpmath.mpf(0)] * 4
    with mpmath.workdps(30):
        for share, scale, law in groups:
            share, c = mpmath.mpmathify(share), mpmath.mpmathify(scale)
            signal = 0 if law == "zero" else mpmath.mpmathify(law[1]) ** 2
            for i, value in enumerate((signal, c, c**2, c * signal)):
                means[i] += share * value
        found = replica_fixed_point(groups, data, digits=20).mse
        return means, (found - means[0]) / (mpmath.mpf(data.numerator) / data.denominator)


def decide(stated):
    """Compare the slope with the stated one."""
    at = near(stated.limit, STEP)
    data = Fraction(int(at.p), int(at.q))

    def claimed(*case):
        return stated(dict(zip(MEANS, measured(data, *case)[0], strict=True)))

    found = compare(
        lambda *case: measured(data, *case)[1],
        claimed,
        CASES,
        names=("slab", "c", "λ", "γ", "|β*|"),
    )
    return compared(found, "slope of p at α = 0", (MULTIPRECISION, CLOSED_FORM))


NAME = "fixed point at α = 10⁻⁹"
REASON = "the next term, of order α, with a coefficient up to 10³"
state(
    "replica.null-limit",
    __doc__,
    (Check(NAME, Method.MULTIPRECISION, decide, STATED, CONTROLS, 1e-5, REASON),),
    assumptions=("σ = 0, ϱ = 0", "c_FT > 0"),
    requires=("replica.effective-parameters",),
)
