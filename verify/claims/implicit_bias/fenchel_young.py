"""Fenchel-Young: how far a multiplier is from certifying a weight (Theorem 4.1).

q(β) + q*(m) − mβ ≥ 0, with equality exactly if β = c sinh 2m. With β = c sinh 2h the gap is
(c/2)(cosh 2m − cosh 2h − 2(m − h) sinh 2h).
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.implicit_bias import conjugate, penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import register


def gap(m: Any, h: Any, c: Any) -> Any:
    """Return q(c sinh 2h) + q*(m) − m c sinh 2h, as stated."""
    return c / 2 * (sp.cosh(2 * m) - sp.cosh(2 * h) - 2 * (m - h) * sp.sinh(2 * h))


def decide(stated: Callable[[Any, Any, Any], Any]) -> Evidence:
    """Insert β = c sinh 2h; the gap is strictly convex in m and flat, at zero, at m = h."""
    m, h = sp.symbols("m h", real=True)
    c = sp.Symbol("c", positive=True)
    beta = c * sp.sinh(2 * h)
    # √(c² + β²) = c cosh 2h and asinh(β/c) = 2h, for every real h.
    primal = penalty(sp.Symbol("beta", real=True), c)
    primal = primal.subs(sp.sqrt(c**2 + sp.Symbol("beta", real=True) ** 2), c * sp.cosh(2 * h))
    primal = primal.subs(sp.asinh(sp.Symbol("beta", real=True) / c), 2 * h)
    primal = primal.subs(sp.Symbol("beta", real=True), beta)
    difference = stated(m, h, c)
    return prove_all(
        [
            (
                "gap in the parameters m and h",
                equal(difference, primal + conjugate(m, c) - m * beta),
            ),
            ("it vanishes at m = h", zero(difference.subs(m, h))),
            ("so does its slope in m", zero(sp.diff(difference, m).subs(m, h))),
            (
                "its curvature in m is positive, so it is positive elsewhere",
                sp.diff(difference, m, 2).is_positive,
            ),
        ]
    )


register(
    Claim(
        id="implicit-bias.fenchel-young",
        title="Fenchel-Young inequality",
        sentence="q(β) + q*(m) ≥ mβ for every weight and multiplier, with equality exactly if "
        "β = c sinh 2m.",
        latex=r"q(\beta) + q^*(m) - m\beta = \frac{c}{2}\left(\cosh 2m - \cosh 2h "
        r"- 2(m - h)\sinh 2h\right) \ge 0,\quad \beta = c \sinh 2h",
        source="Theorem 4.1",
        checks=(
            Check(
                "gap, its zero and its curvature",
                Method.SYMBOLIC,
                decide,
                gap,
                (
                    Control(
                        "(m − h) sinh 2h without the 2",
                        lambda m, h, c: gap(m, h, c) + c / 2 * (m - h) * sp.sinh(2 * h),
                    ),
                    Control("h and m exchanged", lambda m, h, c: gap(h, m, c)),
                ),
            ),
        ),
        assumptions=("c > 0",),
        requires=("implicit-bias.conjugate",),
    )
)
