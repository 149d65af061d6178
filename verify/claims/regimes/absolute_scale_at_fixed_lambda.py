"""False: "increasing c at fixed λ always moves an active dimension toward the lazy regime III".

Section 5.2 says that a larger absolute scale moves the system toward regime III. Where λ itself is
held, c_FT may fall as c grows, because λ/c does: ℓ falls. The statement is true at fixed λ/c
(regimes.absolute-scale-at-fixed-ratio), and on inactive dimensions
(regimes.inactive-scale-monotone).
"""

from __future__ import annotations

import mpmath

from numerics import Initialization, multiprecision, regimes
from theory.regime_bounds import COUPLED, Parameter, derivative
from theory.regimes import regime_point
from verify.claim import Check, Claim, Control, Evidence, Fault, Method
from verify.methods.inequality import decide_on_networks
from verify.registry import register


def decide(parameter: Parameter) -> Evidence:
    """Decide the sign of ∂ℓ/∂log c with what `parameter` holds fixed."""
    return decide_on_networks(
        f"ℓ increases in {parameter}", derivative(regime_point().l_order, parameter), COUPLED
    )


def decide_by_numbers(parameter: Parameter) -> Evidence:
    """Double c at λ = 1, |β_PT| = |β_FT| = 10, γ = 0, with λ or λ/c held; 50 digits and float64."""
    held = parameter is Parameter.ABSOLUTE_AT_LAMBDA
    orders = []
    for c in (1, 2):
        lam = 1 if held else c
        exact = multiprecision.l_order(10, multiprecision.finetune_scale(10, c, lam))
        single = float(regimes.l_order(10.0, Initialization(c, lam).finetune_scale(10.0)))
        if abs(single / exact - 1) > 1e-14:
            return Evidence(None, f"the two implementations disagree: {exact} and {single}")
        orders.append(exact)
    holds = bool(orders[1] > orders[0])
    values = {f"ell at c = {c}": mpmath.nstr(x, 17) for c, x in zip((1, 2), orders, strict=True)}
    return Evidence(
        holds,
        f"ℓ goes from {mpmath.nstr(orders[0], 8)} to {mpmath.nstr(orders[1], 8)} as c doubles",
        counterexample=None
        if holds
        else {"lambda": "1", "gamma": "0", "beta_PT": "10", "beta_FT": "10", **values},
    )


CONTROL = Control("at fixed λ/c", Parameter.ABSOLUTE_AT_RATIO, must_hold=True)

register(
    Claim(
        id="regimes.absolute-scale-at-fixed-lambda",
        title="Absolute scale at fixed λ (false)",
        sentence="For β_PT ≠ 0 and every fixed λ > −c, the ℓ-order increases with the absolute "
        "scale c.",
        latex=r"\left.\frac{\partial\ell}{\partial c}\right|_{\lambda}>0",
        source="Section 5.2, read with λ held fixed",
        twin="regimes.absolute-scale-at-fixed-ratio",
        fault=Fault.READ,
        checks=(
            Check(
                "sign of the derivative",
                Method.SYMBOLIC,
                decide,
                Parameter.ABSOLUTE_AT_LAMBDA,
                CONTROL,
            ),
            Check(
                "two networks, 50 digits and float64",
                Method.MULTIPRECISION,
                decide_by_numbers,
                Parameter.ABSOLUTE_AT_LAMBDA,
                CONTROL,
            ),
        ),
    )
)
