"""Signs of the teachers do not matter to fine-tuning (Section 3.3, eq. (9)).

A network that has learned −β_PT starts fine-tuning with the same weights as one that has learned
β_PT, and so with the same c_FT; the penalty is even in β_FT.

So teachers with random signs may be averaged over with one sign, where the inputs are symmetric.
"""

import sympy as sp

from theory import implicit_bias
from theory.network import finetune_scale, layer_weights
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import on_line
from verify.registry import state

w0, v0, gamma = sp.symbols("w_0 v_0 gamma", nonnegative=True)
beta, tuned = sp.symbols("beta_PT beta_FT", real=True)
w_plus, w_minus, c_ft, q = map(sp.Function, ("w_+", "w_-", "c_{FT}", "q"))

STATED = Formulas(
    exchanged=Formula(w_plus(-beta), (w_minus(beta),), lambda w: w),
    hidden=Formula(
        w_plus(-beta) + w_minus(-beta),
        (w_plus(beta), w_minus(beta)),
        lambda plus, minus: plus + minus,
    ),
    scale=Formula(c_ft(-beta), (c_ft(beta),), lambda scale: scale),
    penalty=Formula(q(-tuned), (q(tuned),), lambda q: q),
    slope=Formula(
        sp.Subs(sp.Derivative(q(tuned), tuned), tuned, -tuned),
        (sp.Derivative(q(tuned), tuned),),
        lambda slope: -slope,
    ),
)
CONTROLS = (
    STATED.but("w₊ odd", exchanged=lambda w: -w),
    STATED.but("w₊ + w₋ odd", hidden=lambda plus, minus: -plus - minus),
    STATED.but("c_FT odd", scale=lambda scale: -scale),
    STATED.but("c_FT larger by 1 % after −β_PT", scale=lambda scale: scale * 101 / 100),
    STATED.but("q odd", penalty=lambda q: -q),
    STATED.but("q′ even", slope=lambda slope: slope),
)


def decide(stated):
    """Reverse the sign of β in what is derived."""
    return prove_all(steps(stated))


def steps(stated):
    initial, scale = (w0**2 + v0**2, w0**2 - v0**2), sp.Symbol("c", positive=True)
    derived = {
        w_plus: lambda beta: layer_weights(beta, *initial).w_plus,
        w_minus: lambda beta: layer_weights(beta, *initial).w_minus,
        c_ft: lambda beta: finetune_scale(beta, *initial, gamma),
        q: lambda beta: implicit_bias.penalty(beta, scale),
    }
    for text, form in (
        ("−β_PT exchanges the pathways", stated.exchanged),
        ("and keeps their sum", stated.hidden),
    ):
        sides = (on_line(side, beta, initial[0]) for side in (form.left(derived), form(derived)))
        yield text, equal(*sides)
    for name, form in (("c_FT", stated.scale), ("q", stated.penalty), ("q′", stated.slope)):
        yield f"{name} of the opposite weight", equal(form.left(derived), form(derived))


state(
    "implicit-bias.random-signs",
    __doc__,
    (Check("derived functions at −β", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "c_FT > 0"),
    requires=("network.layer-weights", "network.finetune-scale", "implicit-bias.penalty"),
)
