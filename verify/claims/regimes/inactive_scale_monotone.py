"""c, γ and λ all make inactive dimensions lazier (Section 5.2), λ and c at fixed λ or fixed λ/c."""

from __future__ import annotations

from dataclasses import dataclass

from theory.positivity import Orthant
from theory.regime_bounds import (
    INACTIVE,
    INACTIVE_ALL,
    Parameter,
    derivative,
    elasticity_certificates,
)
from theory.regimes import regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Direction:
    """ℓ strictly increases (+1) or decreases (−1) in `parameter` on `domain`."""

    parameter: Parameter
    sign: int
    domain: tuple[Orthant, ...]


STATED = (
    Direction(Parameter.RATIO, 1, INACTIVE_ALL),
    Direction(Parameter.GAMMA, 1, INACTIVE_ALL),
    Direction(Parameter.ABSOLUTE_AT_RATIO, 1, INACTIVE),
    Direction(Parameter.ABSOLUTE_AT_LAMBDA, 1, INACTIVE_ALL),
)


def decide(directions: tuple[Direction, ...]) -> Evidence:
    """Prove the sign of each derivative at e = 0."""
    order = regime_point().l_order
    return prove_all(
        (
            (
                "0 < ∂log(ℓ−1)/∂log c_FT < 1 (Taylor coefficients in h)",
                all(elasticity_certificates()) or None,
            ),
            *(
                (
                    f"sign of ∂ℓ/∂({d.parameter}) is {d.sign:+d} at β_PT = 0",
                    decide_on_networks(
                        f"{d.sign}·∂ℓ/∂({d.parameter}) > 0",
                        d.sign * derivative(order, d.parameter),
                        d.domain,
                    ),
                )
                for d in directions
            ),
        ),
        summary="every direction proved for all inactive dimensions",
    )


register(
    Claim(
        id="regimes.inactive-scale-monotone",
        title="Inactive dimensions become lazier with c, γ and λ",
        sentence="Where β_PT = 0, ℓ increases strictly in γ, in λ, and in c - at fixed λ, and at "
        "fixed λ/c > −1.",
        latex=r"\beta_{PT}=0:\quad\frac{\partial\ell}{\partial\gamma^2},\;"
        r"\frac{\partial\ell}{\partial\lambda},\;"
        r"\left.\frac{\partial\ell}{\partial c}\right|_{\lambda},\;"
        r"\left.\frac{\partial\ell}{\partial c}\right|_{\lambda/c}>0",
        source="Section 5.2, inactive dimensions (dashed line of Fig. 2)",
        assumptions=(
            "c > 0, |λ| ≤ c, γ ≥ 0",
            "not both λ = −c and γ = 0",
            "β_FT ≠ 0, β_PT = 0",
        ),
        requires=("regimes.inactive-independent", "regimes.lorder-closed-form"),
        checks=(
            Check(
                "signs of the derivatives",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    *(
                        Control(
                            f"the opposite direction in {d.parameter}",
                            (Direction(d.parameter, -d.sign, d.domain),),
                        )
                        for d in STATED
                    ),
                    Control(
                        "strictly increasing in c at λ = −c too",
                        (Direction(Parameter.ABSOLUTE_AT_RATIO, 1, INACTIVE_ALL),),
                    ),
                ),
            ),
        ),
    )
)
