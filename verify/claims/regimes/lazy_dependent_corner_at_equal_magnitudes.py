"""False: at |β_FT| = |β_PT|, c → 0 and γ → 0 lead to regime II's corner (2, −1).

Section 5.1 names c → 0 as a way into regime II, and Section 5.2 plots |β_PT| = |β_FT| = 1. There
the pair stops short of the corner, even at λ = c. Corrected: regimes.equal-magnitude-limit.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory.regime_bounds import equal_magnitude_limit
from verify.claim import Check, Claim, Control, Evidence, Fault, Method
from verify.claims.regimes.equal_magnitude_limit import STATED as TRUE_LIMIT
from verify.methods.inequality import decide_equal
from verify.methods.numeric import largest
from verify.methods.symbolic import prove_all
from verify.registry import register

Pair = tuple[Any, Any]

FALSE: Pair = (sp.Integer(2), sp.Integer(-1))


def decide(pair: Pair) -> Evidence:
    """Compare with the derived limit at |β_FT| = |β_PT|, λ = c, γ = 0."""
    derived = equal_magnitude_limit()
    return prove_all(
        (
            (f"ℓ → {pair[0]}", decide_equal(derived[0], pair[0])),
            (f"PD → {pair[1]}", decide_equal(derived[1], pair[1])),
        ),
        summary="the limit is as stated",
    )


def decide_by_numbers(pair: Pair) -> Evidence:
    """Evaluate 50 digits and float64 at c = 1e-18: the limit must be reached to 1e-12."""
    tiny = 1e-18
    exact = (
        multiprecision.l_order(1, multiprecision.finetune_scale(1, tiny, tiny)),
        multiprecision.pretraining_dependence(1, 1, tiny, tiny),
    )
    init = Initialization(tiny, tiny)
    single = (
        regimes.l_order(1.0, init.finetune_scale(1.0)),
        regimes.pretraining_dependence(1.0, 1.0, init),
    )
    gap = largest(
        *(
            abs(float(number) - float(sp.N(value, 30)))
            for numbers in (exact, single)
            for number, value in zip(numbers, pair, strict=True)
        )
    )
    holds = gap <= 1e-12
    return Evidence(
        holds,
        f"at c = λ = 1e-18, γ = 0, |β_FT| = |β_PT| = 1: distance {gap:.6g} from the stated pair",
        figure=gap,
        counterexample=None
        if holds
        else {"c = lambda": repr(tiny), "ell": str(exact[0]), "PD": str(exact[1])},
    )


CONTROL = Control("the true limit, (1.96298…, −0.96298…)", TRUE_LIMIT, must_hold=True)

register(
    Claim(
        id="regimes.lazy-dependent-corner-at-equal-magnitudes",
        title="Regime II at equal magnitudes (false)",
        sentence="At |β_FT| = |β_PT| and λ = c, the pair (ℓ, PD) tends to (2, −1) as c → 0 and "
        "γ → 0.",
        latex=r"|\beta_{FT}|=|\beta_{PT}|:\quad "
        r"\lim_{c\to 0,\,\gamma\to 0}(\ell,\mathrm{PD})=(2,-1)",
        source="Section 5.1, regime II, in the setting of Section 5.2 (Fig. 2b)",
        twin="regimes.equal-magnitude-limit",
        fault=Fault.READ,
        checks=(
            Check("the derived limit", Method.SYMBOLIC, decide, FALSE, CONTROL),
            Check(
                "50 digits and float64 near the limit",
                Method.MULTIPRECISION,
                decide_by_numbers,
                FALSE,
                CONTROL,
                tolerance=1e-12,
                reason="at c = 1e-18 the pair is about 1e-18 from its limit; float64 adds 1e-15",
            ),
        ),
    )
)
