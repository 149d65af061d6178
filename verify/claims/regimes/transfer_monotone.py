"""Monotonicity of the transfer κ (Section 5.2; Appendix B.2).

κ grows with |β_PT|; it falls with γ, which adds a scale that pretraining does not move, and with c
at fixed λ/c. In λ it grows strictly if γ > 0 and does not depend on λ at all if γ = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import COUPLED, COUPLED_REINITIALISED, Parameter, derivative
from theory.regimes import G, regime_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Direction:
    """κ strictly increases (+1) or decreases (−1) in `parameter` on `domain`."""

    parameter: Parameter
    sign: int
    domain: tuple[Orthant, ...] = COUPLED


STATED = (
    Direction(Parameter.BETA_PT, 1),
    Direction(Parameter.GAMMA, -1),
    Direction(Parameter.ABSOLUTE_AT_RATIO, -1),
    Direction(Parameter.RATIO, 1, COUPLED_REINITIALISED),
)


def decide(directions: tuple[Direction, ...]) -> Evidence:
    """Prove the sign of each derivative on its orthant."""
    kappa = regime_point().transfer
    words = {1: "increases", -1: "decreases"}

    def constant_in_ratio() -> Any:
        return sp.cancel(derivative(kappa, Parameter.RATIO).subs(G, 0)) == 0

    return prove_all(
        (
            *(
                (
                    f"κ strictly {words[d.sign]} in {d.parameter} where {d.domain[0].describe()}",
                    decide_on_networks(
                        f"{d.sign}·∂κ/∂({d.parameter}) > 0",
                        d.sign * derivative(kappa, d.parameter),
                        d.domain,
                    ),
                )
                for d in directions
            ),
            ("κ does not depend on λ where γ = 0", constant_in_ratio()),
        ),
        summary="every direction proved on the whole domain",
    )


register(
    Claim(
        id="regimes.transfer-monotone",
        title="Monotonicity of the transfer",
        sentence="For β_PT ≠ 0 and λ > −c, κ increases strictly in |β_PT|, decreases strictly in "
        "γ and (at fixed λ/c) in c, and increases strictly in λ if γ > 0, while it is independent "
        "of λ if γ = 0.",
        latex=r"\frac{\partial\kappa}{\partial|\beta_{PT}|}>0,\qquad"
        r"\frac{\partial\kappa}{\partial\gamma^2}<0,\qquad"
        r"\left.\frac{\partial\kappa}{\partial c}\right|_{\lambda/c}<0,\qquad"
        r"\frac{\partial\kappa}{\partial\lambda}>0\ (\gamma>0),\quad =0\ (\gamma=0)",
        source="Section 5.2, Appendix B.2",
        assumptions=("c > 0, −c < λ ≤ c, γ ≥ 0", "β_PT ≠ 0"),
        requires=("regimes.transfer-closed-form",),
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
                        "strictly increasing in λ at γ = 0 too",
                        (Direction(Parameter.RATIO, 1),),
                    ),
                ),
            ),
        ),
    )
)
