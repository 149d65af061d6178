"""Where c → 0, γ → 0 lead at |β_FT| = |β_PT|, λ = c (corrects regime II in Sections 5.1 and 5.2).

With a = asinh ½ = log((1+√5)/2):  ℓ → a/(a + 2 − √5) = 1.96298…, PD → −(√5 − 2)/(a + 2 − √5).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.regime_bounds import COUPLED, Parameter, derivative, equal_magnitude_limit
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, finetune_scale, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register

Pair = tuple[Any, Any]

_GOLDEN = sp.asinh(sp.Rational(1, 2))
_BELOW = _GOLDEN + 2 - sp.sqrt(5)
STATED: Pair = (_GOLDEN / _BELOW, -(sp.sqrt(5) - 2) / _BELOW)


def decide(pair: Pair) -> Evidence:
    """Compare with the derived limit; show that no other λ brings ℓ nearer to 2."""
    derived = equal_magnitude_limit()
    point = regime_point()
    scale = finetune_scale()
    return prove_all(
        (
            (
                "c_FT → 2|β_PT|, so z → 1/2",
                sp.limit(scale.subs({RATIO: 1, GAMMA: 0}), ABSOLUTE, 0, "+") == 2 * BETA_PT,
            ),
            ("ℓ tends to the stated value", decide_equal(derived[0], pair[0])),
            ("PD tends to the stated value", decide_equal(derived[1], pair[1])),
            ("the limit lies on the edge I–II: ℓ + PD = 1", decide_equal(sum(pair), 1)),
            (
                "ℓ is largest at λ = c among all λ",
                decide_on_networks(
                    "∂ℓ/∂λ > 0", derivative(point.l_order, Parameter.RATIO), COUPLED
                ),
            ),
        ),
        summary=f"(ℓ, PD) → ({sp.N(derived[0], 12)}, {sp.N(derived[1], 12)})",
    )


register(
    Claim(
        id="regimes.equal-magnitude-limit",
        title="The limit c → 0 at equal magnitudes",
        sentence="At |β_FT| = |β_PT|, λ = c and γ = 0, as c → 0 the pair (ℓ, PD) tends to "
        "(a/(a+2−√5), −(√5−2)/(a+2−√5)) = (1.96298…, −0.96298…) with a = log((1+√5)/2); any "
        "smaller λ gives a smaller ℓ.",
        latex=r"\lim_{c\to 0}(\ell,\mathrm{PD})=\left(\frac{a}{a+2-\sqrt{5}},\;"
        r"-\frac{\sqrt{5}-2}{a+2-\sqrt{5}}\right),\quad a=\log\frac{1+\sqrt{5}}{2}",
        source="Sections 5.1 and 5.2, regime II at |β_FT| = |β_PT|",
        assumptions=("|β_FT| = |β_PT| ≠ 0", "γ = 0; λ = c for the limit"),
        requires=("regimes.pd-closed-form", "regimes.lorder-monotone"),
        checks=(
            Check(
                "limit of the derived formulas",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("regime II's corner (2, −1)", (sp.Integer(2), sp.Integer(-1))),
                    Control(
                        "asinh 1 for asinh ½",
                        tuple(sp.sympify(v).subs(_GOLDEN, sp.asinh(1)) for v in STATED),
                    ),
                ),
            ),
        ),
    )
)
