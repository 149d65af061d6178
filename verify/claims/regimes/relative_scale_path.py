"""λ moves an active dimension from regime I toward regime II, on a straight line (Section 5.2).

From (1, 0) at λ → −c both ℓ and |PD| grow strictly with λ. At γ = 0 the slope is exactly −κ with
κ = 1 − c/√(c²+β_PT²), which does not depend on λ: the path points to II as c → 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regime_bounds import COUPLED, Parameter, derivative
from theory.regimes import ABSOLUTE, GAMMA, RATIO, E, G, finetune_scale, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Path:
    """Signs of dℓ/dλ and dPD/dλ, and the slope dPD/dℓ at γ = 0 as a function of c and R."""

    order: int
    dependence: int
    slope: Callable[[Any, Any], Any]


STATED = Path(1, -1, lambda c, radius: -(1 - c / radius))


def decide(path: Path) -> Evidence:
    """Prove both signs for every γ, and the straight line at γ = 0."""
    point = regime_point()
    at_zero = {G: sp.Integer(0)}
    slope = point.pretraining_dependence / (point.l_order - 1)
    return prove_all(
        (
            (
                f"sign of dℓ/dλ is {path.order:+d}",
                decide_on_networks(
                    "order", path.order * derivative(point.l_order, Parameter.RATIO), COUPLED
                ),
            ),
            (
                f"sign of dPD/dλ is {path.dependence:+d}",
                decide_on_networks(
                    "dependence",
                    path.dependence * derivative(point.pretraining_dependence, Parameter.RATIO),
                    COUPLED,
                ),
            ),
            (
                "PD/(ℓ−1) at γ = 0 is the stated slope, the same for every λ",
                decide_equal(slope.subs(at_zero), path.slope(ABSOLUTE, ABSOLUTE + E)),
            ),
            (
                "the path starts in regime I: c_FT → 0 as λ → −c",
                sp.limit(finetune_scale().subs(GAMMA, 0), RATIO, -1, "+") == 0,
            ),
            (
                "it points to regime II as c → 0: slope → −1",
                sp.limit(path.slope(ABSOLUTE, ABSOLUTE + E), ABSOLUTE, 0, "+") == -1,
            ),
        ),
        summary="monotone in λ, and straight at γ = 0",
    )


register(
    Claim(
        id="regimes.relative-scale-path",
        title="The relative scale leads from regime I toward II",
        sentence="For β_PT ≠ 0, ℓ increases and PD decreases strictly in λ; at γ = 0 the pair "
        "moves on the straight line PD = −(1 − c/√(c²+β_PT²))·(ℓ − 1) from (1, 0) at λ → −c, "
        "which for c → 0 is the edge from regime I to regime II.",
        latex=r"\frac{d\ell}{d\lambda}>0,\quad\frac{d\,\mathrm{PD}}{d\lambda}<0,\qquad"
        r"\gamma=0:\ \mathrm{PD}=-\left(1-\frac{c}{\sqrt{c^2+\beta_{PT}^2}}\right)(\ell-1)",
        source="Section 5.2, active dimensions (dotted line of Fig. 2)",
        assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
        requires=("regimes.lorder-monotone", "regimes.pd-monotone"),
        checks=(
            Check(
                "signs and slope",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("ℓ decreasing in λ", replace(STATED, order=-1)),
                    Control("PD increasing in λ", replace(STATED, dependence=1)),
                    Control(
                        "slope −(1 − c²/R²)",
                        replace(STATED, slope=lambda c, radius: -(1 - c**2 / radius**2)),
                    ),
                ),
            ),
        ),
    )
)
