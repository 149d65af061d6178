"""Effective degrees of freedom (Proposition 4.2, eq. (19); Appendix C.1, eq. (40)).

At the fixed point the mean derivative of the estimator is α(1 − ϱ/τ); without ridge it is α, one
degree of freedom for each observation.
"""

import sympy as sp

from theory import replica
from verify.methods.formula import Formula, formula_checks
from verify.methods.identity import equal, prove_all
from verify.registry import state

SYMBOLS = (replica.alpha, replica.ridge, replica.tau)
STATED = Formula(r"E[\eta']", SYMBOLS, lambda alpha, ridge, tau: alpha * (1 - ridge / tau))
CONTROLS = (
    STATED.but("α(1 + ϱ/τ)", lambda alpha, ridge, tau: alpha * (1 + ridge / tau)),
    STATED.but("(1 − ϱ/τ)/α", lambda alpha, ridge, tau: (1 - ridge / tau) / alpha),
)


def decide(stated):
    """Solve the closure for τ, with χ = τE[η′], for the mean derivative."""
    mean = sp.Symbol("m", positive=True)
    tau_of_chi, _ = replica.effective_parameters(1 / (1 - replica.omega / replica.alpha))
    closure = tau_of_chi.subs(replica.susceptibility, replica.tau * mean) - replica.tau
    (solution,) = sp.solve(closure, mean)
    without_ridge = stated(replica.alpha, sp.Integer(0), replica.tau)
    steps = {
        "τ = ϱ + (τ/α)E[η′] solved for E[η′]": equal(solution, stated(*SYMBOLS)),
        "at ϱ = 0 it is α": equal(without_ridge, replica.alpha),
    }
    return prove_all(steps.items(), summary="the closure solved for the mean derivative")


state(
    "replica.degrees-of-freedom",
    __doc__,
    formula_checks(STATED, CONTROLS, proof=decide),
    requires=("replica.effective-parameters",),
)
