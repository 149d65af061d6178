"""(ℓ, PD) never leaves the triangle of regimes I, II and III (Section 5.2, Fig. 2a).

Its barycentric coordinates with respect to the corners are derived, and proved to be those of an
interior point or of a point on the open edge PD = 0: no corner and no other edge is attained.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.regime_bounds import ALL_NETWORKS, COUPLED, sign_on
from theory.regimes import E, S, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register

# Corners of regimes I, II, III as pairs (ℓ, PD).
Corners = tuple[tuple[Any, Any], tuple[Any, Any], tuple[Any, Any]]

STATED: Corners = ((1, 0), (2, -1), (2, 0))


def weights(corners: Corners) -> tuple[Any, ...]:
    """Barycentric coordinates of the derived point (ℓ, PD)."""
    point = regime_point()
    unknown = sp.symbols("u1:4")
    equations = [
        sum(unknown) - 1,
        sum(u * sp.sympify(x) for u, (x, _) in zip(unknown, corners, strict=True)) - point.l_order,
        sum(u * sp.sympify(y) for u, (_, y) in zip(unknown, corners, strict=True))
        - point.pretraining_dependence,
    ]
    (solution,) = sp.linsolve(equations, unknown)
    return tuple(sp.factor(sp.cancel(sp.together(weight))) for weight in solution)


def decide(corners: Corners) -> Evidence:
    """Prove all weights nonnegative everywhere, and positive wherever pretraining matters."""
    first, second, third = weights(corners)
    return prove_all(
        (
            ("weight of corner I is positive", decide_on_networks("weight of I > 0", first)),
            (
                "weight of corner II is not negative",
                decide_on_networks("weight of II ≥ 0", second, ALL_NETWORKS, strict=False),
            ),
            ("weight of corner III is positive", decide_on_networks("weight of III > 0", third)),
            (
                "weight of corner II is positive where β_PT ≠ 0 and λ > −c",
                sign_on(second, COUPLED) is not None or None,
            ),
            (
                "weight of corner II is 0 where β_PT = 0 or λ = −c: the open edge I–III",
                second.subs(E, 0) == 0 and second.subs(S, 0) == 0,
            ),
        ),
        summary="the pair is interior, or on the open edge PD = 0",
    )


register(
    Claim(
        id="regimes.triangle",
        title="The pair (ℓ, PD) never leaves the triangle",
        sentence="For every network and every β_FT ≠ 0 the pair (ℓ, PD) is the mean of the "
        "corners (1, 0), (2, −1), (2, 0) with weights 2−ℓ > 0, (ℓ−1)κ ≥ 0, (ℓ−1)(1−κ) > 0: "
        "it lies inside the triangle or on its open edge PD = 0, and attains no corner.",
        latex=r"(\ell,\mathrm{PD})=(2-\ell)\,(1,0)+(\ell-1)\kappa\,(2,-1)"
        r"+(\ell-1)(1-\kappa)\,(2,0)",
        source="Section 5.2, Fig. 2; Proposition 5.1",
        assumptions=(
            "c > 0, |λ| ≤ c, γ ≥ 0",
            "not both λ = −c and γ = 0",
            "β_FT ≠ 0",
        ),
        requires=("regimes.pd-closed-form", "regimes.h-coth-h-increasing"),
        checks=(
            Check(
                "barycentric coordinates",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("corner II at (2, −9/10)", ((1, 0), (2, sp.Rational(-9, 10)), (2, 0))),
                    Control(
                        "corner III at (19/10, 0)", ((1, 0), (2, -1), (sp.Rational(19, 10), 0))
                    ),
                    Control("corner I at (11/10, 0)", ((sp.Rational(11, 10), 0), (2, -1), (2, 0))),
                ),
            ),
        ),
    )
)
