"""h coth h increases from 1 to ∞ on h > 0: what all bounds of Proposition B.1 rest on.

The map h ↦ y = h coth h − 1 is therefore a bijection of (0, ∞) onto itself, so that y > 0 may
serve as a coordinate in place of z.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regimes import H
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_half_line
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Increasing:
    """A function of h said to increase from `start` to `end` on (0, ∞)."""

    function: Any
    start: Any
    end: Any


STATED = Increasing(H * sp.coth(H), sp.Integer(1), sp.oo)


def decide(statement: Increasing) -> Evidence:
    """Prove the sign of the derivative by its Taylor coefficients, and take both limits."""
    f = statement.function
    slope = sp.diff(f, H)
    return prove_all(
        (
            (
                f"d/dh ({f}) = {slope} > 0",
                decide_on_half_line(f"the derivative of {f} is positive", slope, H),
            ),
            (
                f"limit {statement.start} as h → 0",
                sp.limit(f, H, 0, "+") == statement.start,
            ),
            (f"limit {statement.end} as h → ∞", sp.limit(f, H, sp.oo) == statement.end),
        ),
        summary=f"{f} increases from {statement.start} to {statement.end}",
    )


register(
    Claim(
        id="regimes.h-coth-h-increasing",
        title="h coth h increases from 1 to ∞",
        sentence="On h > 0 the function h coth h increases strictly, from the limit 1 at 0 to ∞.",
        latex=r"\frac{d}{dh}\,h\coth h>0\quad(h>0),\qquad"
        r"\lim_{h\to 0}h\coth h=1,\qquad\lim_{h\to\infty}h\coth h=\infty",
        source="used for Proposition B.1 (bounds of the ℓ-order)",
        assumptions=("h > 0",),
        checks=(
            Check(
                "sign of the derivative, limits",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("coth h / h in its place", replace(STATED, function=sp.coth(H) / H)),
                    Control("start 1/2", replace(STATED, start=sp.Rational(1, 2))),
                    Control("end 2", replace(STATED, end=sp.Integer(2))),
                    Control(
                        "2 tanh h in its place: a bounded function",
                        replace(STATED, function=1 + 2 * sp.tanh(H)),
                    ),
                ),
            ),
        ),
    )
)
