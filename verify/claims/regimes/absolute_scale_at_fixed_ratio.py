"""At fixed λ/c the absolute scale moves an active dimension toward regime III (Section 5.2).

Not only do ℓ rise and |PD| fall: the pair moves toward III's corner in both coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

from theory.regime_bounds import COUPLED, Parameter, derivative, elasticity_certificates
from theory.regimes import regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Directions:
    """Signs of the change of ℓ, PD and ℓ + PD along a parameter."""

    parameter: Parameter
    order: int = 1
    dependence: int = 1
    total: int = 1


STATED = (Directions(Parameter.ABSOLUTE_AT_RATIO), Directions(Parameter.GAMMA))


def decide(statements: tuple[Directions, ...]) -> Evidence:
    """Prove the three signs along each parameter."""
    point = regime_point()
    steps: list[tuple[str, object]] = [
        ("0 < ∂log(ℓ−1)/∂log c_FT < 1", all(elasticity_certificates()) or None)
    ]
    for stated in statements:
        for name, value, sign in (
            ("ℓ", point.l_order, stated.order),
            ("PD", point.pretraining_dependence, stated.dependence),
            ("ℓ + PD", point.l_order + point.pretraining_dependence, stated.total),
        ):
            slope = sign * derivative(value, stated.parameter)
            text = f"sign of the change of {name} along {stated.parameter} is {sign:+d}"
            steps.append((text, decide_on_networks(text, slope, COUPLED)))
    return prove_all(steps, summary="ℓ, PD and ℓ + PD all increase")


register(
    Claim(
        id="regimes.absolute-scale-at-fixed-ratio",
        title="Absolute scale and γ lead toward regime III",
        sentence="For β_PT ≠ 0 and λ > −c, increasing c at fixed λ/c, or γ, strictly increases "
        "ℓ, PD and ℓ + PD.",
        latex=r"\left.\frac{\partial\ell}{\partial c}\right|_{\lambda/c},\;"
        r"\left.\frac{\partial\,\mathrm{PD}}{\partial c}\right|_{\lambda/c},\;"
        r"\frac{\partial\ell}{\partial\gamma^2},\;\frac{\partial\,\mathrm{PD}}{\partial\gamma^2}>0",
        source="Section 5.2, active dimensions (solid line of Fig. 2)",
        assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_FT ≠ 0, β_PT ≠ 0"),
        requires=("regimes.lorder-monotone", "regimes.pd-monotone"),
        checks=(
            Check(
                "signs of the derivatives",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("at fixed λ instead", (Directions(Parameter.ABSOLUTE_AT_LAMBDA),)),
                    Control("PD falling with γ", (Directions(Parameter.GAMMA, dependence=-1),)),
                ),
            ),
        ),
    )
)
