"""Re-balancing sets the function to zero (Section 3.2, eqs. 4-5).

w± ← w₊ + w₋ and v± ← γ give β = 0 and equal pathways, whatever pretraining left.
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.network import Weights, effective_weight, rebalanced, relative_scale, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import register


def rule(w: Weights, gamma: Any) -> Weights:
    """Return the weights at the start of fine-tuning, as stated."""
    total = w.w_plus + w.w_minus
    return Weights(w_plus=total, v_plus=gamma, w_minus=total, v_minus=gamma)


def decide(stated: Callable[[Weights, Any], Weights]) -> Evidence:
    """Apply the rule to a symbolic state."""
    state, gamma = weights(), sp.Symbol("gamma", nonnegative=True)
    start = stated(state, gamma)
    lam_plus, lam_minus = relative_scale(start)
    return prove_all(
        [
            ("the effective weight is zero", zero(effective_weight(start))),
            ("the relative scales of the pathways agree", equal(lam_plus, lam_minus)),
            (
                "the hidden weights carry w₊ + w₋, the readouts γ",
                equal(sp.Matrix(start), sp.Matrix(rebalanced(state, gamma))),
            ),
        ]
    )


register(
    Claim(
        id="network.rebalance-zero",
        title="Fine-tuning starts from the zero function",
        sentence="After both hidden weights are set to w₊ + w₋ and both readouts to γ, the "
        "effective weight is zero and the two pathways are equal.",
        latex=r"w_{\pm}^{FT}(0) = w_+ + w_-,\quad v_{\pm}^{FT}(0) = \gamma "
        r"\;\Rightarrow\; \beta^{FT}(0) = 0",
        source="Section 3.2, eqs. (4)-(5)",
        checks=(
            Check(
                "application to a symbolic state",
                Method.SYMBOLIC,
                decide,
                rule,
                (
                    Control(
                        "readouts re-set, hidden weights kept",
                        lambda w, g: w._replace(v_plus=g, v_minus=g),
                    ),
                    Control(
                        "readouts of opposite sign",
                        lambda w, g: rule(w, g)._replace(v_minus=-g),
                    ),
                    Control(
                        "the difference w₊ − w₋ in both pathways",
                        lambda w, g: rule(w._replace(w_minus=-w.w_minus), g),
                    ),
                ),
            ),
        ),
    )
)
