"""The derivative of the scalar estimator, and the paper's curvature term (eqs. 36-39).

η′ = ∂β̂/∂z = √(k + 4β̂²) / (√(k + 4β̂²) + τ)        (1/τ + q_k″(β̂))⁻¹ = τ η′
"""

from typing import Any

import sympy as sp

from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


def derivative(root: Any, tau: Any) -> Any:
    """Return η′ as a function of √(k + 4β̂²) and τ."""
    return root / (root + tau)


def decide(stated: Any) -> Evidence:
    """Differentiate the stationarity condition (β̂ − z)/τ + q_k′(β̂) = 0 implicitly."""
    beta = sp.Symbol("beta", real=True)
    root = sp.sqrt(replica.root_k**2 + 4 * beta**2)
    curvature = sp.diff(sp.asinh(2 * beta / replica.root_k) / 2, beta)
    claimed = stated(root, replica.tau)
    return prove_all(
        (
            ("q_k″ = 1/√(k + 4β²), from q_k′ = ½ asinh(2β/√k)", equal(curvature, 1 / root)),
            (
                "implicit differentiation of the stationarity condition",
                equal(replica.estimator_derivative(curvature), claimed),
            ),
            (
                "the curvature term (1/τ + q_k″)⁻¹ is τη′",
                equal(replica.curvature_term(curvature), replica.tau * claimed),
            ),
        ),
        summary="η′ and the curvature term follow by implicit differentiation",
    )


register(
    Claim(
        id="replica.estimator-derivative",
        title="Derivative of the scalar estimator",
        sentence="The scalar estimator β̂(z) = argmin (b − z)²/(2τ) + q_k(b) has derivative "
        "√(k+4β̂²)/(√(k+4β̂²)+τ), and the curvature term of the fixed point is τ times it.",
        latex=r"\eta' = \frac{\partial \hat\beta}{\partial z} = "
        r"\frac{\sqrt{k + 4 \hat\beta^2}}{\sqrt{k + 4 \hat\beta^2} + \tau} \\ "
        r"\left(\frac{1}{\tau} + q_k''(\hat\beta)\right)^{-1} = \tau \eta'",
        source="Appendix C.1, eqs. (36)-(39)",
        assumptions=("k > 0 and τ > 0",),
        checks=(
            Check(
                "implicit differentiation",
                Method.SYMBOLIC,
                decide,
                derivative,
                (
                    Control("√/(√ + 2τ)", lambda root, tau: root / (root + 2 * tau)),
                    Control("τ/(√ + τ)", lambda root, tau: tau / (root + tau)),
                ),
            ),
        ),
    )
)
