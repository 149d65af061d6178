"""False: "at c_FT = 1e-6 the ℓ-order of a coefficient of size 1 is 1".

Regime I's ℓ-order = 1 (Section 5.1) is a limit. At the smallest scales in use ℓ is about 1.07, and
it is not 1 even to the nearest twentieth. Corrected: regimes.lorder-at-practical-scale.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, ctx

from verify.claim import Check, Claim, Control, Evidence, Fault, Method
from verify.registry import register


@dataclass(frozen=True)
class Value:
    """|ℓ − value| ≤ margin at c_FT = scale, β_FT = 1; decimal strings."""

    value: str
    margin: str
    scale: str = "1e-6"


FALSE = Value("1", "0.05")


def decide(statement: Value) -> Evidence:
    """Enclose ℓ = a/(a − tanh(a/2)), a = asinh z, in a ball."""
    before = ctx.prec
    ctx.prec = 200
    try:
        a = (1 / arb(statement.scale)).asinh()
        order = a / (a - (a / 2).tanh())
        gap = arb(statement.margin) - abs(order - arb(statement.value))
        holds = True if gap >= 0 else False if gap < 0 else None
        shown = order.str(20, radius=False)
    finally:
        ctx.prec = before
    return Evidence(
        holds,
        f"ℓ = {shown} at c_FT = {statement.scale}, stated {statement.value} ± {statement.margin}",
        counterexample=None
        if holds
        else {"c_FT": statement.scale, "beta_FT": "1", "ell": shown, "stated": statement.value},
    )


register(
    Claim(
        id="regimes.lorder-one-at-practical-scale",
        title="ℓ-order 1 at a practical scale (false)",
        sentence="At c_FT = 1e-6 a coefficient |β_FT| = 1 has the ℓ-order 1, to within 0.05.",
        latex=r"c_{FT}=10^{-6},\ |\beta_{FT}|=1:\quad\ell=1\pm 0.05",
        source="Section 5.1, regime I read as a statement about small but finite scales",
        twin="regimes.lorder-at-practical-scale",
        fault=Fault.READ,
        checks=(
            Check(
                "Arb enclosure",
                Method.ENCLOSURE,
                decide,
                FALSE,
                Control("the true value, 1.07403 ± 0.00001", Value("1.07403", "1e-5"), True),
            ),
        ),
    )
)
