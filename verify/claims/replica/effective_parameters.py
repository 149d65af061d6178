"""The fixed-point equations of Proposition 4.2 (eqs. 19-20, 33-34) follow from the R-transform.

τ = ϱ + χ/α with χ = τ E[η′], and θ² = σ² + p/α: the noise is measured for X of variance 1/n.
"""

from typing import Any, NamedTuple

from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Parameters(NamedTuple):
    """τ and θ² as functions of (ϱ, χ, σ, p, α)."""

    tau: Any
    theta_squared: Any


def tau(ridge: Any, susceptibility: Any, alpha: Any) -> Any:
    """Return the effective regularisation τ."""
    return ridge + susceptibility / alpha


def theta_squared(noise: Any, error: Any, alpha: Any) -> Any:
    """Return the effective noise θ²."""
    return noise**2 + error / alpha


def decide(stated: Parameters) -> Evidence:
    """Insert R(ω) = 1/(1 − ω/α) into the general replica-symmetric equations."""
    derived = replica.effective_parameters(1 / (1 - replica.omega / replica.alpha))
    return prove_all(
        (
            (
                "τ = ϱ/R(−χ/ϱ)",
                equal(derived[0], stated.tau(replica.ridge, replica.susceptibility, replica.alpha)),
            ),
            (
                "θ² = R(−χ/ϱ)⁻² ∂/∂χ {(σ²χ − ϱp) R(−χ/ϱ)}",
                equal(
                    derived[1], stated.theta_squared(replica.noise, replica.error, replica.alpha)
                ),
            ),
        ),
        summary="both parameters follow from the general equations of Bereyhi & Müller (2018)",
    )


STATEMENT = Parameters(tau, theta_squared)

register(
    Claim(
        id="replica.effective-parameters",
        title="Effective regularisation and noise",
        sentence="With χ = τE[η′], the effective parameters are τ = ϱ + χ/α and θ² = σ² + p/α.",
        latex=r"\tau = \varrho + \frac{\tau}{\alpha} E[\eta'] \\ "
        r"\theta^2 = \sigma^2 + \frac{p}{\alpha}",
        source="Proposition 4.2, eqs. (19)-(20); Appendix C.1, eqs. (33)-(34)",
        assumptions=(
            "the replica-symmetric equations for a general R-transform (Bereyhi & Müller 2018, "
            "Proposition 1)",
            "σ² is the variance of the noise where Xᵢⱼ has variance 1/n",
        ),
        requires=("replica.r-transform",),
        checks=(
            Check(
                "specialisation of the general equations",
                Method.SYMBOLIC,
                decide,
                STATEMENT,
                (
                    Control(
                        "θ² = (σ² + p)/α: noise measured for entries of variance 1/d",
                        Parameters(tau, lambda noise, error, alpha: (noise**2 + error) / alpha),
                    ),
                    Control(
                        "τ = ϱ + αχ",
                        Parameters(lambda ridge, chi, alpha: ridge + alpha * chi, theta_squared),
                    ),
                ),
            ),
        ),
    )
)
