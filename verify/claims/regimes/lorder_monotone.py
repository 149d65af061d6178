"""ℓ falls as |β_FT| grows and rises with c_FT (Section 5.1; Appendix B.2).

Larger coefficients meet a sparser penalty; a larger scale makes every coordinate lazier.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from numerics import regimes
from theory.regime_bounds import COUPLED, Parameter, derivative, elasticity_certificates
from theory.regimes import regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register

# +1: strictly increasing, −1: strictly decreasing.
Directions = Mapping[Parameter, int]

STATED: Directions = MappingProxyType(
    {
        Parameter.BETA_FT: -1,
        Parameter.BETA_PT: 1,
        Parameter.RATIO: 1,
        Parameter.GAMMA: 1,
        Parameter.ABSOLUTE_AT_RATIO: 1,
    }
)


def decide(directions: Directions) -> Evidence:
    """Prove the sign of each derivative, a rational function of the canonical coordinates."""
    order = regime_point().l_order
    words = {1: "increases", -1: "decreases"}
    return prove_all(
        (
            (
                "0 < ∂log(ℓ−1)/∂log c_FT < 1 (Taylor coefficients in h)",
                all(elasticity_certificates()) or None,
            ),
            *(
                (
                    f"ℓ strictly {words[sign]} in {parameter}",
                    decide_on_networks(
                        f"{sign}·∂ℓ/∂({parameter}) > 0",
                        sign * derivative(order, parameter),
                        COUPLED,
                    ),
                )
                for parameter, sign in directions.items()
            ),
        ),
        summary="every direction proved on the whole domain",
    )


def decide_by_kernel(sign: int) -> Evidence:
    """Follow the float64 kernel along a grid of z; 2 − ℓ must never fall where ℓ must fall."""
    grid = [10.0 ** (k / 20) for k in range(-1200, 1201)]
    gaps = [float(regimes.two_minus_l_order(z, 1.0)) for z in grid]
    steps = [(z, -sign * (b - a)) for z, (a, b) in zip(grid, pairwise(gaps), strict=False)]
    worst, slope = min(steps, key=lambda step: step[1])[0], min(s for _, s in steps)
    return Evidence(
        slope > 0,
        f"smallest change of 2 − ℓ between {len(grid)} neighbouring grid points: {slope:.3g}",
        counterexample=None if slope > 0 else {"z": repr(worst), "change": repr(slope)},
        data={"points": len(grid), "smallest_change": slope},
    )


register(
    Claim(
        id="regimes.lorder-monotone",
        title="Monotonicity of the ℓ-order",
        sentence="The ℓ-order decreases strictly in |β_FT| and increases strictly in c_FT; hence, "
        "for β_PT ≠ 0 and λ > −c, it increases strictly in |β_PT|, in λ, in γ and, at fixed λ/c, "
        "in c.",
        latex=r"\frac{\partial\ell}{\partial|\beta_{FT}|}<0,\qquad"
        r"\frac{\partial\ell}{\partial|\beta_{PT}|},\;\frac{\partial\ell}{\partial\lambda},\;"
        r"\frac{\partial\ell}{\partial\gamma^2},\;"
        r"\left.\frac{\partial\ell}{\partial c}\right|_{\lambda/c}>0",
        source="Sections 5.1 and 5.2, Appendix B.2",
        assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0", "β_PT ≠ 0"),
        requires=("regimes.lorder-closed-form",),
        checks=(
            Check(
                "signs of the derivatives",
                Method.SYMBOLIC,
                decide,
                STATED,
                tuple(
                    Control(
                        f"the opposite direction in {parameter}",
                        MappingProxyType({parameter: -sign}),
                    )
                    for parameter, sign in STATED.items()
                ),
            ),
            Check(
                "float64 kernel along z from 1e-60 to 1e60",
                Method.FLOAT64,
                decide_by_kernel,
                -1,
                Control("increasing in |β_FT|", 1),
            ),
        ),
    )
)
