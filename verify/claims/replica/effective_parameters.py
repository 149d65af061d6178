"""Effective regularisation and noise (Proposition 4.2 and Appendix C.1, eqs. (19)-(20) and (33)).

With the susceptibility χ, the effective parameters are τ = ϱ + χ/α and θ² = σ² + p/α.

They follow from the R-transform; the noise is measured for X of variance 1/n.
"""

import sympy as sp

from theory import replica
from verify.claim import Check, Method
from verify.claims.replica.r_transform import STATED as LAW
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.registry import state

STATED = Formulas(
    tau=Formula(
        replica.tau,
        (replica.ridge, replica.susceptibility, replica.alpha),
        lambda ridge, chi, alpha: ridge + chi / alpha,
    ),
    theta_squared=Formula(
        replica.theta**2,
        (replica.noise, replica.error, replica.alpha),
        lambda noise, error, alpha: noise**2 + error / alpha,
    ),
)
CONTROLS = (
    STATED.but(
        "θ² = (σ² + p)/α: noise measured for entries of variance 1/d",
        theta_squared=lambda noise, error, alpha: (noise**2 + error) / alpha,
    ),
    STATED.but("τ = ϱ + αχ", tau=lambda ridge, chi, alpha: ridge + alpha * chi),
)


def decide(stated):
    """Insert the R-transform into the general replica-symmetric equations."""
    return prove_all(
        inserted(stated),
        summary="both parameters follow from the general equations of Bereyhi & Müller (2018)",
    )


def inserted(stated):
    tau, theta_squared = replica.effective_parameters(LAW.transform())
    yield "τ = ϱ/R(−χ/ϱ)", equal(stated.tau.left({replica.tau: tau}), stated.tau())
    yield (
        "θ² = R(−χ/ϱ)⁻² ∂/∂χ {(σ²χ − ϱp) R(−χ/ϱ)}",
        equal(
            stated.theta_squared.left({replica.theta: sp.sqrt(theta_squared)}),
            stated.theta_squared(),
        ),
    )


state(
    "replica.effective-parameters",
    __doc__,
    (Check("specialisation of the general equations", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "the replica-symmetric equations for a general R-transform (Bereyhi & Müller 2018, "
        "Proposition 1)",
        "σ² is the variance of the noise where Xᵢⱼ has variance 1/n",
    ),
    requires=("replica.r-transform", "replica.susceptibility"),
)
