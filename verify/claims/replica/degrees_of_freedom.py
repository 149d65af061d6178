"""Effective degrees of freedom at the fixed point: E[η′] = α(1 − ϱ/τ), and α without ridge."""

from typing import Any

import sympy as sp

from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


def degrees_of_freedom(alpha: Any, ridge: Any, tau: Any) -> Any:
    """Return E[η′] at the fixed point."""
    return alpha * (1 - ridge / tau)


def decide(stated: Any) -> Evidence:
    """Solve the closure for τ, with χ = τE[η′], for the mean derivative."""
    mean = sp.Symbol("m", positive=True)
    tau_of_chi, _ = replica.effective_parameters(1 / (1 - replica.omega / replica.alpha))
    closure = tau_of_chi.subs(replica.susceptibility, replica.tau * mean) - replica.tau
    (solution,) = sp.solve(closure, mean)
    return prove_all(
        (
            (
                "τ = ϱ + (τ/α)E[η′] solved for E[η′]",
                equal(solution, stated(replica.alpha, replica.ridge, replica.tau)),
            ),
            (
                "at ϱ = 0 it is α",
                equal(stated(replica.alpha, sp.Integer(0), replica.tau), replica.alpha),
            ),
        ),
        summary="the closure solved for the mean derivative",
    )


register(
    Claim(
        id="replica.degrees-of-freedom",
        title="Effective degrees of freedom",
        sentence="At the fixed point the mean derivative of the estimator is α(1 − ϱ/τ); without "
        "ridge it is α, one degree of freedom for each observation.",
        latex=r"E[\eta'] = \alpha\left(1 - \frac{\varrho}{\tau}\right)",
        source="Proposition 4.2, eq. (19)",
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "closure for τ",
                Method.SYMBOLIC,
                decide,
                degrees_of_freedom,
                (
                    Control("α(1 + ϱ/τ)", lambda alpha, ridge, tau: alpha * (1 + ridge / tau)),
                    Control("(1 − ϱ/τ)/α", lambda alpha, ridge, tau: (1 - ridge / tau) / alpha),
                ),
            ),
        ),
    )
)
