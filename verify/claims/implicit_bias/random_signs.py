"""Signs of the teachers do not matter to fine-tuning (Section 3.3, eq. (9)).

A network that has learned −β_PT starts fine-tuning with the same weights as one that has learned
β_PT, and so with the same c_FT; the penalty is even in β_FT.

So teachers with random signs may be averaged over with one sign, where the inputs are symmetric.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.implicit_bias import penalty, penalty_slope
from theory.network import Weights, finetune_scale, layer_weights
from verify.claim import Check, Control, Method
from verify.methods.formula import shown
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import on_line
from verify.registry import state


class Parities(NamedTuple):
    """Factors that functions of β_PT, and of β_FT, take when its sign is reversed."""

    hidden: Any = 1
    scale: Any = 1
    penalty: Any = 1
    slope: Any = -1

    def latex(self):
        rows = (
            (r"(w_+ + w_-)", r"\beta_{PT}", self.hidden),
            ("c_{FT}", r"\beta_{PT}", self.scale),
            ("q", r"\beta_{FT}", self.penalty),
            ("q'", r"\beta_{FT}", self.slope),
        )
        signs = {1: "", -1: "-"}
        return r" \\ ".join(
            rf"{of}(-{at}) = {signs.get(sign, shown(sign))} {of}({at})" for of, at, sign in rows
        )


STATED = Parities()
CONTROLS = (
    Control("w₊ + w₋ odd", Parities(hidden=-1)),
    Control("c_FT odd", Parities(scale=-1)),
    Control("c_FT larger by 1 % after −β_PT", Parities(scale=sp.Rational(101, 100))),
    Control("q odd", Parities(penalty=-1)),
    Control("q′ even", Parities(slope=1)),
)


def decide(stated):
    """Reverse the sign of β in what is derived."""
    return prove_all(steps(stated))


def steps(stated):
    w0, v0, gamma = sp.symbols("w_0 v_0 gamma", nonnegative=True)
    beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
    initial = w0**2 + v0**2, w0**2 - v0**2
    one, other = (
        Weights(*(on_line(weight, beta, initial[0]) for weight in layer_weights(b, *initial)))
        for b in (beta, -beta)
    )
    yield (
        "−β_PT exchanges the pathways, and keeps their sum",
        equal(
            sp.Matrix([other.w_plus, other.w_minus, other.w_plus + other.w_minus]),
            sp.Matrix([one.w_minus, one.w_plus, stated.hidden * (one.w_plus + one.w_minus)]),
        ),
    )
    for name, sign, form in (
        ("c_FT", stated.scale, lambda b: finetune_scale(b, *initial, gamma)),
        ("q", stated.penalty, lambda b: penalty(b, c)),
        ("q′", stated.slope, lambda b: penalty_slope(b, c)),
    ):
        yield f"{name} of the opposite weight", equal(form(-beta), sign * form(beta))


state(
    "implicit-bias.random-signs",
    __doc__,
    (Check("derived functions at −β", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "c_FT > 0"),
    requires=("network.layer-weights", "network.finetune-scale", "implicit-bias.penalty"),
)
