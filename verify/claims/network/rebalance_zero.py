"""Fine-tuning starts from the zero function (Section 3.2, “zero function”, eqs. (4)-(5)).

After both hidden weights are set to w₊ + w₋ and both readouts to γ, the effective weight is zero,
the two pathways are equal, and the conserved scale is (w₊ + w₋)² + γ².
"""

import sympy as sp

from theory.network import (
    absolute_scale,
    effective_weight,
    rebalanced,
    relative_scale,
    weights,
)
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, OfWeights
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.registry import state

gamma = sp.Symbol("gamma", nonnegative=True)
BETA, SCALE = named(r"\beta^{FT}(0)", "c_{FT}")


def rule(w, gamma):
    total = w.w_plus + w.w_minus
    return {"w_plus": total, "v_plus": gamma, "w_minus": total, "v_minus": gamma}


STATED = Formulas(
    rule=OfWeights("W^{FT}(0)", (SHOWN, gamma), rule),
    start=Formula(BETA, (), lambda: 0),
    scale=Formula(SCALE, (SHOWN, gamma), lambda w, g: (w.w_plus + w.w_minus) ** 2 + g**2),
)
CONTROLS = (
    STATED.but(
        "readouts re-set, hidden weights kept",
        rule=lambda w, g: rule(w, g) | {"w_plus": w.w_plus, "w_minus": w.w_minus},
    ),
    STATED.but(
        "γ²/2 in the scale",
        scale=lambda w, g: (w.w_plus + w.w_minus) ** 2 + g**2 / 2,
    ),
    STATED.but("readouts of opposite sign", rule=lambda w, g: rule(w, g) | {"v_minus": -g}),
    STATED.but(
        "the difference w₊ − w₋ in both pathways",
        rule=lambda w, g: rule(w._replace(w_minus=-w.w_minus), g),
    ),
)


def decide(stated):
    """Apply the rule to a symbolic state."""
    return prove_all(steps(stated))


def steps(stated):
    learned = weights()
    start = stated.rule({SHOWN: learned})
    yield (
        "the effective weight is zero",
        equal(effective_weight(start), defined(stated.start, BETA)),
    )
    yield "the relative scales of the pathways agree", equal(*relative_scale(start))
    yield (
        "the scale that is conserved from there on",
        equal(absolute_scale(start), defined(stated.scale, SCALE, {SHOWN: learned})),
    )
    yield (
        "these are the weights with which theory/ starts fine-tuning",
        equal(sp.Matrix(start), sp.Matrix(rebalanced(learned, gamma))),
    )


state(
    "network.rebalance-zero",
    __doc__,
    (Check("application to a symbolic state", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.conservation",),
)
