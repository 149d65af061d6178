"""Monotonicity of the pretraining dependence (Section 5.2; Appendix B.2).

|PD| = (ℓ−1)κ. Where c_FT grows through γ or c, ℓ − 1 grows but κ falls; κ wins always, because
the elasticity of ℓ − 1 in c_FT stays below 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from theory.regime_bounds import COUPLED, Parameter, derivative, elasticity_certificates
from theory.regimes import regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register

# Of |PD|; +1: strictly increasing, −1: strictly decreasing.
Directions = Mapping[Parameter, int]

STATED: Directions = MappingProxyType(
    {
        Parameter.BETA_FT: -1,
        Parameter.BETA_PT: 1,
        Parameter.RATIO: 1,
        Parameter.GAMMA: -1,
        Parameter.ABSOLUTE_AT_RATIO: -1,
    }
)


def decide(directions: Directions) -> Evidence:
    """Prove the sign of each derivative, with η = ω/(1+ω) for the elasticity of ℓ − 1."""
    strength = -regime_point().pretraining_dependence
    rising, slowly = elasticity_certificates()
    words = {1: "increases", -1: "decreases"}
    return prove_all(
        (
            ("η = ∂log(ℓ−1)/∂log c_FT > 0 (Taylor coefficients in h)", rising is not None or None),
            ("η < 1 (Taylor coefficients in h)", slowly is not None or None),
            *(
                (
                    f"|PD| strictly {words[sign]} in {parameter}",
                    decide_on_networks(
                        f"{sign}·∂|PD|/∂({parameter}) > 0",
                        sign * derivative(strength, parameter),
                        COUPLED,
                    ),
                )
                for parameter, sign in directions.items()
            ),
        ),
        summary="every direction proved on the whole domain",
    )


register(
    Claim(
        id="regimes.pd-monotone",
        title="Monotonicity of the pretraining dependence",
        sentence="For β_PT ≠ 0 and λ > −c, |PD| increases strictly in |β_PT| and in λ, and "
        "decreases strictly in |β_FT|, in γ and (at fixed λ/c) in c.",
        latex=r"\frac{\partial|\mathrm{PD}|}{\partial|\beta_{PT}|},\;"
        r"\frac{\partial|\mathrm{PD}|}{\partial\lambda}>0,\qquad"
        r"\frac{\partial|\mathrm{PD}|}{\partial|\beta_{FT}|},\;"
        r"\frac{\partial|\mathrm{PD}|}{\partial\gamma^2},\;"
        r"\left.\frac{\partial|\mathrm{PD}|}{\partial c}\right|_{\lambda/c}<0",
        source="Section 5.2, Appendix B.2",
        assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0", "β_PT ≠ 0"),
        requires=("regimes.pd-closed-form",),
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
        ),
    )
)
