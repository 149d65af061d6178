"""Fine-tuning starts from the zero function (Section 3.2, eqs. (4)-(5)).

After both hidden weights are set to w₊ + w₋ and both readouts to γ, the effective weight is zero
and the two pathways are equal.
"""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.network import Weights, effective_weight, rebalanced, relative_scale, weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN, equations
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import state


def rule(w, gamma):
    total = w.w_plus + w.w_minus
    return Weights(w_plus=total, v_plus=gamma, w_minus=total, v_minus=gamma)


@dataclass(frozen=True)
class Rebalancing:
    """Weights at the start of fine-tuning, as a function of those that pretraining left, and γ."""

    rule: Any

    def latex(self):
        start = equations("W^{FT}(0)", self.rule, SHOWN, sp.Symbol("gamma"))
        return rf"{start} \\ \Rightarrow\; \beta^{{FT}}(0) = 0"


STATED = Rebalancing(rule)
CONTROLS = (
    Control(
        "readouts re-set, hidden weights kept",
        Rebalancing(lambda w, g: w._replace(v_plus=g, v_minus=g)),
    ),
    Control(
        "readouts of opposite sign", Rebalancing(lambda w, g: rule(w, g)._replace(v_minus=-g))
    ),
    Control(
        "the difference w₊ − w₋ in both pathways",
        Rebalancing(lambda w, g: rule(w._replace(w_minus=-w.w_minus), g)),
    ),
)


def decide(stated):
    """Apply the rule to a symbolic state."""
    learned, gamma = weights(), sp.Symbol("gamma", nonnegative=True)
    start = stated.rule(learned, gamma)
    return prove_all(
        [
            ("the effective weight is zero", zero(effective_weight(start))),
            ("the relative scales of the pathways agree", equal(*relative_scale(start))),
            (
                "the hidden weights carry w₊ + w₋, the readouts γ",
                equal(sp.Matrix(start), sp.Matrix(rebalanced(learned, gamma))),
            ),
        ]
    )


state(
    "network.rebalance-zero",
    __doc__,
    (Check("application to a symbolic state", Method.SYMBOLIC, decide, STATED, CONTROLS),),
)
