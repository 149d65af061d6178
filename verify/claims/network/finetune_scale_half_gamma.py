"""False: γ²/2 in the scale of fine-tuning.

c_FT = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ²/2 holds for readouts re-set to γ/√2, as has been
implemented, not for readouts γ (eq. 5).
"""

from typing import Any

import sympy as sp

from verify.claim import Check, Claim, Control, Fault, Method, Verdict
from verify.claims.network.finetune_scale import FLOW_ERROR, SEED, decide, integrate, scale
from verify.registry import register


def with_half(beta_pt: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """Return the formula with γ²/2."""
    root = (1 + (beta_pt / c) ** 2) ** sp.Rational(1, 2)
    return (c + lam) * (1 + root) + gamma**2 / 2


def with_half_of_double(beta_pt: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """Return the same with √2 γ for γ: the half is all that is wrong."""
    return with_half(beta_pt, c, lam, sp.sqrt(2) * gamma)


TRUTH = Control("γ²", scale, must_hold=True)
HALF_ONLY = Control("½(√2 γ)²", with_half_of_double, must_hold=True)

CLAIM = register(
    Claim(
        id="network.finetune-scale-half-gamma",
        title="Half of γ² in the scale (false)",
        sentence="With readouts re-set to γ, fine-tuning starts with "
        "c_FT = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ²/2.",
        latex=r"c_{FT}(\beta_{PT}) = (c + \lambda)"
        r"\left(1 + \sqrt{1 + \frac{\beta_{PT}^2}{c^2}}\right) + \frac{\gamma^2}{2}",
        source="An implementation of eq. (5)",
        checks=(
            Check(
                "derived weights, re-balanced",
                Method.SYMBOLIC,
                decide,
                with_half,
                (TRUTH, HALF_ONLY),
            ),
            Check(
                "scale of integrated networks",
                Method.FLOW,
                integrate,
                with_half,
                TRUTH,
                tolerance=FLOW_ERROR,
                reason="the integrator's local tolerance is 1e-10, in two phases",
                seed=SEED,
            ),
        ),
        expected=Verdict.REFUTED,
        twin="network.finetune-scale",
        fault=Fault.CODED,
    )
)
