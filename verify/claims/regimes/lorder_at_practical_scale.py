"""ℓ at practical scales, and the scale that ℓ ≤ 1 + ε would need (corrects Section 5.1's limit).

At β_FT = 1: ℓ = 1.0740… at c_FT = 1e-6, and ℓ ≤ 1.01 needs c_FT below 3e-44.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import mpmath
from flint import arb, ctx

from numerics import multiprecision, regimes
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register


@dataclass(frozen=True)
class Table:
    """ℓ at |β_FT| = 1 by scale, right to the digits given; all decimal strings.

    `hundredth` holds two scales between which ℓ passes 1.01.
    """

    orders: tuple[tuple[str, str], ...]
    hundredth: tuple[str, str]


STATED = Table(
    orders=(("1e-3", "1.1513"), ("1e-6", "1.0740"), ("1e-9", "1.0489"), ("1e-12", "1.0365")),
    hundredth=("2.7e-44", "2.8e-44"),
)


def ball_order(scale: str) -> Any:
    """Enclose ℓ at β_FT = 1: ℓ = a/(a − tanh(a/2)), a = asinh(1/scale)."""
    a = (1 / arb(scale)).asinh()
    return a / (a - (a / 2).tanh())


def decide(table: Table) -> Evidence:
    """Enclose every entry; between the two scales ℓ − 1.01 must change sign."""
    before = ctx.prec
    ctx.prec = 400
    try:
        steps = []
        for scale, text in table.orders:
            order = ball_order(scale)
            last = arb(10) ** -len(text.partition(".")[2])
            shown = f"ℓ = {order.str(12, radius=False)} at c_FT = {scale}"
            if not (arb(text) <= order and order < arb(text) + last):
                return Evidence(False, shown, counterexample={"c_FT": scale, "stated": text})
            steps.append(shown)
        low, high = (ball_order(scale) for scale in table.hundredth)
        if not (low < arb("1.01") and high > arb("1.01")):
            return Evidence(
                False,
                "ℓ does not pass 1.01 there",
                counterexample=dict(zip(("c_FT", "c_FT′"), table.hundredth, strict=True))
                | {"ell": low.str(12), "ell′": high.str(12)},
            )
        steps.append(f"ℓ passes 1.01 between c_FT = {' and '.join(table.hundredth)}")
    finally:
        ctx.prec = before
    return Evidence(True, "every digit enclosed", steps=tuple(steps))


def decide_by_numbers(table: Table) -> Evidence:
    """Evaluate both numerical implementations: 50 digits truncated, float64 beside them."""
    worst = 0.0
    for scale, text in table.orders:
        exact = multiprecision.l_order(1, scale)
        with mpmath.workdps(50):
            gap = exact - mpmath.mpf(text)
            if not 0 <= gap < mpmath.mpf(10) ** -len(text.partition(".")[2]):
                return Evidence(
                    False,
                    "a stated digit is wrong",
                    counterexample={"c_FT": scale, "stated": text, "ell": mpmath.nstr(exact, 15)},
                )
            worst = largest(worst, abs(regimes.l_order(1.0, float(scale)) / exact - 1))
    return Evidence(worst <= 1e-15, "all stated digits reproduced", figure=worst)


register(
    Claim(
        id="regimes.lorder-at-practical-scale",
        title="The ℓ-order at practical scales",
        sentence="At |β_FT| = 1 the ℓ-order is 1.1513… at c_FT = 1e-3, 1.0740… at 1e-6, 1.0489… "
        "at 1e-9 and 1.0365… at 1e-12, and it passes 1.01 only between c_FT = 2.7e-44 and "
        "2.8e-44.",
        latex=r"\ell(10^{-6})=1.0740\ldots,\qquad"
        r"\ell\le 1.01\iff\frac{c_{FT}}{|\beta_{FT}|}\le 2.7\ldots\cdot 10^{-44}",
        source="Section 5.1, regime I at finite scale",
        assumptions=("|β_FT| = 1; ℓ depends on β_FT/c_FT alone",),
        requires=("regimes.lorder-closed-form", "regimes.lorder-monotone"),
        checks=(
            Check(
                "Arb enclosures",
                Method.ENCLOSURE,
                decide,
                STATED,
                (
                    Control("ℓ = 1.0000 at 1e-6", replace(STATED, orders=(("1e-6", "1.0000"),))),
                    Control(
                        "ℓ passes 1.01 near 1e-20", replace(STATED, hundredth=("1e-20", "2e-20"))
                    ),
                ),
            ),
            Check(
                "50 digits and float64",
                Method.MULTIPRECISION,
                decide_by_numbers,
                STATED,
                Control("ℓ = 1.0000 at 1e-6", replace(STATED, orders=(("1e-6", "1.0000"),))),
                tolerance=1e-15,
                reason="some four roundings of a number near 1",
            ),
        ),
    )
)
