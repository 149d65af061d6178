"""Few data: the error of the null estimate, and its slope (Proposition 4.2).

For α → 0 the noise θ² ≈ E[β*²]/α grows, but τ grows faster: u = z/t → 0, the penalty is quadratic,
β̂ ≈ C z/t with t = τ/2 ≈ E[C]/α, C = c_FT. Then p = E[β*²] − 2E[Cβ*²]/t + E[C²]θ²/t².
"""

from fractions import Fraction
from typing import Any

import mpmath

from numerics.multiprecision import pretrain_finetune_groups, replica_fixed_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.numeric import CLOSED_FORM, MULTIPRECISION, compare, compared
from verify.registry import register

ALPHA = "1e-9"
TOLERANCE = 1e-5
CASES = (
    ("sign", "1e-3", "0", "0"),
    ("gaussian", "1e-3", "0", "0"),
    ("sign", "1", "0.5", "0.3"),
    ("gaussian", "0.1", "-0.09", "0.2"),
)


def slope(signal: Any, scale: Any, scale_squared: Any, scale_signal: Any) -> Any:
    """Return dp/dα at 0 in terms of E[β*²], E[C], E[C²] and E[Cβ*²]."""
    return scale_squared * signal / scale**2 - 2 * scale_signal / scale


def decide(stated: Any) -> Evidence:
    """Compare (p − E[β*²])/α at α = 10⁻⁹, in 20 digits, with the stated slope."""

    def groups(slab: Any, c: str, lam: str, gamma: str) -> Any:
        return pretrain_finetune_groups("0.1", "0.1", "0.5", c, lam, gamma, slab=slab, digits=30)

    def computed(*case: str) -> Any:
        with mpmath.workdps(30):
            found = replica_fixed_point(groups(*case), ALPHA, digits=20).mse
            return (found - 1) / mpmath.mpf(ALPHA)

    def claimed(*case: str) -> Any:
        rows = [
            (
                mpmath.mpf(share),
                mpmath.mpf(scale),
                0 if slab == "zero" else mpmath.mpf(slab[1]) ** 2,
            )
            for share, scale, slab in (_numbers(group) for group in groups(*case))
        ]
        signal = sum(share * square for share, _, square in rows)
        scale = sum(share * c for share, c, _ in rows)
        scale_squared = sum(share * c**2 for share, c, _ in rows)
        scale_signal = sum(share * c * square for share, c, square in rows)
        return stated(signal, scale, scale_squared, scale_signal)

    found = compare(computed, claimed, CASES, names=("slab", "c", "λ", "γ"))
    return compared(found, "slope of p at α = 0", (MULTIPRECISION, CLOSED_FORM))


def _numbers(group: Any) -> Any:
    share, scale, slab = group
    return _plain(share), _plain(scale), slab if slab == "zero" else (slab[0], _plain(slab[1]))


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpf(value)


register(
    Claim(
        id="replica.null-limit",
        title="Limit of few data",
        sentence="As α → 0 the error tends to E[β*²], with the slope "
        "E[C²]E[β*²]/E[C]² − 2E[Cβ*²]/E[C], C = c_FT; where scales are so unequal and "
        "misplaced that it is positive, more data hurt at first.",
        latex=r"p = E[\beta^{*2}] + \alpha \left(\frac{E[c_{FT}^2]\,E[\beta^{*2}]}{E[c_{FT}]^2} - "
        r"2\,\frac{E[c_{FT}\,\beta^{*2}]}{E[c_{FT}]}\right) + O(\alpha^2)",
        source="Proposition 4.2, expanded at τ → ∞",
        assumptions=("σ = 0, ϱ = 0", "c_FT > 0"),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "fixed point at α = 10⁻⁹",
                Method.MULTIPRECISION,
                decide,
                slope,
                (
                    Control("no factor 2", lambda b, c, cc, cb: cc * b / c**2 - cb / c),
                    Control("E[C²] for E[C]²", lambda b, c, cc, cb: b - 2 * cb / c),
                ),
                tolerance=TOLERANCE,
                reason="the next term, of order α, with a coefficient up to 10³",
            ),
        ),
    )
)
